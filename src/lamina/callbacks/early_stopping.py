"""Ends training when it has stopped helping."""

from typing import Any

import jax
import numpy as np

from lamina.callbacks.monitor_callback import MonitorCallback
from lamina.core.validate import not_negative


class EarlyStopping(MonitorCallback):
    """Ends training when a number has not become better for some epochs.

    It looks at logs and weights only, so a loop of one's own may call it, with a model that has
    `get_weights` and `set_weights`.

    Args:
        monitor: the name of the number in the logs.
        min_delta: a change by no more than this is no improvement.
        patience: epochs without improvement to wait.
        verbose: whether to print when it acts.
        mode: `"min"` if lower is better, `"max"` if higher is, `"auto"` to go by the metric.
        baseline: epochs that are no better than this count as without improvement.
        restore_best_weights: whether the model gets back the weights of its best epoch, be it better
            than the baseline or not, when training ends.
        start_from_epoch: the first epoch to look at.

    Attributes:
        wait: epochs since the last improvement.
        best: the best value so far.
        best_epoch: the epoch that it is from.
        best_weights: the weights of that epoch, if they are to be restored; copies on the device.
        stopped_epoch: the epoch that it ended training after, 0 if it did not.

    Raises:
        ArgumentError: for arguments out of range, and at the end of the first epoch if nothing tells
            whether the number should fall or rise.

    Example:
        >>> stopper = EarlyStopping("loss", patience=2)
        >>> stopper.set_model(type("Model", (), {"stop_training": False})())
        >>> stopper.on_train_begin()
        >>> for epoch, loss in enumerate([3.0, 1.0, 2.0, 1.5]):
        ...     stopper.on_epoch_end(epoch, {"loss": loss})
        >>> stopper.model.stop_training, stopper.best_epoch, stopper.stopped_epoch
        (True, 1, 3)
    """

    state_names = ("wait", "best", "best_epoch", "best_weights", "stopped_epoch")

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        super().__init__(monitor, mode, min_delta=min_delta)
        not_negative("EarlyStopping", "patience", patience)
        not_negative("EarlyStopping", "start_from_epoch", start_from_epoch)
        self.patience = patience
        self.verbose = verbose
        self.baseline = baseline
        self.restore_best_weights = restore_best_weights
        self.start_from_epoch = start_from_epoch
        self._start_anew()

    def _start_anew(self) -> None:
        self.wait = self.stopped_epoch = self.best_epoch = 0
        self.best: Any = None
        self.best_weights: list[Any] | None = None

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Forgets the last training."""
        super().on_train_begin(logs)
        self._start_anew()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Looks at an epoch."""
        value = self._monitored(logs)
        if value is None or epoch < self.start_from_epoch:
            return
        self.wait += 1
        if self._is_improvement(value, self.best):
            self._keep(epoch, value)
            if self.baseline is None or self._is_improvement(value, self.baseline):
                self.wait = 0
        # Keras asks for a second epoch in any case.
        elif self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Restores the best weights."""
        if self.stopped_epoch > 0 and self.verbose > 0:
            print(f"Epoch {self.stopped_epoch + 1}: early stopping", flush=True)
        if self.restore_best_weights and self.best_weights is not None:
            if self.verbose > 0:
                print(f"The weights are those of epoch {self.best_epoch + 1} again.", flush=True)
            # Not the arrays themselves: the next training takes the model's for its own.
            self.model.set_weights([np.asarray(weight) for weight in self.best_weights])

    def _keep(self, epoch: int, value: Any) -> None:
        self.best, self.best_epoch = value, epoch
        if self.restore_best_weights:
            variables = getattr(self.model, "weights", None)
            self.best_weights = self.model.get_weights() if variables is None else [_copy(v.value) for v in variables]


def _copy(array: jax.Array) -> Any:
    """A copy that stays on the device; the fastest one of host memory is NumPy's."""
    on_host = all(device.platform == "cpu" for device in array.devices())
    return np.array(array) if on_host else array.copy()
