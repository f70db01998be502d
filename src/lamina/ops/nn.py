"""The functions of neural networks: activations and the maths of cross-entropy."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core import config
from lamina.core.operation import operation

__all__ = [
    *("binary_crossentropy", "categorical_crossentropy", "elu", "gelu", "hard_sigmoid", "leaky_relu"),
    *("log_sigmoid", "log_softmax", "one_hot", "relu", "relu6", "selu", "sigmoid", "silu", "softmax"),
    *("softplus", "softsign", "sparse_categorical_crossentropy", "swish", "tanh"),
]

relu = operation(jax.nn.relu)
relu6 = operation(jax.nn.relu6)
sigmoid = operation(jax.nn.sigmoid)
log_sigmoid = operation(jax.nn.log_sigmoid)
silu = operation(jax.nn.silu)
swish = silu
softplus = operation(jax.nn.softplus)
softsign = operation(jax.nn.soft_sign)
tanh = operation(jnp.tanh)


@operation
def elu(x: Any, alpha: float = 1.0) -> jax.Array:
    """`x` above zero, `alpha * (exp(x) - 1)` below."""
    return jax.nn.elu(x, alpha)


@operation
def selu(x: Any) -> jax.Array:
    """The scaled `elu` that keeps mean and variance through the layers of a deep network."""
    return jax.nn.selu(x)


@operation
def gelu(x: Any, approximate: bool = True) -> jax.Array:
    """`x` times the probability that a normal draw is below `x`."""
    return jax.nn.gelu(x, approximate)


@operation
def leaky_relu(x: Any, negative_slope: float = 0.2) -> jax.Array:
    """`x` above zero, `negative_slope * x` below."""
    return jax.nn.leaky_relu(x, negative_slope)


@operation
def hard_sigmoid(x: Any) -> jax.Array:
    """A sigmoid of three straight lines."""
    return jax.nn.hard_sigmoid(x)


@operation
def softmax(x: Any, axis: int | tuple[int, ...] = -1) -> jax.Array:
    """Exponentials, divided by their sum over `axis`."""
    return jax.nn.softmax(x, axis)


@operation
def log_softmax(x: Any, axis: int | tuple[int, ...] = -1) -> jax.Array:
    """The logarithm of `softmax`, without overflow."""
    return jax.nn.log_softmax(x, axis)


@operation
def one_hot(x: Any, num_classes: int, axis: int = -1, dtype: Any = None, sparse: bool = False) -> jax.Array:
    """Integers as rows with a single one."""
    del sparse
    return jax.nn.one_hot(jnp.asarray(x), num_classes, axis=axis, dtype=dtype or config.floatx())


def _clip(probabilities: jax.Array) -> jax.Array:
    return jnp.clip(probabilities, config.epsilon(), 1.0 - config.epsilon())


@operation
def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> jax.Array:
    """`-(t log p + (1 - t) log(1 - p))`, entry by entry.

    Args:
        target: zeros and ones, of the output's shape.
        output: probabilities, or logits.
        from_logits: whether `output` has yet to go through a sigmoid.

    Returns:
        The losses, of the output's shape.
    """
    target, output = jnp.asarray(target), jnp.asarray(output)
    if from_logits:
        return -(target * jax.nn.log_sigmoid(output) + (1.0 - target) * jax.nn.log_sigmoid(-output))
    output = _clip(output)
    return -(target * jnp.log(output) + (1.0 - target) * jnp.log(1.0 - output))


def _log_probabilities(output: jax.Array, from_logits: bool, axis: int) -> jax.Array:
    if from_logits:
        return jax.nn.log_softmax(output, axis=axis)
    return jnp.log(_clip(output / jnp.sum(output, axis, keepdims=True)))


@operation
def categorical_crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> jax.Array:
    """`-sum(t log p)` over the classes.

    Args:
        target: distributions over the classes, of the output's shape.
        output: probabilities (scaled here to a sum of one), or logits.
        from_logits: whether `output` has yet to go through a softmax.
        axis: of the classes.

    Returns:
        The losses, without the axis of the classes.
    """
    output = jnp.asarray(output)
    return -jnp.sum(jnp.asarray(target) * _log_probabilities(output, from_logits, axis), axis=axis)


@operation
def sparse_categorical_crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> jax.Array:
    """`-log p` of the right class.

    Args:
        target: integers, of the output's shape without the axis of the classes (or 1 there).
        output: probabilities (scaled here to a sum of one), or logits.
        from_logits: whether `output` has yet to go through a softmax.
        axis: of the classes.

    Returns:
        The losses, without the axis of the classes.
    """
    target, output = jnp.asarray(target, "int32"), jnp.asarray(output)
    if target.ndim == output.ndim and target.shape[-1] == 1:
        target = jnp.squeeze(target, -1)
    log_p = _log_probabilities(output, from_logits, axis)
    # A product with a one-hot row: its gradient is one fused kernel, where a gather's is a scatter.
    return -jnp.sum(jax.nn.one_hot(target, log_p.shape[axis], axis=axis, dtype=log_p.dtype) * log_p, axis=axis)
