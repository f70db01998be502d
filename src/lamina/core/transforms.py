"""JAX's transformations for functions that read and assign variables: for training loops of one's own."""

import functools
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import jax
import jax.numpy as jnp
import numpy as np

from lamina.core.engine import VALUE_NEEDED
from lamina.core.errors import ArgumentError, DataDependentError, ShapeError
from lamina.core.frame import Cell, Frame, current_frame, open_frame
from lamina.core.functional import abstractly
from lamina.core.masking import masks_of, set_masks


class Trained(Protocol):
    """What has weights of its own: a model or a layer."""

    built: bool

    @property
    def trainable_variables(self) -> list[Any]:
        """The weights that training changes."""
        ...


def value_and_grad(
    function: Callable[..., Any], variables: Sequence[Cell] | Trained, *, has_aux: bool = False
) -> Callable[..., Any]:
    """The value of a function, and its gradients by variables.

    The function may call models and assign variables, such as moving averages. It may itself be
    part of a compiled step.

    Args:
        function: returns a loss, a scalar; with `has_aux`, a pair of it and anything else.
        variables: those to derive by, or the model or layer whose trainable ones they are; others count as constants.
        has_aux: whether the function returns a pair.

    Returns:
        A function of the same arguments that returns the value (or the pair), and a list of
        gradients in the order and the shapes of the variables.

    Raises:
        ArgumentError: if there are no variables.
        ShapeError: if the loss is no scalar.

    Example:
        >>> from lamina.core.variable import Variable
        >>> w = Variable(3.0, name="w")
        >>> loss, gradients = value_and_grad(lambda x: w.value ** 2 * x, [w])(2.0)
        >>> float(loss), float(gradients[0])
        (18.0, 12.0)
    """

    def derived(*args: Any, **kwargs: Any) -> tuple[Any, list[Any]]:
        cells = _cells(variables, function, args, kwargs)
        outer = current_frame()
        known = {} if outer is None else outer.values
        inner = Frame({}, strict=outer is not None and outer.strict, rows=None if outer is None else outer.rows)

        def loss_of(values: list[Any]) -> tuple[Any, Any]:
            start = {**known, **dict(zip(map(id, cells), values, strict=True))}
            inner.values = dict(start)
            with open_frame(inner):
                result = function(*args, **kwargs)
            loss, aux = result if has_aux else (result, None)
            if getattr(loss, "shape", ()) != ():
                raise ShapeError(
                    f"Gradients are those of one number, but the loss has the shape {tuple(loss.shape)}.",
                    hint="take its mean or its sum first.",
                )
            written = {cell: value for cell, value in inner.values.items() if value is not start.get(cell)}
            return loss, (aux, masks_of(aux), written, inner.losses)

        values = [variable.stored if outer is None else outer.read(variable) for variable in cells]
        (loss, (aux, masks, written, losses)), gradients = jax.value_and_grad(loss_of, has_aux=True)(values)
        set_masks(aux, masks)
        if outer is not None:
            outer.values.update(written)
            outer.found.update(inner.found)
            outer.losses.extend(losses)
        else:
            known = {**inner.found, **{id(cell): cell for cell in cells}}
            for cell, value in written.items():
                known[cell].store(value)
        return ((loss, aux) if has_aux else loss), gradients

    return derived


def _cells(given: Sequence[Cell] | Trained, function: Callable[..., Any], args: Any, kwargs: Any) -> list[Cell]:
    """The variables to derive by; a layer that has none yet gets them from a look at what the function does."""
    if isinstance(given, Sequence):
        cells = list(given)
    else:
        if not given.built:
            jax.eval_shape(abstractly(lambda: [function(*args, **kwargs), None][1]))
        cells = given.trainable_variables
    if not cells:
        raise ArgumentError(
            "There are no variables to derive by.",
            hint="build the model first, or pass the model itself: value_and_grad(loss, model).",
        )
    return cells


def jit(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compiles a function that calls models and assigns variables: a training step of one's own, say.

    Which variables and hyperparameters the function touches is found out when it is first called; they
    need not be named. As with `jax.jit`, Python runs once for each structure, shape and dtype of the
    arguments, and arguments that are no arrays are constants.

    Args:
        function: of arrays, in any structure.

    Returns:
        A function of the same arguments, as fast as XLA makes it.

    Raises:
        DataDependentError: if Python code depends on the values of arrays.

    Example:
        >>> from lamina.core.variable import Variable
        >>> count = Variable(0.0, name="count")
        >>> @jit
        ... def add(x):
        ...     count.assign_add(x)
        ...     return count.value * 10
        >>> float(add(1.0)), float(add(2.0)), float(count.numpy())
        (10.0, 30.0, 3.0)
    """
    programs: dict[Any, tuple[list[Cell], Callable[..., Any]]] = {}

    @functools.wraps(function)
    def compiled(*args: Any, **kwargs: Any) -> Any:
        if current_frame() is not None:
            return function(*args, **kwargs)
        leaves, structure = jax.tree.flatten((args, kwargs))
        dynamic = [isinstance(leaf, jax.Array | np.ndarray | float | np.generic) for leaf in leaves]
        arrays = [jnp.asarray(leaf) for leaf, moves in zip(leaves, dynamic, strict=True) if moves]
        constants = [None if moves else leaf for leaf, moves in zip(leaves, dynamic, strict=True)]
        key = (structure, tuple((a.shape, a.dtype) for a in arrays), tuple(map(_constant_key, constants)))

        def call(arrays: list[Any]) -> Any:
            given = iter(arrays)
            filled = [next(given) if moves else leaf for leaf, moves in zip(constants, dynamic, strict=True)]
            args, kwargs = jax.tree.unflatten(structure, filled)
            return function(*args, **kwargs)

        try:
            if key not in programs:
                programs[key] = _program(call, arrays)
            cells, program = programs[key]
            output, written = program([cell.stored for cell in cells], arrays)
        except VALUE_NEEDED as error:
            raise DataDependentError(
                f"{getattr(function, '__name__', 'The function')} uses the value of an array in Python (an if, a "
                "while, or a conversion to a number), but while it is compiled values are not known yet.",
                hint="use lamina.ops.where or lamina.ops.cond, or call the function without lamina.jit.",
            ) from error
        for place, value in written.items():
            cells[place].store(value)
        return output

    return compiled


def _program(call: Callable[..., Any], arrays: list[Any]) -> tuple[list[Cell], Callable[..., Any]]:
    """The cells that a function touches, and its pure form: `(their values, arrays) -> (output, what was written)`."""
    frame = Frame({}, strict=False)

    def look(arrays: list[Any]) -> Any:
        with open_frame(frame):
            return call(arrays)

    jax.eval_shape(look, arrays)
    cells = list(frame.found.values())

    def pure(values: list[Any], arrays: list[Any]) -> Any:
        start = dict(zip(map(id, cells), values, strict=True))
        with open_frame(Frame(dict(start))) as frame:
            output = call(arrays)
        changed = [place for place, cell in enumerate(cells) if frame.values[id(cell)] is not start[id(cell)]]
        return output, {place: frame.values[id(cells[place])] for place in changed}

    return cells, jax.jit(pure)


def _constant_key(value: Any) -> Any:
    try:
        hash(value)
    except TypeError:
        return id(value)
    return (type(value), value)
