"""Layers that bring raw inputs to scale: Rescaling and Normalization."""

import math
from collections.abc import Iterable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lamina.core import config
from lamina.core.errors import ArgumentError, DataError, ShapeError
from lamina.core.serialization import builtin
from lamina.layers.layer import Layer


@builtin("layers")
class Rescaling(Layer):
    """`inputs * scale + offset`: bytes to [0, 1] with `Rescaling(1 / 255)`.

    Args:
        scale: a number, or one per channel.
        offset: likewise.
        **kwargs: as for every layer.

    Example:
        >>> Rescaling(0.5, offset=1.0)(np.array([[2, 4]], "uint8"))
        Array([[2., 3.]], dtype=float32)
    """

    row_independent = True
    supports_masking = True

    def __init__(self, scale: Any, offset: Any = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scale = scale
        self.offset = offset

    def call(self, inputs: Any) -> jax.Array:
        """The inputs, to scale, in the compute dtype."""
        dtype = self.compute_dtype
        return jnp.asarray(inputs, dtype) * jnp.asarray(self.scale, dtype) + jnp.asarray(self.offset, dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """That of the inputs."""
        return input_shape


@builtin("layers")
class Normalization(Layer):
    """Shifts and scales each feature to mean 0 and variance 1, with statistics from `adapt`.

    Args:
        axis: the axes that have statistics of their own: the features. `None` for one mean in all.
        mean: given instead of adapting.
        variance: likewise.
        invert: whether to undo the normalization instead.
        **kwargs: as for every layer.

    Raises:
        ArgumentError: if only one of mean and variance is given.

    Example:
        >>> layer = Normalization()
        >>> layer.adapt(np.array([[0.0, 10.0], [2.0, 30.0]]))
        >>> layer(np.array([[1.0, 30.0]]))
        Array([[0., 1.]], dtype=float32)
    """

    row_independent = True
    supports_masking = True

    def __init__(
        self, axis: Any = -1, mean: Any = None, variance: Any = None, invert: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if (mean is None) != (variance is None):
            raise ArgumentError(
                f"Normalization takes mean and variance together. Received: mean={mean}, variance={variance}"
            )
        self.axis = () if axis is None else tuple(axis) if isinstance(axis, Iterable) else (int(axis),)
        self.input_mean, self.input_variance = mean, variance
        self.invert = invert

    def build(self, input_shape: Any) -> None:
        """Makes room for mean, variance and the number of rows that were seen."""
        shape = tuple(input_shape)
        kept = tuple(axis % len(shape) for axis in self.axis)
        if any(shape[axis] is None for axis in kept):
            raise ShapeError(f"Normalization '{self.name}' needs known sizes along axis {self.axis}. Got {shape}.")
        self._reduced = tuple(axis for axis in range(len(shape)) if axis not in kept)
        self._broadcast = tuple(shape[axis] if axis in kept else 1 for axis in range(len(shape)))
        sizes = tuple(shape[axis] for axis in kept)
        if self.input_mean is None:
            self.adapt_mean = self.add_weight(sizes, "zeros", name="mean", trainable=False)
            self.adapt_variance = self.add_weight(sizes, "ones", name="variance", trainable=False)
            self.count = self.add_weight((), "zeros", dtype="int32", name="count", trainable=False)

    def adapt(self, data: Any, batch_size: int | None = None, steps: int | None = None) -> None:
        """Measures mean and variance of the features.

        Args:
            data: rows, as an array, or an iterable of batches of rows.
            batch_size: accepted as Keras does; an array is read at once.
            steps: at most so many batches of an iterable.

        Raises:
            DataError: if there are no rows.
        """
        del batch_size
        count, total, squares = 0, np.zeros(()), np.zeros(())
        for index, rows in enumerate(_batches(data)):
            if steps is not None and index >= steps:
                break
            rows = np.asarray(rows)
            if not self.built:
                self.build((None, *rows.shape[1:]))
            mean = rows.mean(axis=self._reduced, dtype=np.float64)
            spread = rows.var(axis=self._reduced, dtype=np.float64)
            number = rows.size // max(1, np.size(mean))
            # Two sets of rows merge by the law of total variance.
            share = number / (count + number)
            squares = squares * (1 - share) + spread * share + (mean - total) ** 2 * share * (1 - share)
            total, count = total + (mean - total) * share, count + number
        if count == 0:
            raise DataError(f"Normalization '{self.name}' cannot adapt to an empty data set.")
        self.adapt_mean.assign(total)
        self.adapt_variance.assign(squares)

    @property
    def mean(self) -> jax.Array:
        """The means, shaped to broadcast against inputs."""
        return self._shaped(self.adapt_mean.value if self.input_mean is None else self.input_mean)

    @property
    def variance(self) -> jax.Array:
        """The variances, shaped to broadcast against inputs."""
        return self._shaped(self.adapt_variance.value if self.input_mean is None else self.input_variance)

    def _shaped(self, statistics: Any) -> jax.Array:
        statistics = jnp.asarray(statistics, self.compute_dtype)
        whole = statistics.size == math.prod(self._broadcast)
        return statistics.reshape(self._broadcast) if whole else jnp.broadcast_to(statistics, self._broadcast)

    def call(self, inputs: Any) -> jax.Array:
        """The inputs, normalized, in the compute dtype."""
        inputs = jnp.asarray(inputs, self.compute_dtype)
        scale = jnp.maximum(jnp.sqrt(self.variance), config.epsilon())
        return inputs * scale + self.mean if self.invert else (inputs - self.mean) / scale

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer."""
        plain = lambda value: value if value is None else np.asarray(value).tolist()  # noqa: E731
        config = {**super().get_config(), "axis": self.axis, "invert": self.invert}
        return {**config, "mean": plain(self.input_mean), "variance": plain(self.input_variance)}

    def structure(self) -> list[Any]:
        """The arguments that are part of a program."""
        given = None if self.input_mean is None else (self.input_mean, self.input_variance)
        return [self.dtype_policy, self.axis, self.invert, given]

    def compute_output_shape(self, input_shape: Any) -> Any:
        """That of the inputs."""
        return input_shape


def _batches(data: Any) -> Iterable[Any]:
    if hasattr(data, "shape") or (isinstance(data, list) and not (data and hasattr(data[0], "shape"))):
        rows = np.asarray(data)
        return [rows[:, None] if rows.ndim == 1 else rows] if rows.size else []
    return data
