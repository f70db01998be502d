"""Searches that train all candidates and folds together find what scikit-learn's own find."""

import pickle
import warnings

import numpy as np
import pytest

pytest.importorskip("sklearn")

from sklearn import model_selection as alone
from sklearn.decomposition import PCA
from sklearn.exceptions import FitFailedWarning
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

import lamina
from lamina import model_selection as together
from lamina.core.errors import ArgumentError, UnexpectedArgumentError
from lamina.estimators import KerasClassifier, KerasRegressor, MLPClassifier, MLPRegressor
from lamina.population import Population
from lamina.population.progress import Progress
from lamina.wrappers import scikit_learn as wrappers

layers = lamina.layers
RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
Y = X @ [1.0, -2.0, 0.5] + 1
NAMES = np.array(["low", "middle", "high"])[np.digitize(Y, [0, 2])]
RATES = {"rate": [0.01, 0.05]}


def regressor(units=4, rate=0.05):
    if units > 100:
        raise ValueError("too wide")
    model = lamina.Sequential([layers.Dense(units, "tanh"), layers.Dense(1)])
    model.compile(loss="mse", optimizer=lamina.optimizers.SGD(rate))
    return model


def classifier(rate=0.05):
    model = lamina.Sequential([layers.Dense(4, "tanh"), layers.Dense(3, "softmax")])
    model.compile(loss="sparse_categorical_crossentropy", optimizer=lamina.optimizers.Adam(rate))
    return model


def quiet(kind, build, **parameters):
    return kind(build, **{"verbose": 0, "epochs": 4, "random_state": 0, **parameters})


REGRESSOR, CLASSIFIER = quiet(KerasRegressor, regressor), quiet(KerasClassifier, classifier)


@pytest.fixture
def trainings(monkeypatch):
    """The sizes of the populations that are trained, and a 0 for each network that is trained by itself."""
    sizes = []
    fit, fit_alone = Population.fit, lamina.Model.fit
    monkeypatch.setattr(Population, "fit", lambda self, *a, **k: sizes.append(len(self)) or fit(self, *a, **k))
    monkeypatch.setattr(lamina.Model, "fit", lambda self, *a, **k: sizes.append(0) or fit_alone(self, *a, **k))
    return sizes


def compare(estimator, parameters, y=Y, x=X, search="GridSearchCV", fit=None, rtol=1e-5, **settings):
    """Both ways to search; the results have to be equal."""
    settings = {"cv": 2, "refit": False, **settings}
    wanted = getattr(alone, search)(estimator, parameters, **settings).fit(x, y, **(fit or {}))
    found = getattr(together, search)(estimator, parameters, **settings).fit(x, y, **(fit or {}))
    assert found.cv_results_.keys() == wanted.cv_results_.keys()
    for name, values in wanted.cv_results_.items():
        if "score" in name and "time" not in name:
            np.testing.assert_allclose(found.cv_results_[name], values, rtol=rtol, atol=1e-6, err_msg=name)
        elif name == "params" or name.startswith("param_"):
            assert list(found.cv_results_[name]) == list(values)
    return found


