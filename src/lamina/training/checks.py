"""Faults of the data that can be told before the first step: targets against outputs and losses."""

from typing import Any

import jax
import numpy as np

from lamina import activations
from lamina.core.errors import DataError
from lamina.core.tracebacks import warn_user
from lamina.data.arrays import DataWarning, count_rows, warn_not_finite
from lamina.layers.input_spec import describe
from lamina.losses.loss import Loss
from lamina.training.objective import Objective
from lamina.training.outputs import match_targets

_REGRESSION = ("mean_squared_error", "mean_absolute_error", "huber")


def check_lengths(x: Any, y: Any, sample_weight: Any, names: tuple[str, str, str]) -> None:
    """Raises if the arrays have no rows, or not equally many."""
    given = [(name, part) for name, part in zip(names, (x, y, sample_weight), strict=True) if part is not None]
    rows = {name: count_rows(part, name) for name, part in given}
    if not rows:
        raise DataError(f"There are no data: {names[0]} is None.")
    if 0 in rows.values():
        empty = " and ".join(name for name, length in rows.items() if length == 0)
        raise DataError(f"The data set is empty: there are no rows in {empty}.")
    if len(set(rows.values())) > 1:
        shown = ", ".join(f"{name} has {length}" for name, length in rows.items())
        raise DataError(f"The numbers of rows differ: {shown}.", hint="each row of x needs its own target and weight.")


def check_finite(x: Any, y: Any, sample_weight: Any, names: tuple[str, str, str]) -> None:
    """Warns of NaN and infinite entries."""
    for structure, name in zip((x, y, sample_weight), names, strict=True):
        leaves = jax.tree.leaves(structure)
        for index, leaf in enumerate(leaves):
            warn_not_finite(leaf, name if len(leaves) == 1 else f"{name}[{index}]")


def check_values(model: Any, x: Any) -> None:
    """Lets the layers that are called on the data themselves look at them, such as an embedding at its indices.

    Args:
        model: a built model.
        x: its inputs, on the host.

    Raises:
        DataError: from a layer that cannot take a value.
    """
    graph = getattr(model, "graph", None)
    if graph is not None:
        data = {id(t): a for t, a in zip(jax.tree.leaves(graph.inputs), jax.tree.leaves(graph.arrange(x)), strict=True)}
        readers = [(node.operation, data.get(id(node.inputs[0]))) for node in graph.nodes]
    else:
        layers = getattr(model, "layers", [])
        readers = [(layers[0], x)] if layers and len(jax.tree.leaves(x)) == 1 else []
    for layer, array in readers:
        if array is not None and hasattr(layer, "check_values"):
            layer.check_values(np.asarray(array))


def check_targets(
    objective: Objective, y: Any, sample_weight: Any = None, names: tuple[str, str] = ("y", "sample_weight")
) -> None:
    """Raises if targets or weights do not fit the outputs that they are for, as the losses read them.

    Args:
        objective: resolved, with the outputs' shapes.
        y: host arrays.
        sample_weight: host arrays; one array serves all outputs.
        names: of the two, for messages.

    Raises:
        DataError: says which target, what it is and what is expected.
    """
    outputs = objective.outputs
    targets = match_targets(outputs, y, names[0])
    shared = not isinstance(sample_weight, list | tuple | dict)
    weights = [sample_weight] * len(targets) if shared else outputs.match(sample_weight, names[1], error=DataError)
    for name, loss, target, weight, output in zip(
        outputs.names, objective.losses, targets, weights, outputs.leaves, strict=True
    ):
        if loss is None:
            continue
        label, weight_label = names if outputs.single else (f"{part} for the output {name!r}" for part in names)
        if target is None:
            raise DataError(f"{label} is missing, but there is a loss for it.", hint="pass targets, as y=.")
        check = _CHECKS.get(getattr(getattr(loss, "fn", None), "__name__", ""))
        if check is not None and len(jax.tree.leaves(output)) == 1:
            check(label, loss, target, tuple(output.shape))
            _check_weight(weight_label, weight, tuple(output.shape))


def _range(target: Any) -> tuple[float, float]:
    host = np.asarray(target)
    with np.errstate(invalid="ignore"):
        return float(np.nanmin(host)), float(np.nanmax(host))


