"""What all estimators that hold a network share: how they learn and predict."""

import inspect
from typing import Any, Self, cast

import jax
import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from lamina.core.errors import DataError, UnexpectedArgumentError, suggestion
from lamina.core.seeds import seeded
from lamina.data.dataset import DEFAULT_BATCH
from lamina.estimators.targets import Head, Targets, heads_of
from lamina.estimators.training import Training, conductor
from lamina.training.history import History
from lamina.training.logs import Logs
from lamina.training.trainer import Trainer

FIT_ARGUMENTS = tuple(name for name in inspect.signature(Trainer.fit).parameters if name not in ("self", "x", "y"))


class NetworkEstimator(BaseEstimator):
    """An estimator that holds a model.

    Attributes:
        model_: the trained model.
        history_: from the name of each log to its values, one per epoch.
        n_features_in_: the number of columns of `X`.
        feature_names_in_: their names, if `X` was a data frame.
    """

    random_state: Any
    warm_start: bool
    model_: Any
    history_: dict[str, list[float]]
    n_features_in_: int
    _targets: Any

    # -- for classes of estimators --------------------------------------------------------------------------------

    def _make_model(self, meta: dict[str, Any]) -> Any:
        """The compiled model for data of which `meta` tells."""
        raise NotImplementedError

    def _fit_arguments(self) -> dict[str, Any]:
        """The arguments of `Model.fit` that the parameters stand for."""
        raise NotImplementedError

    def _new_targets(self, y: np.ndarray, classes: Any) -> Targets:
        raise NotImplementedError

    def _check_y(self, y: np.ndarray) -> np.ndarray:
        return y

    def _weights(self, y: np.ndarray, sample_weight: Any, class_weight: Any) -> Any:
        """The factors of the rows in the loss."""
        del y, class_weight
        return sample_weight

    def _meta(self, x: np.ndarray) -> dict[str, Any]:
        """What a build function may want to know of the data."""
        return {
            **{"n_features_in_": self.n_features_in_, "X_shape_": x.shape, "target_type_": self._targets.kind},
            **{"n_outputs_": self._targets.outputs, "n_outputs_expected_": self._targets.outputs},
        }

    # -- learning --------------------------------------------------------------------------------------------------

    def _learn(
        self, X: Any, y: Any, sample_weight: Any, given: dict[str, Any], fresh: bool, classes: Any = None
    ) -> Self:
        for name in given.keys() - set(FIT_ARGUMENTS):
            raise UnexpectedArgumentError(
                f"{type(self).__name__}.fit() has no argument {name!r}.", hint=suggestion(name, FIT_ARGUMENTS)
            )
        arguments = {**self._fit_arguments(), **given}
        vars(self).pop("_peers", None)
        x, y = self._checked(X, y, fresh)
        leader = conductor.get() if fresh else None
        if leader is not None and leader.has_taught(self, x):
            return self
        if sample_weight is not None:
            sample_weight = _check_sample_weight(sample_weight, x, dtype=np.float32, ensure_non_negative=True)
        weights = self._weights(y, sample_weight, arguments.pop("class_weight", None))
        with seeded(self._seed(0 if fresh else self._epochs)):
            if fresh:
                self._targets = self._new_targets(y, classes)
                self._learned_labels()
                self._start(x)
            targets = self._targets.encode(y, self._heads)
            if arguments.get("validation_data") is not None:
                arguments["validation_data"] = self._held_out(arguments["validation_data"])
            training = self._training(x, y, targets, weights, arguments)
            history = training.run() if leader is None else leader.teach(self, training)
        if history is not None:
            self._learned(training, history)
        return self

    def _checked(self, X: Any, y: Any, fresh: bool) -> tuple[np.ndarray, np.ndarray]:
        x, y = cast(Any, validate_data(self, X, y, reset=fresh, allow_nd=True, multi_output=True))
        if not fresh and y.ndim == 2 and self._targets.outputs != y.shape[1]:
            raise DataError(f"y has {y.shape[1]} columns, but had {self._targets.outputs} before.")
        return x, self._check_y(y)

    def _learned_labels(self) -> None:
        """Sets what is known of the labels once they are."""

    def _start(self, x: np.ndarray) -> None:
        self.model_ = self._make_model(self._meta(x))
        self._heads: list[Head] = heads_of(self.model_, x)
        self.history_ = Logs()
        self._epochs = 0

    def _training(
        self, x: np.ndarray, y: np.ndarray, targets: Any, weights: Any, arguments: dict[str, Any]
    ) -> Training:
        """What the model is to learn."""
        del y
        return Training(self.model_, x, targets, weights, arguments)

    def _learned(self, training: Training, history: History) -> None:
        """Takes note of a training that is over."""
        del training
        self._epochs += len(history.epoch)
        for name, values in history.history.items():
            self.history_[name] = [*self.history_.get(name, []), *values]

    def _held_out(self, given: Any) -> Any:
        """Data for validation, their targets as those of training."""
        if not isinstance(given, tuple | list) or not 2 <= len(given) <= 3:
            return given  # a source of batches, or what fit has an error for
        x, y, *weight = given
        x = validate_data(self, x, reset=False, allow_nd=True)
        return (x, self._targets.encode(self._check_y(np.asarray(y)), self._heads), *weight)

    def _seed(self, epochs: int) -> int | None:
        """The seed of a training: `random_state` if it is a number, after some epochs another one."""
        if self.random_state is None:
            return None
        if isinstance(self.random_state, int | np.integer):
            return (int(self.random_state) + epochs) % 2**32
        return int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))

    @property
    def _goes_on(self) -> bool:
        return bool(self.warm_start) and hasattr(self, "model_")

    # -- predicting ------------------------------------------------------------------------------------------------

    def _outputs(self, X: Any, arguments: dict[str, Any]) -> Any:
        check_is_fitted(self, "model_")
        x = validate_data(self, X, reset=False, allow_nd=True)
        peers = vars(self).get("_peers")
        if peers is not None and not arguments:
            return peers.predict(self.model_, x)
        rows, least = len(x), DEFAULT_BATCH
        if rows < least and not arguments and self.model_.learner("call")[0].pads:
            # The product of a matrix with few rows may differ from that with many in the last bit: so that a row has
            # the same prediction in any company, there are always many.
            x = np.concatenate([x, np.repeat(x[-1:], least - rows, axis=0)])
        outputs = self.model_.predict(x, **{"verbose": 0, **arguments})
        return jax.tree.map(lambda output: output[:rows], outputs)
