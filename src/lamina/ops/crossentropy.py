"""Classes as rows of zeros and ones, and the maths of cross-entropy."""

import functools
from typing import Any

import jax
import jax.numpy as jnp

from lamina.core import config
from lamina.core.errors import ShapeError
from lamina.core.operation import operation
from lamina.core.validate import positive_int
from lamina.ops.arrays import as_array

__all__ = [
    *("binary_crossentropy", "categorical_crossentropy", "multi_hot", "one_hot"),
    "sparse_categorical_crossentropy",
]


@operation
def one_hot(x: Any, num_classes: int, axis: int = -1, dtype: Any = None, sparse: bool = False) -> jax.Array:
    """Integers as rows with a single one.

    Args:
        x: integers; those that are no class become rows of zeros.
        num_classes: the length of a row.
        axis: of the rows in the result.
        dtype: of the result; `floatx()` when left out.
        sparse: accepted as Keras does; the result is dense.

    Returns:
        An array with one axis more.

    Example:
        >>> one_hot([2, 0], 3)
        Array([[0., 0., 1.],
               [1., 0., 0.]], dtype=float32)
    """
    del sparse
    return jax.nn.one_hot(jnp.asarray(x), num_classes, axis=axis, dtype=dtype or config.floatx())


@operation
def multi_hot(
    inputs: Any, num_classes: int | None = None, axis: int = -1, dtype: Any = None, sparse: bool = False, **kwargs: Any
) -> jax.Array:
    """Sets of integers as rows with a one for each.

    Args:
        inputs: a set `(n,)`, or a batch of them `(batch, n)`.
        num_classes: the length of a row.
        axis: of the rows in the result.
        dtype: of the result; `floatx()` when left out.
        sparse: accepted as Keras does; the result is dense.
        **kwargs: `num_tokens`, an older word for `num_classes`.

    Returns:
        `(num_classes,)` or `(batch, num_classes)`.

    Raises:
        ArgumentError: if `num_classes` is no positive integer.

    Example:
        >>> multi_hot([[0, 2], [1, 1]], 3)
        Array([[1., 0., 1.],
               [0., 1., 0.]], dtype=float32)
    """
    num_classes = positive_int("multi_hot", "num_classes", kwargs.get("num_tokens", num_classes))
    inputs = as_array(inputs).astype("int32")
    rows = one_hot(inputs, num_classes, axis, dtype, sparse)
    return jnp.max(rows, axis=1 if inputs.ndim > 1 else 0)


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
    _check_shapes("binary_crossentropy", target, target.shape == output.shape, output)
    if from_logits:
        return -(target * jax.nn.log_sigmoid(output) + (1.0 - target) * jax.nn.log_sigmoid(-output))
    output = _clip(output)
    return -(target * jnp.log(output) + (1.0 - target) * jnp.log(1.0 - output))


def _check_shapes(name: str, target: jax.Array, fits: bool, output: jax.Array) -> None:
    if not fits:
        raise ShapeError(f"{name} got targets of shape {target.shape} for outputs of shape {output.shape}.")


def _log_probabilities(output: jax.Array, from_logits: bool, axis: int) -> jax.Array:
    if from_logits:
        return jax.nn.log_softmax(output, axis=axis)
    return _log_shares(output, axis)


@functools.partial(jax.custom_jvp, nondiff_argnums=(1,))
def _log_shares(output: jax.Array, axis: int) -> jax.Array:
    """The logarithms of probabilities that are scaled to a sum of one, and clipped."""
    return jnp.log(_clip(output / jnp.sum(output, axis, keepdims=True)))


@_log_shares.defjvp
def _log_shares_jvp(axis: int, primals: tuple[jax.Array], tangents: tuple[jax.Array]) -> tuple[jax.Array, jax.Array]:
    # d log(p / s) = dp / p - ds / s, zero where it was clipped. JAX would derive clip, division and logarithm
    # one by one, in twice as many kernels, each of which takes longer to start than to run.
    (output,), (change,) = primals, tangents
    total = jnp.sum(output, axis, keepdims=True)
    share = output / total
    inside = (share >= config.epsilon()) & (share <= 1.0 - config.epsilon())
    relative = change / jnp.where(inside, output, 1.0) - jnp.sum(change, axis, keepdims=True) / total
    return jnp.log(_clip(share)), jnp.where(inside, relative, 0.0)


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
    target, output = jnp.asarray(target), jnp.asarray(output)
    _check_shapes("categorical_crossentropy", target, target.shape == output.shape != (), output)
    return -jnp.sum(target * _log_probabilities(output, from_logits, axis), axis=axis)


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
    fits = output.ndim > 0 and target.shape == output.shape[:axis] + output.shape[axis:][1:]
    _check_shapes("sparse_categorical_crossentropy", target, fits, output)
    log_p = _log_probabilities(output, from_logits, axis)
    # A product with a one-hot row: its gradient is one fused kernel, where a gather's is a scatter.
    return -jnp.sum(jax.nn.one_hot(target, log_p.shape[axis], axis=axis, dtype=log_p.dtype) * log_p, axis=axis)
