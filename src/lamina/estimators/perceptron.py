"""Rosenblatt's perceptron, step by step as scikit-learn's, so that weights are equal."""

import math
from collections.abc import Iterator
from typing import Any, NamedTuple, Self, cast

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import StratifiedShuffleSplit
from sklearn.utils import check_random_state
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from lamina.core.errors import ArgumentError, DataError
from lamina.core.tracebacks import public, short_traceback, warn_user
from lamina.layers import Dense, Input
from lamina.models import Sequential

_INT_MAX = np.iinfo(np.int32).max
_BLOCK = 16


class _Unit(NamedTuple):
    """What one threshold unit learns from.

    Attributes:
        x: float64 `(rows, features)`.
        y: 1 where the unit is to fire, else -1.
        factors: of the rows, in an update.
        held: which rows are held out.
    """

    x: np.ndarray
    y: np.ndarray
    factors: np.ndarray
    held: np.ndarray


class Perceptron(ClassifierMixin, BaseEstimator):
    """A layer of threshold units: each example that is answered wrongly moves the weights towards it, or away.

    With two classes there is one unit; with more there is one for each class against the others, and the class of the
    largest sum wins. Rows are taken in the order in which scikit-learn takes them, so that weights are equal.

    Args:
        fit_intercept: whether units have a bias.
        max_iter: epochs at most.
        tol: by how much the mean loss has to improve to count; `None` to take all epochs.
        shuffle: whether each epoch has a new order.
        verbose: whether to print the loss of each epoch.
        eta0: the learning rate.
        random_state: seeds the orders.
        early_stopping: whether to hold out rows, and stop by the share of them that is answered rightly.
        validation_fraction: the share of the rows that are held out.
        n_iter_no_change: epochs to wait for an improvement.
        class_weight: from label to its factor, or `"balanced"`.
        warm_start: whether `fit` goes on from the weights that there are.

    Attributes:
        coef_: float64 `(1 or classes, features)`.
        intercept_: float64 `(1 or classes,)`.
        classes_: the sorted labels.
        n_iter_: epochs, of the unit that took the most.

    Example:
        >>> x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
        >>> Perceptron().fit(x, ["no", "no", "no", "yes"]).predict(x)
        array(['no', 'no', 'no', 'yes'], dtype='<U3')

    Reference:
        Rosenblatt, 1958, "The perceptron: a probabilistic model for information storage and organization in the
        brain".
    """

    n_features_in_: int

    @public
    def __init__(
        self,
        *,
        fit_intercept: bool = True,
        max_iter: int = 1000,
        tol: float | None = 1e-3,
        shuffle: bool = True,
        verbose: Any = 0,
        eta0: float = 1.0,
        random_state: Any = 0,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 5,
        class_weight: Any = None,
        warm_start: bool = False,
    ) -> None:
        self.fit_intercept = fit_intercept
        self.max_iter = max_iter
        self.tol = tol
        self.shuffle = shuffle
        self.verbose = verbose
        self.eta0 = eta0
        self.random_state = random_state
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.class_weight = class_weight
        self.warm_start = warm_start

    # -- learning --------------------------------------------------------------------------------------------------

    @short_traceback
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Trains until nothing improves.

        Args:
            X: `(rows, features)`.
            y: labels `(rows,)`.
            sample_weight: factors of the rows, `(rows,)`.

        Raises:
            ArgumentError: for parameters out of range.
            DataError: for labels of one class only.
        """
        going_on = self.warm_start and hasattr(self, "coef_")
        self._learn(X, y, sample_weight, self.max_iter, not going_on, None)
        if self.tol is not None and self.n_iter_ == self.max_iter:
            warn_user(
                f"Perceptron took all of its max_iter={self.max_iter} epochs, and might still improve.",
                ConvergenceWarning,
            )
        return self

    @short_traceback
    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """Goes on training for one epoch, or begins to.

        Args:
            X: `(rows, features)`.
            y: labels `(rows,)`.
            classes: all labels that there will be; needed at the first call if `y` has not all of them.
            sample_weight: factors of the rows, `(rows,)`.
        """
        return self._learn(X, y, sample_weight, 1, not hasattr(self, "coef_"), classes)

    def _learn(self, X: Any, y: Any, sample_weight: Any, epochs: int, fresh: bool, classes: Any) -> Self:
        for name in ("max_iter", "eta0", "n_iter_no_change"):
            if not getattr(self, name) > 0:
                raise ArgumentError(f"{name} must be greater than 0. Received: {name}={getattr(self, name)!r}")
        x, y = cast(Any, validate_data(self, X, y, reset=fresh, dtype=np.float64))
        check_classification_targets(y)
        weight = _check_sample_weight(sample_weight, x, dtype=np.float64)
        if fresh:
            self._start(np.unique(y if classes is None else classes))
        strange = y[~np.isin(y, self.classes_)]
        if strange.size:
            raise DataError(
                f"y holds the label {strange.tolist()[0]!r}, but the labels are {self.classes_.tolist()}.",
                hint="name all labels at the first call: partial_fit(X, y, classes=...).",
            )
        # Weights of trained models may be shared with copies.
        self.coef_, self.intercept_ = self.coef_.copy(), self.intercept_.copy()
        self.n_iter_ = max(
            self._train_unit(index, unit, generator, epochs)
            for index, (unit, generator) in enumerate(self._units(x, y, weight))
        )
        return self

    def _start(self, classes: np.ndarray) -> None:
        if len(classes) < 2:
            raise DataError(f"A perceptron tells classes apart, but y has 1 class: {classes.tolist()[0]!r}.")
        units = 1 if len(classes) == 2 else len(classes)
        self.classes_ = classes
        self.coef_ = np.zeros((units, self.n_features_in_))
        self.intercept_ = np.zeros(units)

    def _units(self, x: np.ndarray, y: np.ndarray, weight: np.ndarray) -> Iterator[tuple[_Unit, Any]]:
        """What each unit learns from, and the generator of its orders."""
        by_class = compute_class_weight(self.class_weight, classes=self.classes_, y=y)
        held = np.zeros(len(y), bool)
        if self.early_stopping:
            cut = StratifiedShuffleSplit(test_size=self.validation_fraction, random_state=self.random_state)
            held[next(cut.split(x, y))[1]] = True
        generator = check_random_state(self.random_state)
        if len(self.classes_) == 2:
            own = y == self.classes_[1]
            yield _Unit(x, np.where(own, 1.0, -1.0), np.where(own, by_class[1], by_class[0]) * weight, held), generator
            return
        for seed, label, factor in zip(
            generator.randint(_INT_MAX, size=len(self.classes_)), self.classes_, by_class, strict=True
        ):
            own = y == label
            unit = _Unit(x, np.where(own, 1.0, -1.0), np.where(own, factor, 1.0) * weight, held)
            yield unit, np.random.RandomState(seed)

    def _train_unit(self, index: int, unit: _Unit, generator: Any, epochs: int) -> int:
        """Trains one unit, and returns the number of epochs."""
        generator.randint(1, _INT_MAX)  # scikit-learn draws, and drops, a seed for its data set
        seed = int(generator.randint(_INT_MAX))
        order = np.arange(len(unit.y))
        swaps = _swaps(seed, len(order)) if self.shuffle else None
        best, waited, tol = math.inf, 0, -math.inf if self.tol is None else self.tol
        for epoch in range(1, epochs + 1):
            order = order if swaps is None else order[swaps]
            loss = self._pass(index, unit, order[~unit.held[order]]) / np.count_nonzero(~unit.held)
            if not np.isfinite(self.coef_[index]).all() or not np.isfinite(self.intercept_[index]):
                raise DataError(f"The weights became infinite in epoch {epoch}.", hint="scale X, or lower eta0.")
            if self.verbose:
                print(f"Epoch {epoch}: loss {loss:.6f}, bias {self.intercept_[index]:.6f}")
            reached = -self._held_score(index, unit) if self.early_stopping else loss
            waited = waited + 1 if tol > -math.inf and reached > best - tol else 0
            best = min(best, reached)
            if waited >= self.n_iter_no_change:
                return epoch
        return epochs

    def _pass(self, index: int, unit: _Unit, order: np.ndarray) -> float:
        """Looks at every row once, and returns the sum of the losses.

        Nothing changes up to the next wrong answer, so that rows can be looked at in blocks.
        """
        weights, total, at, size = self.coef_[index], 0.0, 0, _BLOCK
        while at < len(order):
            rows = order[at : at + size]
            # Summed up in the order of the features, since the sign of a sum near 0 depends on it.
            sums = np.cumsum(unit.x[rows] * weights, axis=1)[:, -1] + self.intercept_[index]
            margins = unit.y[rows] * sums
            wrong = np.flatnonzero(margins <= 0)
            if not wrong.size:
                at, size = at + len(rows), 2 * size
                continue
            first = wrong[0]
            row = rows[first]
            total -= float(margins[first])
            update = self.eta0 * unit.y[row] * unit.factors[row]
            weights += update * unit.x[row]
            if self.fit_intercept:
                self.intercept_[index] += update
            at, size = at + int(first) + 1, max(_BLOCK, size // 2)
        return total

    def _held_score(self, index: int, unit: _Unit) -> float:
        sums = unit.x[unit.held] @ self.coef_[index] + self.intercept_[index]
        right = np.where(sums > 0, 1, -1) == unit.y[unit.held]
        return float(np.average(right, weights=unit.factors[unit.held]))

    # -- predicting ------------------------------------------------------------------------------------------------

    @short_traceback
    def decision_function(self, X: Any) -> np.ndarray:
        """The sums of the units, `(rows,)` for two classes, else `(rows, classes)`.

        Args:
            X: `(rows, features)`.
        """
        check_is_fitted(self, "coef_")
        x = cast(Any, validate_data(self, X, reset=False, dtype=np.float64))
        sums = x @ self.coef_.T + self.intercept_
        return sums[:, 0] if len(self.classes_) == 2 else sums

    @short_traceback
    def predict(self, X: Any) -> np.ndarray:
        """The labels of examples.

        Args:
            X: `(rows, features)`.
        """
        sums = self.decision_function(X)
        return self.classes_[(sums > 0).astype(int) if sums.ndim == 1 else sums.argmax(axis=1)]

    @property
    def model_(self) -> Sequential:
        """A model of one layer that computes the sums, to go on with as a network."""
        check_is_fitted(self, "coef_")
        layer = Dense(len(self.coef_))
        model = Sequential([Input((self.n_features_in_,)), layer])
        layer.set_weights([self.coef_.T, self.intercept_])
        return model


def _swaps(seed: int, rows: int) -> np.ndarray:
    """What scikit-learn does to the order of rows before each epoch: the same swaps each time.

    Drawn by Fisher and Yates's way from Marsaglia's generator of 32 bits, shifts 13, 17 and 5.
    """
    order = np.arange(rows)
    state = seed or 1
    for place in range(rows - 1):
        state ^= state << 13 & 0xFFFFFFFF
        state ^= state >> 17
        state ^= state << 5 & 0xFFFFFFFF
        other = place + (state & 0x7FFFFFFF) % (rows - place)
        order[[place, other]] = order[[other, place]]
    return order
