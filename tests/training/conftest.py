"""Small data and small models: most tests share their structure, so they share their programs."""

import numpy as np
import pytest

import lamina

_rng = np.random.default_rng(0)


class Samples:
    """40 rows with three features, and targets for each kind of task."""

    x = _rng.normal(size=(40, 3)).astype("float32")
    values = (x[:, :1] - 2 * x[:, 1:2]).astype("float32")
    classes = (x[:, 0] > 0).astype(int) + (x[:, 1] > 0)
    yes = (x[:, 2] > 0).astype("float32")


@pytest.fixture
def samples():
    return Samples


@pytest.fixture
def make_model():
    """Makes a compiled model: a linear regressor, unless told otherwise."""

    def make(*layers, units=1, activation=None, optimizer="sgd", loss="mse", seed=1, **compiled):
        lamina.utils.set_random_seed(seed)
        last = lamina.layers.Dense(units, activation=activation)
        model = lamina.Sequential([lamina.Input((3,)), *layers, last])
        model.compile(optimizer, loss, **compiled)
        return model

    return make


@pytest.fixture
def make_classifier(make_model):
    """Makes a compiled model for three classes."""

    def make(loss="sparse_categorical_crossentropy", **compiled):
        return make_model(units=3, activation="softmax", loss=loss, **compiled)

    return make
