"""`compile`, `fit`, `evaluate`, `predict` and their kin: what a model can do with data."""

from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from lamina import optimizers
from lamina.core import config
from lamina.core.errors import NotCompiledError
from lamina.core.hyperparameter import numbers_of
from lamina.core.seeds import SeedGenerator
from lamina.core.state import Binding, State, hyperparameter_owners
from lamina.core.structure import ProgramKey, structure_key
from lamina.core.symbolic import SymbolicTensor
from lamina.core.tracebacks import public
from lamina.core.tracking import structure_version
from lamina.core.variable import Variable
from lamina.data.feeds import ChunkedFeed, Feed
from lamina.training import arguments, sources
from lamina.training.driver import Driver
from lamina.training.events import CallbackList
from lamina.training.history import History
from lamina.training.interrupts import deferred_interrupt
from lamina.training.loan import Loan
from lamina.training.objective import Objective
from lamina.training.outputs import Outputs
from lamina.training.prediction import predict_batches
from lamina.training.step import Learner


class Trainer:
    """The half of a model that trains; the other half is a layer."""

    # Set by fit and evaluate themselves, these are no part of a model's structure.
    _untracked = frozenset({"history", "stop_training", "_learners", "_trained_since_compile", "stop_evaluating"})

    optimizer: Any = None
    objective: Objective | None = None
    history: History | None = None
    run_eagerly = False
    stop_training = False
    _learners: dict[str, Any] = {}  # noqa: RUF012 - replaced, never changed in place
    _trained_since_compile: list[Variable] | None = None
    _compile_arguments: dict[str, Any] | None = None

    # -- compile -----------------------------------------------------------------------------------------

    @public
    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: Any = "auto",
        auto_scale_loss: bool = True,
    ) -> None:
        """Says what to train for and how. Which weights are trained is fixed here, too.

        Args:
            optimizer: by name or as an object.
            loss: by name, as a function `(y_true, y_pred)` or as an object; by output if there are several.
            loss_weights: factors of the outputs' losses.
            metrics: names, functions or objects; one may stand alone.
            weighted_metrics: metrics that respect sample and class weights.
            run_eagerly: whether to run step by step in Python, for `print` and debuggers.
            steps_per_execution: accepted as Keras does; the loop is compiled anyway.
            jit_compile: accepted as Keras does; `False` means `run_eagerly`.
            auto_scale_loss: accepted as Keras does.

        Raises:
            UnknownNameError: for the name of no loss, metric or optimizer.
        """
        del steps_per_execution, auto_scale_loss
        self._compile_arguments = {
            "optimizer": optimizer,
            "loss": loss,
            "loss_weights": loss_weights,
            "metrics": metrics,
            "weighted_metrics": weighted_metrics,
            "run_eagerly": run_eagerly,
            "jit_compile": bool(jit_compile),
        }
        self.optimizer = optimizers.get(optimizer)
        self.objective = Objective(loss, loss_weights, metrics, weighted_metrics)
        self.run_eagerly = bool(run_eagerly) or jit_compile is False
        self.stop_training = False
        self._compilation = object()
        built = self.built  # type: ignore[attr-defined]
        self._trained_since_compile = list(self.trainable_variables) if built else None  # type: ignore[attr-defined]

    @property
    def compiled(self) -> bool:
        """Whether `compile` was called."""
        return self.objective is not None

    @property
    def loss(self) -> Any:
        """The loss, as it was given to `compile`."""
        return None if self.objective is None else self.objective.given["loss"]

    def _trained_ids(self) -> frozenset[int]:
        """Which variables are trained: those that were trainable when `compile` was called."""
        fixed = self._trained_since_compile
        trained = self.trainable_variables if fixed is None else fixed  # type: ignore[attr-defined]
        return frozenset(id(variable) for variable in trained)

    def __getstate__(self) -> dict[str, Any]:
        # A copy finds its programs by its structure.
        return {name: value for name, value in self.__dict__.items() if name != "_learners"}

    # -- what a subclass may override -----------------------------------------------------------------------

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """The loss of a batch: that of the outputs, and what layers and regularizers added.

        Args:
            x: inputs.
            y: targets.
            y_pred: outputs.
            sample_weight: factors of the examples.
            training: whether the model is being trained.

        Returns:
            A scalar.
        """
        del x
        assert self.objective is not None
        total = self.objective.loss(y, y_pred, sample_weight)
        added = self.losses  # type: ignore[attr-defined]
        if training and not added and all(loss is None for loss in self.objective.losses):
            raise NotCompiledError(
                "There is nothing to train for: compile() was given no loss, and no layer adds one.",
                hint="say what to train for: model.compile(optimizer='adam', loss='mse').",
            )
        return sum(added, total)

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> dict[str, Any]:
        """Takes a batch into account in the metrics, and returns their values.

        Args:
            x: inputs.
            y: targets.
            y_pred: outputs.
            sample_weight: factors of the examples.
        """
        del x
        assert self.objective is not None
        self.objective.update_metrics(y, y_pred, sample_weight)
        return self.get_metrics_result()

    # -- metrics -----------------------------------------------------------------------------------------------

    @property
    def metrics(self) -> list[Any]:
        """The tracker of the loss, the metrics of `compile`, and those that layers keep."""
        own = self.objective.all_metrics() if self.objective is not None else []
        kept = [metric for layer in self.flatten_layers() for metric in layer.own_metrics()]  # type: ignore[attr-defined]
        return list({id(metric): metric for metric in [*own, *kept]}.values())

    def log_names(self) -> list[str]:
        """The names of `metrics` in logs."""
        own = self.objective.names() if self.objective is not None else []
        return [*own, *(metric.name for metric in self.metrics[len(own) :])]

    @property
    def metrics_names(self) -> list[str]:
        """The names of `metrics` in logs."""
        return self.log_names()

    def reset_metrics(self) -> None:
        """Starts all metrics anew."""
        for metric in self.metrics:
            metric.reset_state()

    def get_metrics_result(self) -> dict[str, Any]:
        """The present values of all metrics, by name."""
        values: dict[str, Any] = {}
        for name, metric in zip(self.log_names(), self.metrics, strict=True):
            result = metric.result()
            values.update(result if isinstance(result, dict) else {name: result})
        return values

    # -- fit ------------------------------------------------------------------------------------------------------

    @public
    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Any = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: Any = True,
        class_weight: Any = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: Any = 1,
    ) -> History:
        """Trains for a number of epochs.

        Args:
            x: inputs: an array, a data frame, a list or dict of arrays for several inputs, or a source
                of batches (generator, `PyDataset`, `tf.data.Dataset`, torch `DataLoader`).
            y: targets, unless `x` is a source of batches.
            batch_size: rows per step; when left out, what makes the given number of steps, or 32.
            epochs: the number of the epoch to stop before.
            verbose: 0 for silence, 1 for a progress bar, 2 for a line per epoch.
            callbacks: objects that are told of epochs and batches.
            validation_split: the share of the last rows to hold back for validation.
            validation_data: `(x, y)`, `(x, y, sample_weight)` or a source of batches.
            shuffle: whether each epoch has a new order; `"batch"` shuffles within batches.
            class_weight: from class to its factor in the loss.
            sample_weight: factors of the rows in the loss.
            initial_epoch: the number of the first epoch.
            steps_per_epoch: batches per epoch; all when left out.
            validation_steps: batches per validation; all when left out.
            validation_batch_size: rows per step of validation; `batch_size` when left out.
            validation_freq: validate every so many epochs, or after those listed.

        Returns:
            The history: the logs of each epoch.

        Raises:
            NotCompiledError: before `compile`.
            ArgumentError: for arguments out of range.
            DataError: for data that cannot be trained on.
            ShapeError: for inputs that do not fit the model.
        """
        self._require_compiled("fit")
        epochs, initial_epoch = arguments.check_epochs(epochs, initial_epoch)
        verbose = arguments.check_verbose(verbose)
        arguments.check_optional(
            "fit",
            batch_size=batch_size,
            steps_per_epoch=steps_per_epoch,
            validation_steps=validation_steps,
            validation_batch_size=validation_batch_size,
        )
        freq = arguments.check_freq(validation_freq)
        share = arguments.check_split(validation_split)
        shuffle = arguments.check_shuffle(shuffle)
        told = CallbackList(callbacks, add_history=True, add_progbar=verbose != 0)
        data, held_out = sources.training_source(
            self, x, y, sample_weight, class_weight, 0.0 if validation_data is not None else share
        )
        if validation_data is not None:
            held_out = sources.validation_source(self, validation_data)
        fresh = self._prepare_for(data.example(batch_size, steps_per_epoch))
        data.check(self, "fit")
        feed = data.training_feed(batch_size, shuffle, steps_per_epoch, 1 if told.wants_batches("train") else None)
        if held_out is not None:
            held_out.check(self, "validation_data")
        if fresh:
            data.spend_permutation(shuffle, batch_size)
        told.set_model(self)
        told.set_params({"verbose": verbose, "epochs": epochs, "steps": feed.num_batches})
        self.stop_training = False
        validation = None
        if held_out is not None:
            validation = held_out.test_feed(validation_batch_size or batch_size, validation_steps, keep=True)
        self._train(feed, validation, range(initial_epoch, epochs), freq, told)
        assert told.history is not None
        return told.history

    def _train(
        self, feed: Feed, validation: Feed | None, epochs: range, validation_freq: Any, told: CallbackList
    ) -> None:
        learner, key = self.learner("fit")
        loan = Loan(learner.binding)
        write: Callable[[State], None] = lambda state: setattr(loan, "state", state)  # noqa: E731
        logs: dict[str, Any] = {}
        try:
            with deferred_interrupt() as check:
                # The last phase of a fit, and the only one that a first Ctrl-C can end.
                common = (learner, key, lambda: loan.state, write, told, self.run_eagerly, check)
                train, test = Driver("train", *common), Driver("test", *common, show_progress=False)
                told.tell("on_train_begin", {})
                for epoch in epochs:
                    self.reset_metrics()
                    told.tell("on_epoch_begin", epoch, {})
                    logs = dict(train.epoch(feed, lambda: self.stop_training))
                    if validation is not None and arguments.is_due(epoch, validation_freq):
                        self.reset_metrics()
                        told.tell("on_test_begin", {})
                        found = test.epoch(validation)
                        told.tell("on_test_end", dict(found))
                        logs.update((f"val_{name}", value) for name, value in found.items())
                        logs = dict(sorted(logs.items()))
                    told.tell("on_epoch_end", epoch, logs)
                    if self.stop_training:
                        break
                told.tell("on_train_end", logs)
        finally:
            for bar in told.bars:
                bar.close()
            loan.settle()

    # -- evaluate and predict --------------------------------------------------------------------------------------

    @public
    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: Any = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Any = None,
        return_dict: bool = False,
    ) -> Any:
        """The loss and the metrics on data.

        Args:
            x: inputs, as for `fit`.
            y: targets.
            batch_size: rows per step; when left out, what makes the given number of steps, or 32.
            verbose: 0 for silence, 1 for a progress bar, 2 for a line.
            sample_weight: factors of the rows.
            steps: batches to look at; all when left out.
            callbacks: objects that are told of batches.
            return_dict: whether to return values by name.

        Returns:
            The loss, or a list of it and the metrics, or a dict.
        """
        self._require_compiled("evaluate")
        verbose = arguments.check_verbose(verbose)
        arguments.check_optional("evaluate", batch_size=batch_size, steps=steps)
        data = sources.evaluation_source(self, x, y, sample_weight)
        self._prepare_for(data.example(batch_size, steps))
        data.check(self, "evaluate")
        told = callbacks if isinstance(callbacks, CallbackList) else CallbackList(callbacks, add_progbar=verbose != 0)
        feed = data.test_feed(batch_size, steps, keep=False)
        told.set_model(self)
        told.set_params({"verbose": verbose, "epochs": 1, "steps": feed.num_batches})
        learner, key = self.learner("fit")
        self.reset_metrics()
        told.tell("on_test_begin", {})
        binding = learner.binding
        try:
            with deferred_interrupt() as check:
                driver = Driver("test", learner, key, binding.gather, binding.scatter, told, self.run_eagerly, check)
                logs = dict(driver.epoch(feed))
            told.tell("on_test_end", logs)
        finally:
            for bar in told.bars:
                bar.close()
        return logs if return_dict else self._in_order(logs)

    @public
    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: Any = "auto",
        steps: int | None = None,
        callbacks: Any = None,
    ) -> Any:
        """The outputs for inputs.

        Args:
            x: inputs, as for `fit`.
            batch_size: rows at a time; when left out, what makes the given number of steps, or chosen.
            verbose: 0 for silence, 1 for a progress bar.
            steps: batches to predict; all when left out.
            callbacks: objects that are told of batches.

        Returns:
            NumPy arrays in the structure of the outputs, a row for each row of `x`.
        """
        verbose = arguments.check_verbose(verbose)
        arguments.check_optional("predict", batch_size=batch_size, steps=steps)
        return predict_batches(self, x, batch_size, verbose, steps, callbacks)

    # -- one batch -------------------------------------------------------------------------------------------------

    @public
    def train_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, class_weight: Any = None, return_dict: bool = False
    ) -> Any:
        """Trains on a single batch.

        Args:
            x: inputs.
            y: targets.
            sample_weight: factors of the rows.
            class_weight: from class to its factor.
            return_dict: whether to return values by name.

        Returns:
            The loss, or a list of it and the metrics, or a dict.
        """
        return self._on_batch("train", x, y, sample_weight, class_weight, return_dict)

    @public
    def test_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False) -> Any:
        """Evaluates a single batch.

        Args:
            x: inputs.
            y: targets.
            sample_weight: factors of the rows.
            return_dict: whether to return values by name.

        Returns:
            The loss, or a list of it and the metrics, or a dict.
        """
        return self._on_batch("test", x, y, sample_weight, None, return_dict)

    @public
    def predict_on_batch(self, x: Any) -> Any:
        """The outputs for a single batch.

        Args:
            x: inputs.
        """
        return predict_batches(self, x, None, 0, None, None)

    def _on_batch(self, phase: str, x: Any, y: Any, sample_weight: Any, class_weight: Any, return_dict: bool) -> Any:
        self._require_compiled(f"{phase}_on_batch")
        data = sources.batch_source(self, x, y, sample_weight, class_weight)
        rows = len(jax.tree.leaves(data.arrays)[0])
        self._prepare_for(data.example(rows))
        data.check(self, f"{phase}_on_batch")
        learner, key = self.learner("fit")
        binding = learner.binding
        told = CallbackList()
        if phase == "test":
            self.reset_metrics()
            driver = Driver(phase, learner, key, binding.gather, binding.scatter, told, self.run_eagerly)
            logs = driver.epoch(ChunkedFeed(data.arrays, rows, capacity=1))
        else:
            loan = Loan(binding)
            write: Callable[[State], None] = lambda state: setattr(loan, "state", state)  # noqa: E731
            try:
                self.reset_metrics()
                driver = Driver(phase, learner, key, lambda: loan.state, write, told, self.run_eagerly)
                logs = driver.epoch(ChunkedFeed(data.arrays, rows, capacity=1))
            finally:
                loan.settle()
        return dict(logs) if return_dict else self._in_order(logs)

    # -- inside ------------------------------------------------------------------------------------------------------

    def _require_compiled(self, method: str) -> None:
        if self.objective is None:
            raise NotCompiledError(
                f"{method}() was called before compile().",
                hint="say what to train for first: model.compile(optimizer='adam', loss='mse').",
            )

    def _in_order(self, logs: dict[str, Any]) -> Any:
        """The values as a list, the loss first; a single one as itself."""
        names = [name for name in self.log_names() if name in logs]
        values = [logs[name] for name in [*names, *(name for name in logs if name not in names)]]
        return values[0] if len(values) == 1 else values

    def _prepare_for(self, example: tuple[Any, Any, Any]) -> bool:
        """Builds what is not built yet, from the shapes of a batch; tells whether there was something to do."""
        x, y, _ = example
        assert self.objective is not None
        fresh = not self.built or not self.objective.resolved  # type: ignore[attr-defined]
        outputs = self.output_specs(x)  # type: ignore[attr-defined]
        if not self.objective.resolved:
            names = getattr(self, "output_names", None)
            self.objective.resolve(Outputs(outputs, names), jax.tree.map(_spec, y))
            self.objective = self.objective  # what it holds has changed
        if self._trained_since_compile is None:
            self._trained_since_compile = list(self.trainable_variables)  # type: ignore[attr-defined]
        trained = self._trained_ids()
        self.optimizer.build([v for v in self.variables if id(v) in trained])  # type: ignore[attr-defined]
        return fresh

    def learner(self, purpose: str) -> tuple[Learner, ProgramKey]:
        """The model with its binding, and the key of its programs; found anew when the structure has changed.

        Args:
            purpose: `"fit"`, or `"call"` for programs that need no objective and no optimizer.
        """
        version = (structure_version(), config.floatx(), config.epsilon())
        if self._learners.get("version") != version:
            self._learners = {"version": version}
        if purpose not in self._learners:
            objective, optimizer = (self.objective, self.optimizer) if purpose == "fit" else (None, None)
            binding = self._bind(objective, optimizer)
            pads = self.all_rows_independent and (objective is None or self._measures_rows(objective))  # type: ignore[attr-defined]
            parts = (
                structure_key(self),
                None if objective is None else structure_key(objective.structure()),
                structure_key(optimizer),
                tuple(len(group) for group in binding.groups),
                tuple(any(v is p for p in binding.groups.params) for v in self.variables),  # type: ignore[attr-defined]
                None if pads else self.__dict__.get("_compilation"),
                version[1:],
            )
            self._learners[purpose] = Learner(self, objective, optimizer, binding, pads=pads), ProgramKey(parts)
        return self._learners[purpose]

    def _measures_rows(self, objective: Objective) -> bool:
        """Whether losses and metrics are lamina's own, which leave padded rows out."""
        own = type(self).compute_loss is Trainer.compute_loss and type(self).compute_metrics is Trainer.compute_metrics
        return own and objective.row_independent

    def _bind(self, objective: Objective | None, optimizer: Any) -> Binding:
        trained = self._trained_ids()
        generators = [node for _, node in self.walk() if isinstance(node, SeedGenerator)]  # type: ignore[attr-defined]
        seeds = _unique([generator.state for generator in generators])
        metrics = _unique([variable for metric in self.metrics for variable in metric.variables])
        apart = {id(variable) for variable in [*seeds, *metrics]}
        weights = [v for v in self.variables if id(v) not in apart]  # type: ignore[attr-defined]
        groups = State(
            params=tuple(v for v in weights if id(v) in trained),
            frozen=tuple(v for v in weights if id(v) not in trained and v.made_trainable),
            stats=tuple(v for v in weights if id(v) not in trained and not v.made_trainable),
            seeds=tuple(seeds),
            metrics=tuple(metrics) if objective is not None else (),
            slots=tuple(optimizer.variables) if optimizer is not None else (),
        )
        owners = hyperparameter_owners([self, objective, optimizer])  # type: ignore[list-item]
        return Binding(groups, [owner for owner in owners if numbers_of(owner)])


def _unique(variables: list[Variable]) -> list[Variable]:
    return list({id(variable): variable for variable in variables}.values())


def _spec(array: Any) -> SymbolicTensor:
    return SymbolicTensor((None, *array.shape[1:]), str(np.dtype(array.dtype)), name="target")
