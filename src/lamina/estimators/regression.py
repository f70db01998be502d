"""What regressors that hold a network share."""

from typing import Any, Self

import numpy as np
from sklearn.base import RegressorMixin

from lamina.core.errors import DataError
from lamina.core.tracebacks import short_traceback
from lamina.estimators.network import NetworkEstimator
from lamina.estimators.targets import Numbers


class NetworkRegressor(RegressorMixin, NetworkEstimator):
    """An estimator of numbers."""

    def _new_targets(self, y: np.ndarray, classes: Any) -> Numbers:
        return Numbers(y)

    def _check_y(self, y: np.ndarray) -> np.ndarray:
        try:
            return y if y.dtype.kind in "fiub" else y.astype("float64")
        except ValueError as error:
            raise DataError(f"y holds {y.dtype} entries, but a regression needs numbers.") from error

    @short_traceback
    def fit(self, X: Any, y: Any, sample_weight: Any = None, **fit_arguments: Any) -> Self:
        """Trains; anew, unless `warm_start` is on.

        Args:
            X: `(rows, features)`, or with more axes.
            y: numbers `(rows,)`, or `(rows, columns)`.
            sample_weight: factors of the rows in the loss, `(rows,)`.
            **fit_arguments: as for `Model.fit`, for this time only.

        Raises:
            DataError: for data that cannot be trained on.
        """
        return self._learn(X, y, sample_weight, fit_arguments, not self._goes_on)

    @short_traceback
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None, **fit_arguments: Any) -> Self:
        """Goes on training for one epoch, or begins to.

        Args:
            X: as for `fit`.
            y: likewise.
            sample_weight: likewise.
            **fit_arguments: likewise.
        """
        return self._learn(X, y, sample_weight, {"epochs": 1, **fit_arguments}, not hasattr(self, "model_"))

    @short_traceback
    def predict(self, X: Any, **predict_arguments: Any) -> np.ndarray:
        """Predictions in the form of `y`.

        Args:
            X: as for `fit`.
            **predict_arguments: as for `Model.predict`.
        """
        outputs = self._outputs(X, predict_arguments)
        return self._targets.decode(outputs)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
