"""Activations give Keras's values, slopes, dtypes and records, alone and as layers."""

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lamina import activations, layers

keras = pytest.importorskip("keras")
# NumPy has things to say about Keras's variables.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

# The kinks of all functions are among these, and numbers whose exponentials overflow.
POINTS = [-1e30, -1e4, -100, -30, -6, -3, -1.5, -1, -0.5, -1e-3, -1e-30, -0.0]
POINTS = [*POINTS, *(-x for x in reversed(POINTS))]
X = np.array([POINTS, POINTS[::-1]], "float32")
SMALL = X[:, 4:-4]  # for functions of whole rows, where a huge entry leaves nothing to compare
ROWS = [
    ("celu", {}),
    ("celu", {"alpha": 0.3}),
    ("elu", {}),
    ("elu", {"alpha": 0.3}),
    ("exponential", {}),
    ("gelu", {}),
    ("gelu", {"approximate": True}),
    ("glu", {}),
    ("glu", {"axis": 0}),
    ("hard_shrink", {}),
    ("hard_shrink", {"threshold": 1.0}),
    ("hard_sigmoid", {}),
    ("hard_silu", {}),
    ("hard_swish", {}),
    ("hard_tanh", {}),
    ("leaky_relu", {}),
    ("leaky_relu", {"negative_slope": 0.3}),
    ("linear", {}),
    ("log_sigmoid", {}),
    ("log_softmax", {}),
    ("log_softmax", {"axis": 0}),
    ("mish", {}),
    ("relu", {}),
    ("relu", {"negative_slope": 0.1}),
    ("relu", {"max_value": 3.0}),
    ("relu", {"max_value": 6.0}),
    ("relu", {"threshold": 1.0}),
    ("relu", {"max_value": 6.0, "threshold": 1.0}),
    ("relu", {"negative_slope": 0.2, "max_value": 6.0}),
    ("relu", {"negative_slope": 0.2, "max_value": 3.0, "threshold": 1.0}),
    ("relu6", {}),
    ("selu", {}),
    ("sigmoid", {}),
    ("silu", {}),
    ("soft_shrink", {}),
    ("soft_shrink", {"threshold": 1.0}),
    ("softmax", {}),
    ("softmax", {"axis": 0}),
    ("softmax", {"axis": (0, 1)}),
    ("softplus", {}),
    ("softsign", {}),
    ("sparse_plus", {}),
    ("sparse_sigmoid", {}),
    ("sparsemax", {}),
    ("sparsemax", {"axis": 0}),
    ("squareplus", {}),
    ("squareplus", {"b": 1.0}),
    ("swish", {}),
    ("tanh", {}),
    ("tanh_shrink", {}),
    ("threshold", {"threshold": 1.0, "default_value": -2.0}),
]
NAMES = sorted({name for name, _ in ROWS})
OF_ROWS = ("glu", "log_softmax", "softmax", "sparsemax")
IDS = [f"{name}-{'-'.join(map(str, arguments.values()))}" for name, arguments in ROWS]


def test_the_table_is_complete():
    theirs = {name for name in dir(keras.activations) if not name.startswith("_")}
    assert theirs - {"get", "serialize", "deserialize"} == set(NAMES)


