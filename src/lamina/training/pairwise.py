"""Steps whose sums are added in one order.

XLA adds the numbers of a sum on CPU in any order, and which one depends on the shapes of the whole program. So a
network that is trained together with others would differ in the last bits from the network alone. In steps that are
run here, sums along the last axes, such as those of losses, metrics, penalties and softmax, are pairwise: the second
half of the numbers is added to the first until one is left. These are additions of arrays, which nobody reorders.

Reference:
    Higham, 1993, "The accuracy of floating point summation", section 2: pairwise summation.
"""

import math
from collections.abc import Callable
from typing import Any, TypeVar

import jax
import jax.numpy as jnp

from lamina.core.engine import runs_eagerly
from lamina.core.equations import CALLS, bind, called, evaluate

F = TypeVar("F", bound=Callable[..., Any])

# Numbers of a sum up to which it is pairwise: halves of larger arrays take memory, for networks that nobody stacks.
_LIMIT = 1 << 20


def with_pairwise_sums(step: F) -> F:
    """A step that computes the same, with sums in one order.

    Loops and branches within it stay as they are, and so does a step that is spread over devices.

    Args:
        step: a pure function of arrays.

    Example:
        >>> float(with_pairwise_sums(jnp.sum)(jnp.array([1.0, 2.0, 4.0])))
        7.0
    """
    if jax.default_backend() != "cpu" or runs_eagerly():
        return step

    def run(*args: Any) -> Any:
        traced, results = jax.make_jaxpr(step, return_shape=True)(*args)
        if _is_spread(traced.jaxpr):
            return step(*args)
        found = evaluate(traced.jaxpr, traced.consts, jax.tree.leaves(args), _run)
        return jax.tree.unflatten(jax.tree.structure(results), found)

    return run  # type: ignore[return-value]


def _is_spread(jaxpr: Any) -> bool:
    """Whether a program tells devices apart, which cannot be run equation by equation."""
    names = [equation.primitive.name for equation in jaxpr.eqns]
    inner = [called(equation)[0] for equation, name in zip(jaxpr.eqns, names, strict=True) if name in CALLS]
    return "shard_map" in names or any(map(_is_spread, inner))


def _run(equation: Any, operands: list[Any]) -> list[Any]:
    name = equation.primitive.name
    if name in CALLS:
        return evaluate(*called(equation), operands, _run)
    if name == "reduce_sum" and _is_pairwise(operands[0], equation.params["axes"]):
        return [_pairwise_sum(operands[0], equation.params["axes"])]
    return bind(equation, operands)


def _is_pairwise(array: jax.Array, axes: tuple[int, ...]) -> bool:
    """Whether a sum is over the last axes, and its order matters; axes of one entry are not looked at."""
    if not jnp.issubdtype(array.dtype, jnp.floating) or array.dtype.itemsize < 4:
        return False
    if not all(isinstance(size, int) for size in array.shape) or not 1 < array.size <= _LIMIT:
        return False
    long = [axis for axis, size in enumerate(array.shape) if size > 1]
    summed = [axis for axis in long if axis in axes]
    return bool(summed) and long[-len(summed) :] == summed


def _pairwise_sum(array: jax.Array, axes: tuple[int, ...]) -> jax.Array:
    """The sum over the last axes."""
    kept = [size for axis, size in enumerate(array.shape) if axis not in axes]
    rows = math.prod(kept)
    numbers = jnp.reshape(array, (rows, array.size // rows))
    count = numbers.shape[1]
    numbers = jnp.pad(numbers, ((0, 0), (0, _next_power_of_two(count) - count)))
    while numbers.shape[1] > 1:
        first, second = jnp.split(numbers, 2, axis=1)
        numbers = first + second
    return jnp.reshape(numbers, kept)


def _next_power_of_two(count: int) -> int:
    return 1 << (count - 1).bit_length()
