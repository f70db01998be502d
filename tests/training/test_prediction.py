import numpy as np
import pytest

import lamina
from lamina.core.errors import DataError
from lamina.training.prediction import padded_size

X = np.random.default_rng(0).normal(size=(600, 3)).astype("float32")


@pytest.fixture
def model(make_model):
    return make_model(lamina.layers.Dense(4, activation="relu"), lamina.layers.Dropout(0.5))


def by_hand(model, x):
    kernel, bias, kernel_2, bias_2 = model.get_weights()
    return np.maximum(x @ kernel + bias, 0) @ kernel_2 + bias_2


@pytest.mark.parametrize("rows", [1, 2, 5, 31, 32, 33, 40, 255, 256, 300, 600])
def test_rows_of_any_number(model, rows):
    found = model.predict(X[:rows], verbose=0)
    assert isinstance(found, np.ndarray)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, by_hand(model, X[:rows]), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("batch_size", [1, 7, 32, 1000])
def test_the_batch_size_changes_nothing(model, batch_size):
    rows = X[:50]
    np.testing.assert_allclose(
        model.predict(rows, batch_size=batch_size, verbose=0), by_hand(model, rows), rtol=1e-4, atol=1e-5
    )


def test_steps_end_early(model):
    assert model.predict(X, batch_size=10, steps=3, verbose=0).shape == (30, 1)
    assert model.predict(X, steps=3, verbose=0).shape == (600, 1)  # three batches of 200 rows
    assert model.predict(iter([X[:5]] * 4), steps=2, verbose=0).shape == (10, 1)


def test_a_single_batch(model):
    np.testing.assert_allclose(model.predict_on_batch(X[:3]), by_hand(model, X[:3]), rtol=1e-4, atol=1e-5)


def test_new_weights_are_seen(model):
    model.predict(X[:3], verbose=0)
    model.set_weights([np.zeros_like(weight) for weight in model.get_weights()])
    assert model.predict(X[:3], verbose=0).tolist() == [[0.0]] * 3


def test_predicting_builds_the_model():
    model = lamina.Sequential([lamina.layers.Dense(2)])
    assert model.predict(X[:3], verbose=0).shape == (3, 2)
    assert model.built


def test_padded_rows_do_not_reach_layers_of_ones_own():
    class Mean(lamina.layers.Layer):
        def call(self, x):
            return x - lamina.ops.mean(x, axis=0)

    model = lamina.Sequential([lamina.Input((3,)), Mean()])
    np.testing.assert_allclose(model.predict(X[:5], verbose=0), X[:5] - X[:5].mean(axis=0), atol=1e-6)


def test_callbacks_get_outputs(model):
    seen = []

    class Outputs(lamina.callbacks.Callback):
        def on_predict_batch_end(self, batch, logs=None):
            seen.append((batch, np.asarray(logs["outputs"])))

    found = model.predict(X[:40], batch_size=16, verbose=0, callbacks=[Outputs()])
    assert [batch for batch, _ in seen] == [0, 1, 2]
    assert np.array_equal(np.concatenate([outputs for _, outputs in seen]), found)


def test_nothing_to_predict(model):
    with pytest.raises(DataError, match="x is empty"):
        model.predict(X[:0], verbose=0)


def test_sizes_are_few():
    assert len({padded_size(rows) for rows in range(1, 41)}) <= 4
    assert all(padded_size(rows) >= rows for rows in range(1, 3000))
