"""Masks: which entries of a tensor count, carried beside it from layer to layer.

A mask belongs to one tensor object, real, traced or symbolic. It is kept in a table beside the
tensors, because traced arrays take no attributes; an entry goes when its tensor goes.
"""

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import jax


class _Entry(NamedTuple):
    tensor: weakref.ref[Any]
    mask: Any


_masks: dict[int, _Entry] = {}


def mask_of(tensor: Any) -> Any:
    """The mask that belongs to a tensor, or `None`.

    Example:
        >>> import jax.numpy as jnp
        >>> tensor = jnp.ones(2)
        >>> set_mask(tensor, jnp.array([True, False]))
        >>> mask_of(tensor)
        Array([ True, False], dtype=bool)
    """
    entry = _masks.get(id(tensor))
    return None if entry is None or entry.tensor() is not tensor else entry.mask


def set_mask(tensor: Any, mask: Any) -> None:
    """Gives a tensor its mask, or takes it away.

    Args:
        tensor: any tensor object.
        mask: bool, true where entries count; its axes are the first ones of the tensor's. `None` for no mask.
    """
    key = id(tensor)
    if mask is None:
        _masks.pop(key, None)
        return

    # Bound here, since tensors may outlive this module's names when Python ends.
    def forget(gone: weakref.ref[Any], masks: dict[int, _Entry] = _masks) -> None:
        entry = masks.get(key)
        if entry is not None and entry.tensor is gone:
            del masks[key]

    _masks[key] = _Entry(weakref.ref(tensor, forget), mask)


def masks_of(structure: Any) -> Any:
    """The masks of all tensors in a structure, in the same structure; `None` if there are none."""
    if not _masks:
        return None
    found = jax.tree.map(mask_of, structure)
    return found if jax.tree.leaves(found) else None


def set_masks(structure: Any, masks: Any) -> None:
    """Gives the tensors of a structure their masks, unless they have some.

    Args:
        structure: of tensors.
        masks: one for each tensor in the same order, nested or flat; `None` where there is none.
    """
    if masks is None:
        return
    tensors = jax.tree.leaves(structure)
    flat = jax.tree.leaves(masks, is_leaf=lambda mask: mask is None)
    for tensor, mask in zip(tensors, flat, strict=False):
        if mask is not None and mask_of(tensor) is None:
            set_mask(tensor, mask)


@contextmanager
def masked(structure: Any, masks: Any) -> Iterator[None]:
    """Gives the tensors of a structure other masks for as long as the block runs."""
    if masks is None:
        yield
        return
    tensors = jax.tree.leaves(structure)
    before = [mask_of(tensor) for tensor in tensors]
    try:
        for tensor, mask in zip(tensors, jax.tree.leaves(masks, is_leaf=lambda mask: mask is None), strict=False):
            set_mask(tensor, mask)
        yield
    finally:
        for tensor, mask in zip(tensors, before, strict=True):
            set_mask(tensor, mask)
