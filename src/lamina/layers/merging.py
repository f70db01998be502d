"""Layers that make one tensor of several: Add, Concatenate and their kin."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.errors import ShapeError
from lamina.core.serialization import builtin
from lamina.core.symbolic import SymbolicTensor
from lamina.layers.calling import infer_call
from lamina.layers.input_spec import describe
from lamina.layers.layer import Layer


class Merge(Layer):
    """Base of layers that combine a list of tensors entry by entry."""

    row_independent = True
    supports_masking = True

    def merge(self, inputs: Sequence[Any]) -> jax.Array:
        """The combination of at least two tensors."""
        raise NotImplementedError(f"{type(self).__name__} has to define merge(self, inputs).")

    def call(self, inputs: Sequence[Any]) -> jax.Array:
        """Combines the tensors of a list."""
        if not isinstance(inputs, list | tuple) or len(inputs) < 1:
            raise ShapeError(f"{type(self).__name__} '{self.name}' is called on a list of tensors.")
        return self.merge(list(inputs))

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """The symbolic result; shapes that do not fit are named with the layers that they come from."""
        try:
            return infer_call(self, args, kwargs)
        except (TypeError, ValueError) as error:
            if isinstance(error, ShapeError):
                raise
            raise ShapeError(
                f"{type(self).__name__} '{self.name}' cannot combine {' and '.join(_origin(t) for t in args[0])}.",
                hint=self.advice,
            ) from None

    advice = "the shapes must be equal, or 1 where they differ."


def _origin(tensor: Any) -> str:
    if isinstance(tensor, SymbolicTensor) and tensor.node is not None:
        return f"'{tensor.node.operation.name}' {tensor.shape}"
    return describe(tensor)


def _folded(name: str, summary: str, function: Callable[[Any, Any], Any]) -> type[Merge]:
    """The layer that combines its inputs two by two."""

    def merge(self: Merge, inputs: Sequence[Any]) -> jax.Array:
        return functools.reduce(function, inputs)

    doc = f"""{summary}

    Args:
        **kwargs: as for every layer.
    """
    return builtin("layers")(type(name, (Merge,), {"merge": merge, "__doc__": doc, "__module__": __name__}))


Add = _folded("Add", "The sum of several tensors.", jnp.add)
Multiply = _folded("Multiply", "The product of several tensors.", jnp.multiply)
Maximum = _folded("Maximum", "The largest of several tensors, entry by entry.", jnp.maximum)
Minimum = _folded("Minimum", "The smallest of several tensors, entry by entry.", jnp.minimum)


@builtin("layers")
class Subtract(Merge):
    """The first of two tensors minus the second.

    Args:
        **kwargs: as for every layer.

    Example:
        >>> Subtract()([jnp.array([3.0]), jnp.array([1.0])])
        Array([2.], dtype=float32)
    """

    def merge(self, inputs: Sequence[Any]) -> jax.Array:
        """The difference."""
        if len(inputs) != 2:
            raise ShapeError(f"Subtract '{self.name}' takes two tensors, but got {len(inputs)}.")
        return inputs[0] - inputs[1]


@builtin("layers")
class Average(Merge):
    """The mean of several tensors.

    Args:
        **kwargs: as for every layer.

    Example:
        >>> Average()([jnp.array([3.0]), jnp.array([1.0])])
        Array([2.], dtype=float32)
    """

    def merge(self, inputs: Sequence[Any]) -> jax.Array:
        """The mean."""
        return functools.reduce(jnp.add, inputs) / len(inputs)


@builtin("layers")
class Concatenate(Merge):
    """Several tensors, one behind the other.

    Args:
        axis: along which they are joined; all other axes have equal sizes.
        **kwargs: as for every layer.

    Example:
        >>> Concatenate()([jnp.ones((1, 2)), jnp.zeros((1, 1))])
        Array([[1., 1., 0.]], dtype=float32)
    """

    advice = "all axes but the one that is joined must have equal sizes."

    def __init__(self, axis: int = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis

    @property
    def is_row_independent(self) -> bool:
        """Rows stay apart unless they are what is joined."""
        return super().is_row_independent and self.axis != 0

    def merge(self, inputs: Sequence[Any]) -> jax.Array:
        """The joined tensor."""
        return jnp.concatenate(inputs, axis=self.axis)


def _function(layer: type[Merge]) -> Callable[..., Any]:
    def merge(inputs: Sequence[Any], **kwargs: Any) -> Any:
        return layer(**kwargs)(inputs)

    merge.__name__ = merge.__qualname__ = layer.__name__.lower()
    merge.__doc__ = f"`{layer.__name__}` as a function of a list of tensors."
    return merge


add, subtract, multiply, average = _function(Add), _function(Subtract), _function(Multiply), _function(Average)
maximum, minimum, concatenate = _function(Maximum), _function(Minimum), _function(Concatenate)
