"""Layers compute what Keras's do, and their configs travel both ways."""

import json

import jax.numpy as jnp
import numpy as np
import pytest

import lamina
from lamina.layers import deserialize, serialize

keras = pytest.importorskip("keras")
# NumPy has things to say about Keras's variables.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

X = np.random.default_rng(2).normal(size=(6, 4, 3)).astype("float32")
LAYERS = [
    ("Activation", ["tanh"], {}),
    ("Dense", [5], {"activation": "gelu", "kernel_regularizer": "l2", "kernel_constraint": "max_norm"}),
    ("Dense", [5], {"use_bias": False, "kernel_initializer": "he_normal", "activity_regularizer": "l1"}),
    ("Dropout", [0.3], {"seed": 4}),
    ("Dropout", [0.3], {"seed": 4, "noise_shape": (6, 1, 3)}),
    ("Flatten", [], {}),
    ("Flatten", [], {"data_format": "channels_first"}),
    ("Normalization", [], {}),
    ("Normalization", [], {"axis": None}),
    ("Normalization", [], {"mean": [1.0, 2.0, 3.0], "variance": [1.0, 4.0, 9.0]}),
    ("Rescaling", [0.5], {"offset": 2.0}),
    ("Reshape", [(3, 4)], {}),
    ("Reshape", [(2, -1)], {}),
]
IDS = [f"{name}-{i}" for i, (name, _, _) in enumerate(LAYERS)]


def plain(config):
    """A config through JSON, without what lamina has no use for and Keras leaves at `None`."""
    if isinstance(config, dict):
        return {key: plain(value) for key, value in config.items() if value is not None}
    # Keras keeps some factors in 32 bits.
    return round(config, 6) if isinstance(config, float) else json.loads(json.dumps(config))


@pytest.mark.parametrize(("name", "args", "kwargs"), LAYERS, ids=IDS)
def test_a_layer_computes_what_keras_computes(name, args, kwargs):
    mine = getattr(lamina.layers, name)(*args, **kwargs)
    theirs = getattr(keras.layers, name)(*args, **kwargs)
    theirs.build(X.shape)
    mine(X)
    assert [(w.name, w.shape) for w in mine.weights] == [(w.name, tuple(w.shape)) for w in theirs.weights]
    mine.set_weights([w.astype("float32") for w in theirs.get_weights()])
    for training in (False, True):
        takes = {"training": training} if name == "Dropout" else {}
        np.testing.assert_allclose(mine(X, training=training), theirs(jnp.asarray(X), **takes), rtol=1e-5, atol=1e-6)
    assert tuple(mine.compute_output_shape((None, 4, 3))) == tuple(theirs.compute_output_shape((None, 4, 3)))
    assert [float(v) for v in mine.losses] == pytest.approx([float(v) for v in theirs.losses], rel=1e-5)
    assert mine.count_params() == theirs.count_params()


@pytest.mark.parametrize(("name", "args", "kwargs"), LAYERS, ids=IDS)
def test_configs_travel_both_ways(name, args, kwargs):
    mine = getattr(lamina.layers, name)(*args, name="same", **kwargs)
    theirs = getattr(keras.layers, name)(*args, name="same", **kwargs)
    assert plain(mine.get_config()) == plain(theirs.get_config())
    assert plain(type(mine).from_config(theirs.get_config()).get_config()) == plain(mine.get_config())
    assert plain(type(theirs).from_config(mine.get_config()).get_config()) == plain(theirs.get_config())
    for record in (serialize(mine), keras.saving.serialize_keras_object(theirs)):
        through = json.loads(json.dumps(record))
        assert type(deserialize(through)) is type(mine)
        assert type(keras.saving.deserialize_keras_object(through)) is type(theirs)


@pytest.mark.parametrize(("name", "args", "kwargs"), LAYERS[:4], ids=IDS[:4])
def test_mixed_precision_is_keras_mixed_precision(name, args, kwargs):
    mine = getattr(lamina.layers, name)(*args, dtype="mixed_bfloat16", **kwargs)
    theirs = getattr(keras.layers, name)(*args, dtype="mixed_bfloat16", **kwargs)
    theirs.build(X.shape)
    mine(X)
    mine.set_weights(theirs.get_weights())
    got, expected = mine(X), theirs(jnp.asarray(X))
    assert got.dtype == expected.dtype
    np.testing.assert_allclose(np.float32(got), np.float32(expected), rtol=1e-2, atol=1e-2)
    assert [w.dtype for w in mine.weights] == [w.dtype for w in theirs.weights]


@pytest.mark.parametrize("axis", [-1, None, (1, 2), 1])
def test_adapt_measures_what_keras_measures(axis):
    mine, theirs = lamina.layers.Normalization(axis=axis), keras.layers.Normalization(axis=axis)
    mine.adapt(X * 3 + 1)
    theirs.adapt(X * 3 + 1)
    for a, b in zip(mine.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(mine(X), theirs(jnp.asarray(X)), rtol=1e-5, atol=1e-5)


def test_input_layers_have_one_config():
    mine, theirs = lamina.layers.InputLayer(shape=(3,), name="i"), keras.layers.InputLayer(shape=(3,), name="i")
    assert mine.get_config() == theirs.get_config()


def test_a_variable_has_keras_operators():
    mine, theirs = lamina.Variable([1.0, 2.0]), keras.Variable([1.0, 2.0])
    for f in (lambda v: 5 // v, lambda v: v % 2, lambda v: v == 1, lambda v: v != 2, lambda v: 2**v, lambda v: -v):
        np.testing.assert_array_equal(f(mine), f(theirs))
