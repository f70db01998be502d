"""Ready-made networks of dense layers, with scikit-learn's parameters."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split

from lamina import optimizers
from lamina.callbacks import EarlyStopping
from lamina.core.errors import ArgumentError, DataError
from lamina.core.seeds import draw_seed
from lamina.core.tracebacks import public, warn_user
from lamina.core.validate import not_negative, positive_int
from lamina.estimators.classification import NetworkClassifier
from lamina.estimators.network import NetworkEstimator
from lamina.estimators.regression import NetworkRegressor
from lamina.estimators.training import Training
from lamina.layers import Dense, Input
from lamina.models import Sequential
from lamina.regularizers import L2
from lamina.training.history import History

_ACTIVATIONS = {"identity": "linear", "logistic": "sigmoid"}


class MultilayerPerceptron(NetworkEstimator):
    """What `MLPClassifier` and `MLPRegressor` share.

    Attributes:
        n_iter_: epochs of the last training.
        loss_curve_: the loss after each epoch.
        loss_: the last of these.
        best_loss_: the least of these; of the held-out rows with `early_stopping`.
    """

    hidden_layer_sizes: Any
    activation: str
    solver: Any
    alpha: float
    batch_size: Any
    learning_rate_init: float
    max_iter: int
    shuffle: bool
    tol: float
    verbose: Any
    early_stopping: bool
    validation_fraction: float
    n_iter_no_change: int

    # -- the network -----------------------------------------------------------------------------------------------

    def _output(self, meta: dict[str, Any]) -> tuple[int, str, str]:
        """Units, activation and loss of the output layer."""
        raise NotImplementedError

    def _make_model(self, meta: dict[str, Any]) -> Sequential:
        units, activation, loss = self._output(meta)
        sizes = self.hidden_layer_sizes
        sizes = list(sizes) if isinstance(sizes, Sequence | np.ndarray) else [sizes]
        penalty = 0.5 * self.alpha / self._batch(meta["X_shape_"][0])
        hidden = [(size, _ACTIVATIONS.get(self.activation, self.activation)) for size in sizes]
        layers = [
            Dense(size, function, kernel_regularizer=L2(penalty) if penalty else None)
            for size, function in [*hidden, (units, activation)]
        ]
        model = Sequential([Input((self.n_features_in_,)), *layers])
        model.compile(optimizer=self._optimizer(), loss=loss)
        return model

    def _optimizer(self) -> Any:
        if self.solver == "lbfgs":
            raise ArgumentError(
                "solver is 'lbfgs', but networks are trained by steps over batches.", hint="choose 'adam' or 'sgd'."
            )
        optimizer = optimizers.get(self.solver)
        optimizer.learning_rate = self.learning_rate_init
        return optimizer

    def _batch(self, rows: int) -> int:
        return min(200, rows) if self.batch_size == "auto" else min(int(self.batch_size), rows)

    # -- training --------------------------------------------------------------------------------------------------

    def _fit_arguments(self) -> dict[str, Any]:
        owner = type(self).__name__
        for name in ("alpha", "tol"):
            not_negative(owner, name, getattr(self, name))
        for name in ("max_iter", "n_iter_no_change", *(() if self.batch_size == "auto" else ("batch_size",))):
            positive_int(owner, name, getattr(self, name))
        epochs = {"epochs": int(self.max_iter), "shuffle": self.shuffle, "verbose": int(self.verbose)}
        return {**epochs, "class_weight": getattr(self, "class_weight", None)}

    def _training(
        self, x: np.ndarray, y: np.ndarray, targets: Any, weights: Any, arguments: dict[str, Any]
    ) -> Training:
        kept = held = None
        if self.early_stopping and "validation_data" not in arguments:
            kept, held = self._split(y)
        stopping = EarlyStopping(
            "val_loss" if self.early_stopping else "loss",
            min_delta=self.tol,
            patience=self.n_iter_no_change + 1,
            mode="min",
            restore_best_weights=self.early_stopping,
        )
        whole = arguments["epochs"] > 1
        callbacks = [*(arguments.pop("callbacks", None) or ()), *([stopping] if whole else [])]
        batch = arguments.pop("batch_size", None) or self._batch(len(x if kept is None else kept))
        arguments |= {"batch_size": batch, "callbacks": callbacks}
        return Training(self.model_, x, targets, weights, arguments, kept, held)

    def _learned(self, training: Training, history: History) -> None:
        super()._learned(training, history)
        whole = training.arguments["epochs"] > 1
        self.n_iter_ = len(history.epoch) if whole else self._epochs
        self.loss_curve_ = list(self.history_["loss"])
        self.loss_ = self.loss_curve_[-1]
        self.best_loss_ = min(self.history_["val_loss" if self.early_stopping else "loss"])
        self.n_layers_ = len(self.model_.layers) + 1
        if whole and self.n_iter_ == self.max_iter:
            warn_user(
                f"{type(self).__name__} took all of its max_iter={self.max_iter} epochs, and might still improve.",
                ConvergenceWarning,
            )

    def _split(self, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        rows = np.arange(len(y))
        try:
            kept, held = train_test_split(
                rows, test_size=self.validation_fraction, stratify=self._strata(y), random_state=draw_seed() % 2**31
            )
        except ValueError as error:
            raise DataError(f"No {self.validation_fraction:g} of the rows can be held out: {error}") from error
        return np.asarray(kept), np.asarray(held)

    def _strata(self, y: np.ndarray) -> Any:
        del y

    @property
    def coefs_(self) -> list[np.ndarray]:
        """The kernels, `(inputs, units)` each."""
        return [layer.kernel.numpy() for layer in self.model_.layers]

    @property
    def intercepts_(self) -> list[np.ndarray]:
        """The biases, `(units,)` each."""
        return [layer.bias.numpy() for layer in self.model_.layers]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = False
        return tags


class MLPClassifier(NetworkClassifier, MultilayerPerceptron):
    """A classifier of dense layers, ready-made.

    Args:
        hidden_layer_sizes: units of each hidden layer.
        activation: of the hidden layers: scikit-learn's names, or any of lamina's.
        solver: `"adam"`, `"sgd"` or another optimizer, by name.
        alpha: the factor of the L2 penalty, divided by twice the rows of a batch, as scikit-learn does.
        batch_size: rows per step; `"auto"` for 200, or all if there are fewer.
        learning_rate_init: the learning rate.
        max_iter: epochs at most.
        shuffle: whether each epoch has a new order.
        random_state: seeds weights and shuffling.
        tol: by how much the loss has to improve to count.
        verbose: as for `Model.fit`.
        warm_start: whether `fit` goes on training.
        early_stopping: whether to hold out rows, stop by their loss and go back to the best weights.
        validation_fraction: the share of these rows.
        n_iter_no_change: epochs to wait for an improvement.
        class_weight: from label to its factor in the loss, or `"balanced"`.

    Example:
        >>> import warnings
        >>> import numpy as np
        >>> x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
        >>> y = np.array(["equal", "different", "different", "equal"])
        >>> network = MLPClassifier((8,), learning_rate_init=0.1, alpha=0, max_iter=200, tol=0, random_state=3)
        >>> with warnings.catch_warnings(action="ignore"):
        ...     network.fit(x, y).score(x, y)
        1.0
    """

    @public
    def __init__(
        self,
        hidden_layer_sizes: Any = (100,),
        activation: str = "relu",
        *,
        solver: Any = "adam",
        alpha: float = 0.0001,
        batch_size: Any = "auto",
        learning_rate_init: float = 0.001,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: Any = False,
        warm_start: bool = False,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 10,
        class_weight: Any = None,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.class_weight = class_weight

    def _output(self, meta: dict[str, Any]) -> tuple[int, str, str]:
        kind, classes = meta["target_type_"], meta["n_classes_"]
        if kind == "multiclass-multioutput":
            raise DataError(
                f"y has {len(classes)} columns of labels, but MLPClassifier answers one question.",
                hint="use KerasClassifier with a model of as many outputs, or sklearn.multioutput.",
            )
        if kind == "multilabel-indicator":
            return classes, "sigmoid", "binary_crossentropy"
        return (
            (1, "sigmoid", "binary_crossentropy")
            if classes <= 2
            else (
                classes,
                "softmax",
                "sparse_categorical_crossentropy",
            )
        )

    def _strata(self, y: np.ndarray) -> Any:
        return y if y.ndim == 1 and len(self.classes_) > 1 else None


class MLPRegressor(NetworkRegressor, MultilayerPerceptron):
    """A regressor of dense layers, ready-made.

    Args:
        hidden_layer_sizes: units of each hidden layer.
        activation: of the hidden layers: scikit-learn's names, or any of lamina's.
        solver: `"adam"`, `"sgd"` or another optimizer, by name.
        alpha: the factor of the L2 penalty, divided by twice the rows of a batch, as scikit-learn does.
        batch_size: rows per step; `"auto"` for 200, or all if there are fewer.
        learning_rate_init: the learning rate.
        max_iter: epochs at most.
        shuffle: whether each epoch has a new order.
        random_state: seeds weights and shuffling.
        tol: by how much the loss has to improve to count.
        verbose: as for `Model.fit`.
        warm_start: whether `fit` goes on training.
        early_stopping: whether to hold out rows, stop by their loss and go back to the best weights.
        validation_fraction: the share of these rows.
        n_iter_no_change: epochs to wait for an improvement.

    Example:
        >>> import warnings
        >>> import numpy as np
        >>> x = np.linspace(-1, 1, 100)[:, None]
        >>> network = MLPRegressor((16,), learning_rate_init=0.02, max_iter=300, random_state=0)
        >>> with warnings.catch_warnings(action="ignore"):
        ...     network.fit(x, np.abs(x[:, 0])).score(x, np.abs(x[:, 0])) > 0.9
        True
    """

    @public
    def __init__(
        self,
        hidden_layer_sizes: Any = (100,),
        activation: str = "relu",
        *,
        solver: Any = "adam",
        alpha: float = 0.0001,
        batch_size: Any = "auto",
        learning_rate_init: float = 0.001,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: Any = False,
        warm_start: bool = False,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 10,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change

    def _output(self, meta: dict[str, Any]) -> tuple[int, str, str]:
        return meta["n_outputs_"], "linear", "mean_squared_error"
