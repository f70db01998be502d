"""The misspellings of the course's notes: each gets an error that says what was meant."""

import numpy as np
import pytest

import lamina as keras

x = np.zeros((8, 3), dtype="float32")
y = np.zeros((8, 1), dtype="float32")


@pytest.fixture
def model() -> keras.Sequential:
    """A binary classifier, not compiled."""
    return keras.Sequential([keras.layers.Dense(1, activation="sigmoid", input_shape=(3,))])


def test_ephocs(model: keras.Sequential) -> None:
    model.compile(loss="mse", optimizer="sgd")
    with pytest.raises(TypeError, match=r"(?s)ephocs.*\bepochs\b"):
        model.fit(x, y, ephocs=5)


def test_metrices(model: keras.Sequential) -> None:
    with pytest.raises(TypeError, match=r"(?s)metrices.*\bmetrics\b"):
        model.compile(loss="mse", optimizer="sgd", metrices=["accuracy"])


def test_binary_corssentropy(model: keras.Sequential) -> None:
    def train() -> None:
        model.compile(loss="binary_corssentropy", optimizer="sgd")
        model.fit(x, y)

    with pytest.raises(ValueError, match=r"(?s)binary_corssentropy.*\bbinary_crossentropy\b"):
        train()


def test_complie(model: keras.Sequential) -> None:
    with pytest.raises(AttributeError, match=r"(?s)complie.*\bcompile\b"):
        model.complie(loss="mse", optimizer="sgd")


def test_dens() -> None:
    with pytest.raises(AttributeError, match=r"(?s)Dens\b.*\bDense\b"):
        keras.layers.Dens(64, activation="relu")


def test_optimizer_module() -> None:
    with pytest.raises(AttributeError, match=r"(?s)optimizer\b.*\boptimizers\b"):
        keras.optimizer.SGD(clipvalue=1.0)


def test_num_wors() -> None:
    with pytest.raises(TypeError, match=r"(?s)num_wors.*\bnum_words\b"):
        keras.datasets.reuters.load_data(num_wors=10000)
