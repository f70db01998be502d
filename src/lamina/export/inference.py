"""What is exported of a model: the function from inputs to outputs, with sizes that are left open."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

import jax
import jax.export
import jax.numpy as jnp

from lamina.core.errors import ArgumentError, ExportError, NotBuiltError
from lamina.core.functional import purify
from lamina.core.state import State
from lamina.core.symbolic import SymbolicTensor

try:
    from jax.errors import InconclusiveDimensionOperation
except ImportError:  # older releases of JAX have it here
    from jax.core import InconclusiveDimensionOperation


class Inference(NamedTuple):
    """A model as a pure function.

    Attributes:
        function: `(state, *inputs) -> outputs`, the inputs one by one.
        state: the present values of the variables.
        paths: the names of the variables, as the leaves of `state`.
        inputs: shapes and dtypes, with symbols where a size is open.
        input_names: one for each.
        output_names: of the outputs one by one, as far as the model has names for them.
    """

    function: Callable[..., Any]
    state: State
    paths: list[str]
    inputs: list[jax.ShapeDtypeStruct]
    input_names: list[str]
    output_names: list[str]


def inference_of(model: Any, signature: Any = None) -> Inference:
    """The inference function of a model.

    Args:
        model: that is built.
        signature: what inputs look like: symbolic tensors, or anything with a shape and a dtype, in the structure of
            the inputs; `None` in a shape is a size that is left open. What the model was built for, when left out.

    Raises:
        NotBuiltError: if the model has no weights yet.
        ArgumentError: if it is not known what inputs look like.
    """
    if not model.built:
        raise NotBuiltError(
            f"{type(model).__name__} '{model.name}' is not built yet, so there is nothing to export.",
            hint="call it on data, build it with model.build(input_shape), or fit it first.",
        )
    described = _described_inputs(model) if signature is None else signature
    if isinstance(described, list | tuple) and len(described) == 1:  # as Keras takes signatures
        described = described[0]
    leaves, structure = jax.tree.flatten(described, is_leaf=_has_shape)
    if strange := [leaf for leaf in leaves if not _has_shape(leaf)]:
        raise ArgumentError(
            f"input_signature says what inputs look like. Received: {strange[0]!r}",
            hint='give lamina.Input(shape), with dtype="int32" for integers; a list or dict of these for several.',
        )
    learner, _ = model.learner("call")
    binding = learner.binding
    numbers = binding.hyperparameters()

    def function(state: State, *inputs: Any) -> Any:
        call = lambda: model(jax.tree.unflatten(structure, inputs), training=False)  # noqa: E731
        return purify(call, binding)(state, numbers)[0]

    state, paths = binding.gather(), [variable.path for variable in binding.variables]
    outputs: list[str] = list(getattr(model, "output_names", None) or ())
    return Inference(function, state, paths, _accepted_specs(function, state, leaves), _names(leaves), outputs)


def _described_inputs(model: Any) -> Any:
    """What the model was made of, or built for."""
    if model.graph is not None:
        return model.graph.inputs
    if getattr(model, "inputs_symbolic", None) is not None:  # of a stack
        return model.inputs_symbolic
    shape = (model._build_shapes or {}).get("input_shape")
    if shape is None:
        raise ArgumentError(
            f"It is not known what inputs {type(model).__name__} '{model.name}' takes.",
            hint="say so: export(path, input_signature=lamina.Input(shape)), or a list or dict of these.",
        )
    return _stand_ins(shape, model.compute_dtype)


def _stand_ins(shape: Any, dtype: str) -> Any:
    if isinstance(shape, dict):
        return {key: _stand_ins(item, dtype) for key, item in shape.items()}
    if shape and isinstance(shape[0], list | tuple):
        return [_stand_ins(item, dtype) for item in shape]
    return SymbolicTensor((None, *shape[1:]), dtype, name="input")


def _has_shape(item: Any) -> bool:
    return hasattr(item, "shape") and hasattr(item, "dtype")


def _names(leaves: list[Any]) -> list[str]:
    """A name for each input, none of them twice."""
    names: list[str] = []
    for number, leaf in enumerate(leaves):
        name = getattr(leaf, "name", None) or f"input_{number}"
        names.append(name if name not in names else f"{name}_{number}")
    return names


def _accepted_specs(function: Callable[..., Any], state: State, leaves: list[Any]) -> list[jax.ShapeDtypeStruct]:
    """Shapes in which open sizes are symbols: each of its own, or else, if the model wants them equal, one an axis.

    Raises:
        ExportError: if what the model does depends on sizes.
    """
    specs = _open_specs(leaves, apart=True)
    with suppress(TypeError, ValueError, InconclusiveDimensionOperation):
        jax.eval_shape(function, state, *specs)
        return specs
    specs = _open_specs(leaves, apart=False)
    try:
        jax.eval_shape(function, state, *specs)
    except InconclusiveDimensionOperation as error:
        raise ExportError(
            f"What the model does depends on a size that is left open: {str(error).strip().splitlines()[0]}",
            hint="fix the sizes: export(path, input_signature=lamina.Input(shape, batch_size)) without None.",
        ) from None
    return specs


def _open_specs(leaves: list[Any], apart: bool) -> list[jax.ShapeDtypeStruct]:
    """Shapes in which the open sizes are symbols: the batch is the same for all inputs."""
    scope = jax.export.SymbolicScope()
    specs = []
    for number, leaf in enumerate(leaves):
        owner = f"_{number}" if apart else ""
        words = [
            str(size) if size is not None else "batch" if axis == 0 else f"size{owner}_{axis}"
            for axis, size in enumerate(leaf.shape)
        ]
        shape = jax.export.symbolic_shape(", ".join(words), scope=scope)
        specs.append(jax.ShapeDtypeStruct(shape, jnp.dtype(leaf.dtype)))
    return specs
