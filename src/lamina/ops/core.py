"""Shapes, dtypes and control flow: the rest of `keras.ops`."""

import functools
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lamina.core.engine import is_traced
from lamina.core.frame import current_frame
from lamina.core.functional import lift, restore
from lamina.core.operation import operation
from lamina.core.symbolic import is_symbolic
from lamina.core.variable import Variable

__all__ = [
    *("cast", "checkpoint", "cond", "convert_to_numpy", "convert_to_tensor", "is_tensor", "scan"),
    *("shape", "stop_gradient", "unstack"),
]


def convert_to_tensor(x: Any, dtype: Any = None, sparse: bool | None = None) -> Any:
    """`x` as an array.

    Args:
        x: an array, a variable, a number or nested lists of such.
        dtype: of the result; its own when left out.
        sparse: accepted as Keras does.
    """
    del sparse
    if is_symbolic(x):
        return x if dtype is None or x.dtype == str(dtype) else cast(x, dtype)
    return jnp.asarray(x.value if isinstance(x, Variable) else x, dtype=dtype)


def convert_to_numpy(x: Any) -> np.ndarray:
    """`x` as a NumPy array; in eager training, too, where the gradient does not go through it."""
    return np.asarray(jax.lax.stop_gradient(x.value if isinstance(x, Variable) else x))


def is_tensor(x: Any) -> bool:
    """Whether `x` is an array of JAX's or a symbolic tensor."""
    return isinstance(x, jax.Array) or is_symbolic(x)


def shape(x: Any) -> tuple[int | None, ...]:
    """The shape of `x`, with `None` for unknown axes of symbolic tensors."""
    return tuple(x.shape) if hasattr(x, "shape") else np.shape(x)


@operation
def cast(x: Any, dtype: Any) -> jax.Array:
    """`x` in another dtype."""
    return jnp.asarray(x).astype(dtype)


@operation
def stop_gradient(x: Any) -> jax.Array:
    """`x`, as a constant to differentiation."""
    return jax.lax.stop_gradient(x)


@operation
def unstack(x: Any, num: int | None = None, axis: int = 0) -> list[jax.Array]:
    """The slices of `x` along `axis`."""
    del num
    return list(jnp.moveaxis(jnp.asarray(x), axis, 0))


def cond(pred: Any, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> Any:
    """Calls one of two functions, depending on a value that is known only when the program runs.

    Args:
        pred: a scalar.
        true_fn: called without arguments where `pred` holds; it may assign variables.
        false_fn: called where it does not; returns the same structure, shapes and dtypes.

    Returns:
        What the function returned.

    Example:
        >>> cond(jnp.array(3) > 2, lambda: jnp.ones(1), lambda: jnp.zeros(1))
        Array([1.], dtype=float32)
    """
    if current_frame() is None:
        return _stepwise(jax.lax.cond, pred)(pred, true_fn, false_fn)
    (lifted_true, carry), (lifted_false, _) = lift(true_fn), lift(false_fn)
    output, carry = jax.lax.cond(pred, lifted_true, lifted_false, carry)
    restore(carry)
    return output


def scan(
    f: Callable[[Any, Any], tuple[Any, Any]],
    init: Any,
    xs: Any = None,
    length: int | None = None,
    reverse: bool = False,
    unroll: int = 1,
) -> tuple[Any, Any]:
    """Calls `f` on one slice after the other, handing a value along.

    Args:
        f: `(value, slice) -> (value, output)`; it may assign variables.
        init: the first value.
        xs: arrays that are sliced along their first axis.
        length: the number of calls, where there is no `xs`.
        reverse: whether to start from the last slice.
        unroll: how many calls to write out per turn of the loop.

    Returns:
        The last value, and the outputs stacked.
    """
    if current_frame() is None:
        return _stepwise(jax.lax.scan, init, xs)(f, init, xs, length, reverse, unroll)
    lifted, carry = lift(f)

    def body(both: Any, x: Any) -> tuple[Any, Any]:
        (value, output), carry = lifted(both[1], both[0], x)
        return (value, carry), output

    (value, carry), outputs = jax.lax.scan(body, (init, carry), xs, length, reverse, unroll)
    restore(carry)
    return value, outputs


def checkpoint(f: Callable[..., Any]) -> Callable[..., Any]:
    """`f`, computed again in the backward pass instead of being remembered.

    Args:
        f: a function of arrays; it may assign variables.
    """

    def wrapper(*args: Any) -> Any:
        if current_frame() is None:
            return jax.checkpoint(f)(*args) if _is_traced(args) else f(*args)
        lifted, carry = lift(f)
        output, carry = jax.checkpoint(lifted)(carry, *args)
        restore(carry)
        return output

    return wrapper


def _is_traced(values: Any) -> bool:
    return is_traced(*jax.tree.leaves(values))


def _stepwise(function: Callable[..., Any], *data: Any) -> Callable[..., Any]:
    """`function`, in Python where its data are known: outside of programs, variables hold plain values."""

    @functools.wraps(function)
    def run(*args: Any) -> Any:
        with nullcontext() if _is_traced(data) else jax.disable_jit():
            return function(*args)

    return run
