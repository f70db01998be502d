"""Models pickle and copy, operators in their graphs included."""

import copy
import pickle

import numpy as np
import pytest

import lamina

X = np.random.default_rng(0).normal(size=(20, 4)).astype("float32")


def model():
    inputs = lamina.Input((4,))
    hidden = lamina.layers.Dense(3)(inputs)
    outputs = lamina.layers.Dense(1)(lamina.ops.relu(2 * hidden[:, :2] - 1))
    made = lamina.Model(inputs, outputs)
    made.compile(loss="mse", optimizer="adam")
    made.fit(X, X[:, :1], verbose=0)
    return made


@pytest.mark.parametrize(
    "again", [copy.deepcopy, lambda made: pickle.loads(pickle.dumps(made))], ids=["copy", "pickle"]
)
def test_a_copy_goes_on_as_it_would(again):
    one = model()
    other = again(one)
    results = []
    for each in (one, other):
        np.random.seed(1)
        each.fit(X, X[:, :1], epochs=2, verbose=0)
        results.append(each.predict(X, verbose=0))
    np.testing.assert_array_equal(*results)
    assert other.layers[1] is not one.layers[1]
