import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lamina
from lamina import layers


@pytest.mark.parametrize(
    ("mode", "inputs", "expected"),
    [
        ("multi_hot", [[0, 2], [1, 1]], [[1, 0, 1], [0, 1, 0]]),
        ("count", [[0, 2], [1, 1]], [[1, 0, 1], [0, 2, 0]]),
        ("one_hot", [[0, 2]], [[[1, 0, 0], [0, 0, 1]]]),
        ("one_hot", [[0], [2]], [[1, 0, 0], [0, 0, 1]]),
        ("one_hot", [0, 2], [[1, 0, 0], [0, 0, 1]]),
        ("multi_hot", [0, 2], [1, 0, 1]),
        ("count", 2, [0, 0, 1]),
        ("binary", [[1, 1]], [[0, 1, 0]]),
        ("count", np.zeros((0, 2), int), np.zeros((0, 3))),
        ("multi_hot", [[[0], [1]], [[2], [2]]], [[[1, 1, 0]], [[0, 0, 1]]]),
    ],
)
def test_categories(mode, inputs, expected):
    layer = layers.CategoryEncoding(3, output_mode=mode)
    for x in (np.array(inputs), jnp.array(inputs), np.array(inputs, "float32"), np.array(inputs, "uint8")):
        found = layer(x)
        assert found.dtype == jnp.float32
        np.testing.assert_array_equal(found, expected)
        np.testing.assert_array_equal(jax.jit(layer)(x), expected)


def test_counts_may_have_weights():
    layer = layers.CategoryEncoding(3, output_mode="count")
    x, weights = np.array([[0, 2, 0]]), np.array([[0.5, 2.0, 0.25]])
    np.testing.assert_array_equal(layer(x, count_weights=weights), [[0.75, 0, 2]])
    with pytest.raises(ValueError, match="count_weights only with output_mode='count'"):
        layers.CategoryEncoding(3)(x, count_weights=weights)


@pytest.mark.parametrize("wrong", [3, -1])
def test_categories_outside_are_found_where_values_are_known(wrong):
    layer = layers.CategoryEncoding(3)
    with pytest.raises(ValueError, match=rf"integers from 0 to 2, but got {wrong}"):
        layer(np.array([[0, wrong]]))
    np.testing.assert_array_equal(jax.jit(layer)(np.array([[0, wrong]])), [[1, 0, 0]])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "(?s)needs num_tokens.*IntegerLookup"),
        ({"num_tokens": 0}, "num_tokens must be a positive integer"),
        ({"num_tokens": 3, "output_mode": "int"}, "output_mode must be one of"),
        ({"num_tokens": 3, "sparse": True}, "sparse=True is not supported"),
    ],
)
def test_bad_arguments_for_categories(arguments, message):
    with pytest.raises(ValueError, match=message):
        layers.CategoryEncoding(**arguments)


def test_bins_and_their_edges():
    layer = layers.Discretization([0, 1, 2])
    for x in (np.array([-0.1, 0.0, 0.9, 1.0, 2.0, 9.0]), jnp.array([-0.1, 0.0, 0.9, 1.0, 2.0, 9.0])):
        assert layer(x).tolist() == [0, 1, 1, 2, 3, 3]
    assert layer(np.array([[-1], [1]])).tolist() == [[0], [2]]
    assert jnp.isfinite(layer(np.array([np.nan, np.inf, -np.inf]))).all()


def test_adapt_takes_batches_steps_and_forgets_what_was_before():
    whole, parts = layers.Discretization(num_bins=3), layers.Discretization(num_bins=3)
    whole.adapt(np.arange(30.0))
    parts.adapt([np.arange(15.0), np.arange(15.0, 30.0), np.full(99, 7.0)], steps=2)
    assert whole.bin_boundaries == parts.bin_boundaries
    assert len(whole.bin_boundaries) == 2
    whole.adapt(np.ones(4))
    assert whole.bin_boundaries == [1.0, 1.0]


def test_what_was_learnt_is_in_the_config_and_in_programs():
    model = lamina.Sequential([lamina.Input((1,)), layers.Discretization(num_bins=2, output_mode="one_hot")])
    twin = lamina.Sequential([lamina.Input((1,)), layers.Discretization(num_bins=2, output_mode="one_hot")])
    model.layers[0].adapt(np.array([0.0, 1.0, 2.0, 3.0]))
    twin.layers[0].adapt(np.array([10.0, 11.0, 12.0, 13.0]))
    x = np.array([[5.0]], "float32")
    assert model.predict(x, verbose=0).tolist() == [[0, 1]]
    assert twin.predict(x, verbose=0).tolist() == [[1, 0]]
    config = model.layers[0].get_config()
    assert layers.Discretization.from_config(config).get_config() == config


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: layers.Discretization(), ValueError, "either bin_boundaries or num_bins"),
        (lambda: layers.Discretization([1.0], num_bins=2), ValueError, "either bin_boundaries or num_bins"),
        (lambda: layers.Discretization([2.0, 1.0]), ValueError, "ascending numbers"),
        (lambda: layers.Discretization(["a"]), ValueError, "ascending numbers"),
        (lambda: layers.Discretization(num_bins=-1), ValueError, "num_bins"),
        (lambda: layers.Discretization(num_bins=2, epsilon=0), ValueError, "epsilon must be between 0 and 1"),
        (lambda: layers.Discretization([1.0], output_mode="tf_idf"), ValueError, "output_mode must be one of"),
        (lambda: layers.Discretization([1.0]).adapt([1.0]), ValueError, "(?s)so it cannot adapt.*num_bins"),
        (lambda: layers.Discretization(num_bins=2).adapt([]), ValueError, "empty data set"),
        (lambda: layers.Discretization(num_bins=2)(np.ones(2)), RuntimeError, r"(?s)no boundaries yet.*adapt"),
        (lambda: layers.Discretization([1.0], sparse=True), ValueError, "sparse=True is not supported"),
    ],
)
def test_bad_input_for_bins(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_samples_without_values_have_no_counts():
    assert layers.CategoryEncoding(3, output_mode="count")(np.zeros((2, 0), "int32")).tolist() == [[0, 0, 0]] * 2
    assert layers.CategoryEncoding(3)([]).tolist() == [0, 0, 0]
