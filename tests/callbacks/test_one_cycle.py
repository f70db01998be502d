"""1cycle scheduling over a whole `fit`."""

import numpy as np
import pytest

import lamina as keras
from lamina.callbacks import OneCycle
from lamina.optimizers import schedules
from lamina.training.loop import trace_count

X = np.ones((40, 1), "float32")


def trained(optimizer, callback, epochs=5, x=X, **kwargs):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")])
    model.compile(optimizer, lambda y, p: p)
    return model, model.fit(x, x, batch_size=4, epochs=epochs, verbose=0, callbacks=[callback], **kwargs).history


def test_every_step_goes_by_the_cycle():
    model, history = trained(keras.optimizers.SGD(0.5), OneCycle(0.1))
    cycle = schedules.OneCycle(0.1, 50)
    np.testing.assert_allclose(model.get_weights()[0][0, 0], -np.sum(cycle(np.arange(50))), rtol=1e-5)
    np.testing.assert_allclose(history["learning_rate"], cycle([10, 20, 30, 40, 50]), rtol=1e-5)


@pytest.mark.parametrize(
    ("optimizer", "name"),
    [(keras.optimizers.SGD(0.1, momentum=0.9), "momentum"), (keras.optimizers.Adam(), "beta_1")],
)
def test_the_momentum_goes_against_the_rate(optimizer, name):
    trained(optimizer, OneCycle(0.1, momentum=(0.9, 0.5), last_steps=10))
    plan = optimizer.get_config()[name]
    assert plan["class_name"] == "OneCycleMomentum"
    np.testing.assert_allclose(schedules.deserialize(plan)([0, 20, 40]), [0.9, 0.5, 0.9], rtol=1e-6)


def test_an_optimizer_without_momentum_gets_none():
    optimizer = keras.optimizers.SGD(0.1)
    trained(optimizer, OneCycle(0.1))
    assert optimizer.momentum == 0
    optimizer = keras.optimizers.Adam(0.1)
    trained(optimizer, OneCycle(0.1, momentum=None))
    assert optimizer.beta_1 == 0.9


def test_training_again_begins_a_new_cycle():
    model, _ = trained(keras.optimizers.SGD(0.5), OneCycle(0.1))
    traces = trace_count()
    before = model.get_weights()[0][0, 0]
    model.fit(X, X, batch_size=4, epochs=5, verbose=0, callbacks=[OneCycle(0.2)])
    change = model.get_weights()[0][0, 0] - before
    np.testing.assert_allclose(change, -np.sum(schedules.OneCycle(0.2, 50)(np.arange(50))), rtol=1e-4)
    assert trace_count() <= traces + 1  # starting later than at once is other code


def test_a_stream_of_unknown_length_needs_the_number_of_steps():
    def batches():
        for _ in range(10):
            yield X[:4], X[:4]

    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match=r"OneCycle: the number of batches per epoch is not known(?s:.*)total_steps"):
        model.fit(batches(), verbose=0, callbacks=[OneCycle(0.1)])
    history = model.fit(batches(), verbose=0, callbacks=[OneCycle(0.1, total_steps=10)])
    assert history.history["learning_rate"][0] < 0.001
