"""Normalization: features with mean 0 and variance 1."""

from collections.abc import Iterable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lamina.core import config
from lamina.core.errors import ArgumentError, DataError, ShapeError
from lamina.core.serialization import builtin
from lamina.layers.preprocessing.batches import is_array, rows_of
from lamina.layers.preprocessing.preparation_layer import PreparationLayer


@builtin("layers")
class Normalization(PreparationLayer):
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
        if np.shape(mean) != np.shape(variance):
            raise ShapeError(
                "Normalization takes mean and variance of one shape. "
                f"Received: mean of shape {np.shape(mean)}, variance of shape {np.shape(variance)}"
            )
        self.axis = () if axis is None else tuple(axis) if isinstance(axis, Iterable) else (int(axis),)
        if np.ndim(mean) > len(self.axis):
            raise ShapeError(
                f"Normalization takes a mean with at most one axis for each of axis={self.axis}. "
                f"Received: mean of shape {np.shape(mean)}"
            )
        self.input_mean, self.input_variance = mean, variance
        self.invert = invert

    def build(self, input_shape: Any) -> None:
        """Makes room for mean, variance and the number of rows that were seen."""
        shape = tuple(input_shape)
        if any(not -len(shape) <= axis < len(shape) for axis in self.axis):
            raise ShapeError(f"Normalization '{self.name}' has axis={self.axis}, but inputs of shape {shape}.")
        self._kept = tuple(sorted(axis % len(shape) for axis in self.axis))
        if any(shape[axis] is None for axis in self._kept):
            raise ShapeError(f"Normalization '{self.name}' needs known sizes along axis {self.axis}. Got {shape}.")
        self._reduced = tuple(axis for axis in range(len(shape)) if axis not in self._kept)
        self._broadcast = tuple(shape[axis] if axis in self._kept else 1 for axis in range(len(shape)))
        sizes = tuple(shape[axis] for axis in self._kept)
        if self.input_mean is None:
            self.adapt_mean = self.add_weight(sizes, "zeros", name="mean", trainable=False)
            self.adapt_variance = self.add_weight(sizes, "ones", name="variance", trainable=False)
            self.count = self.add_weight((), "zeros", dtype="int32", name="count", trainable=False)

    def adapt(self, data: Any, batch_size: int | None = None, steps: int | None = None) -> None:
        """Measures mean and variance of the features.

        Args:
            data: rows, as an array or a data frame, or an iterable of batches of rows, or of rows and targets.
            batch_size: accepted as Keras does; an array is read at once.
            steps: at most so many batches of an iterable.

        Raises:
            ArgumentError: if the layer was given its mean.
            DataError: if there are no rows, or they are no numbers.
            ShapeError: if they do not have the features that the layer was built for.
        """
        del batch_size
        if self.input_mean is not None:
            raise ArgumentError(f"Normalization '{self.name}' was given mean and variance, so it cannot adapt.")
        count, total, squares = 0, np.zeros(()), np.zeros(())
        for batch in rows_of(data, steps):
            rows = self._rows(batch, is_array(data))
            if not rows.size:
                continue
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

    def _rows(self, batch: Any, column: bool) -> np.ndarray:
        """A batch as an array of numbers of the shape that the layer is built for."""
        rows = np.asarray(batch)
        if rows.dtype.kind not in "biuf" and not jnp.issubdtype(rows.dtype, jnp.floating):
            try:
                rows = rows.astype("float64")
            except (TypeError, ValueError) as error:
                raise DataError(f"Normalization '{self.name}' cannot adapt to data of dtype {rows.dtype}.") from error
        if rows.ndim == 1 and column and self.axis and not (self.built and len(self._broadcast) == 1):
            rows = rows[:, None]
        if not self.built:
            self.build((None, *rows.shape[1:]) if 0 not in self._positive(rows.ndim) else rows.shape)
        sizes = [rows.shape[axis] if axis < rows.ndim else None for axis in self._kept]
        if rows.ndim != len(self._broadcast) or sizes != [self._broadcast[axis] for axis in self._kept]:
            raise ShapeError(
                f"Normalization '{self.name}' was built for statistics of shape {self._broadcast}, "
                f"but cannot adapt to data of shape {rows.shape}."
            )
        return rows

    def _positive(self, ndim: int) -> list[int]:
        return [axis % ndim for axis in self.axis] if ndim else []

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
        # The axes of the statistics are the last of those that have statistics of their own.
        shape = [1] * len(self._broadcast)
        for axis, size in zip(reversed(self._kept), reversed(statistics.shape), strict=False):
            shape[axis] = size
        return jnp.broadcast_to(statistics.reshape(shape), self._broadcast)

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
        return [self.own_policy, self.axis, self.invert, given]

    def compute_output_shape(self, input_shape: Any) -> Any:
        """That of the inputs."""
        return input_shape
