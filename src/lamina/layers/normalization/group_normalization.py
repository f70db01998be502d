"""Group normalization: the channels of each example are normalized in groups."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.errors import ArgumentError, ShapeError
from lamina.core.serialization import builtin
from lamina.layers.input_spec import InputSpec
from lamina.layers.normalization.affine import AffineNormalization, as_affine, normalized
from lamina.layers.normalization.axes import sizes_along, widened


@builtin("layers")
class GroupNormalization(AffineNormalization):
    """Brings each group of channels of each example to mean 0 and deviation 1, then scales and shifts each channel.

    Args:
        groups: how many; -1 for one per channel.
        axis: of the channels.
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

    Raises:
        ArgumentError: if `groups` is neither a positive integer nor -1.
        ShapeError: when built for a number of channels that is no multiple of `groups`.

    Example:
        >>> GroupNormalization(groups=2, epsilon=0.0)(jnp.array([[1.0, 3.0, 10.0, 30.0]]))
        Array([[-1.,  1., -1.,  1.]], dtype=float32)

    Reference:
        Wu and He, 2018, "Group normalization".
    """

    several_axes = False

    def __init__(
        self,
        groups: int = 32,
        axis: int = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(axis, epsilon, center, scale, **kwargs)
        if isinstance(groups, bool) or not isinstance(groups, int) or (groups < 1 and groups != -1):
            raise ArgumentError(
                f"GroupNormalization: groups must be a positive integer, or -1 for one group per channel. "
                f"Received: groups={groups!r}"
            )
        self.groups = groups
        self.autocast = False

    def build(self, input_shape: Any) -> None:
        """Makes the weights.

        Args:
            input_shape: of the inputs; the axis of the channels must be known.
        """
        (channels,) = sizes_along(self, self.axis, input_shape)
        groups = channels if self.groups == -1 else self.groups
        if channels % groups:
            raise ShapeError(
                f"GroupNormalization '{self.name}' cannot divide {channels} channels (axis {self.axis} of inputs of "
                f"shape {tuple(input_shape)}) into {groups} equal groups.",
                hint="choose a number of groups that divides the number of channels.",
            )
        self.groups = groups
        self.add_affine((channels,), scale=self.scale, center=self.center)
        self.input_spec = InputSpec(ndim=len(input_shape), axes={self.axis: channels})

    def call(self, inputs: Any) -> jax.Array:
        """The inputs, normalized."""
        axis = self.axis % inputs.ndim
        shape = (*inputs.shape[:axis], self.groups, inputs.shape[axis] // self.groups, *inputs.shape[axis + 1 :])
        x = widened(jnp.reshape(inputs, shape))
        reduced = tuple(i for i in range(1, x.ndim) if i != axis)
        along = [shape[i] if i in (axis, axis + 1) else 1 for i in range(x.ndim)]
        gamma, beta = as_affine(self.gamma, along, x.dtype), as_affine(self.beta, along, x.dtype)
        mean, variance = jnp.mean(x, reduced, keepdims=True), jnp.var(x, reduced, keepdims=True)
        outputs = normalized(x, mean, variance, gamma, beta, self.epsilon)
        return jnp.reshape(outputs, inputs.shape).astype(self.compute_dtype)
