"""Masks on their way from layer to layer."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lamina
from lamina.core.masking import mask_of, set_mask
from lamina.layers import Dense, Layer


class NonZero(Layer):
    """Steps that are all zeros do not count."""

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        return jnp.any(inputs != 0, axis=-1)

    def call(self, inputs: Any) -> Any:
        return inputs * 1


class MaskedMean(Layer):
    """The mean of the steps that count; cannot do without a mask."""

    supports_masking = True

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        return None

    def call(self, inputs: Any, mask: Any) -> jax.Array:
        weights = mask[..., None].astype(inputs.dtype)
        return (inputs * weights).sum(1) / weights.sum(1)


class Twice(Layer):
    """Does not say what it does with masks."""

    def call(self, inputs: Any) -> Any:
        return inputs * 2


DATA = np.zeros((6, 4, 2), "float32")
DATA[:, :3] = np.arange(36).reshape(6, 3, 2) + 1


def test_masks_go_through_layers_that_support_them() -> None:
    hidden = Dense(3)(NonZero()(DATA))
    assert mask_of(hidden).tolist() == [[True, True, True, False]] * 6


def test_an_output_without_places_has_no_mask() -> None:
    assert mask_of(MaskedMean()(NonZero()(DATA))) is None


@pytest.mark.parametrize("kind", ["sequential", "functional"])
def test_models_hand_masks_in(kind: str) -> None:
    if kind == "sequential":
        model = lamina.Sequential([lamina.Input((4, 2)), NonZero(), MaskedMean()])
    else:
        inputs = lamina.Input((4, 2))
        model = lamina.Model(inputs, MaskedMean()(NonZero()(inputs)))
    np.testing.assert_allclose(model(DATA), DATA[:, :3].mean(1), rtol=1e-6)
    np.testing.assert_allclose(model.predict(DATA, verbose=0), DATA[:, :3].mean(1), rtol=1e-6)


def test_symbolic_tensors_have_symbolic_masks() -> None:
    hidden = Dense(3)(NonZero()(lamina.Input((4, 2))))
    assert mask_of(hidden).shape == (None, 4)
    assert mask_of(hidden).dtype == "bool"


def test_a_compiled_call_returns_the_mask() -> None:
    inputs = lamina.Input((4, 2))
    model = lamina.Model(inputs, NonZero()(inputs))
    assert mask_of(model(DATA)).tolist() == [[True, True, True, False]] * 6


def test_a_mask_given_by_the_caller_counts() -> None:
    mask = jnp.array([[True, False, False, False]] * 6)
    np.testing.assert_allclose(MaskedMean()(DATA, mask=mask), DATA[:, 0], rtol=1e-6)
    inputs = lamina.Input((4, 2))
    model = lamina.Model(inputs, MaskedMean()(NonZero()(inputs)))
    np.testing.assert_allclose(model(DATA, mask=mask), DATA[:, :3].mean(1), rtol=1e-6)  # NonZero makes one of its own


def test_masks_of_several_arguments() -> None:
    class Two(Layer):
        def call(self, query: Any, value: Any, query_mask: Any = None, value_mask: Any = None) -> Any:
            seen.append((query_mask is not None, value_mask is not None))
            return query

    seen: list[tuple[bool, bool]] = []
    value = jnp.ones((2, 3))
    set_mask(value, jnp.ones((2, 3), bool))
    Two()(jnp.ones((2, 3)), value)
    assert seen[-1] == (False, True)


def test_a_layer_that_does_not_support_masks_ends_them_with_a_warning() -> None:
    with pytest.warns(UserWarning, match="Twice 'plain' does not support masks"):
        outputs = Twice(name="plain")(NonZero()(DATA))
    assert mask_of(outputs) is None


def test_casting_keeps_masks() -> None:
    hidden = Dense(3, dtype="bfloat16")(NonZero()(DATA))
    assert mask_of(hidden) is not None
