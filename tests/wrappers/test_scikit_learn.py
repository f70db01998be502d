"""The old address of the estimators."""

import sys

import numpy as np
import pytest

pytest.importorskip("sklearn")

import lamina as keras
from lamina.core.errors import MissingExtraError, UnknownAttributeError

X = np.random.default_rng(0).normal(size=(40, 3))
Y = X.sum(axis=1)


def build(units=3):
    model = keras.Sequential([keras.layers.Dense(units), keras.layers.Dense(1)])
    model.compile(loss="mse", optimizer="sgd")
    return model


def test_the_score_is_the_negative_loss():
    regressor = keras.wrappers.scikit_learn.KerasRegressor(build, units=2)
    assert regressor.get_params(deep=False).keys() == {"build_fn", "random_state", "warm_start", "units"}
    regressor.fit(X, Y, verbose=0)
    assert regressor.score(X, Y) == pytest.approx(-regressor.model.evaluate(X, Y, verbose=0))
    assert keras.wrappers.KerasRegressor is keras.estimators.KerasRegressor


def test_names():
    with pytest.raises(UnknownAttributeError, match="hint: did you mean KerasRegressor"):
        _ = keras.wrappers.KerasRegresor
    with pytest.raises(UnknownAttributeError, match="hint: did you mean Perceptron"):
        _ = keras.estimators.Perceptrn


def test_the_extra_is_named(monkeypatch):
    for name in [name for name in sys.modules if name.startswith(("sklearn", "lamina.estimators"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(MissingExtraError, match=r'hint: install it with: pip install "lamina\[sklearn\]"'):
        __import__("lamina.estimators")
