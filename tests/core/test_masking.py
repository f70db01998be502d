"""Masks beside tensors."""

import gc

import jax
import jax.numpy as jnp
import numpy as np

from lamina.core import masking
from lamina.core.masking import mask_of, masked, masks_of, set_mask, set_masks


def test_a_mask_belongs_to_one_object() -> None:
    tensor = jnp.ones(3)
    set_mask(tensor, "its mask")
    assert mask_of(tensor) == "its mask"
    assert mask_of(jnp.ones(3)) is None
    set_mask(tensor, None)
    assert mask_of(tensor) is None


def test_traced_tensors_have_masks_too() -> None:
    def function(x: jax.Array) -> jax.Array:
        y = x * 2
        set_mask(y, x > 0)
        return jnp.where(mask_of(y), y, 0.0)

    assert jax.jit(function)(jnp.array([-1.0, 3.0])).tolist() == [0.0, 6.0]


def test_a_mask_goes_with_its_tensor() -> None:
    before = len(masking._masks)
    tensor = jnp.ones(3)
    set_mask(tensor, jnp.ones(3, bool))
    assert len(masking._masks) == before + 1
    del tensor
    gc.collect()
    assert len(masking._masks) == before


def test_masks_of_a_structure() -> None:
    a, b = jnp.ones(2), jnp.ones(2)
    assert masks_of([a, {"b": b}]) is None
    set_mask(b, "mask")
    assert masks_of([a, {"b": b}]) == [None, {"b": "mask"}]


def test_masks_that_are_there_stay() -> None:
    a, b = jnp.ones(2), jnp.ones(2)
    set_mask(a, "first")
    set_masks([a, b], ["second", "third"])
    assert (mask_of(a), mask_of(b)) == ("first", "third")


def test_masks_for_a_while() -> None:
    a = np.ones(2)
    set_mask(a, "before")
    with masked([a], ["inside"]):
        assert mask_of(a) == "inside"
    assert mask_of(a) == "before"
