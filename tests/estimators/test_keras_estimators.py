"""KerasClassifier and KerasRegressor: models that users build, in scikit-learn's hands."""

import pickle

import numpy as np
import pytest

pytest.importorskip("sklearn")

from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import lamina
from lamina.core.errors import ArgumentError, DataError, UnexpectedArgumentError
from lamina.estimators import KerasClassifier, KerasRegressor
from lamina.training.loop import trace_count

layers = lamina.layers
RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
Y = X @ [1.0, -2.0, 0.5] + 1
NAMES = np.array(["low", "middle", "high"])[np.digitize(Y, [0, 2])]


def regressor(units=4, rate=0.05):
    model = lamina.Sequential([layers.Dense(units, "tanh"), layers.Dense(1)])
    model.compile(loss="mse", optimizer=lamina.optimizers.SGD(rate))
    return model


def classifier(loss="sparse_categorical_crossentropy", activation="softmax", width=3):
    model = lamina.Sequential([layers.Dense(8, "tanh"), layers.Dense(width, activation)])
    model.compile(loss=loss, optimizer=lamina.optimizers.Adam(0.05))
    return model


def quiet(kind, build, **parameters):
    return kind(build, **{"verbose": 0, "epochs": 15, "random_state": 0, **parameters})


def test_parameters_are_those_of_the_build_function():
    estimator = KerasRegressor(regressor, units=7, epochs=3)
    assert estimator.get_params()["rate"] == 0.05
    assert estimator.get_params(deep=False).keys() == {"model", "build_fn", "random_state", "warm_start"} | {
        "units",
        "epochs",
    }
    copy = clone(estimator).set_params(units=9, model__rate=0.2)
    fitted = copy.fit(X, Y, verbose=0)
    assert fitted.model_.layers[0].units == 9
    assert float(fitted.model_.optimizer.learning_rate) == pytest.approx(0.2)
    assert estimator.units == 7


@pytest.mark.parametrize(
    "call",
    [lambda: KerasRegressor(regressor, unitz=3), lambda: KerasRegressor(regressor).set_params(unitz=3)],
)
def test_unknown_parameters_are_named(call):
    with pytest.raises(ArgumentError, match=r"no parameter 'unitz'.*\n\nhint: did you mean units"):
        call()


def test_unknown_arguments_of_fit_are_named():
    with pytest.raises(UnexpectedArgumentError, match=r"no argument 'ephocs'.\n\nhint: did you mean epochs"):
        KerasRegressor(regressor).fit(X, Y, ephocs=3)


def test_parameters_stay_after_a_refused_one():
    estimator = KerasRegressor(regressor, units=3)
    with pytest.raises(ArgumentError):
        estimator.set_params(units=5, nonsense=1)
    assert estimator.units == 3


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (None, "There is nothing to make a model of"),
        (lambda: None, r"returned NoneType, but a compiled model.*\n\nhint: end it with: return model"),
        (lambda: "model", "returned str, but a compiled model is expected"),
        (
            lambda: lamina.Sequential([layers.Dense(1)]),
            r"model that is not compiled.\n\nhint: call model.compile",
        ),
        (3, "model is 3, but a function, a class or a compiled model is expected"),
        (lambda units: None, "needs the argument 'units', which the estimator was not given"),
    ],
)
def test_what_cannot_be_built(build, message):
    with pytest.raises(ArgumentError, match=message):
        quiet(KerasRegressor, build).fit(X, Y)


def test_two_names_of_one_parameter():
    with pytest.raises(ArgumentError, match=r"model and build_fn are two names"):
        KerasRegressor(regressor, build_fn=regressor).fit(X, Y)


def test_a_seed_gives_the_model_that_it_gives_alone():
    lamina.utils.set_random_seed(3)
    model = regressor()
    history = model.fit(X, Y, epochs=4, verbose=0)
    state = np.random.get_state()[1].copy()
    estimator = quiet(KerasRegressor, regressor, epochs=4, random_state=3).fit(X, Y)
    assert np.array_equal(np.random.get_state()[1], state)  # the user's generator is left alone
    assert estimator.history_["loss"] == history.history["loss"]
    np.testing.assert_array_equal(estimator.predict(X), model.predict(X, verbose=0)[:, 0])


def test_model_is_the_trained_one():
    estimator = quiet(KerasRegressor, regressor)
    assert estimator.model is regressor
    estimator.fit(X, Y)
    assert estimator.model is estimator.model_
    assert estimator.get_params()["model"] is regressor
    assert estimator.n_features_in_ == 3
    assert estimator.score(X, Y) > 0.8