@pytest.mark.parametrize(
    ("name", "arguments", "dtype"),
    [*((*row, "float32") for row in ROWS), *((name, {}, "bfloat16") for name in NAMES if name != "threshold")],
    ids=[*IDS, *(f"{name}-bfloat16" for name in NAMES if name != "threshold")],
)
def test_values_and_slopes(name, arguments, dtype):
    mine, theirs = getattr(activations, name), getattr(keras.activations, name)
    x = jnp.asarray(SMALL if name in OF_ROWS or dtype != "float32" else X, dtype)

    def value_and_slope(f):
        # The square weighs the entries differently, or the gradients of softmax would cancel.
        output, pull = jax.vjp(lambda x: f(x, **arguments), x)
        return output, pull(1 + jnp.where(jnp.isfinite(output), output, 0))[0]

    for got, expected in zip(value_and_slope(mine), value_and_slope(theirs), strict=True):
        assert got.dtype == expected.dtype
        np.testing.assert_allclose(np.float32(got), np.float32(expected), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_names_and_records(name):
    mine, theirs = activations.get(name), keras.activations.get(name)
    assert activations.serialize(mine) == keras.activations.serialize(theirs)
    assert activations.deserialize(keras.activations.serialize(theirs)) is mine
    assert activations.get(keras.saving.serialize_keras_object(theirs)) is mine
    assert keras.saving.deserialize_keras_object(layers.serialize(layers.Activation(name))).activation is theirs


@pytest.mark.parametrize("name", ["tanh", "exponential", "softplus", "elu", "gelu", "softmax"])
def test_integers_are_taken_as_keras_takes_them(name):
    x = np.array([[-2, 0, 3]])
    try:
        expected = getattr(keras.activations, name)(x)
    except TypeError:
        return  # Keras refuses them
    got = getattr(activations, name)(x)
    assert got.dtype == expected.dtype
    np.testing.assert_allclose(got, expected, rtol=1e-6)


LAYERS = [
    ("Activation", {"activation": "mish"}),
    ("ReLU", {}),
    ("ReLU", {"max_value": 3.0, "negative_slope": 0.1, "threshold": 0.5}),
    ("ReLU", {"max_value": 6}),
    ("LeakyReLU", {}),
    ("LeakyReLU", {"negative_slope": 0.1}),
    ("ELU", {}),
    ("ELU", {"alpha": 0.5}),
    ("PReLU", {}),
    ("PReLU", {"alpha_initializer": "ones", "alpha_regularizer": "l2", "alpha_constraint": "non_neg"}),
    ("PReLU", {"alpha_initializer": {"class_name": "Constant", "config": {"value": 0.2}}, "shared_axes": [1]}),
    ("Softmax", {}),
    ("Softmax", {"axis": 1}),
    ("Softmax", {"axis": [1, 2]}),
]


@pytest.mark.parametrize(("name", "arguments"), LAYERS, ids=[f"{name}-{i}" for i, (name, _) in enumerate(LAYERS)])
def test_layers(name, arguments):
    mine = getattr(layers, name)(name="it", **arguments)
    theirs = getattr(keras.layers, name)(name="it", **arguments)
    x = jnp.asarray(np.random.default_rng(1).normal(size=(3, 4, 2)) * 3, "float32")
    theirs.build(x.shape)
    mine.build(x.shape)
    assert [(w.name, tuple(w.shape)) for w in mine.weights] == [(w.name, tuple(w.shape)) for w in theirs.weights]
    for got, expected in ((mine(x), theirs(x)), *zip(mine.get_weights(), theirs.get_weights(), strict=True)):
        assert got.dtype == expected.dtype
        np.testing.assert_allclose(got, expected, rtol=1e-6, atol=1e-6)
    slopes = [jax.grad(lambda x, f=f: jnp.sum(f(x) ** 2))(x) for f in (mine, theirs)]
    np.testing.assert_allclose(*slopes, rtol=1e-6, atol=1e-6)
    one, two = (json.loads(json.dumps(layer.get_config())) for layer in (mine, theirs))
    assert {key: value for key, value in one.items() if key != "dtype"} == {
        key: value for key, value in two.items() if key != "dtype"
    }
    assert type(mine).from_config(two).get_config() == mine.get_config()


@pytest.mark.parametrize("mask", [np.array([[1, 1, 0, 1]], bool), np.array([[0, 0, 0, 0]], bool)])
@pytest.mark.parametrize("axis", [-1, (0, 1), 0])
def test_masked_softmax(mask, axis):
    x = np.random.default_rng(1).normal(size=(3, 4)).astype("float32")
    got = layers.Softmax(axis=axis)(x, mask=jnp.asarray(mask))
    expected = keras.layers.Softmax(axis=axis)(jnp.asarray(x), mask=jnp.asarray(mask))
    np.testing.assert_allclose(got, expected, atol=1e-6)
