"""Errors of the user's own code inside of compiled steps."""

import numpy as np
import pytest

import lamina as keras


def folded(y_true, y_pred):
    error = abs(y_true - y_pred).mean()
    return error if error > 1 else error**2


class Drop(keras.optimizers.schedules.LearningRateSchedule):
    """A rate that drops after three steps, told in Python."""

    def __call__(self, step):
        return 0.1 if step < 3 else 0.01


def shrunk(kernel):
    return kernel * float(kernel.sum())


@pytest.mark.parametrize(
    ("layer", "compiled", "place"),
    [
        ({}, {"loss": folded}, r"folded \(line 11 of test_tracebacks.py\)"),
        ({}, {"loss": "mse", "metrics": [folded]}, r"folded \(line 11 of test_tracebacks.py\)"),
        ({}, {"loss": "mse", "optimizer": keras.optimizers.SGD(Drop())}, r"Drop.__call__ \(line 18 "),
        ({"kernel_constraint": shrunk}, {"loss": "mse"}, r"shrunk \(line 22 "),
    ],
)
def test_code_that_needs_values_is_named(layer, compiled, place):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, **layer)])
    model.compile(**{"optimizer": "sgd", **compiled})
    x = np.ones((4, 2))
    with pytest.raises(TypeError, match=rf"{place}.*uses the value of a tensor in Python(?s:.*)run_eagerly=True"):
        model.fit(x, x[:, :1], verbose=0)
