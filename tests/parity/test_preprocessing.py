"""Layers that prepare data make what Keras's make: outputs, vocabularies, configs."""

import json

import numpy as np
import pytest

from lamina import layers, utils
from tests.parity.preprocessing_cases import CASES, EXPECTED, run, run_feature_space

# NumPy has things to say about Keras's variables.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
TABLE = json.loads(EXPECTED.read_text("utf-8"))


@pytest.mark.parametrize("name", CASES)
def test_a_layer_makes_what_keras_made(name):
    mine, theirs = run(layers, CASES[name]), TABLE[name]
    np.testing.assert_allclose(mine.pop("outputs"), theirs.pop("outputs"), rtol=1e-6, atol=1e-6)
    assert mine == theirs


def test_the_table_has_these_cases():
    assert set(TABLE) == {*CASES, "concat", "dict"}


@pytest.mark.parametrize("name", CASES)
def test_a_config_of_keras_makes_the_layer(name):
    config = TABLE[name]["config"]
    layer = getattr(layers, CASES[name].layer).from_config(config)
    again = json.loads(json.dumps(layers.serialize(layer)))["config"]
    again["dtype"] = config["dtype"]
    if CASES[name].adapt is None or "vocabulary_size" not in config:
        assert again == config
    else:  # what was learnt is kept in a file beside the config
        assert {**again, "vocabulary_size": 0} == {**config, "vocabulary_size": 0}


def test_a_table_of_all_kinds_of_columns():
    mine, theirs = run_feature_space(utils, "concat"), TABLE["concat"]
    for name in ("rows", "one"):
        np.testing.assert_allclose(mine[name], theirs[name], rtol=1e-6, atol=1e-6)
    mine, theirs = run_feature_space(utils, "dict"), TABLE["dict"]
    for name in ("rows", "one"):
        assert list(mine[name]) == list(theirs[name])
        for feature, values in mine[name].items():
            np.testing.assert_allclose(values, theirs[name][feature], rtol=1e-6, atol=1e-6)


X = np.random.default_rng(5).normal(size=(200, 3)).astype("float32")
INDICES = np.array([[0, 2, 2], [1, 1, 3]])


@pytest.fixture(scope="module")
def keras():
    return pytest.importorskip("keras")


@pytest.mark.parametrize("mode", ["multi_hot", "one_hot", "count"])
@pytest.mark.parametrize("inputs", [INDICES, INDICES[:, :1], INDICES[0], INDICES[0, 1], INDICES[None]])
def test_categories_are_encoded_as_by_keras(keras, mode, inputs):
    mine = layers.CategoryEncoding(4, output_mode=mode, name="same")
    theirs = keras.layers.CategoryEncoding(4, output_mode=mode, name="same")
    expected = theirs(inputs)
    found = mine(np.asarray(inputs))
    np.testing.assert_array_equal(found, expected)
    assert found.dtype == expected.dtype
    assert json.dumps(layers.serialize(mine)["config"]) == json.dumps(
        keras.saving.serialize_keras_object(theirs)["config"]
    )
    if mode == "count":
        weights = np.full(inputs.shape, 0.5, "float32")
        np.testing.assert_array_equal(mine(inputs, count_weights=weights), theirs(inputs, count_weights=weights))


@pytest.mark.parametrize("dtype", ["bfloat16", "mixed_bfloat16", "float16"])
def test_dtypes_are_those_of_keras(keras, dtype):
    calls = [
        lambda module: module.CategoryEncoding(4, dtype=dtype)(INDICES),
        lambda module: module.Discretization([0.0, 0.501], dtype=dtype)(X),
        lambda module: module.Discretization([0.0, 0.501], output_mode="one_hot", dtype=dtype)(X),
        lambda module: module.Normalization(mean=1.0, variance=4.0, dtype=dtype)(X),
        lambda module: module.Rescaling(0.5, 1.0, dtype=dtype)(X),
    ]
    for call in calls:
        mine, theirs = call(layers), call(keras.layers)
        assert mine.dtype == theirs.dtype
        np.testing.assert_array_equal(np.float64(mine), np.float64(theirs))


@pytest.mark.parametrize("mode", ["int", "multi_hot", "one_hot", "count"])
@pytest.mark.parametrize(
    "arguments",
    [
        {"bin_boundaries": [-1.0, 0.0, 0.5]},
        {"num_bins": 4},
        {"num_bins": 7, "epsilon": 0.05},
        {"num_bins": 1},
        {"num_bins": 300},
    ],
    ids=str,
)
def test_numbers_fall_into_the_bins_of_keras(keras, mode, arguments):
    if "num_bins" in arguments:
        pytest.importorskip("tensorflow", reason="Keras adapts bins with TensorFlow")
    mine = layers.Discretization(**arguments, output_mode=mode, name="same")
    theirs = keras.layers.Discretization(**arguments, output_mode=mode, name="same")
    if "num_bins" in arguments:
        for layer in (mine, theirs):
            layer.adapt([X[:150], X[150:]])
    np.testing.assert_allclose(mine.bin_boundaries, theirs.bin_boundaries, rtol=1e-6, atol=1e-6)
    for inputs in (X, X[0], X[:, :1]):
        expected = theirs(inputs)
        found = mine(inputs)
        np.testing.assert_array_equal(found, expected)
        assert found.dtype == expected.dtype
    assert mine.get_config().keys() == theirs.get_config().keys()
    again = type(theirs).from_config(mine.get_config())
    np.testing.assert_array_equal(again(X), mine(X))
    np.testing.assert_array_equal(layers.Discretization.from_config(theirs.get_config())(X), theirs(X))


@pytest.mark.parametrize("invert", [False, True])
@pytest.mark.parametrize(
    ("arguments", "shape"),
    [
        ({}, (200, 3)),
        ({"axis": None}, (200, 3)),
        ({"axis": 1}, (10, 20, 3)),
        ({"axis": (1, -1)}, (10, 20, 3)),
        ({"axis": (1, 2), "mean": [1.0, 2.0, 3.0], "variance": [1.0, 4.0, 9.0]}, (10, 20, 3)),
        ({"axis": (1, 2), "mean": [1.0, 2.0], "variance": [1.0, 0.0]}, (50, 2, 2, 3)),
        ({"mean": 2.0, "variance": 3.0}, (200, 3)),
        ({"axis": None, "mean": 2.0, "variance": 3.0}, (200, 3)),
    ],
    ids=str,
)
def test_features_are_normalized_as_by_keras(keras, arguments, shape, invert):
    data = np.resize(X, shape) * 3 + 1
    mine = layers.Normalization(**arguments, invert=invert, name="same")
    theirs = keras.layers.Normalization(**arguments, invert=invert, name="same")
    for layer in (mine, theirs):
        if "mean" in arguments:
            layer.build(shape)
        else:
            layer.adapt(data)
    np.testing.assert_allclose(mine(data), theirs(data), rtol=1e-5, atol=1e-5)
    # A layer without a mean says so as None in one, and as an array of None in the other.
    assert {**mine.get_config(), "dtype": 0} == {**theirs.get_config(), "dtype": 0}


def test_vectors_are_normalized_by_one_mean_as_by_keras(keras):
    mine, theirs = layers.Normalization(axis=None), keras.layers.Normalization(axis=None)
    for layer in (mine, theirs):
        layer.adapt(X[:, 0])
    np.testing.assert_allclose(mine(X[:, 0]), theirs(X[:, 0]), rtol=1e-5, atol=1e-5)
