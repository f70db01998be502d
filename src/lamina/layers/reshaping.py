"""Layers that only move entries: Flatten, Reshape, Permute and RepeatVector."""

import math
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.errors import ArgumentError, ArgumentTypeError, ShapeError
from lamina.core.serialization import builtin
from lamina.core.validate import at_least
from lamina.layers.input_spec import InputSpec
from lamina.layers.layer import Layer
from lamina.layers.spatial import check_data_format


@builtin("layers")
class Flatten(Layer):
    """Makes one long row of each example.

    Args:
        data_format: `"channels_last"` or `"channels_first"`, whose channels are moved to the end first.
        **kwargs: as for every layer.

    Example:
        >>> Flatten()(jnp.ones((2, 28, 28))).shape
        (2, 784)
    """

    row_independent = True

    def __init__(self, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = check_data_format("Flatten", data_format)
        self.input_spec = InputSpec(min_ndim=1)

    def call(self, inputs: Any) -> jax.Array:
        """`(batch, ...)` to `(batch, entries)`."""
        if self.data_format == "channels_first" and inputs.ndim > 1:
            inputs = jnp.moveaxis(inputs, 1, -1)
        return jnp.reshape(inputs, (inputs.shape[0], math.prod(inputs.shape[1:])))

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        """The batch, and the product of the other axes."""
        rest = input_shape[1:]
        return (input_shape[0], None if None in rest else math.prod(rest))

    def output_dtype(self, inputs: Any) -> str:
        """That of the inputs."""
        return inputs.dtype


@builtin("layers")
class Reshape(Layer):
    """Gives each example another shape.

    Args:
        target_shape: without the batch; one axis may be -1, for what is left.
        **kwargs: as for every layer.

    Raises:
        ArgumentError: for more than one -1.
        ShapeError: when called on examples with another number of entries.

    Example:
        >>> Reshape((2, -1))(jnp.ones((5, 6))).shape
        (5, 2, 3)
    """

    row_independent = True

    def __init__(self, target_shape: Sequence[int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        sizes = target_shape if isinstance(target_shape, list | tuple) else (target_shape,)
        self.target_shape = tuple(at_least("Reshape", "target_shape", size, -1) for size in sizes)
        if self.target_shape.count(-1) > 1:
            raise ArgumentError(f"Reshape: only one axis may be -1. Received: target_shape={self.target_shape}")
        self.input_spec = InputSpec(min_ndim=1)

    def call(self, inputs: Any) -> jax.Array:
        """`(batch, ...)` to `(batch, *target_shape)`."""
        return jnp.reshape(inputs, (inputs.shape[0], *self._resolved(inputs.shape[1:])))

    def _resolved(self, shape: Any) -> tuple[int | None, ...]:
        if None in shape:
            return tuple(None if n == -1 else n for n in self.target_shape)
        entries = math.prod(shape)
        known = -math.prod(self.target_shape) if -1 in self.target_shape else math.prod(self.target_shape)
        fits = known and entries % known == 0 if -1 in self.target_shape else entries == known
        if not fits:
            raise ShapeError(
                f"Reshape '{self.name}' cannot make {self.target_shape} of examples of shape {tuple(shape)}: "
                f"they have {entries} entries."
            )
        return tuple(entries // known if n == -1 else n for n in self.target_shape)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        """The batch, and the target shape."""
        return (input_shape[0], *self._resolved(input_shape[1:]))

    def output_dtype(self, inputs: Any) -> str:
        """That of the inputs."""
        return inputs.dtype


@builtin("layers")
class Permute(Layer):
    """Puts the axes of each example in another order.

    Args:
        dims: the axes of the inputs in their new order, counted from 1, since the batch stays where it is.
        **kwargs: as for every layer.

    Raises:
        ArgumentError: if `dims` does not name each axis once.

    Example:
        >>> Permute((2, 1))(jnp.ones((5, 3, 4))).shape
        (5, 4, 3)
    """

    row_independent = True

    def __init__(self, dims: Sequence[int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        given = tuple(dims) if isinstance(dims, list | tuple) else ()
        if not given or any(type(n) is not int for n in given) or sorted(given) != list(range(1, len(given) + 1)):
            raise ArgumentError(
                f"Permute: dims must name each axis of an example once, counted from 1. Received: dims={dims!r}",
                hint="swap the two axes of a matrix with dims=(2, 1); the batch is not named.",
            )
        self.dims = given
        self.input_spec = InputSpec(ndim=len(given) + 1)

    def call(self, inputs: Any) -> jax.Array:
        """The inputs with their axes in the new order."""
        return jnp.transpose(inputs, (0, *self.dims))

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        """The sizes in the new order."""
        return (input_shape[0], *(input_shape[axis] for axis in self.dims))

    def output_dtype(self, inputs: Any) -> str:
        """That of the inputs."""
        return inputs.dtype


@builtin("layers")
class RepeatVector(Layer):
    """Makes a sequence of equal steps of each vector.

    Args:
        n: the number of steps.
        **kwargs: as for every layer.

    Raises:
        ArgumentTypeError: if `n` is no integer.
        ArgumentError: if it is not above zero.

    Example:
        >>> RepeatVector(3)(jnp.ones((5, 2))).shape
        (5, 3, 2)
    """

    row_independent = True

    def __init__(self, n: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if type(n) is not int:
            raise ArgumentTypeError(f"RepeatVector: n must be a positive integer. Received: n={n!r}")
        self.n = at_least("RepeatVector", "n", n, 1)
        self.input_spec = InputSpec(ndim=2)

    def call(self, inputs: Any) -> jax.Array:
        """`(batch, features)` to `(batch, n, features)`."""
        return jnp.repeat(inputs[:, None], self.n, axis=1)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        """The batch, the steps and the features."""
        return (input_shape[0], self.n, input_shape[1])

    def output_dtype(self, inputs: Any) -> str:
        """That of the inputs."""
        return inputs.dtype