def test_a_compiled_model_is_copied():
    model = regressor()
    estimator = quiet(KerasRegressor, model).fit(X, Y)
    assert estimator.model_ is not model
    assert not model.built


def test_a_class_is_compiled_with_what_the_estimator_says():
    class Line(lamina.Model):
        def __init__(self, bias=True):
            super().__init__()
            self.line = layers.Dense(1, use_bias=bias)

        def call(self, x):
            return self.line(x)

    estimator = quiet(KerasRegressor, Line, loss="mae", optimizer="sgd", bias=False, epochs=1).fit(X, Y)
    assert estimator.model_.loss == "mae"
    assert len(estimator.model_.weights) == 1


def test_fit_arguments_come_through():
    stopping = lamina.callbacks.EarlyStopping(patience=2, min_delta=100.0)
    estimator = quiet(KerasRegressor, regressor, epochs=50)
    estimator.fit(X, Y, validation_data=(X[:10], Y[:10]), callbacks=[stopping])
    assert len(estimator.history_["val_loss"]) == 3


@pytest.mark.parametrize(
    ("loss", "activation", "width"),
    [
        ("sparse_categorical_crossentropy", "softmax", 3),
        ("categorical_crossentropy", "softmax", 3),
        (lamina.losses.SparseCategoricalCrossentropy(from_logits=True), None, 3),
    ],
)
def test_string_labels(loss, activation, width):
    estimator = quiet(KerasClassifier, classifier, loss=loss, activation=activation, width=width, epochs=30)
    estimator.fit(X, NAMES, validation_data=(X[:9], NAMES[:9]))
    assert estimator.classes_.tolist() == ["high", "low", "middle"]
    assert estimator.score(X, NAMES) > 0.8
    probabilities = estimator.predict_proba(X)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    assert (estimator.classes_[probabilities.argmax(axis=1)] == estimator.predict(X)).all()
    assert "val_loss" in estimator.history_


@pytest.mark.parametrize(
    ("loss", "activation"),
    [
        ("binary_crossentropy", "sigmoid"),
        (lamina.losses.BinaryCrossentropy(from_logits=True), None),
        ("hinge", "tanh"),
    ],
)
def test_two_labels_and_one_output(loss, activation):
    labels = np.where(Y > 1, "yes", "no")
    estimator = quiet(KerasClassifier, classifier, loss=loss, activation=activation, width=1, epochs=30)
    assert estimator.fit(X, labels).score(X, labels) > 0.85


def test_too_many_labels_for_one_output():
    with pytest.raises(DataError, match=r"y has 3 classes, but the model has one output"):
        quiet(KerasClassifier, classifier, loss="binary_crossentropy", activation="sigmoid", width=1).fit(X, NAMES)


def test_several_labels_at_a_time():
    labels = np.stack([Y > 0, X[:, 0] > 0], axis=1).astype(int)
    build = {"loss": "binary_crossentropy", "activation": "sigmoid", "width": 2}
    estimator = quiet(KerasClassifier, classifier, **build, epochs=40).fit(X, labels)
    assert estimator.predict(X).shape == labels.shape
    assert estimator.score(X, labels) > 0.7


def test_one_hot_labels_come_back_one_hot():
    rows = np.eye(3, dtype=int)[np.digitize(Y, [0, 2])]
    estimator = quiet(KerasClassifier, classifier, loss="categorical_crossentropy", epochs=30).fit(X, rows)
    assert (estimator.predict(X).sum(axis=1) == 1).all()
    assert estimator.score(X, rows) > 0.8


def two_outputs(regression=False):
    inputs = lamina.Input((3,))
    hidden = layers.Dense(8, "tanh")(inputs)
    if regression:
        model = lamina.Model(inputs, [layers.Dense(1)(hidden), layers.Dense(1)(hidden)])
        model.compile(loss="mse", optimizer=lamina.optimizers.Adam(0.05))
    else:
        model = lamina.Model(inputs, [layers.Dense(3, "softmax")(hidden), layers.Dense(1, "sigmoid")(hidden)])
        losses = ["sparse_categorical_crossentropy", "binary_crossentropy"]
        model.compile(loss=losses, optimizer=lamina.optimizers.Adam(0.05))
    return model


def test_several_questions():
    labels = np.stack([NAMES, np.where(X[:, 0] > 0, "right", "left")], axis=1)
    estimator = quiet(KerasClassifier, two_outputs, epochs=40).fit(X, labels)
    assert [part.shape for part in estimator.predict_proba(X)] == [(60, 3), (60, 2)]
    assert estimator.predict(X).shape == labels.shape
    assert estimator.score(X, labels) > 0.7


