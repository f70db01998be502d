"""Clipping: gradients that are too long are shortened before anything is made of them."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.errors import ArgumentError
from lamina.core.hyperparameter import is_off


def check_clipping(**ways: Any) -> None:
    """Raises if more than one way of clipping is given.

    Raises:
        ArgumentError: names those that are.
    """
    if sum(limit is not None for limit in ways.values()) > 1:
        received = ", ".join(f"{name}={limit}" for name, limit in ways.items())
        raise ArgumentError(
            f"Only one of clipnorm, clipvalue and global_clipnorm can be set. Received: {received}",
            hint="clipnorm keeps the direction of each gradient, global_clipnorm that of all together.",
        )


def clip(gradients: Sequence[jax.Array], each: Any, entries: Any, together: Any) -> list[jax.Array]:
    """Gradients that respect one limit.

    Args:
        gradients: one array per variable.
        each: the largest norm of each of them, if there is one.
        entries: the largest absolute entry, if there is one.
        together: the largest norm of all together, if there is one; one gradient that is not finite spoils all.

    Example:
        >>> clip([jnp.array([3.0, 4.0])], 1.0, None, None)
        [Array([0.6, 0.8], dtype=float32)]
    """
    if not is_off(each):
        return [_shorten(gradient, norm([gradient]), each) for gradient in gradients]
    if not is_off(together):
        total = norm(gradients)
        total = jnp.where(jnp.isfinite(total), total, jnp.nan)
        return [_shorten(gradient, total, together) for gradient in gradients]
    if not is_off(entries):
        return [jnp.clip(gradient, -entries, entries) for gradient in gradients]
    return list(gradients)


def norm(arrays: Sequence[jax.Array]) -> jax.Array:
    """The Euclidean norm of all entries of some arrays."""
    return jnp.sqrt(sum(jnp.sum(jnp.square(array)) for array in arrays))


def _shorten(gradient: jax.Array, length: jax.Array, limit: Any) -> jax.Array:
    return gradient * (limit / jnp.maximum(length, limit)).astype(gradient.dtype)
