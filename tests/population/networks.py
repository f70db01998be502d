"""Networks that the tests of populations train, and how they are compared."""

import numpy as np

import lamina
from lamina import layers, optimizers


def build(units=6, rate=0.05, depth=1, dropout=0.0, l2=0.0, activation="relu", normalized=False, optimizer="sgd"):
    """A small regression network."""
    model = lamina.Sequential([lamina.Input((4,))])
    for _ in range(depth):
        model.add(layers.Dense(units, activation, kernel_regularizer=lamina.regularizers.L2(l2)))
        if normalized:
            model.add(layers.BatchNormalization())
        model.add(layers.Dropout(dropout))
    model.add(layers.Dense(1))
    chosen = {"sgd": optimizers.SGD, "adam": optimizers.Adam, "rmsprop": optimizers.RMSprop}[optimizer](rate)
    model.compile(optimizer=chosen, loss="mse", metrics=["mae"])
    return model


def assert_same(model, history, expected_model, expected, rtol=1e-5, logs=1e-5):
    assert history.epoch == expected.epoch
    assert history.history.keys() == expected.history.keys()
    for name, values in expected.history.items():
        np.testing.assert_allclose(history.history[name], values, rtol=logs, err_msg=name)
    for got, wanted in zip(model.get_weights(), expected_model.get_weights(), strict=True):
        np.testing.assert_allclose(got, wanted, rtol=rtol, atol=rtol * max(1e-8, np.abs(wanted).max(initial=0)))
