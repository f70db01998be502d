"""What a dense layer computes, with gradients that are quick for small networks on CPU and the same in all programs."""

from typing import Any

import jax
import jax.numpy as jnp

# Multiplications of a product up to which the gradient is written in another way: beyond, XLA's own is as quick.
_SMALL = 1 << 19


def kernel_product(inputs: Any, kernel: Any) -> jax.Array:
    """`inputs @ kernel`, for inputs `(..., features)` and a kernel `(features, units)`.

    The gradient of a kernel is `inputs.T @ gradient`. XLA multiplies on CPU without transposing first, for which small
    matrices take up to twice as long as for a product of matrices that lie as they are multiplied. So small inputs are
    transposed first.

    Example:
        >>> kernel_product(jnp.ones((1, 2)), jnp.full((2, 3), 0.5))
        Array([[1., 1., 1.]], dtype=float32)
    """
    dtype = jnp.result_type(inputs, kernel)
    return _product(inputs.astype(dtype), kernel.astype(dtype))


@jax.custom_jvp
def _product(inputs: jax.Array, kernel: jax.Array) -> jax.Array:
    return jnp.matmul(inputs, kernel)


@_product.defjvp
def _change_of_product(values: tuple[jax.Array, jax.Array], changes: tuple[Any, Any]) -> tuple[jax.Array, jax.Array]:
    (inputs, kernel), (of_inputs, of_kernel) = values, changes
    by_kernel = _times_change if _is_small(inputs, kernel) else jnp.matmul
    return _product(inputs, kernel), jnp.matmul(of_inputs, kernel) + by_kernel(inputs, of_kernel)


def _times_change(inputs: jax.Array, change: jax.Array) -> jax.Array:
    """`inputs @ change`, in the form whose transposition, from gradients of outputs to that of a kernel, is quick."""
    if change.shape[1] == 1:
        return jnp.sum(inputs * _in_each_row(change[:, 0], len(inputs)), axis=1, keepdims=True)
    # The barrier keeps XLA from multiplying without transposing again.
    columns = jax.lax.optimization_barrier(inputs.T)
    return jax.lax.dot_general(columns, change, (((0,), (0,)), ((), ())))


@jax.custom_jvp
def add_bias(outputs: Any, bias: Any) -> jax.Array:
    """`outputs + bias`, for outputs `(..., units)` and a bias `(units,)`.

    The gradient of a bias is a sum over rows. XLA adds them in an order that depends on what else a program does, so
    members of a population would differ in the last bit from the networks alone; here the order is always the same.

    Example:
        >>> add_bias(jnp.ones((1, 2)), jnp.array([0.5, 1.0]))
        Array([[1.5, 2. ]], dtype=float32)
    """
    return outputs + bias


@add_bias.defjvp
def _change_of_sum(values: tuple[Any, Any], changes: tuple[Any, Any]) -> tuple[jax.Array, jax.Array]:
    total, (of_outputs, of_bias) = add_bias(*values), changes
    if _is_known(total) and total.ndim == 2:
        of_bias = _in_each_row(of_bias, len(total))
    return total, of_outputs + of_bias


def _in_each_row(change: jax.Array, rows: int) -> jax.Array:
    """A row so many times, doubled until there are enough: its transposition adds rows by halves."""
    found = change[None]
    while len(found) < rows:
        found = jnp.concatenate([found, found])
    return found[:rows]


def _is_small(inputs: jax.Array, kernel: jax.Array) -> bool:
    if inputs.ndim != 2 or not _is_known(inputs, kernel):
        return False
    return inputs.shape[0] * inputs.shape[1] * kernel.shape[1] <= _SMALL


def _is_known(*arrays: jax.Array) -> bool:
    """Whether arrays are on CPU, of numbers that XLA need not widen to add them, and no size of theirs is a symbol."""
    sizes = [size for array in arrays for size in array.shape]
    wide = all(array.dtype.itemsize >= 4 for array in arrays)
    return wide and jax.default_backend() == "cpu" and all(isinstance(size, int) for size in sizes)
