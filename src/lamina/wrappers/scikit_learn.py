"""`keras.wrappers.scikit_learn`: the estimators as code for Keras 2 expects them."""

from typing import Any

from sklearn.utils.validation import check_is_fitted, validate_data

from lamina import estimators

__all__ = ["KerasClassifier", "KerasRegressor"]


class KerasClassifier(estimators.KerasClassifier):
    """`lamina.estimators.KerasClassifier`, with the build function first and under its old name.

    Args:
        build_fn: a function that returns a compiled model.
        random_state: seeds weights, dropout and shuffling.
        warm_start: whether `fit` goes on training.
        **sk_params: arguments of the function, and of `fit`.
    """

    def __init__(
        self, build_fn: Any = None, random_state: Any = None, warm_start: bool = False, **sk_params: Any
    ) -> None:
        super().__init__(build_fn=build_fn, random_state=random_state, warm_start=warm_start, **sk_params)


class KerasRegressor(estimators.KerasRegressor):
    """`lamina.estimators.KerasRegressor`, but with a score that is the negative loss of the model.

    Args:
        build_fn: a function that returns a compiled model.
        random_state: seeds weights, dropout and shuffling.
        warm_start: whether `fit` goes on training.
        **sk_params: arguments of the function, and of `fit`.
    """

    def __init__(
        self, build_fn: Any = None, random_state: Any = None, warm_start: bool = False, **sk_params: Any
    ) -> None:
        super().__init__(build_fn=build_fn, random_state=random_state, warm_start=warm_start, **sk_params)

    def score(self, X: Any, y: Any, sample_weight: Any = None, **evaluate_arguments: Any) -> float:
        """The loss, with its sign changed, so that more is better.

        Args:
            X: `(rows, features)`, or with more axes.
            y: numbers `(rows,)`, or `(rows, columns)`.
            sample_weight: factors of the rows.
            **evaluate_arguments: as for `Model.evaluate`.
        """
        check_is_fitted(self, "model_")
        x, y = validate_data(self, X, y, reset=False, allow_nd=True, multi_output=True)
        targets = self._targets.encode(self._check_y(y), self._heads)
        peers = vars(self).get("_peers")
        if peers is not None and not evaluate_arguments:
            return -peers.evaluate(self.model_, x, targets, sample_weight)
        given = {"verbose": 0, **evaluate_arguments, "sample_weight": sample_weight, "return_dict": True}
        return -self.model_.evaluate(x, targets, **given)["loss"]
