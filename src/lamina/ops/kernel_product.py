"""The product of inputs and a kernel, with a gradient that takes small networks less time on CPU."""

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
        # One unit's gradient is a sum over rows; members of a population take it in the same order as a network alone.
        return jnp.sum(inputs * change.T, axis=1, keepdims=True)
    # The barrier keeps XLA from multiplying without transposing again.
    columns = jax.lax.optimization_barrier(inputs.T)
    return jax.lax.dot_general(columns, change, (((0,), (0,)), ((), ())))


def _is_small(inputs: jax.Array, kernel: jax.Array) -> bool:
    sizes = (*inputs.shape, kernel.shape[-1])
    # Sizes may be symbols; and halves of 32 bits would be summed with their own precision.
    if len(sizes) != 3 or not all(isinstance(size, int) for size in sizes) or inputs.dtype.itemsize < 4:
        return False
    return jax.default_backend() == "cpu" and sizes[0] * sizes[1] * sizes[2] <= _SMALL
