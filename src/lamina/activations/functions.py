"""The activation functions, each under the name that it has in configs."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.operation import operation
from lamina.core.serialization import builtin
from lamina.ops import nn


def _named(name: str, function: Any, *aliases: str) -> Any:
    """Registers a function of `ops` as an activation; equal functions under two names stay two objects."""

    def activation(x: Any) -> jax.Array:
        return function(x)

    activation.__name__ = activation.__qualname__ = name
    activation.__doc__ = function.__doc__
    return builtin("activations", *aliases)(operation(activation))


log_sigmoid = _named("log_sigmoid", jax.nn.log_sigmoid)
relu6 = _named("relu6", jax.nn.relu6)
selu = _named("selu", jax.nn.selu)
sigmoid = _named("sigmoid", jax.nn.sigmoid)
hard_sigmoid = _named("hard_sigmoid", jax.nn.hard_sigmoid)
silu = _named("silu", jax.nn.silu, "swish")
softplus = _named("softplus", jax.nn.softplus)
softsign = _named("softsign", jax.nn.soft_sign)
tanh = _named("tanh", jnp.tanh)


@builtin("activations")
def linear(x: Any) -> Any:
    """`x` itself."""
    return x


@builtin("activations")
@operation
def relu(x: Any, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> jax.Array:
    """The positive part of `x`.

    Args:
        x: an array.
        negative_slope: the slope below the threshold.
        max_value: where the output stops to grow.
        threshold: below it the output is `negative_slope * (x - threshold)`.

    Returns:
        An array like `x`. Without a negative slope the gradient at zero is zero.

    Example:
        >>> relu(jnp.array([-2.0, 3.0]))
        Array([0., 3.], dtype=float32)
    """
    x = jnp.asarray(x)
    if max_value is None and threshold == 0:
        return jax.nn.leaky_relu(x, negative_slope) if negative_slope else jax.nn.relu(x)
    if max_value == 6 and threshold == 0:
        above = jax.nn.relu6(x)
    else:
        above = x * (x > threshold) if threshold else jax.nn.relu(x)
        above = above if max_value is None else jnp.clip(above, 0, max_value)
    return above - negative_slope * jax.nn.relu(threshold - x) if negative_slope else above


@builtin("activations")
@operation
def elu(x: Any, alpha: float = 1.0) -> jax.Array:
    """`x` above zero, `alpha * (exp(x) - 1)` below."""
    return jax.nn.elu(x, alpha)


@builtin("activations")
@operation
def gelu(x: Any, approximate: bool = False) -> jax.Array:
    """`x` times the probability that a normal draw is below `x`."""
    return jax.nn.gelu(x, approximate)


@builtin("activations")
@operation
def leaky_relu(x: Any, negative_slope: float = 0.2) -> jax.Array:
    """`x` above zero, `negative_slope * x` below."""
    return jax.nn.leaky_relu(x, negative_slope)


@builtin("activations")
@operation
def exponential(x: Any) -> jax.Array:
    """`exp(x)`."""
    return jnp.exp(x)


@builtin("activations")
@operation
def mish(x: Any) -> jax.Array:
    """`x * tanh(softplus(x))`."""
    return jax.nn.mish(x)


@builtin("activations")
@operation
def softmax(x: Any, axis: int | tuple[int, ...] = -1) -> jax.Array:
    """Exponentials, divided by their sum over `axis`: probabilities of classes.

    Args:
        x: logits.
        axis: of the classes.

    Returns:
        An array like `x` whose sums over `axis` are one.
    """
    return nn.softmax(x, axis)


@builtin("activations")
@operation
def log_softmax(x: Any, axis: int | tuple[int, ...] = -1) -> jax.Array:
    """The logarithm of `softmax`, without overflow."""
    return jax.nn.log_softmax(x, axis)
