"""Freezing: what is trained is what was trainable when `compile` was called."""

import numpy as np
import pytest

import lamina
from lamina import layers
from lamina.core.errors import ArgumentError

X = np.random.default_rng(0).normal(size=(32, 4)).astype("float32")
Y = X[:, :1]


@pytest.fixture
def model():
    base = lamina.Sequential([lamina.Input((4,)), layers.Dense(3, activation="tanh"), layers.Dense(2)], name="base")
    inputs = lamina.Input((4,))
    return lamina.Model(inputs, layers.Dense(1, name="head")(base(inputs)))


def changed(model):
    """Which weights an epoch of training changes."""
    before = model.get_weights()
    model.fit(X, Y, verbose=0)
    return [not np.array_equal(one, two) for one, two in zip(before, model.get_weights(), strict=True)]


def test_a_frozen_model_inside_stays_as_it_is(model):
    model.get_layer("base").trainable = False
    assert [layer.trainable for layer in model.get_layer("base").layers] == [False, False]
    assert (len(model.trainable_weights), len(model.non_trainable_weights), len(model.weights)) == (2, 4, 6)
    model.compile("sgd", "mse")
    assert changed(model) == [False] * 4 + [True] * 2


def test_one_layer_inside_may_be_thawed(model):
    base = model.get_layer("base")
    base.trainable = False
    base.layers[1].trainable = True
    model.compile("sgd", "mse")
    assert changed(model) == [False] * 2 + [True] * 4


def test_compile_fixes_what_is_trained(model):
    model.compile("sgd", "mse")
    model.get_layer("base").trainable = False
    assert changed(model) == [True] * 6
    model.compile("sgd", "mse")
    model.trainable = True
    assert changed(model) == [False] * 4 + [True] * 2


def test_another_learning_rate_after_thawing(model):
    model.get_layer("base").trainable = False
    model.compile(lamina.optimizers.SGD(0.1), "mse")
    model.fit(X, Y, verbose=0)
    model.get_layer("base").trainable = True
    model.compile(lamina.optimizers.SGD(0.001), "mse")
    assert changed(model) == [True] * 6


def test_an_optimizer_that_does_not_know_the_thawed_weights(model):
    model.get_layer("base").trainable = False
    optimizer = lamina.optimizers.Adam(0.1)
    model.compile(optimizer, "mse")
    model.fit(X, Y, verbose=0)
    model.trainable = True
    model.compile(optimizer, "mse")
    with pytest.raises(ArgumentError, match=r"(?s)built for other variables.*'dense.*/kernel'.*with a new optimizer"):
        model.fit(X, Y, verbose=0)


def test_nothing_is_left_to_train(model):
    model.trainable = False
    model.compile("sgd", "mse", metrics=["mae"])
    before = model.get_weights()
    assert list(model.fit(X, Y, verbose=0).history) == ["loss", "mae"]
    for one, two in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)


def test_shared_weights_are_trained_by_the_model_that_was_compiled(model):
    head = lamina.Model(model.get_layer("head").input, model.get_layer("head").output)
    model.get_layer("head").trainable = False
    model.compile("sgd", "mse")
    model.get_layer("head").trainable = True
    head.compile("sgd", "mse")
    assert changed(model) == [True] * 4 + [False] * 2
    before = head.get_weights()
    head.fit(X[:, :2], Y, verbose=0)
    assert not np.array_equal(head.get_weights()[0], before[0])
    np.testing.assert_array_equal(head.get_weights()[0], model.get_layer("head").get_weights()[0])
