"""Searches for hyperparameters with cross-validation, as scikit-learn has them."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Self

import numpy as np
from joblib import parallel_config
from sklearn import get_config, model_selection
from sklearn.base import clone, is_classifier
from sklearn.experimental import enable_halving_search_cv  # noqa: F401  (makes the next name known)
from sklearn.model_selection import HalvingRandomSearchCV as _HalvingRandomSearchCV
from sklearn.model_selection import check_cv

from lamina.core.tracebacks import short_traceback
from lamina.estimators.training import conductor
from lamina.model_selection.gathering import Gathering, network_of


class _Splits:
    """A splitter that tells of its splits before anyone gets to see them."""

    def __init__(self, splitter: Any, told: Callable[[Any, Any, Sequence[Any]], None]) -> None:
        self._splitter = splitter
        self._told = told

    def split(self, X: Any, y: Any = None, **arguments: Any) -> Iterator[Any]:
        splits = list(self._splitter.split(X, y, **arguments))
        self._told(X, y, splits)
        return iter(splits)


class TrainsTogether:
    """What makes a search of scikit-learn's train networks together; other estimators are trained its own way."""

    estimator: Any
    cv: Any
    cv_results_: dict[str, Any]
    _gathering: Gathering

    @short_traceback
    def fit(self, X: Any, y: Any = None, **params: Any) -> Self:
        """Runs the search.

        Args:
            X: `(rows, features)`, or with more axes.
            y: labels or numbers.
            **params: arguments of the estimator's `fit`, such as `epochs`, `validation_data` and `callbacks`; those
                with an entry for each row, such as `sample_weight`, are cut as the rows are. `groups` is for the
                splitter.
        """
        if network_of(self.estimator) is None or get_config()["enable_metadata_routing"]:
            return super().fit(X, y, **params)  # type: ignore[misc]
        arguments = {name: value for name, value in params.items() if name != "groups"}
        gathering = self._gathering = Gathering(clone(self.estimator), arguments)
        token = conductor.set(gathering)
        given, self.cv = self.cv, check_cv(self.cv, y, classifier=is_classifier(self.estimator))
        try:
            with parallel_config(backend="sequential"):  # what is left to do in parallel is to hand results over
                super().fit(X, y, **params)  # type: ignore[misc]
        finally:
            self.cv = given
            conductor.reset(token)
            del self._gathering
        self.cv_results_["mean_fit_time"] += np.array(gathering.seconds)
        return self

    def _run_search(self, evaluate_candidates: Callable[..., Any], callback_ctx: Any = None) -> None:
        gathering: Gathering | None = getattr(self, "_gathering", None)

        def evaluate(candidate_params: Any, cv: Any = None, **others: Any) -> Any:
            candidates = list(candidate_params)
            if gathering is not None:
                cv = _Splits(cv or self.cv, partial(gathering.train, candidates))
            return evaluate_candidates(candidates, cv, **others)

        context = {} if callback_ctx is None else {"callback_ctx": callback_ctx}
        super()._run_search(evaluate, **context)  # type: ignore[misc]


class GridSearchCV(TrainsTogether, model_selection.GridSearchCV):
    """scikit-learn's search over a grid, which trains all candidates and folds of a network at once.

    It has scikit-learn's arguments, attributes and results. Networks are lamina's estimators, alone or at the end of
    a pipeline; with others it does what scikit-learn does. `cv_results_["mean_fit_time"]` tells each network's share
    of the time that all took together. `n_jobs` is for other estimators.

    Example:
        >>> import numpy as np
        >>> import lamina as keras
        >>> from lamina.estimators import KerasRegressor
        >>> def build(rate):
        ...     model = keras.Sequential([keras.layers.Dense(1)])
        ...     model.compile(optimizer=keras.optimizers.SGD(rate), loss="mse")
        ...     return model
        >>> x = np.linspace(-1, 1, 60)[:, None]
        >>> network = KerasRegressor(build, epochs=20, verbose=0, random_state=0)
        >>> search = GridSearchCV(network, {"rate": [0.0001, 0.1]}, cv=3).fit(x, 3 * x[:, 0] + 1)
        >>> search.best_params_, len(search.cv_results_["mean_test_score"])
        ({'rate': 0.1}, 2)
    """


class RandomizedSearchCV(TrainsTogether, model_selection.RandomizedSearchCV):
    """scikit-learn's random search, which trains all candidates and folds of a network at once.

    See `GridSearchCV`.
    """


class HalvingRandomSearchCV(TrainsTogether, _HalvingRandomSearchCV):
    """scikit-learn's search by successive halving, which trains all candidates and folds of a round at once.

    See `GridSearchCV`. `resource` may be `"n_samples"`, or a number among the network's parameters such as `"epochs"`.
    """
