"""Batch normalization: each feature is brought to mean 0 and deviation 1 over the batch."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina import initializers
from lamina.core import config
from lamina.core.errors import ShapeError
from lamina.core.frame import current_rows
from lamina.core.hyperparameter import Complement, Hyperparameter
from lamina.core.serialization import builtin
from lamina.core.validate import fraction
from lamina.layers.input_spec import InputSpec, describe
from lamina.layers.normalization.affine import AffineNormalization, as_affine, normalized
from lamina.layers.normalization.axes import sizes_along, widened
from lamina.layers.normalization.renorm import Renorm, move


@builtin("layers")
class BatchNormalization(AffineNormalization):
    """Brings each feature to mean 0 and deviation 1 over the batch, then scales and shifts it.

    In training, the statistics are those of the batch, and their moving averages are kept. Outside of
    training, and while `trainable` is false, the averages are used: then the layer is one product and
    one sum.

    Args:
        axis: of the features.
        momentum: of the moving averages, from 0 to 1.
        epsilon: added to the variance.
        center: whether to learn the offset `beta`.
        scale: whether to learn the scale `gamma`.
        beta_initializer: of `beta`.
        gamma_initializer: of `gamma`.
        moving_mean_initializer: of the average of the means.
        moving_variance_initializer: of the average of the variances.
        beta_regularizer: a penalty on `beta`.
        gamma_regularizer: a penalty on `gamma`.
        beta_constraint: what `beta` is brought back to after each step.
        gamma_constraint: likewise for `gamma`.
        renorm: whether to correct the batch's statistics towards their averages in training.
        renorm_clipping: bounds `"rmin"`, `"rmax"` and `"dmax"` of that correction.
        renorm_momentum: of the averages that it goes by.
        synchronized: accepted as Keras does; a batch is always normalized as a whole.
        **kwargs: as for every layer.

    Raises:
        ArgumentTypeError: for an axis that is no integer.
        ArgumentError: for a momentum outside of [0, 1].

    Example:
        >>> layer = BatchNormalization(momentum=0.5, epsilon=0.0)
        >>> layer(jnp.array([[1.0], [3.0]]), training=True)
        Array([[-1.],
               [ 1.]], dtype=float32)
        >>> layer.moving_mean.numpy(), layer.moving_variance.numpy()
        (array([1.], dtype=float32), array([1.], dtype=float32))

    Reference:
        Ioffe and Szegedy, 2015, "Batch normalization: accelerating deep network training by reducing
        internal covariate shift".
    """

    several_axes = False
    momentum = Hyperparameter()
    change = Complement("momentum")
    renorm_momentum = Hyperparameter()
    renorm_change = Complement("renorm_momentum")

    def __init__(
        self,
        axis: int = -1,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        *,
        moving_mean_initializer: Any = "zeros",
        moving_variance_initializer: Any = "ones",
        renorm: bool = False,
        renorm_clipping: dict[str, float] | None = None,
        renorm_momentum: float = 0.99,
        synchronized: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(axis, epsilon, center, scale, **kwargs)
        self.momentum = fraction("BatchNormalization", "momentum", momentum, closed=True)
        self.moving_mean_initializer = initializers.get(moving_mean_initializer)
        self.moving_variance_initializer = initializers.get(moving_variance_initializer)
        self.renorm = renorm
        self.renorm_clipping = dict(renorm_clipping or {}) if renorm else renorm_clipping
        self.renorm_momentum = fraction("BatchNormalization", "renorm_momentum", renorm_momentum, closed=True)
        self.synchronized = synchronized
        self.correction = Renorm(renorm_clipping) if renorm else None

    def build(self, input_shape: Any) -> None:
        """Makes the weights and the averages.

        Args:
            input_shape: of the inputs; the axis of the features must be known.
        """
        (features,) = sizes_along(self, self.axis, input_shape)
        self.add_affine((features,), scale=self.scale, center=self.center)
        self.moving_mean = self._add_average("moving_mean", features, self.moving_mean_initializer)
        self.moving_variance = self._add_average("moving_variance", features, self.moving_variance_initializer)
        if self.correction is not None:
            self.correction.build(self, features, self._add_average)
        self.input_spec = InputSpec(ndim=len(input_shape), axes={self.axis: features})

    def _add_average(self, name: str, features: int, initializer: Any) -> Any:
        return self.add_weight((features,), initializer, trainable=False, autocast=False, name=name)

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> jax.Array:
        """The inputs, normalized.

        Args:
            inputs: `(batch, ...)`.
            training: whether to use the statistics of the batch.
            mask: bool, with one axis less than the inputs: what counts for the statistics.
        """
        if mask is not None and mask.ndim != inputs.ndim - 1:
            raise ShapeError(
                f"BatchNormalization '{self.name}' takes masks with one axis less than its inputs, but got "
                f"{describe(mask)} for {describe(inputs)}."
            )
        x = widened(inputs)
        shape = self.along(x)
        gamma, beta = as_affine(self.gamma, (-1,), x.dtype), as_affine(self.beta, (-1,), x.dtype)
        if training and self.trainable:
            mean, variance = self._statistics(x, mask)
            if self.correction is None:
                move(self.moving_mean, mean, self.momentum, self.change)
                move(self.moving_variance, variance, self.momentum, self.change)
            else:
                gamma, beta = self.correction.apply(self, mean, variance, gamma, beta)
        else:
            mean, variance = self.moving_mean.value.astype(x.dtype), self.moving_variance.value.astype(x.dtype)
        mean, variance = jnp.reshape(mean, shape), jnp.reshape(variance, shape)
        gamma, beta = (None if part is None else jnp.reshape(part, shape) for part in (gamma, beta))
        return normalized(x, mean, variance, gamma, beta, self.epsilon).astype(self.compute_dtype)

    def _statistics(self, x: jax.Array, mask: Any) -> tuple[jax.Array, jax.Array]:
        """Mean and variance of each feature over what counts: the real rows, and of these what the mask says."""
        (axis,) = self.axes_of(x)
        others = tuple(i for i in range(x.ndim) if i != axis)
        rows = current_rows()
        if mask is None and rows is None:
            return jnp.mean(x, others), jnp.var(x, others)
        real = None if rows is None else jnp.reshape(rows.mask, (-1,) + (1,) * (x.ndim - 1))
        if mask is None:
            per_row = x.size // (x.shape[0] * x.shape[axis])
            return _masked_moments(x, real, rows.count * per_row, axis, others)  # type: ignore[union-attr]
        counts = jnp.asarray(mask, bool)[..., None]
        counts = jnp.broadcast_to(counts if real is None else counts & real, x.shape)
        number = jnp.expand_dims(jnp.sum(counts, others, dtype=x.dtype), others)
        # Keras's: nothing to count is no division by zero.
        return _masked_moments(x, counts, number + config.epsilon(), axis, others)


def _masked_moments(
    x: jax.Array, counts: Any, number: Any, axis: int, others: tuple[int, ...]
) -> tuple[jax.Array, jax.Array]:
    mean = jnp.sum(jnp.where(counts, x, 0), others, keepdims=True) / number
    squares = jnp.square(jnp.where(counts, x - mean, 0))
    variance = jnp.sum(squares, others, keepdims=True) / number
    return jnp.reshape(mean, (x.shape[axis],)), jnp.reshape(variance, (x.shape[axis],))
