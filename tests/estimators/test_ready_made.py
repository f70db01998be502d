"""MLPClassifier, MLPRegressor and Perceptron."""

import pickle
import warnings

import numpy as np
import pytest

pytest.importorskip("sklearn")

from sklearn import linear_model
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.exceptions import ConvergenceWarning

from lamina.core.errors import ArgumentError, DataError, UnexpectedArgumentError
from lamina.estimators import MLPClassifier, MLPRegressor, Perceptron

IRIS = load_iris()
PETALS = IRIS.data[:, (2, 3)]
SETOSA = (IRIS.target == 0).astype(int)
XOR = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])


@pytest.mark.parametrize("seed", [0, 42])
@pytest.mark.parametrize("labels", [SETOSA, IRIS.target], ids=["two", "three"])
@pytest.mark.parametrize(
    "settings",
    [
        {"max_iter": 1000, "tol": 1e-3},
        {"class_weight": "balanced"},
        {"early_stopping": True},
        {"eta0": 0.1, "shuffle": False},
        {"max_iter": 3, "tol": None, "fit_intercept": False},
    ],
    ids=lambda settings: next(iter(settings)),
)
def test_weights_are_those_of_scikit_learn(seed, labels, settings):
    with warnings.catch_warnings(action="ignore"):
        wanted = linear_model.Perceptron(random_state=seed, **settings).fit(PETALS, labels)
        found = Perceptron(random_state=seed, **settings).fit(PETALS, labels)
    np.testing.assert_array_equal(found.coef_, wanted.coef_)
    np.testing.assert_array_equal(found.intercept_, wanted.intercept_)
    assert found.n_iter_ == wanted.n_iter_
    np.testing.assert_allclose(found.decision_function(PETALS), wanted.decision_function(PETALS))
    assert (found.predict(PETALS) == wanted.predict(PETALS)).all()


def test_parts_of_the_data_and_weights_of_rows():
    wanted, found = linear_model.Perceptron(), Perceptron()
    for part in (slice(0, None, 2), slice(1, None, 2)):
        weight = 1 + np.arange(75) % 3
        for each in (wanted, found):
            each.partial_fit(PETALS[part], IRIS.target[part], classes=[0, 1, 2], sample_weight=weight)
    np.testing.assert_array_equal(found.coef_, wanted.coef_)


def test_a_perceptron_is_a_layer():
    perceptron = Perceptron().fit(PETALS, SETOSA)
    np.testing.assert_allclose(
        perceptron.model_.predict(PETALS, verbose=0)[:, 0], perceptron.decision_function(PETALS), rtol=1e-5
    )


def test_xor_is_beyond_a_perceptron_but_not_a_network():
    with warnings.catch_warnings(action="ignore"):
        assert Perceptron().fit(*XOR).score(*XOR) < 1
        network = MLPClassifier((8,), alpha=0, learning_rate_init=0.1, tol=0, max_iter=200, random_state=3)
        assert network.fit(*XOR).score(*XOR) == 1
    assert network.n_iter_ == len(network.loss_curve_) <= 200
    assert [part.shape for part in network.coefs_] == [(2, 8), (8, 1)]
    assert [part.shape for part in network.intercepts_] == [(8,), (1,)]


def test_what_a_perceptron_refuses():
    with pytest.raises(DataError, match=r"y has 1 class: 'only'"):
        Perceptron().fit(PETALS, ["only"] * 150)
    with pytest.raises(ArgumentError, match=r"eta0 must be greater than 0. Received: eta0=0"):
        Perceptron(eta0=0).fit(PETALS, SETOSA)
    with pytest.raises(DataError, match=r"y holds the label 7, but the labels are"):
        Perceptron().partial_fit(PETALS, SETOSA).partial_fit(PETALS[:1], [7])


def test_one_that_might_still_improve_says_so():
    with pytest.warns(ConvergenceWarning, match=r"took all of its max_iter=2 epochs"):
        MLPRegressor((2,), max_iter=2).fit(PETALS, IRIS.data[:, 0])
    with pytest.warns(ConvergenceWarning, match=r"took all of its max_iter=1 epochs"):
        Perceptron(max_iter=1).fit(PETALS, IRIS.target)


def test_rows_are_held_out_to_stop_early():
    network = MLPClassifier((4,), early_stopping=True, n_iter_no_change=1, tol=10.0, random_state=0)
    network.fit(PETALS, IRIS.target_names[IRIS.target])
    assert network.n_iter_ == 3
    assert len(network.history_["val_loss"]) == 3


def test_the_first_epochs_again_from_a_seed():
    settings = {"hidden_layer_sizes": (4,), "max_iter": 3, "random_state": 5, "learning_rate_init": 0.02}
    with warnings.catch_warnings(action="ignore"):
        one = MLPRegressor(**settings).fit(PETALS, IRIS.data[:, :2])
        other = clone(one).fit(PETALS, IRIS.data[:, :2])
    np.testing.assert_array_equal(one.predict(PETALS), other.predict(PETALS))
    copy = pickle.loads(pickle.dumps(one))
    np.testing.assert_array_equal(
        copy.partial_fit(PETALS, IRIS.data[:, :2]).predict(PETALS),
        one.partial_fit(PETALS, IRIS.data[:, :2]).predict(PETALS),
    )


def test_what_networks_refuse():
    with pytest.raises(ArgumentError, match=r"solver is 'lbfgs'.*\n\nhint: choose 'adam' or 'sgd'"):
        MLPClassifier(solver="lbfgs").fit(PETALS, SETOSA)
    with pytest.raises(ArgumentError, match=r"max_iter must be a positive integer. Received: max_iter=0"):
        MLPClassifier(max_iter=0).fit(PETALS, SETOSA)
    for name, value in {"alpha": -1, "batch_size": "all", "max_iter": 1.5, "n_iter_no_change": 0, "tol": -1}.items():
        with pytest.raises(ArgumentError, match=rf"MLPRegressor: {name} must be .*Received: {name}={value!r}"):
            MLPRegressor(**{name: value}).fit(PETALS, SETOSA)
    for kind in (MLPClassifier, Perceptron):
        with pytest.raises(UnexpectedArgumentError, match=r"no argument 'max_itre'[\s\S]*did you mean max_iter"):
            kind(max_itre=3)
    columns = np.stack([IRIS.target, SETOSA], axis=1)
    with pytest.raises(DataError, match=r"y has 2 columns of labels, but MLPClassifier answers one question"):
        MLPClassifier().fit(PETALS, columns)
