"""The functions between layers."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.errors import ShapeError
from lamina.core.operation import operation
from lamina.ops.arrays import as_array, as_axes, as_floats

__all__ = [
    *("celu", "elu", "gelu", "glu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_swish", "hard_tanh"),
    *("leaky_relu", "log_sigmoid", "log_softmax", "relu", "relu6", "selu", "sigmoid", "silu", "soft_shrink"),
    *("softmax", "softplus", "softsign", "sparse_plus", "sparse_sigmoid", "sparsemax", "squareplus", "swish"),
    *("tanh_shrink", "threshold"),
]


@operation
def relu(x: Any) -> jax.Array:
    """`x` above zero, else zero; the slope at zero is zero.

    Example:
        >>> relu([-2.0, 3.0])
        Array([0., 3.], dtype=float32)
    """
    return jax.nn.relu(as_array(x))


@operation
def relu6(x: Any) -> jax.Array:
    """`x` cut to [0, 6]; the slope at both ends is zero.

    Example:
        >>> relu6([-2.0, 3.0, 9.0])
        Array([0., 3., 6.], dtype=float32)
    """
    return jax.nn.relu6(as_array(x))


@operation
def leaky_relu(x: Any, negative_slope: float = 0.2) -> jax.Array:
    """`x` above zero, `negative_slope * x` below.

    Args:
        x: an array.
        negative_slope: how much of negative values comes through.

    Returns:
        An array like `x`.

    Example:
        >>> leaky_relu([-2.0, 3.0], negative_slope=0.5)
        Array([-1.,  3.], dtype=float32)
    """
    return jax.nn.leaky_relu(as_array(x), negative_slope)


@operation
def elu(x: Any, alpha: float = 1.0) -> jax.Array:
    """`x` above zero, `alpha * (exp(x) - 1)` below.

    Args:
        x: an array.
        alpha: minus the limit on the left.

    Returns:
        An array like `x`.

    Example:
        >>> elu([-100.0, 3.0], alpha=0.5)
        Array([-0.5,  3. ], dtype=float32)

    Reference:
        Clevert et al., 2016, "Fast and accurate deep network learning by exponential linear units".
    """
    return jax.nn.elu(as_array(x), alpha)


@operation
def celu(x: Any, alpha: float = 1.0) -> jax.Array:
    """`x` above zero, `alpha * (exp(x / alpha) - 1)` below: an `elu` whose slope is one at zero, whatever alpha.

    Args:
        x: an array.
        alpha: minus the limit on the left; not zero.

    Returns:
        An array like `x`.

    Example:
        >>> celu([-100.0, 3.0], alpha=0.5)
        Array([-0.5,  3. ], dtype=float32)

    Reference:
        Barron, 2017, "Continuously differentiable exponential linear units".
    """
    return jax.nn.celu(as_array(x), alpha)


@operation
def selu(x: Any) -> jax.Array:
    """The scaled `elu` that keeps mean and variance through the layers of a deep network.

    Example:
        >>> selu([-100.0, 0.0])
        Array([-1.7580993,  0.       ], dtype=float32)

    Reference:
        Klambauer et al., 2017, "Self-normalizing neural networks".
    """
    return jax.nn.selu(as_array(x))


@operation
def gelu(x: Any, approximate: bool = True) -> jax.Array:
    """`x` times the probability that a normal draw is below `x`.

    Args:
        x: an array.
        approximate: whether to replace the probability by a formula with `tanh`.

    Returns:
        An array like `x`.

    Example:
        >>> gelu([-10.0, 0.0, 10.0])
        Array([-0.,  0., 10.], dtype=float32)

    Reference:
        Hendrycks & Gimpel, 2016, "Gaussian error linear units".
    """
    return jax.nn.gelu(as_array(x), approximate)


@operation
def silu(x: Any) -> jax.Array:
    """`x * sigmoid(x)`, also known as swish.

    Example:
        >>> silu([0.0, 100.0])
        Array([  0., 100.], dtype=float32)
    """
    return jax.nn.silu(as_floats(x))


swish = silu


@operation
def hard_silu(x: Any) -> jax.Array:
    """`x * hard_sigmoid(x)`: a `silu` without exponentials, also known as hard swish.

    Example:
        >>> hard_silu([-3.0, 0.0, 3.0])
        Array([-0.,  0.,  3.], dtype=float32)
    """
    return jax.nn.hard_silu(as_array(x))


hard_swish = hard_silu


@operation
def glu(x: Any, axis: int = -1) -> jax.Array:
    """The first half of `x`, times the sigmoid of the second: a gated linear unit.

    Args:
        x: an array, of even size along `axis`.
        axis: along which to halve.

    Returns:
        An array of half the size along `axis`.

    Raises:
        ShapeError: if that size is odd.

    Example:
        >>> glu([1.0, 2.0, 0.0, 100.0])
        Array([0.5, 2. ], dtype=float32)

    Reference:
        Dauphin et al., 2017, "Language modeling with gated convolutional networks".
    """
    x = as_floats(x)
    if x.shape[axis] % 2:
        raise ShapeError(f"glu halves an axis, so its size must be even. Received: axis={axis} of shape {x.shape}")
    return jax.nn.glu(x, axis)


@operation
def sigmoid(x: Any) -> jax.Array:
    """`1 / (1 + exp(-x))`.

    Example:
        >>> sigmoid([-1000.0, 0.0, 1000.0])
        Array([0. , 0.5, 1. ], dtype=float32)
    """
    return jax.nn.sigmoid(as_floats(x))


@operation
def log_sigmoid(x: Any) -> jax.Array:
    """The logarithm of `sigmoid`, without overflow.

    Example:
        >>> log_sigmoid([-100.0, 0.0])
        Array([-100.       ,   -0.6931472], dtype=float32)
    """
    return jax.nn.log_sigmoid(as_array(x))


@operation
def hard_sigmoid(x: Any) -> jax.Array:
    """A sigmoid of three straight lines: `x / 6 + 0.5`, cut to [0, 1].

    Example:
        >>> hard_sigmoid([-4.0, 0.0, 4.0])
        Array([0. , 0.5, 1. ], dtype=float32)
    """
    return jax.nn.hard_sigmoid(as_array(x))


@operation
def sparse_sigmoid(x: Any) -> jax.Array:
    """A sigmoid of three straight lines: `(x + 1) / 2`, cut to [0, 1]; the slope of `sparse_plus`.

    Example:
        >>> sparse_sigmoid([-4.0, 0.0, 4.0])
        Array([0. , 0.5, 1. ], dtype=float32)
    """
    return jax.nn.sparse_sigmoid(as_array(x))


@operation
def softplus(x: Any) -> jax.Array:
    """`log(1 + exp(x))`, without overflow.

    Example:
        >>> softplus([-1000.0, 1000.0])
        Array([   0., 1000.], dtype=float32)
    """
    return jax.nn.softplus(as_array(x))


@operation
def sparse_plus(x: Any) -> jax.Array:
    """`x` above one, zero below minus one, and between them the parabola that meets both.

    Example:
        >>> sparse_plus([-2.0, 0.0, 2.0])
        Array([0.  , 0.25, 2.  ], dtype=float32)
    """
    return jax.nn.sparse_plus(as_array(x))


@operation
def squareplus(x: Any, b: float = 4) -> jax.Array:
    """`(x + sqrt(x**2 + b)) / 2`: a `softplus` without exponentials.

    Args:
        x: an array.
        b: how smooth the bend is; with 0 it is `relu`.

    Returns:
        An array like `x`.

    Example:
        >>> squareplus([0.0])
        Array([1.], dtype=float32)
    """
    return jax.nn.squareplus(as_array(x), b)


@operation
def softsign(x: Any) -> jax.Array:
    """`x / (1 + abs(x))`.

    Example:
        >>> softsign([-1.0, 3.0])
        Array([-0.5 ,  0.75], dtype=float32)
    """
    return jax.nn.soft_sign(as_array(x))


@operation
def hard_tanh(x: Any) -> jax.Array:
    """`x` cut to [-1, 1].

    Example:
        >>> hard_tanh([-3.0, 0.5, 3.0])
        Array([-1. ,  0.5,  1. ], dtype=float32)
    """
    return jax.nn.hard_tanh(as_array(x))


@operation
def tanh_shrink(x: Any) -> jax.Array:
    """`x - tanh(x)`.

    Example:
        >>> tanh_shrink([0.0, 100.0])
        Array([ 0., 99.], dtype=float32)
    """
    x = as_array(x)
    return x - jnp.tanh(x)


@operation
def hard_shrink(x: Any, threshold: float = 0.5) -> jax.Array:
    """`x` where it is farther from zero than the threshold, else zero.

    Args:
        x: an array.
        threshold: how far.

    Returns:
        An array like `x`.

    Example:
        >>> hard_shrink([-2.0, 0.3, 2.0])
        Array([-2.,  0.,  2.], dtype=float32)
    """
    x = as_array(x)
    return jnp.where(jnp.abs(x) > threshold, x, 0.0)


@operation
def soft_shrink(x: Any, threshold: float = 0.5) -> jax.Array:
    """`x` brought nearer to zero by the threshold, and no farther than zero.

    Args:
        x: an array.
        threshold: how much nearer.

    Returns:
        An array like `x`.

    Example:
        >>> soft_shrink([-2.0, 0.3, 2.0])
        Array([-1.5,  0. ,  1.5], dtype=float32)
    """
    x = as_array(x)
    return jnp.where(x > threshold, x - threshold, jnp.where(x < -threshold, x + threshold, 0.0))


@operation
def threshold(x: Any, threshold: float, default_value: float) -> jax.Array:
    """`x` above the threshold, else a fixed value.

    Args:
        x: an array.
        threshold: the bound; `x` must be above it.
        default_value: what takes the place of other values.

    Returns:
        An array like `x`.

    Example:
        >>> threshold([1.0, 3.0], 2.0, -1.0)
        Array([-1.,  3.], dtype=float32)
    """
    x = as_array(x)
    return jnp.where(x > threshold, x, default_value)


@operation
def softmax(x: Any, axis: int | tuple[int, ...] | None = -1) -> jax.Array:
    """Exponentials, divided by their sum over `axis`: probabilities of classes.

    Args:
        x: logits.
        axis: of the classes; all axes for `None`.

    Returns:
        An array like `x` whose sums over `axis` are one.

    Example:
        >>> softmax([0.0, 0.0])
        Array([0.5, 0.5], dtype=float32)
    """
    return jax.nn.softmax(as_array(x), as_axes(axis))


@operation
def log_softmax(x: Any, axis: int | tuple[int, ...] | None = -1) -> jax.Array:
    """The logarithm of `softmax`, without overflow.

    Args:
        x: logits.
        axis: of the classes; all axes for `None`.

    Returns:
        An array like `x`.

    Example:
        >>> log_softmax([0.0, 1000.0])
        Array([-1000.,     0.], dtype=float32)
    """
    return jax.nn.log_softmax(as_array(x), as_axes(axis))


@operation
def sparsemax(x: Any, axis: int = -1) -> jax.Array:
    """`x` less a threshold, and no less than zero: most entries along `axis` are zero.

    The threshold is that of Keras 3.15, whose files expect its numbers: where several entries stay above zero
    it is higher than the one of the paper, so that their sum is below one.

    Args:
        x: logits.
        axis: of the classes.

    Returns:
        An array like `x`.

    Example:
        >>> sparsemax([3.0, 0.5, -1.0])
        Array([1., 0., 0.], dtype=float32)

    Reference:
        Martins & Astudillo, 2016, "From softmax to sparsemax", algorithm 1.
    """
    x = jnp.moveaxis(as_array(x), axis, -1)
    descending = -jnp.sort(-x, axis=-1)
    sums = jnp.cumsum(descending, axis=-1)
    kept = descending - (sums - 1) / jnp.arange(1, x.shape[-1] + 1) > 0
    # The paper takes the last of these sums, Keras 3.15 adds them all.
    total = jnp.sum(jnp.where(kept, sums, 0.0), axis=-1, keepdims=True)
    excess = (total - 1) / jnp.sum(kept, axis=-1, keepdims=True)
    return jnp.moveaxis(jnp.maximum(x - excess, 0.0), -1, axis)