CASES = {
    "candidates of several structures": (REGRESSOR, {"units": [3, 4], **RATES}, {}),
    "string labels": (CLASSIFIER, RATES, {"y": NAMES, "return_train_score": True}),
    "the negative loss": (quiet(wrappers.KerasRegressor, regressor), RATES, {}),
    "several scores": (CLASSIFIER, RATES, {"y": NAMES, "scoring": ["accuracy", "neg_log_loss"], "refit": "accuracy"}),
    "a function as score": (REGRESSOR, RATES, {"scoring": lambda e, x, y: float(e.predict(x)[0])}),
    "groups": (REGRESSOR, RATES, {"cv": alone.GroupKFold(2), "fit": {"groups": np.arange(60) // 10}}),
    "time": (REGRESSOR, RATES, {"cv": alone.TimeSeriesSplit(2)}),
    "strata, shuffled": (CLASSIFIER, RATES, {"y": NAMES, "cv": alone.StratifiedKFold(2, shuffle=True, random_state=1)}),
    "weights of rows": (REGRESSOR, RATES, {"fit": {"sample_weight": RNG.uniform(size=60)}}),
    "weights of classes": (quiet(KerasClassifier, classifier, class_weight="balanced"), RATES, {"y": NAMES}),
    "other epochs and batches": (REGRESSOR, {"epochs": [2, 4], "batch_size": [8, 16]}, {}),
    "a share held out": (REGRESSOR, RATES, {"fit": {"validation_split": 0.2, "epochs": 3}}),
    "a pipeline": (make_pipeline(StandardScaler(), REGRESSOR), {"kerasregressor__rate": [0.01, 0.05]}, {}),
    "steps that are searched": (make_pipeline(PCA(2), REGRESSOR), {"pca__n_components": [2, 3]}, {}),
    "MLPRegressor": (MLPRegressor((4,), max_iter=3, random_state=0), {"alpha": [0.0, 0.1]}, {}),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.filterwarnings("ignore:.*took all of its max_iter")
def test_scores_are_those_of_scikit_learn(case, trainings):
    estimator, parameters, settings = CASES[case]
    found = compare(estimator, parameters, **settings)
    candidates = len(found.cv_results_["params"])
    assert sum(trainings) == candidates * found.n_splits_
    assert trainings.count(0) == candidates * found.n_splits_ + 2 * bool(found.refit)  # scikit-learn's, and the best


def test_candidates_at_random(trainings, monkeypatch):
    rates = {"rate": np.linspace(0.01, 0.1, 9).tolist()}
    compare(REGRESSOR, rates, search="RandomizedSearchCV", n_iter=3, random_state=1)
    trainings.clear()
    shown = []
    monkeypatch.setattr(Progress, "__init__", lambda self, v, e, members: shown.extend(m.candidate for m in members))
    for name in ("__enter__", "__exit__", "report"):
        monkeypatch.setattr(Progress, name, lambda self, *args: self if not args else None)
    cut = iter([(np.arange(30), np.arange(30, 60)), (np.arange(30, 60), np.arange(30))])
    search = together.RandomizedSearchCV(REGRESSOR, rates, n_iter=3, n_jobs=2, cv=cut, refit=False).fit(X, Y)
    assert trainings == [6]
    assert search.cv is cut
    assert shown == [{**params, "fold": fold} for params in search.cv_results_["params"] for fold in (0, 1)]


def test_early_stopping_is_each_networks_own():
    stopper = lamina.callbacks.EarlyStopping(patience=1, restore_best_weights=True)
    given = {"validation_data": (X[:9], Y[:9]), "callbacks": [stopper], "epochs": 30}
    compare(REGRESSOR, {"rate": [0.01, 0.3]}, fit=given)
    network = MLPClassifier((4,), max_iter=30, early_stopping=True, n_iter_no_change=1, random_state=0)
    with warnings.catch_warnings(action="ignore"):
        compare(network, {"learning_rate_init": [0.01, 0.3], "n_iter_no_change": [1, 2]}, y=NAMES)


def test_the_best_is_trained_again_on_all_rows():
    search = together.GridSearchCV(REGRESSOR, RATES, cv=2).fit(X, Y, epochs=3)
    by_hand = quiet(KerasRegressor, regressor, epochs=3, **search.best_params_).fit(X, Y)
    np.testing.assert_array_equal(search.predict(X), by_hand.predict(X))
    assert search.best_score_ == search.cv_results_["mean_test_score"].max()
    assert (search.cv_results_["mean_fit_time"] > 0).all()
    copy = pickle.loads(pickle.dumps(search))
    np.testing.assert_array_equal(copy.predict(X), by_hand.predict(X))


@pytest.mark.parametrize("settings", [{"resource": "epochs", "max_resources": 4, "min_resources": 1}, {}])
def test_rounds_of_halving(settings, trainings):
    common = {"n_candidates": 4, "factor": 2, "random_state": 0, "search": "HalvingRandomSearchCV", **settings}
    compare(REGRESSOR, {"rate": np.linspace(0.01, 0.1, 9).tolist()}, **common)
    assert [size for size in trainings if size] == [8, 4, 2]


def test_a_candidate_that_is_refused():
    with pytest.warns(FitFailedWarning, match=r"2 fits failed out of a total of 4"):
        search = together.GridSearchCV(REGRESSOR, {"units": [4, 101]}, cv=2, refit=False, error_score=-7.0).fit(X, Y)
    assert search.cv_results_["mean_test_score"][1] == -7
    assert search.best_params_ == {"units": 4}
    with pytest.raises(ValueError, match="too wide"):
        together.GridSearchCV(REGRESSOR, {"units": [4, 101]}, cv=2, error_score="raise").fit(X, Y)


def test_one_that_diverges_leaves_the_others_alone():
    with warnings.catch_warnings(action="ignore"):
        search = together.GridSearchCV(REGRESSOR, {"rate": [0.05, 1e30]}, cv=2, refit=False).fit(X, Y)
    score = search.cv_results_["mean_test_score"]
    assert np.isfinite(score[0])
    assert np.isnan(score[1])


def test_what_is_trained_alone(trainings):
    """Steps that draw at random, callbacks of other kinds, and estimators of others."""
    noise = FunctionTransformer(lambda x: x + np.random.normal(size=x.shape))
    together.GridSearchCV(make_pipeline(noise, REGRESSOR), {"kerasregressor__rate": [0.05]}, cv=2).fit(X, Y)
    assert trainings == [2, 0, 0, 0]  # no result of the population is used: a network never sees other rows
    trainings.clear()
    seen = []
    watch = lamina.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(epoch))
    compare(REGRESSOR, RATES, fit={"callbacks": [watch]})
    assert trainings == [0] * 8
    assert len(seen) == 8 * 4
    assert together.GridSearchCV(Ridge(), {"alpha": [0.1, 1.0]}).fit(X, Y).best_score_ > 0.9


def test_what_is_misspelt():
    with pytest.raises(ArgumentError, match=r"no parameter 'unitz'.*\n\nhint: did you mean units"):
        together.GridSearchCV(REGRESSOR, {"unitz": [3]}).fit(X, Y)
    with pytest.raises(ValueError, match=r"no argument 'ephocs'"):
        together.GridSearchCV(REGRESSOR, RATES, cv=2).fit(X, Y, ephocs=3)
    with pytest.raises(UnexpectedArgumentError, match="did you mean epochs"):
        together.GridSearchCV(REGRESSOR, RATES, cv=2, error_score="raise").fit(X, Y, ephocs=3)
    with pytest.raises(AttributeError, match="did you mean GridSearchCV"):
        together.GridSerchCV  # noqa: B018


def test_more_folds_than_rows():
    with pytest.raises(ValueError, match=r"n_splits=70 greater than the number of samples: n_samples=60"):
        together.GridSearchCV(REGRESSOR, RATES, cv=70).fit(X, Y)
    with pytest.raises(ValueError, match=r"n_splits=50 cannot be greater than the number of members in each class"):
        together.GridSearchCV(CLASSIFIER, RATES, cv=50).fit(X, NAMES)


def test_ctrl_c_keeps_what_is_done():
    class Impatient(lamina.callbacks.EarlyStopping):
        def on_epoch_end(self, epoch, logs=None):
            super().on_epoch_end(epoch, logs)
            if epoch == 2:
                raise KeyboardInterrupt

    stopper = Impatient("loss", patience=99)
    search = together.GridSearchCV(REGRESSOR, {"epochs": [2, 5, 6], **RATES}, cv=2, refit=False, error_score=-9.0)
    with pytest.warns(FitFailedWarning, match=r"8 fits failed"), pytest.warns(UserWarning, match="was interrupted"):
        search.fit(X, Y, callbacks=[stopper])
    assert [score == -9 for score in search.cv_results_["mean_test_score"]] == [False] * 2 + [True] * 4


def test_a_table_of_results():
    search = together.GridSearchCV(REGRESSOR, {"units": [3, 4], **RATES}, cv=2, refit=False).fit(X, Y)
    table = together.results_table(search, count=2)
    assert table.columns["rank"] == ["1", "2"]
    assert table.columns["rate"][0] == f"{search.best_params_['rate']:.4g}"
    assert str(table).splitlines()[0].split() == ["rank", "score", "seconds", "rate", "units"]
    with pytest.raises(ArgumentError, match=r"there is no score 'scor'.\n\nhint: did you mean score"):
        together.results_table(search, score="scor")
    with pytest.raises(TypeError, match="call fit"):
        together.results_table(together.GridSearchCV(REGRESSOR, RATES))
