"""The activation functions, each under the name that it has in configs."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.operation import operation
from lamina.core.serialization import builtin
from lamina.ops import activations, numpy
from lamina.ops.arrays import as_array, as_floats

celu = builtin("activations")(activations.celu)
elu = builtin("activations")(activations.elu)
glu = builtin("activations")(activations.glu)
hard_shrink = builtin("activations")(activations.hard_shrink)
hard_sigmoid = builtin("activations")(activations.hard_sigmoid)
hard_silu = builtin("activations", "hard_swish")(activations.hard_silu)
hard_tanh = builtin("activations")(activations.hard_tanh)
leaky_relu = builtin("activations")(activations.leaky_relu)
log_sigmoid = builtin("activations")(activations.log_sigmoid)
log_softmax = builtin("activations")(activations.log_softmax)
relu6 = builtin("activations")(activations.relu6)
selu = builtin("activations")(activations.selu)
sigmoid = builtin("activations")(activations.sigmoid)
silu = builtin("activations", "swish")(activations.silu)
soft_shrink = builtin("activations")(activations.soft_shrink)
softmax = builtin("activations")(activations.softmax)
softplus = builtin("activations")(activations.softplus)
softsign = builtin("activations")(activations.softsign)
sparse_plus = builtin("activations")(activations.sparse_plus)
sparse_sigmoid = builtin("activations")(activations.sparse_sigmoid)
sparsemax = builtin("activations")(activations.sparsemax)
squareplus = builtin("activations")(activations.squareplus)
tanh = builtin("activations")(numpy.tanh)
tanh_shrink = builtin("activations")(activations.tanh_shrink)
threshold = builtin("activations")(activations.threshold)


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
    x = as_array(x)
    if negative_slope and max_value is None and threshold == 0:
        return jax.nn.leaky_relu(x, negative_slope)
    if threshold:
        above = jnp.where(x > threshold, x, jnp.zeros_like(x))
    else:
        above = jax.nn.relu6(x) if max_value == 6 else jax.nn.relu(x)
    if max_value is not None and (threshold or max_value != 6):
        above = jnp.clip(above, 0, max_value)
    return above - negative_slope * jax.nn.relu(threshold - x) if negative_slope else above


@builtin("activations")
@operation
def gelu(x: Any, approximate: bool = False) -> jax.Array:
    """`x` times the probability that a normal draw is below `x`.

    Args:
        x: an array.
        approximate: whether to replace the probability by a formula with `tanh`.

    Returns:
        An array like `x`.
    """
    return activations.gelu(x, approximate)


@builtin("activations")
@operation
def exponential(x: Any) -> jax.Array:
    """`exp(x)`.

    Example:
        >>> exponential([0.0, 1.0])
        Array([1.       , 2.7182817], dtype=float32)
    """
    return jnp.exp(as_floats(x))


@builtin("activations")
@operation
def mish(x: Any) -> jax.Array:
    """`x * tanh(softplus(x))`.

    Example:
        >>> mish([0.0, 100.0])
        Array([  0., 100.], dtype=float32)

    Reference:
        Misra, 2019, "Mish: a self regularized non-monotonic activation function".
    """
    return jax.nn.mish(as_array(x))


@builtin("activations", "step")
@operation
def heaviside(x: Any) -> jax.Array:
    """One from zero on, zero below: the step of the first perceptrons. Its slope is zero everywhere.

    Example:
        >>> heaviside([-2.0, 0.0, 3.0])
        Array([0., 1., 1.], dtype=float32)

    Reference:
        McCulloch & Pitts, 1943; Rosenblatt, 1957.
    """
    x = as_floats(x)
    return (x >= 0).astype(x.dtype)


@builtin("activations")
@operation
def sign(x: Any) -> jax.Array:
    """Minus one, zero or one: the sign of `x`. Its slope is zero everywhere.

    Example:
        >>> sign([-2.0, 0.0, 3.0])
        Array([-1.,  0.,  1.], dtype=float32)
    """
    return jnp.sign(as_floats(x))
