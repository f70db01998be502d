"""What a dense layer computes, with gradients that are quick for small networks on CPU and the same in all programs."""

from typing import Any

import jax
import jax.numpy as jnp

# Multiplications of a product up to which gradients are written in another way: beyond, XLA's own are as quick.
_SMALL = 1 << 19


def affine(inputs: Any, kernel: Any, bias: Any = None) -> jax.Array:
    """`inputs @ kernel + bias`, for inputs `(..., features)`, a kernel `(features, units)` and a bias `(units,)`.

    The gradient of a kernel is `inputs.T @ gradient`. XLA multiplies on CPU without transposing first, for which small
    matrices take up to twice as long as for a product of matrices that lie as they are multiplied. So small inputs are
    transposed first.

    The gradient of a bias is a sum over rows. XLA adds them in an order that depends on what else a program does, so
    members of a population would differ in the last bit from the networks alone. For small inputs it is one more row
    of the product: that of ones, below the transposed inputs. For others it is added by halves.

    Example:
        >>> affine(jnp.ones((1, 2)), jnp.full((2, 3), 0.5), jnp.ones(3))
        Array([[2., 2., 2.]], dtype=float32)
    """
    dtype = jnp.result_type(*(part for part in (inputs, kernel, bias) if part is not None))
    return _affine(inputs.astype(dtype), kernel.astype(dtype), None if bias is None else bias.astype(dtype))


@jax.custom_jvp
def _affine(inputs: jax.Array, kernel: jax.Array, bias: jax.Array | None) -> jax.Array:
    outputs = jnp.matmul(inputs, kernel)
    return outputs if bias is None else outputs + bias


@_affine.defjvp
def _change_of_affine(values: tuple[Any, ...], changes: tuple[Any, ...]) -> tuple[jax.Array, jax.Array]:
    (inputs, kernel, _), (of_inputs, *of_weights) = values, changes
    by_weights = _change_by_weights if _is_small(inputs, kernel) else _change_by_large_weights
    return _affine(*values), jnp.matmul(of_inputs, kernel) + by_weights(inputs, *of_weights)


def _change_by_weights(inputs: jax.Array, of_kernel: jax.Array, of_bias: jax.Array | None) -> jax.Array:
    """`inputs @ of_kernel + of_bias`, in the form whose transposition, which makes gradients, is one quick product."""
    columns, changes = inputs.T, of_kernel
    if of_bias is not None:
        columns = jnp.concatenate([columns, jnp.ones((1, len(inputs)), inputs.dtype)])
        changes = jnp.concatenate([changes, of_bias[None]])
    # The barrier keeps XLA from multiplying without transposing again.
    return jax.lax.dot_general(jax.lax.optimization_barrier(columns), changes, (((0,), (0,)), ((), ())))


def _change_by_large_weights(inputs: jax.Array, of_kernel: jax.Array, of_bias: jax.Array | None) -> jax.Array:
    outputs = jnp.matmul(inputs, of_kernel)
    if of_bias is None:
        return outputs
    if outputs.ndim == 2 and _is_known(outputs):
        of_bias = _in_each_row(of_bias, len(outputs))
    return outputs + of_bias


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
