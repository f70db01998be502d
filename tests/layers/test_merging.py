"""Layers that make one tensor of several."""

import json

import jax.numpy as jnp
import numpy as np
import pytest

import lamina
from lamina import layers
from lamina.core.errors import ShapeError
from lamina.core.serialization import deserialize_keras_object, serialize_keras_object

A = np.array([[1.0, -2.0], [3.0, 4.0]], "float32")
B = np.array([[5.0, 0.5], [-1.0, 4.0]], "float32")
FORMULAS = {
    "Add": A + B,
    "Subtract": A - B,
    "Multiply": A * B,
    "Average": (A + B) / 2,
    "Maximum": np.maximum(A, B),
    "Minimum": np.minimum(A, B),
    "Concatenate": np.concatenate([A, B], -1),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_formula(name):
    layer = getattr(layers, name)()
    np.testing.assert_allclose(layer([A, B]), FORMULAS[name])
    np.testing.assert_allclose(getattr(layers, name.lower())([A, B]), FORMULAS[name])


@pytest.mark.parametrize("name", FORMULAS)
def test_shape_is_known_without_data(name):
    outputs = getattr(layers, name)()([lamina.Input((2,)), lamina.Input((2,))])
    assert outputs.shape == (None, FORMULAS[name].shape[-1])


@pytest.mark.parametrize("name", FORMULAS)
def test_config_round_trip(name):
    layer = getattr(layers, name)(name="joint")
    again = deserialize_keras_object(json.loads(json.dumps(serialize_keras_object(layer))))
    assert again.get_config() == layer.get_config()
    np.testing.assert_allclose(again([A, B]), FORMULAS[name])


@pytest.mark.parametrize("name", ["Add", "Multiply", "Average", "Maximum", "Minimum", "Concatenate"])
def test_more_than_two(name):
    three = getattr(layers, name)()([A, B, A])
    assert three.shape[0] == 2
    if name == "Average":
        np.testing.assert_allclose(three, (2 * A + B) / 3, rtol=1e-6)


def test_one_broadcasts():
    np.testing.assert_allclose(layers.Add()([A, A[:, :1]]), A + A[:, :1])


def test_joining_rows_is_not_row_independent():
    assert layers.Concatenate().is_row_independent
    assert not layers.Concatenate(axis=0).is_row_independent


def test_shapes_that_do_not_fit_are_named_with_their_layers():
    one = layers.Dense(3, name="three")(lamina.Input((2,)))
    two = layers.Dense(4, name="four")(lamina.Input((2,)))
    with pytest.raises(ShapeError, match=r"(?s)Add 'sum' cannot combine 'three' \(None, 3\) and 'four' \(None, 4\)"):
        layers.Add(name="sum")([one, two])


def test_a_single_tensor_is_refused():
    with pytest.raises(ShapeError, match="called on a list"):
        layers.Add()(jnp.asarray(A))
    with pytest.raises(ShapeError, match="takes two tensors, but got 3"):
        layers.Subtract()([A, A, A])