def test_several_numbers():
    targets = np.stack([Y, -Y], axis=1)
    estimator = quiet(KerasRegressor, two_outputs, regression=True, epochs=60).fit(X, targets)
    assert estimator.predict(X).shape == targets.shape
    assert estimator.score(X, targets) > 0.8


def test_weights_of_classes_and_rows():
    labels = np.where(np.arange(60) < 50, "many", "few")
    plain = quiet(KerasClassifier, classifier, width=2, epochs=3).fit(np.zeros((60, 3)), labels)
    fair = quiet(KerasClassifier, classifier, width=2, epochs=3, class_weight="balanced")
    fair.fit(np.zeros((60, 3)), labels)
    by_rows = quiet(KerasClassifier, classifier, width=2, epochs=3)
    by_rows.fit(np.zeros((60, 3)), labels, sample_weight=np.where(labels == "few", 3.0, 0.6))
    assert fair.predict_proba([[0, 0, 0]])[0, 0] > plain.predict_proba([[0, 0, 0]])[0, 0]
    np.testing.assert_allclose(fair.predict_proba(X), by_rows.predict_proba(X), rtol=1e-4)


def test_partial_fit_and_warm_start_go_on():
    estimator = quiet(KerasClassifier, classifier)
    for part in (slice(0, 20), slice(20, 40)):
        estimator.partial_fit(X[part], NAMES[part], classes=["high", "low", "middle"])
    assert len(estimator.history_["loss"]) == 2
    with pytest.raises(DataError, match=r"y holds the label 'other'"):
        estimator.partial_fit(X[:1], ["other"])
    warm = quiet(KerasRegressor, regressor, epochs=2, warm_start=True).fit(X, Y).fit(X, Y)
    assert len(warm.history_["loss"]) == 4
    assert len(quiet(KerasRegressor, regressor, epochs=2).fit(X, Y).fit(X, Y).history_["loss"]) == 2


def test_a_pickled_estimator_goes_on_as_it_would():
    estimator = quiet(KerasClassifier, classifier, epochs=2).fit(X, NAMES)
    copy = pickle.loads(pickle.dumps(estimator))
    np.testing.assert_array_equal(copy.predict_proba(X), estimator.predict_proba(X))
    one, other = (each.partial_fit(X, NAMES).predict_proba(X) for each in (estimator, copy))
    np.testing.assert_array_equal(one, other)


def test_names_of_columns():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=["a", "b", "c"])
    estimator = quiet(KerasRegressor, regressor, epochs=1).fit(frame, Y)
    assert estimator.feature_names_in_.tolist() == ["a", "b", "c"]


def test_a_search_compiles_nothing_twice():
    search = GridSearchCV(quiet(KerasRegressor, regressor, epochs=2), {"rate": [0.01, 0.02]}, cv=3, refit=False)
    search.fit(X, Y)
    traced = trace_count()
    search = GridSearchCV(quiet(KerasRegressor, regressor, epochs=2), {"rate": [0.03, 0.04, 0.05]}, cv=3, refit=False)
    search.fit(X, Y)
    assert trace_count() == traced


def test_candidates_of_a_structure_share_programs():
    before = trace_count()
    search = GridSearchCV(quiet(KerasRegressor, regressor, units=6), {"rate": [0.01, 0.02, 0.03]}, cv=3, refit=False)
    search.fit(X, Y)
    assert trace_count() - before <= 2  # one that trains, one that predicts


def test_pipelines_and_searches():
    pipeline = make_pipeline(StandardScaler(), quiet(KerasRegressor, regressor))
    assert cross_val_score(pipeline, X, Y, cv=2).mean() > 0.5
    candidates = {"kerasregressor__units": [2, 4], "kerasregressor__rate": [0.01, 0.1]}
    search = RandomizedSearchCV(pipeline, candidates, n_iter=3, cv=2, random_state=0).fit(X, Y)
    assert search.best_estimator_[-1].model_.layers[0].units == search.best_params_["kerasregressor__units"]


def test_jobs_in_threads():
    alone = cross_val_score(quiet(KerasRegressor, regressor, random_state=None, epochs=60), X, Y, cv=2)
    assert (alone > 0.5).all()
    from joblib import parallel_backend

    with parallel_backend("threading"):
        assert (cross_val_score(quiet(KerasRegressor, regressor, random_state=None), X, Y, cv=2, n_jobs=2) > 0.3).all()
