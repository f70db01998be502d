"""Branches and loops that are decided while a program runs; what they call may assign variables."""

import functools
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.engine import is_traced
from lamina.core.frame import current_frame
from lamina.core.functional import lift, restore
from lamina.core.operation import operation
from lamina.core.variable import Variable
from lamina.ops.arrays import as_array

__all__ = [
    *("associative_scan", "checkpoint", "cond", "custom_gradient", "fori_loop", "map", "scan", "switch"),
    *("vectorized_map", "while_loop"),
]


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


@operation
def switch(index: Any, branches: Sequence[Callable[..., Any]], *operands: Any) -> Any:
    """Calls one of several functions, depending on a number that is known only when the program runs.

    Args:
        index: a scalar integer; numbers out of range count as the nearest that is in it.
        branches: functions of the operands; they may assign variables, and return the same structure, shapes and
            dtypes.
        *operands: what the function is called with.

    Returns:
        What the function returned.

    Example:
        >>> switch(1, [lambda x: x, lambda x: 10 * x], jnp.array(3))
        Array(30, dtype=int32, weak_type=True)
    """
    index = jnp.asarray(index, "int32")
    if current_frame() is None:
        return _stepwise(jax.lax.switch, index, operands)(index, branches, *operands)
    lifted, carry = zip(*(lift(branch) for branch in branches), strict=True)
    output, last = jax.lax.switch(index, lifted, carry[0], *operands)
    restore(last)
    return output


