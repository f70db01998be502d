"""scikit-learn's own checks of estimators, on networks as small as they come."""

import functools
import warnings

import pytest

pytest.importorskip("sklearn")

from sklearn.utils.estimator_checks import parametrize_with_checks

import lamina
from lamina.estimators import KerasClassifier, KerasRegressor, MLPClassifier, MLPRegressor, Perceptron

EXTRA = "the arguments of the build function are attributes, but no constructor can name them all"
REPEATED = (
    "a row of weight 2 is one row of a batch, and two equal rows are two: batches and orders differ, as they do in "
    "scikit-learn's own estimators that are trained by steps"
)


def classifier(meta, units=8, rate=0.03):
    """A model for any labels that the checks come up with; of the structure of MLPClassifier, so it shares programs."""
    model = lamina.Sequential([lamina.Input((meta["n_features_in_"],)), lamina.layers.Dense(units, "relu")])
    several, classes = meta["target_type_"] == "multilabel-indicator", meta["n_classes_"]
    if several or classes <= 2:
        model.add(lamina.layers.Dense(classes if several else 1, "sigmoid"))
    else:
        model.add(lamina.layers.Dense(classes, "softmax"))
    loss = "binary_crossentropy" if several or classes <= 2 else "sparse_categorical_crossentropy"
    model.compile(loss=loss, optimizer=lamina.optimizers.Adam(rate))
    return model


def regressor(meta, units=8, rate=0.03):
    """A model for any numbers that the checks come up with."""
    model = lamina.Sequential([lamina.Input((meta["n_features_in_"],)), lamina.layers.Dense(units, "relu")])
    model.add(lamina.layers.Dense(meta["n_outputs_"]))
    model.compile(loss="mse", optimizer=lamina.optimizers.Adam(rate))
    return model


ESTIMATORS = [
    KerasClassifier(classifier, epochs=12, batch_size=16, verbose=0, random_state=0),
    KerasRegressor(regressor, epochs=12, batch_size=16, verbose=0, random_state=0),
    MLPClassifier((8,), alpha=0, learning_rate_init=0.03, batch_size=16, random_state=0),
    MLPRegressor((8,), alpha=0, learning_rate_init=0.03, batch_size=16, random_state=0),
    Perceptron(),
]


def expected(estimator):
    """The checks that fail, and why."""
    found = {"check_sample_weight_equivalence_on_dense_data": REPEATED}
    return found | ({"check_no_attributes_set_in_init": EXTRA} if hasattr(estimator, "build_fn") else {})


def named(value):
    """Names that are the same in every process, which the representations of functions are not."""
    if isinstance(value, functools.partial):
        return "-".join([value.func.__name__, *(f"{key}={option}" for key, option in value.keywords.items())])
    return getattr(value, "__name__", type(value).__name__)


CHECKS = parametrize_with_checks(ESTIMATORS, expected_failed_checks=expected)


@pytest.mark.parametrize(CHECKS.args[0], list(CHECKS.args[1]), ids=named)
def test_check(estimator, check):
    with warnings.catch_warnings(action="ignore"):
        check(estimator)
