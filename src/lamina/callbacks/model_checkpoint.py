"""Saves the model while it is trained."""

import os
import string
from pathlib import Path
from typing import Any

import numpy as np

from lamina.callbacks.monitor_callback import MonitorCallback
from lamina.core.configurable import refuse_unexpected
from lamina.core.errors import ArgumentError, FileError, MissingLogError, suggestion
from lamina.core.files import failure
from lamina.core.tracebacks import warn_user
from lamina.core.validate import file_path, positive_int
from lamina.training.logs import Logs

_MODEL_FILES = (".keras", ".h5", ".hdf5")


class ModelCheckpoint(MonitorCallback):
    """Saves the model, or its weights, after epochs or after a number of batches.

    Saving after epochs costs nothing between them. Saving after batches cuts the loop there and at
    the ends of epochs, and nowhere else.

    Args:
        filepath: the file. It may hold fields, as in `"{epoch:02d}-{val_loss:.2f}.keras"`: the epoch,
            from 1, whatever is in the logs, and `batch`, from 1, if it saves after batches. Missing
            folders are made.
        monitor: the name of the number in the logs that tells which model is best.
        verbose: whether to print when it acts.
        save_best_only: whether to save only what is better than all that was saved before.
        save_weights_only: whether to call `model.save_weights` instead of `model.save`.
        mode: `"min"` if lower is better, `"max"` if higher is, `"auto"` to go by the metric.
        save_freq: `"epoch"`, or a number of batches; they are counted across epochs.
        initial_value_threshold: what the first model has to be better than.
        **kwargs: `period`, an old argument: save after every so many epochs.

    Attributes:
        best: the monitored value of the best model so far.

    Raises:
        ArgumentError: for arguments out of range, a path that cannot be filled in, or an ending that
            is none of a model's file.
        MissingLogError: when it saves, if the path asks for what is not in the logs.
        FileError: when it saves, if the path is a folder.

    Example:
        >>> class Model:
        ...     def save(self, path, overwrite):
        ...         print("saved", path)
        >>> checkpoint = ModelCheckpoint("{epoch:02d}-{val_loss:.2f}.keras", save_best_only=True)
        >>> checkpoint.set_model(Model())
        >>> for epoch, loss in enumerate([0.5, 0.75, 0.25]):
        ...     checkpoint.on_epoch_end(epoch, {"val_loss": loss})
        saved 01-0.50.keras
        saved 03-0.25.keras
    """

    state_names = ("best", "batches_since_saving", "epochs_since_saving", "last_batch")

    def __init__(
        self,
        filepath: str | os.PathLike[str],
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: str | int = "epoch",
        initial_value_threshold: float | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(monitor, mode, initial_value_threshold)
        self.period = positive_int("ModelCheckpoint", "period", kwargs.pop("period", 1))
        refuse_unexpected(self, kwargs, "period")
        if save_freq != "epoch" and (isinstance(save_freq, bool | str) or not isinstance(save_freq, int | np.integer)):
            raise ArgumentError(
                f"ModelCheckpoint: save_freq must be 'epoch' or a number of batches. Received: save_freq={save_freq!r}"
            )
        self.save_freq = save_freq if save_freq == "epoch" else positive_int("ModelCheckpoint", "save_freq", save_freq)
        self.filepath = file_path(type(self).__name__, "filepath", filepath)
        self.verbose = verbose
        self.save_best_only = save_best_only
        self.save_weights_only = save_weights_only
        _check_path(self.filepath, save_weights_only)
        self.batches_since_saving = 0
        self.epochs_since_saving = 0
        self.last_batch = -1
        self._epoch = 0

    def batches_until_due(self) -> int | None:
        """As many as are yet to come before the next file."""
        return None if self.save_freq == "epoch" else int(self.save_freq) - self.batches_since_saving

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Batches are numbered anew."""
        self._epoch = epoch
        self.last_batch = -1

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Saves after so many batches."""
        if self.save_freq == "epoch":
            return
        self.batches_since_saving += batch - self.last_batch
        self.last_batch = batch
        if self.batches_since_saving >= int(self.save_freq):
            self.batches_since_saving = 0
            self._consider({"batch": batch + 1}, logs)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Saves after so many epochs."""
        if self.save_freq != "epoch":
            return
        self._epoch = epoch
        self.epochs_since_saving += 1
        if self.epochs_since_saving >= self.period:
            self.epochs_since_saving = 0
            self._consider({}, logs)

    def _consider(self, numbers: dict[str, int], logs: dict[str, Any] | None) -> None:
        """Saves the model, unless it should be the best and is not."""
        logs = Logs(logs or {})
        path = self._path({"epoch": self._epoch + 1, **numbers}, logs)
        if not self.save_best_only or self._is_best(logs):
            self._say(f"saving to {path}.")
            self._save(path)

    def _is_best(self, logs: Logs) -> bool:
        value = self._monitored(logs)
        if value is None:
            return True
        if np.ndim(value):
            warn_user(f"ModelCheckpoint monitors {self.monitor!r}, which is no single number, so it saves every time.")
            return True
        before = "nothing" if self.best is None else f"{self.best:.5f}"
        if not self._is_improvement(value, self.best):
            self._say(f"{self.monitor} did not improve from {before}.")
            return False
        self._say(f"{self.monitor} improved from {before} to {value:.5f}.")
        self.best = value
        return True

    def _save(self, path: str) -> None:
        if os.path.isdir(path):
            raise FileError(
                f"ModelCheckpoint cannot save to '{path}', which is a folder.",
                hint="add the name of a file, such as model.keras.",
            )
        try:
            os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        except OSError as fault:
            raise failure(Path(path), fault) from None
        save = self.model.save_weights if self.save_weights_only else self.model.save
        save(path, overwrite=True)

    def _path(self, numbers: dict[str, int], logs: Logs) -> str:
        known = Logs({**numbers, **logs})
        try:
            return self.filepath.format_map(known)
        except MissingLogError as error:
            raise MissingLogError(
                f"ModelCheckpoint cannot fill in '{self.filepath}'. {error.fact} It knows {', '.join(known)}.",
                hint=error.hint,
            ) from None
        except (TypeError, ValueError) as error:
            raise ArgumentError(f"ModelCheckpoint cannot fill in '{self.filepath}': {error}.") from None

    def _say(self, text: str) -> None:
        if self.verbose > 0:
            print(f"\nEpoch {self._epoch + 1}: {text}", flush=True)


def _check_path(path: str, weights_only: bool) -> None:
    """Finds before training what would fail after an epoch of it."""
    try:
        fields = [name for _, name, _, _ in string.Formatter().parse(path) if name is not None]
    except ValueError as error:
        raise ArgumentError(f"ModelCheckpoint: filepath cannot be filled in: {error}. Received: '{path}'") from None
    nameless = next((name for name in fields if not name or name.isdigit()), None)
    if nameless is not None:
        raise ArgumentError(
            f"ModelCheckpoint: fields of filepath need names. Received: '{path}'",
            hint="write {epoch:02d} or {val_loss:.2f}; a brace that is meant as one is doubled.",
        )
    if not weights_only and not path.endswith(_MODEL_FILES):
        ending = os.path.splitext(path)[1]
        raise ArgumentError(
            f"ModelCheckpoint: a model is saved to a file that ends in .keras or .h5. Received: filepath='{path}'",
            hint=suggestion(ending, [".keras", ".h5"]) + " Or pass save_weights_only=True for the weights alone.",
        )
