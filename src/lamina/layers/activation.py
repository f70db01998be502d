"""Activation functions as layers."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from lamina import activations, constraints, initializers, regularizers
from lamina.core.errors import ShapeError
from lamina.core.serialization import builtin
from lamina.core.validate import finite, not_negative
from lamina.layers.input_spec import InputSpec
from lamina.layers.layer import Layer


class _Elementwise(Layer):
    """Base of layers whose outputs have the inputs' shape, each row for itself."""

    row_independent = True
    supports_masking = True

    def compute_output_shape(self, input_shape: Any) -> Any:
        """That of the inputs."""
        return input_shape


@builtin("layers")
class Activation(_Elementwise):
    """Applies an activation function.

    Args:
        activation: by name or as a function.
        **kwargs: as for every layer.

    Example:
        >>> Activation("relu")(jnp.array([-1.0, 1.0]))
        Array([0., 1.], dtype=float32)
    """

    def __init__(self, activation: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.activation = activations.get(activation)

    def call(self, inputs: Any) -> jax.Array:
        """The function of the inputs."""
        return self.activation(self.as_floats(inputs))


@builtin("layers")
class ReLU(_Elementwise):
    """The positive part of the inputs.

    Args:
        max_value: where the outputs stop to grow; never when left out.
        negative_slope: the slope below the threshold.
        threshold: below it the outputs are `negative_slope * (x - threshold)`.
        **kwargs: as for every layer.

    Raises:
        ArgumentError: for a negative argument.

    Example:
        >>> ReLU(max_value=6, negative_slope=0.5)(jnp.array([-2.0, 3.0, 9.0]))
        Array([-1.,  3.,  6.], dtype=float32)
    """

    def __init__(
        self, max_value: float | None = None, negative_slope: float = 0.0, threshold: float = 0.0, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.max_value = None if max_value is None else not_negative("ReLU", "max_value", max_value)
        self.negative_slope = not_negative("ReLU", "negative_slope", negative_slope)
        self.threshold = not_negative("ReLU", "threshold", threshold)

    def call(self, inputs: Any) -> jax.Array:
        """The function of the inputs."""
        return activations.relu(self.as_floats(inputs), self.negative_slope, self.max_value, self.threshold)


@builtin("layers")
class LeakyReLU(_Elementwise):
    """The inputs above zero, `negative_slope` times them below.

    Args:
        negative_slope: how much of negative inputs comes through.
        **kwargs: as for every layer; and `alpha`, Keras 2's word for `negative_slope`.

    Raises:
        ArgumentError: for a negative slope.

    Example:
        >>> LeakyReLU(0.5)(jnp.array([-2.0, 3.0]))
        Array([-1.,  3.], dtype=float32)

    Reference:
        Maas et al., 2013, "Rectifier nonlinearities improve neural network acoustic models".
    """

    def __init__(self, negative_slope: float = 0.3, **kwargs: Any) -> None:
        negative_slope = kwargs.pop("alpha", negative_slope)
        super().__init__(**kwargs)
        self.negative_slope = not_negative("LeakyReLU", "negative_slope", negative_slope)

    def call(self, inputs: Any) -> jax.Array:
        """The function of the inputs."""
        return activations.leaky_relu(self.as_floats(inputs), self.negative_slope)


@builtin("layers")
class ELU(_Elementwise):
    """The inputs above zero, `alpha * (exp(x) - 1)` below.

    Args:
        alpha: minus the limit on the left.
        **kwargs: as for every layer.

    Raises:
        ArgumentError: for an alpha that is no number.

    Example:
        >>> ELU(0.5)(jnp.array([-100.0, 3.0]))
        Array([-0.5,  3. ], dtype=float32)
    """

    def __init__(self, alpha: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.alpha = finite("ELU", "alpha", alpha)

    def call(self, inputs: Any) -> jax.Array:
        """The function of the inputs."""
        return activations.elu(self.as_floats(inputs), self.alpha)


@builtin("layers")
class PReLU(_Elementwise):
    """The inputs above zero, `alpha` times them below, where each unit learns its alpha.

    Args:
        alpha_initializer: of the slopes.
        alpha_regularizer: a penalty on the slopes.
        alpha_constraint: what the slopes are brought back to after each step.
        shared_axes: the axes along which all entries have one slope, counted from 1, the batch being 0.
        **kwargs: as for every layer.

    Raises:
        ShapeError: when built for inputs without such axes, or of unknown size along an axis that is not shared.

    Example:
        >>> PReLU("ones", shared_axes=[1])(jnp.array([[-2.0, 3.0]]))
        Array([[-2.,  3.]], dtype=float32)

    Reference:
        He et al., 2015, "Delving deep into rectifiers".
    """

    def __init__(
        self,
        alpha_initializer: Any = "Zeros",
        alpha_regularizer: Any = None,
        alpha_constraint: Any = None,
        shared_axes: int | Sequence[int] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.alpha_initializer = initializers.get(alpha_initializer)
        self.alpha_regularizer = regularizers.get(alpha_regularizer)
        self.alpha_constraint = constraints.get(alpha_constraint)
        self.shared_axes = [shared_axes] if isinstance(shared_axes, int) else shared_axes and list(shared_axes)

    def build(self, input_shape: Any) -> None:
        """Makes the slopes.

        Args:
            input_shape: of the inputs.
        """
        rank = len(input_shape)
        shared = [axis % rank if -rank < axis < rank else 0 for axis in self.shared_axes or ()]
        if 0 in shared:
            raise ShapeError(
                f"PReLU '{self.name}' shares slopes along axes {self.shared_axes}, but its inputs of shape "
                f"{tuple(input_shape)} have axes 1 to {rank - 1} beside the batch."
            )
        own = {axis: input_shape[axis] for axis in range(1, rank) if axis not in shared}
        if None in own.values():
            raise ShapeError(
                f"PReLU '{self.name}' cannot be built for inputs of shape {tuple(input_shape)}: it has a slope for "
                "each entry, but does not know how many there are.",
                hint="name the axes of unknown size in shared_axes=.",
            )
        self.alpha = self.add_weight(
            [own.get(axis, 1) for axis in range(1, rank)],
            self.alpha_initializer,
            name="alpha",
            regularizer=self.alpha_regularizer,
            constraint=self.alpha_constraint,
        )
        self.input_spec = InputSpec(ndim=rank, axes=own)

    def call(self, inputs: Any) -> jax.Array:
        """The function of the inputs."""
        inputs = self.as_floats(inputs)
        return jax.nn.relu(inputs) - self.alpha.value * jax.nn.relu(-inputs)


@builtin("layers")
class Softmax(_Elementwise):
    """Exponentials of the inputs, divided by their sum over `axis`: probabilities of classes.

    Args:
        axis: of the classes, or several axes.
        **kwargs: as for every layer.

    Raises:
        ShapeError: for a mask that does not fit the inputs.

    Example:
        >>> Softmax()(jnp.array([[1.0, 1.0, 5.0]]), mask=jnp.array([[True, True, False]]))
        Array([[0.5, 0.5, 0. ]], dtype=float32)
    """

    def __init__(self, axis: int | Sequence[int] = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis

    @property
    def is_row_independent(self) -> bool:
        """Rows stay apart unless the batch is among the axes, which negative numbers may hide."""
        axes = [self.axis] if isinstance(self.axis, int) else self.axis
        return super().is_row_independent and all(axis == -1 or axis > 0 for axis in axes)

    @property
    def _axes(self) -> int | tuple[int, ...]:
        return self.axis if isinstance(self.axis, int) else tuple(self.axis)

    def call(self, inputs: Any, mask: Any = None) -> jax.Array:
        """Probabilities.

        Args:
            inputs: logits, of a rank above one.
            mask: true where an entry counts; the others get a probability of zero.
        """
        inputs = self.as_floats(inputs)
        if mask is None:
            return activations.softmax(inputs, self._axes)
        self._check_mask(inputs, mask)
        counts = mask if mask.dtype == bool else mask > 0.5
        # Finite, so that rows in which nothing counts have no NaN.
        lowest = -3e4 if inputs.dtype == jnp.float16 else -1e9
        return jnp.where(counts, activations.softmax(jnp.where(counts, inputs, lowest), self._axes), 0.0)

    def _check_mask(self, inputs: Any, mask: Any) -> None:
        pairs = zip(mask.shape[::-1], inputs.shape[::-1], strict=False)
        if mask.ndim > inputs.ndim or any(m not in (1, n) for m, n in pairs):
            raise ShapeError(
                f"Softmax '{self.name}' got a mask of shape {tuple(mask.shape)} for inputs of shape "
                f"{tuple(inputs.shape)}.",
                hint="each axis of the mask, counted from the last, must be 1 or the input's.",
            )
