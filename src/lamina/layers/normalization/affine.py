"""What batch, layer and group normalization share: a scale and an offset that are learned."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from lamina import constraints, initializers, regularizers
from lamina.core.validate import not_negative
from lamina.core.variable import Variable
from lamina.layers.normalization.axes import AxisNormalization


class AffineNormalization(AxisNormalization):
    """Base of layers that compute `gamma * (x - mean) / sqrt(variance + epsilon) + beta`.

    Args:
        axis: of the features.
        epsilon: added to the variance.
        center: whether to learn the offset `beta`.
        scale: whether to learn the scale `gamma`.
        beta_initializer: of `beta`.
        gamma_initializer: of `gamma`.
        beta_regularizer: a penalty on `beta`.
        gamma_regularizer: a penalty on `gamma`.
        beta_constraint: what `beta` is brought back to after each step.
        gamma_constraint: likewise for `gamma`.
        **kwargs: as for every layer.
    """

    supports_masking = True

    def __init__(
        self,
        axis: Any = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(axis, **kwargs)
        self.epsilon = not_negative(type(self).__name__, "epsilon", epsilon)
        self.center = center
        self.scale = scale
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)
        self.beta_regularizer = regularizers.get(beta_regularizer)
        self.gamma_regularizer = regularizers.get(gamma_regularizer)
        self.beta_constraint = constraints.get(beta_constraint)
        self.gamma_constraint = constraints.get(gamma_constraint)
        self.gamma: Variable | None = None
        self.beta: Variable | None = None

    def add_affine(self, shape: Sequence[int], *, scale: bool, center: bool) -> None:
        """Makes the weights that are wanted.

        Args:
            shape: of each.
            scale: whether to make `gamma`.
            center: whether to make `beta`.
        """
        for name, wanted in (("gamma", scale), ("beta", center)):
            if wanted:
                weight = self.add_weight(
                    shape,
                    getattr(self, f"{name}_initializer"),
                    name=name,
                    regularizer=getattr(self, f"{name}_regularizer"),
                    constraint=getattr(self, f"{name}_constraint"),
                    autocast=False,
                )
                setattr(self, name, weight)


def as_affine(weight: Variable | None, shape: Sequence[int], dtype: Any) -> jax.Array | None:
    """The value of a weight, ready to be combined with an input; `None` where there is no weight."""
    return None if weight is None else jnp.reshape(weight.value, shape).astype(dtype)


def normalized(
    x: jax.Array, mean: jax.Array, variance: jax.Array, gamma: jax.Array | None, beta: jax.Array | None, epsilon: float
) -> jax.Array:
    """`gamma * (x - mean) / sqrt(variance + epsilon) + beta`, as one product and one sum over `x`."""
    factor = jax.lax.rsqrt(variance + epsilon)
    if gamma is not None:
        factor = factor * gamma
    offset = -mean * factor
    return x * factor + (offset if beta is None else offset + beta)