@operation
def scan(
    f: Callable[[Any, Any], tuple[Any, Any]],
    init: Any,
    xs: Any = None,
    length: int | None = None,
    reverse: bool = False,
    unroll: int | bool = 1,
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

    Example:
        >>> scan(lambda total, x: (total + x, total), jnp.array(0), jnp.array([1, 2, 3]))
        (Array(6, dtype=int32), Array([0, 1, 3], dtype=int32))
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


@operation
def map(f: Callable[[Any], Any], xs: Any) -> Any:
    """Calls `f` on one slice after the other.

    Args:
        f: a function of a slice; it may assign variables.
        xs: arrays that are sliced along their first axis.

    Returns:
        The outputs stacked.

    Example:
        >>> map(lambda x: 2 * x, jnp.array([1, 2]))
        Array([2, 4], dtype=int32)
    """
    return scan(lambda _, x: (None, f(x)), None, jax.tree.map(as_array, xs))[1]


@operation
def vectorized_map(function: Callable[[Any], Any], elements: Any) -> Any:
    """Applies a function to all slices at once.

    Args:
        function: of a slice; it may read variables, but not assign them.
        elements: arrays that are sliced along their first axis.

    Returns:
        The outputs stacked.

    Example:
        >>> vectorized_map(lambda row: row.sum(), jnp.array([[1, 2], [3, 4]]))
        Array([3, 7], dtype=int32)
    """
    return jax.vmap(function)(jax.tree.map(as_array, elements))


@operation
def associative_scan(f: Callable[[Any, Any], Any], elems: Any, reverse: bool = False, axis: int = 0) -> Any:
    """What `f` makes of all slices so far, in parallel.

    Args:
        f: `(a, b) -> c` on stacks of slices, with `f(f(a, b), c)` equal to `f(a, f(b, c))`.
        elems: arrays that are sliced along `axis`.
        reverse: whether to start from the last slice.
        axis: of the slices.

    Returns:
        Arrays like `elems`.

    Example:
        >>> associative_scan(lambda a, b: a + b, jnp.array([1, 2, 3]))
        Array([1, 3, 6], dtype=int32)
    """
    return jax.lax.associative_scan(f, jax.tree.map(as_array, elems), reverse, axis)


@operation
def fori_loop(lower: Any, upper: Any, body_fun: Callable[[Any, Any], Any], init_val: Any) -> Any:
    """Calls a function for each number from `lower` up to, not including, `upper`.

    Args:
        lower: the first number.
        upper: the bound.
        body_fun: `(number, value) -> value` of the same structure, shapes and dtypes; it may assign variables.
        init_val: the first value.

    Returns:
        The last value.

    Example:
        >>> fori_loop(0, 4, lambda i, total: total + i, jnp.array(0))
        Array(6, dtype=int32, weak_type=True)
    """
    if current_frame() is None:
        return _stepwise(jax.lax.fori_loop, lower, upper, init_val)(lower, upper, body_fun, init_val)
    lifted, carry = lift(body_fun)

    def body(number: Any, both: Any) -> Any:
        return lifted(both[1], number, both[0])

    value, carry = jax.lax.fori_loop(lower, upper, body, (init_val, carry))
    restore(carry)
    return value


@operation
def while_loop(
    cond: Callable[..., Any], body: Callable[..., Any], loop_vars: Any, maximum_iterations: int | None = None
) -> Any:
    """Calls a function for as long as a condition holds.

    Args:
        cond: of the values; returns a scalar bool.
        body: of the values; returns new ones of the same structure, shapes and dtypes. It may assign variables.
        loop_vars: the first values: a tuple or list, or a single one.
        maximum_iterations: how often to call `body` at most.

    Returns:
        The last values: a tuple, or a single one.

    Example:
        >>> while_loop(lambda n: n < 100, lambda n: 2 * n, jnp.array(3))
        Array(192, dtype=int32, weak_type=True)
    """
    several = isinstance(loop_vars, tuple | list)
    values = jax.tree.map(as_array, tuple(loop_vars) if several else (loop_vars,))
    traced = current_frame() is not None
    lifted_cond, carry = lift(cond) if traced else (lambda carry, *values: (cond(*values), carry), {})
    lifted_body, _ = lift(body) if traced else (lambda carry, *values: (body(*values), carry), {})

    def holds(state: Any) -> Any:
        count, values, carry = state
        found = lifted_cond(carry, *values)[0]
        return found if maximum_iterations is None else jnp.logical_and(found, count < maximum_iterations)

    def turn(state: Any) -> Any:
        count, values, carry = state
        found, carry = lifted_body(carry, *values)
        return count + 1, tuple(found) if several else (found,), carry

    run = jax.lax.while_loop if traced else _stepwise(jax.lax.while_loop, values)
    _, values, carry = run(holds, turn, (jnp.zeros((), "int32"), values, carry))
    restore(carry)
    return values if several else values[0]


def checkpoint(f: Callable[..., Any]) -> Callable[..., Any]:
    """`f`, computed again in the backward pass instead of being remembered.

    Args:
        f: a function of arrays; it may assign variables.

    Returns:
        A function that gives the same.

    Example:
        >>> float(jax.grad(checkpoint(lambda x: x**2))(3.0))
        6.0
    """

    def wrapper(*args: Any) -> Any:
        if current_frame() is None:
            return jax.checkpoint(f)(*args) if _is_traced(args) else f(*args)
        lifted, carry = lift(f)
        output, carry = jax.checkpoint(lifted)(carry, *args)
        restore(carry)
        return output

    return wrapper


def custom_gradient(f: Callable[..., Any]) -> Callable[..., Any]:
    """A function whose gradient it says itself.

    Args:
        f: returns its output, and a function from the gradient of the output to those of the arguments.

    Returns:
        A function of the same arguments that returns the output.

    Example:
        >>> @custom_gradient
        ... def straight_through(x):
        ...     return jnp.round(x), lambda upstream: upstream
        >>> float(straight_through(1.7)), float(jax.grad(straight_through)(1.7))
        (2.0, 1.0)
    """
    derived = jax.custom_gradient(f)

    @functools.wraps(f)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        args, kwargs = jax.tree.map(lambda leaf: leaf.value if isinstance(leaf, Variable) else leaf, (args, kwargs))
        return derived(*args, **kwargs)

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
