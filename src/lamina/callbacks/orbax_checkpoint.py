"""Saves the state of training as Orbax's checkpoints."""

import json
import os
from collections.abc import Iterable
from typing import Any

import numpy as np

from lamina.callbacks.model_checkpoint import ModelCheckpoint
from lamina.core.errors import missing_extra
from lamina.core.validate import file_path, positive_int
from lamina.core.variable import Variable
from lamina.saving.records import describe
from lamina.training.logs import Logs

_GROUPS = ("trainable_variables", "non_trainable_variables", "optimizer_variables", "metrics_variables")


class OrbaxCheckpoint(ModelCheckpoint):
    """Saves the variables after epochs or after a number of batches, laid out as Keras does with Orbax.

    Checkpoints are numbered: by the epoch, from 0; by the step of the optimizer if it saves after batches.

    Args:
        directory: where the checkpoints go.
        monitor: the name of the number in the logs that tells which model is best.
        verbose: whether to print when it acts.
        save_best_only: whether to save only what is better than all that was saved before.
        mode: `"min"` if lower is better, `"max"` if higher is, `"auto"` to go by the metric.
        save_freq: `"epoch"`, or a number of batches.
        initial_value_threshold: what the first model has to be better than.
        max_to_keep: how many of the latest checkpoints stay; `None` for all.
        save_on_background: whether training goes on while a checkpoint is written.
        save_weights_only: whether to leave out the optimizer, the metrics and the model's description.

    Raises:
        MissingExtraError: if Orbax is not installed.
        ArgumentError: for arguments out of range.

    Example:
        >>> checkpoint = OrbaxCheckpoint("checkpoints", max_to_keep=3)  # doctest: +SKIP
        >>> model.fit(x, y, callbacks=[checkpoint])  # doctest: +SKIP
    """

    def __init__(
        self,
        directory: str | os.PathLike[str],
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        mode: str = "auto",
        save_freq: str | int = "epoch",
        initial_value_threshold: float | None = None,
        max_to_keep: int | None = 1,
        save_on_background: bool = True,
        save_weights_only: bool = False,
    ) -> None:
        self._orbax = _orbax()
        directory = file_path("OrbaxCheckpoint", "directory", directory)
        arguments = (monitor, verbose, save_best_only, True, mode, save_freq, initial_value_threshold)
        super().__init__(directory, *arguments)  # the ending of a folder's name means nothing
        self.directory = os.path.abspath(directory)
        self.max_to_keep = None if max_to_keep is None else positive_int("OrbaxCheckpoint", "max_to_keep", max_to_keep)
        self.save_on_background = save_on_background
        self.save_weights_only = save_weights_only
        self.checkpointer: Any = None

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Opens the folder."""
        training = self._orbax.training
        policies = training.preservation_policies
        self.checkpointer = training.Checkpointer(
            self.directory,
            preservation_policy=None if self.max_to_keep is None else policies.LatestN(self.max_to_keep),
            save_decision_policy=training.save_decision_policies.FixedIntervalPolicy(1),
        )

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Waits for what is still written."""
        self.checkpointer.close()

    def wait_until_finished(self) -> None:
        """Returns when all checkpoints are on the disk."""
        if self.checkpointer is not None:
            self.checkpointer.wait()

    def _consider(self, numbers: dict[str, int], logs: dict[str, Any] | None) -> None:
        if self.save_best_only and not self._is_best(Logs(logs or {})):
            return
        step = int(self.model.optimizer.iterations) if numbers else self._epoch
        self._say(f"saving step {step} to {self.directory}.")
        groups = _GROUPS[:2] if self.save_weights_only else _GROUPS
        content: dict[str, Any] = {"pytree": {name: _tree(_variables(self.model, name)) for name in groups}}
        if not self.save_weights_only:
            content["model_config"] = {"config": json.dumps(describe(self.model))}
        save = self.checkpointer
        (save.save_checkpointables_async if self.save_on_background else save.save_checkpointables)(step, content)


def _orbax() -> Any:
    try:
        from orbax.checkpoint.experimental import v1 as orbax  # type: ignore[import-not-found]
    except ImportError:
        raise missing_extra("orbax", "orbax-checkpoint", "OrbaxCheckpoint") from None
    return orbax


def _variables(model: Any, group: str) -> Iterable[Variable]:
    return model.optimizer.variables if group == "optimizer_variables" else getattr(model, group)


def _tree(variables: Iterable[Variable]) -> dict[str, Any]:
    """Copies of the values in nested dicts, by the parts of their paths."""
    tree: dict[str, Any] = {}
    for variable in variables:
        *folders, name = variable.path.split("/")
        place = tree
        for folder in folders:
            place = place.setdefault(folder, {})
        place[name] = np.array(variable.stored)
    return tree
