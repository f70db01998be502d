"""What classifiers that hold a network share."""

from typing import Any, Self

import jax
import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils import column_or_1d
from sklearn.utils.class_weight import compute_sample_weight

from lamina.core.tracebacks import short_traceback
from lamina.estimators.network import NetworkEstimator
from lamina.estimators.targets import Labels


class NetworkClassifier(ClassifierMixin, NetworkEstimator):
    """An estimator of labels.

    Attributes:
        classes_: the sorted labels; a list of them if `y` has several columns of labels.
        n_classes_: how many there are.
    """

    def _new_targets(self, y: np.ndarray, classes: Any) -> Labels:
        return Labels(y, classes)

    def _learned_labels(self) -> None:
        self.classes_ = self._targets.classes
        columns = self._targets.columns
        self.n_classes_ = len(columns[0]) if len(columns) == 1 else [len(labels) for labels in columns]

    def _meta(self, x: np.ndarray) -> dict[str, Any]:
        return {**super()._meta(x), "classes_": self.classes_, "n_classes_": self.n_classes_}

    def _check_y(self, y: np.ndarray) -> np.ndarray:
        return column_or_1d(y, warn=True) if y.ndim == 2 and y.shape[1] == 1 else y

    def _weights(self, y: np.ndarray, sample_weight: Any, class_weight: Any) -> Any:
        """Factors of rows, those of their labels in them."""
        if class_weight is None:
            return sample_weight
        by_class = compute_sample_weight(class_weight, y).astype("float32")
        return by_class if sample_weight is None else by_class * sample_weight

    @short_traceback
    def fit(self, X: Any, y: Any, sample_weight: Any = None, **fit_arguments: Any) -> Self:
        """Trains; anew, unless `warm_start` is on.

        Args:
            X: `(rows, features)`, or with more axes.
            y: labels `(rows,)`, or `(rows, columns)`.
            sample_weight: factors of the rows in the loss, `(rows,)`.
            **fit_arguments: as for `Model.fit`, for this time only.

        Raises:
            DataError: for data that cannot be trained on.
        """
        return self._learn(X, y, sample_weight, fit_arguments, not self._goes_on)

    @short_traceback
    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None, **fit_arguments: Any) -> Self:
        """Goes on training for one epoch, or begins to.

        Args:
            X: as for `fit`.
            y: likewise.
            classes: all labels that there will be; needed at the first call if `y` has not all of them.
            sample_weight: as for `fit`.
            **fit_arguments: likewise.
        """
        fresh = not hasattr(self, "model_")
        return self._learn(X, y, sample_weight, {"epochs": 1, **fit_arguments}, fresh, classes)

    @short_traceback
    def predict(self, X: Any, **predict_arguments: Any) -> np.ndarray:
        """The labels of examples, in the form of `y`.

        Args:
            X: as for `fit`.
            **predict_arguments: as for `Model.predict`.
        """
        return self._targets_of(X, predict_arguments, "decode")

    @short_traceback
    def predict_proba(self, X: Any, **predict_arguments: Any) -> Any:
        """The probability of each label, `(rows, labels)`; a list of such if `y` has several columns of labels.

        Args:
            X: as for `fit`.
            **predict_arguments: as for `Model.predict`.
        """
        return self._targets_of(X, predict_arguments, "probabilities")

    def predict_log_proba(self, X: Any, **predict_arguments: Any) -> Any:
        """The logarithms of what `predict_proba` gives.

        Args:
            X: as for `fit`.
            **predict_arguments: as for `Model.predict`.
        """
        with np.errstate(divide="ignore"):
            return jax.tree.map(np.log, self.predict_proba(X, **predict_arguments))

    def _targets_of(self, X: Any, arguments: dict[str, Any], method: str) -> Any:
        outputs = self._outputs(X, arguments)
        return getattr(self._targets, method)(outputs, self._heads)

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """The share of rows that are all right.

        Args:
            X: as for `fit`.
            y: the true labels.
            sample_weight: factors of the rows.
        """
        given = np.asarray(y)
        if hasattr(self, "model_") and self._targets.kind == "multiclass-multioutput":
            return float(np.average((self.predict(X) == given).all(axis=1), weights=sample_weight))
        return super().score(X, y, sample_weight)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
