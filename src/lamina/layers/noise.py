"""Gaussian noise and dropout for self-normalizing networks; penalties on activities."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from lamina import regularizers
from lamina.core.hyperparameter import Complement, Hyperparameter, is_off
from lamina.core.seeds import SeedGenerator
from lamina.core.serialization import builtin
from lamina.core.validate import fraction
from lamina.layers.dropout import check_noise_shape, fitting_noise_shape
from lamina.layers.layer import Layer
from lamina.ops.random import drawn_once, normal, uniform

# Of the activation `selu`: its scale, and its value far below zero.
_SELU_SCALE = 1.0507009873554804934193349852946
_SELU_FLOOR = -1.6732632423543772848170429916717 * _SELU_SCALE


class _Noise(Layer):
    """Base of layers that add noise in training and do nothing otherwise."""

    row_independent = True
    supports_masking = True

    def start(self, seed: int | None, amount: float) -> None:
        """Makes the generator, if there is noise to be drawn.

        Args:
            seed: an integer, or `None`.
            amount: of noise.
        """
        self.seed = seed
        if amount > 0:
            self.seed_generator = SeedGenerator(seed)
        self.built = True

    def normal(self, inputs: Any, mean: float, stddev: Any, key: jax.Array) -> jax.Array:
        """Draws for each entry of the inputs.

        Args:
            inputs: an array.
            mean: of the distribution.
            stddev: its standard deviation.
            key: uint32 `(2,)`.
        """
        return normal(inputs.shape, mean, stddev, self.compute_dtype, key).astype(inputs.dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """That of the inputs."""
        return input_shape


@builtin("layers")
class GaussianNoise(_Noise):
    """Adds normal draws to the inputs in training.

    Args:
        stddev: their standard deviation, from 0 to 1.
        seed: an integer; drawn when left out.
        **kwargs: as for every layer.

    Raises:
        ArgumentError: for a deviation outside of [0, 1].

    Example:
        >>> GaussianNoise(0.5, seed=1)(jnp.zeros((1, 2)), training=True).round(2)
        Array([[-0.55,  0.24]], dtype=float32)
    """

    stddev = Hyperparameter()

    def __init__(self, stddev: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.stddev = fraction("GaussianNoise", "stddev", stddev, closed=True)
        self.start(seed, self.stddev)

    def call(self, inputs: Any, training: bool = False) -> jax.Array:
        """The inputs, with noise in training."""
        inputs = self.as_floats(inputs)
        if not training or is_off(self.stddev):
            return inputs
        return inputs + self.normal(inputs, 0.0, self.stddev, self.seed_generator.next())


@builtin("layers")
class GaussianDropout(_Noise):
    """Multiplies the inputs in training with normal draws around 1, whose variance is `rate / (1 - rate)`.

    Args:
        rate: of the dropout layer whose noise has the same variance, from 0 up to, not including, 1.
        seed: an integer; drawn when left out.
        **kwargs: as for every layer.

    Raises:
        ArgumentError: for a rate outside of [0, 1).

    Example:
        >>> GaussianDropout(0.2, seed=1)(jnp.ones((1, 2)), training=True).round(2)
        Array([[0.45, 1.24]], dtype=float32)

    Reference:
        Srivastava et al., 2014, "Dropout: a simple way to prevent neural networks from overfitting".
    """

    rate = Hyperparameter()
    keep = Complement("rate")

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rate = fraction("GaussianDropout", "rate", rate)
        self.start(seed, self.rate)

    def call(self, inputs: Any, training: bool = False) -> jax.Array:
        """The inputs, with noise in training."""
        inputs = self.as_floats(inputs)
        if not training or is_off(self.rate):
            return inputs
        stddev = (self.rate / self.keep) ** 0.5
        key = self.seed_generator.next()
        draw = lambda: self.normal(inputs, 1.0, stddev, key)  # noqa: E731
        return inputs * drawn_once(draw, self.keep, lambda: jnp.ones_like(inputs))


@builtin("layers")
class AlphaDropout(_Noise):
    """Dropout that keeps mean and variance of what a `selu` puts out.

    Dropped entries are set to the lowest value of `selu`; then all are scaled and shifted.

    Args:
        rate: the share that is dropped, from 0 to 1.
        noise_shape: where one draw serves a whole axis, 1; `None` for the input's own size.
        seed: an integer; drawn when left out.
        **kwargs: as for every layer.

    Raises:
        ArgumentError: for a rate outside of [0, 1].

    Example:
        >>> [round(float(v), 2) for v in AlphaDropout(0.5, seed=1)(jnp.ones(4), training=True)]
        [-0.78, 1.67, 1.67, -0.78]

    Reference:
        Klambauer et al., 2017, "Self-normalizing neural networks".
    """

    rate = Hyperparameter()
    keep = Complement("rate")

    def __init__(
        self, rate: float, noise_shape: Sequence[int | None] | None = None, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.rate = fraction("AlphaDropout", "rate", rate, closed=True)
        self.start(seed, self.rate)
        self.noise_shape = check_noise_shape("AlphaDropout", noise_shape)

    def call(self, inputs: Any, training: bool = False) -> jax.Array:
        """The inputs, thinned out in training."""
        inputs = self.as_floats(inputs)
        if not training or is_off(self.rate):
            return inputs
        if is_off(self.keep):
            return jnp.zeros_like(inputs)
        shape, key = fitting_noise_shape(self, self.noise_shape, inputs), self.seed_generator.next()
        draw = lambda: uniform(shape, seed=key) >= self.rate  # noqa: E731
        kept = drawn_once(draw, self.keep, lambda: jnp.ones(shape, bool))
        scale = (self.keep * (1 + self.rate * _SELU_FLOOR**2)) ** -0.5
        shift = -scale * _SELU_FLOOR * self.rate
        outputs = scale * jnp.where(kept, inputs, jnp.asarray(_SELU_FLOOR, inputs.dtype)) + shift
        return outputs.astype(inputs.dtype)


@builtin("layers")
class ActivityRegularization(Layer):
    """Adds a penalty on the inputs to the loss, and hands them on.

    Args:
        l1: the factor of the absolute values.
        l2: the factor of the squares.
        **kwargs: as for every layer.

    Raises:
        ArgumentError: for a negative factor.

    Example:
        >>> layer = ActivityRegularization(l2=0.5)
        >>> layer(jnp.array([[2.0], [4.0]])).shape, [float(loss) for loss in layer.losses]
        ((2, 1), [5.0])
    """

    row_independent = True
    supports_masking = True

    def __init__(self, l1: float = 0.0, l2: float = 0.0, **kwargs: Any) -> None:
        super().__init__(activity_regularizer=regularizers.L1L2(l1=l1, l2=l2), **kwargs)
        self._penalty: Any = self.activity_regularizer
        self.built = True

    @property
    def l1(self) -> float:
        """The factor of the absolute values."""
        return self._penalty.l1

    @property
    def l2(self) -> float:
        """The factor of the squares."""
        return self._penalty.l2

    def call(self, inputs: Any) -> jax.Array:
        """The inputs."""
        return self.as_floats(inputs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """That of the inputs."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer."""
        config = {**super().get_config(), "l1": self.l1, "l2": self.l2}
        del config["activity_regularizer"]
        return config

    def structure(self) -> list[Any]:
        """What is part of a program; the factors are arguments of it."""
        return [self.own_policy, self.activity_regularizer]
