"""`fit`, `evaluate`, `predict` and their kin: what a model can do with data."""

from collections.abc import Callable
from typing import Any

import jax

from lamina.core.state import State
from lamina.core.tracebacks import public
from lamina.data.feeds import ChunkedFeed, Feed
from lamina.training import arguments, sources
from lamina.training.backup_and_restore import BackupAndRestore
from lamina.training.compiled import Compiled
from lamina.training.driver import Driver
from lamina.training.events import CallbackList
from lamina.training.history import History
from lamina.training.interrupts import deferred_interrupt
from lamina.training.loan import Loan
from lamina.training.logs import Logs
from lamina.training.prediction import predict_batches
from lamina.training.run import Run


class Trainer(Compiled):
    """The half of a model that trains; the other half is a layer."""

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
        resume: Any = None,
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
            class_weight: from class to its factor in the loss; by output name if there are several outputs.
            sample_weight: factors of the rows in the loss.
            initial_epoch: the number of the first epoch.
            steps_per_epoch: batches per epoch; all when left out.
            validation_steps: batches per validation; all when left out.
            validation_batch_size: rows per step of validation; `batch_size` when left out.
            validation_freq: validate every so many epochs, or after those listed.
            resume: a folder: a snapshot of the training is kept there, and training goes on from it if there is
                one. Short for the callback `BackupAndRestore(resume, delete_checkpoint=False)`.

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
        if resume is not None:
            told.append(BackupAndRestore(resume, delete_checkpoint=False))
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
        run = Run(learner, feed, validation, told, epochs)
        backups = told.backups
        try:
            with deferred_interrupt() as check:
                # The last phase of a fit, and the only one that a first Ctrl-C can end.
                common = (learner, key, loan.take, write, told, self.run_eagerly, check)
                train, test = Driver("train", *common), Driver("test", *common, show_progress=False)
                for backup in backups:
                    backup.set_run(run)
                told.tell("on_train_begin", {})
                for epoch in run.remaining():
                    due = validation is not None and arguments.is_due(epoch, validation_freq)
                    run.logs = self._run_epoch(run, train, feed, test, validation if due else None, told)
                    if self.stop_training:
                        break
                if epochs:
                    # An optimizer that averages weights puts the averages into them.
                    self.optimizer.finalize_variable_values(self.trained_variables())
                told.tell("on_train_end", run.logs)
        finally:
            for open_one in (*told.bars, *backups):
                open_one.close()
            loan.settle()

    def _run_epoch(
        self, run: Run, train: Driver, feed: Feed, test: Driver, validation: Feed | None, told: CallbackList
    ) -> dict[str, Any]:
        """Trains for an epoch, and validates if there is something to do so with; returns the logs."""
        epoch = run.epoch
        self.reset_metrics()
        told.tell("on_epoch_begin", epoch, {})
        logs = dict(train.epoch(feed, lambda: self.stop_training, run.step, run.logs if run.step else {}))
        if validation is not None:
            self.reset_metrics()
            self.stop_evaluating = False
            told.tell("on_test_begin", {})
            found = test.epoch(validation, lambda: self.stop_evaluating)
            told.tell("on_test_end", dict(found))
            logs.update((f"val_{name}", value) for name, value in found.items())
            logs = dict(sorted(logs.items()))
        told.tell("on_epoch_end", epoch, Logs(logs))
        return logs

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
        self.stop_evaluating = False
        told.tell("on_test_begin", {})
        binding = learner.binding
        try:
            with deferred_interrupt() as check:
                driver = Driver("test", learner, key, binding.gather, binding.scatter, told, self.run_eagerly, check)
                logs = dict(driver.epoch(feed, lambda: self.stop_evaluating))
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
            class_weight: from class to its factor; by output name if there are several outputs.
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
                driver = Driver(phase, learner, key, loan.take, write, told, self.run_eagerly)
                logs = driver.epoch(ChunkedFeed(data.arrays, rows, capacity=1))
            finally:
                loan.settle()
        return dict(logs) if return_dict else self._in_order(logs)

    def _in_order(self, logs: dict[str, Any]) -> Any:
        """The values as a list, the loss first; a single one as itself."""
        names = [name for name in self.log_names() if name in logs]
        values = [logs[name] for name in [*names, *(name for name in logs if name not in names)]]
        return values[0] if len(values) == 1 else values
