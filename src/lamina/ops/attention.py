"""Attention: means of values, weighted by how well their keys answer a query."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.errors import ArgumentError, ShapeError
from lamina.core.operation import operation
from lamina.ops.arrays import as_array

__all__ = ["dot_product_attention"]


@operation
def dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    bias: Any = None,
    mask: Any = None,
    scale: float | None = None,
    is_causal: bool = False,
    flash_attention: bool | None = None,
    attn_logits_soft_cap: float | None = None,
) -> jax.Array:
    """`softmax(query @ key * scale + bias) @ value`, for each head.

    Args:
        query: `(batch, targets, heads, features)`.
        key: `(batch, sources, heads, features)`; several heads of the query may share one.
        value: like `key`.
        bias: what is added to the products, broadcast to `(batch, heads, targets, sources)`.
        mask: true where a target may look at a source, broadcast likewise.
        scale: of the products; one over the root of the features when left out.
        is_causal: whether targets look at no later sources.
        flash_attention: whether to use cuDNN's kernel, on GPUs that have it.
        attn_logits_soft_cap: must be `None`: JAX has it on TPUs alone.

    Returns:
        `(batch, targets, heads, features)`.

    Raises:
        ShapeError: for another rank.
        ArgumentError: for a soft cap.

    Example:
        >>> ones = jnp.ones((1, 2, 1, 3))
        >>> dot_product_attention(ones, ones, ones).shape
        (1, 2, 1, 3)

    Reference:
        Vaswani et al., 2017, "Attention is all you need", equation 1.
    """
    query, key, value = as_array(query), as_array(key), as_array(value)
    if not query.ndim == key.ndim == value.ndim == 4:
        raise ShapeError(
            "dot_product_attention takes query, key and value (batch, length, heads, features), but got shapes "
            f"{query.shape}, {key.shape} and {value.shape}."
        )
    if attn_logits_soft_cap is not None:
        raise ArgumentError(f"attn_logits_soft_cap must be None. Received: {attn_logits_soft_cap=}")
    dtype = jnp.result_type(query, key, value)
    return jax.nn.dot_product_attention(
        query.astype(dtype),
        key.astype(dtype),
        value.astype(dtype),
        bias=None if bias is None else as_array(bias).astype(dtype),
        mask=None if mask is None else as_array(mask).astype(bool),
        scale=scale,
        is_causal=is_causal,
        implementation="cudnn" if flash_attention else None,
    )