def _check_sparse(label: str, loss: Loss, target: Any, output: tuple[int | None, ...]) -> None:
    classes = output[-1]
    plain = tuple(output[1:-1])
    if tuple(target.shape[1:]) not in (plain, (*plain, 1)):
        one_hot = target.ndim == len(output) and target.shape[-1] == classes
        raise DataError(
            f"{label} is {describe(target)}, but sparse_categorical_crossentropy expects one integer per example, "
            f"from 0 to {_last(classes)}.",
            hint="these are one-hot rows: use the loss 'categorical_crossentropy', or y.argmax(axis=-1)."
            if one_hot
            else f"the model's output is {list(output)}; targets have its shape without the last axis.",
        )
    host = np.asarray(target)
    if host.dtype.kind == "f" and not np.array_equal(host, np.floor(host)) and not np.isnan(host).any():
        raise DataError(
            f"{label} holds numbers that are no integers, but sparse_categorical_crossentropy expects classes, "
            f"from 0 to {_last(classes)}.",
            hint="for numbers use a regression loss such as 'mse', with one linear output.",
        )
    ignored = loss.fn_kwargs.get("ignore_class")  # type: ignore[attr-defined]
    if ignored is not None:
        host = host[host != ignored]
        if not host.size:
            return
    low, high = _range(host)
    if low < 0 or (classes is not None and high >= classes):
        wrong = low if low < 0 else high
        raise DataError(
            f"{label} holds the class {wrong:g}, but the model has {classes} outputs, for the classes 0 to "
            f"{_last(classes)}.",
            hint="number the classes from 0, or give the last layer one unit per class.",
        )


def _check_categorical(label: str, loss: Loss, target: Any, output: tuple[int | None, ...]) -> None:
    del loss
    if tuple(target.shape[1:]) == tuple(output[1:]):
        return
    integers = target.ndim == len(output) - 1 or target.shape[-1] == 1
    raise DataError(
        f"{label} is {describe(target)}, but categorical_crossentropy expects one-hot rows of the output's shape "
        f"{list(output)}.",
        hint="these are class numbers: use the loss 'sparse_categorical_crossentropy', or "
        f"lamina.utils.to_categorical(y, {output[-1]})."
        if integers
        else "make the number of columns and the number of units of the last layer equal.",
    )


def _check_binary(label: str, loss: Loss, target: Any, output: tuple[int | None, ...]) -> None:
    _check_same_shape(label, loss, target, output)
    low, high = _range(target)
    if low < 0 or high > 1:
        raise DataError(
            f"{label} holds values from {low:g} to {high:g}, but binary_crossentropy expects 0 for no and 1 for yes.",
            hint="for more than two classes use 'sparse_categorical_crossentropy' with one unit per class."
            if low >= 0 and high > 1
            else "turn -1 into 0.",
        )


def _check_same_shape(label: str, loss: Loss, target: Any, output: tuple[int | None, ...]) -> None:
    shape, wanted = tuple(target.shape[1:]), tuple(output[1:])
    if shape == wanted or (*shape, 1) == wanted or shape == (*wanted, 1):
        return
    if None in wanted and len(shape) == len(wanted):
        return
    name = getattr(loss.fn, "__name__", loss.name)  # type: ignore[attr-defined]
    raise DataError(
        f"{label} is {describe(target)}, but the model's output is {list(output)}, and {name} compares them entry "
        "by entry.",
        hint="give the last layer one unit per column of the targets.",
    )


def _check_weight(label: str, weight: Any, output: tuple[int | None, ...]) -> None:
    """A loss has a value for each entry of the output, its last axis left out; weights are factors of these."""
    if weight is None:
        return
    shape, wanted = tuple(weight.shape[1:]), tuple(output[1:-1])
    shape = shape[:-1] if len(shape) == len(wanted) + 1 and shape[-1] == 1 else shape
    if len(shape) > len(wanted) or any(a not in (1, b) and b is not None for a, b in zip(shape, wanted, strict=False)):
        expected = f" or {['rows', *wanted]}".replace("'", "") if wanted else ""
        raise DataError(
            f"{label} is {describe(weight)}, but one factor per row is expected: shape [rows]{expected}.",
            hint="to weight the columns of the targets, give each an output of its own and use loss_weights.",
        )


def _last(classes: int | None) -> str:
    return "?" if classes is None else str(classes - 1)


_CHECKS = {
    "sparse_categorical_crossentropy": _check_sparse,
    "categorical_crossentropy": _check_categorical,
    "binary_crossentropy": _check_binary,
    **dict.fromkeys(_REGRESSION, _check_same_shape),
}


def check_activation(objective: Objective, model: Any) -> None:
    """Warns of an output layer that cannot learn with its loss."""
    last = model.layers[-1] if getattr(model, "layers", None) else None
    activation = getattr(last, "activation", None)
    if last is None or activation is None or len(objective.losses) != 1:
        return
    units = objective.outputs.leaves[0].shape[-1]
    if activation is activations.softmax and units == 1:
        warn_user(
            f"Layer '{last.name}' has a softmax over one unit, which is 1 for every input, so nothing can be learned. "
            "Use activation='sigmoid' for yes-or-no answers.",
            DataWarning,
        )
    loss = objective.losses[0]
    if getattr(loss, "fn_kwargs", {}).get("from_logits") and activation in (activations.softmax, activations.sigmoid):
        warn_user(
            f"Layer '{last.name}' has the activation {activation.__name__!r}, but the loss {loss.name!r} was told "
            "from_logits=True and applies it a second time. Drop one of the two.",
            DataWarning,
        )
