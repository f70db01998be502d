"""Lowers the learning rate when training stands still."""

from typing import Any

import numpy as np

from lamina.callbacks.learning_rates import optimizers_of, rate_of
from lamina.callbacks.monitor_callback import MonitorCallback
from lamina.core.configurable import refuse_unexpected
from lamina.core.errors import ArgumentError
from lamina.core.validate import not_negative


class ReduceLROnPlateau(MonitorCallback):
    """Lowers the learning rate when a number has not become better for some epochs.

    The rate of each epoch is put into its logs.

    Args:
        monitor: the name of the number in the logs.
        factor: what the rate is multiplied by, from 0 up to 1.
        patience: epochs without improvement to wait.
        verbose: whether to print when it acts.
        mode: `"min"` if lower is better, `"max"` if higher is, `"auto"` to go by the metric.
        min_delta: a change by no more than this is no improvement.
        cooldown: epochs to leave alone after the rate was lowered.
        min_lr: the rate that it does not go below.
        **kwargs: `epsilon`, an old word for `min_delta`.

    Attributes:
        wait: epochs since the last improvement.
        best: the best value so far.
        cooldown_counter: epochs that are yet to be left alone.

    Raises:
        ArgumentError: for arguments out of range.
        ScheduledError: at the end of an epoch, if the optimizer's rate follows a schedule.

    Example:
        >>> from types import SimpleNamespace
        >>> model = SimpleNamespace(optimizer=SimpleNamespace(learning_rate=0.5))
        >>> reducer = ReduceLROnPlateau("loss", factor=0.5, patience=1)
        >>> reducer.set_model(model)
        >>> reducer.on_train_begin()
        >>> for epoch, loss in enumerate([3.0, 2.0, 2.0]):
        ...     reducer.on_epoch_end(epoch, {"loss": loss})
        >>> model.optimizer.learning_rate
        0.25
    """

    state_names = ("wait", "best", "cooldown_counter")

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(monitor, mode, min_delta=kwargs.pop("epsilon", min_delta))
        refuse_unexpected(self, kwargs, "epsilon")
        owner = "ReduceLROnPlateau"
        if not_negative(owner, "factor", factor) >= 1:
            raise ArgumentError(
                f"{owner}: factor must be below 1, or the rate would not fall. Received: factor={factor!r}"
            )
        not_negative(owner, "patience", patience)
        not_negative(owner, "cooldown", cooldown)
        not_negative(owner, "min_lr", min_lr)
        self.factor = factor
        self.patience = patience
        self.verbose = verbose
        self.cooldown = cooldown
        self.min_lr = min_lr
        self._start_anew()

    def _start_anew(self) -> None:
        self.best: Any = None
        self.wait = self.cooldown_counter = 0

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Forgets the last training."""
        super().on_train_begin(logs)
        self._start_anew()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Looks at an epoch."""
        logs = {} if logs is None else logs
        logs.update((name, rate_of(optimizer)) for name, optimizer in optimizers_of(self.model).items())
        value = self._monitored(logs)
        if value is None:
            return
        if self.in_cooldown():
            self.cooldown_counter -= 1
            self.wait = 0
        if self._is_improvement(value, self.best):
            self.best = value
            self.wait = 0
        elif not self.in_cooldown():
            self.wait += 1
            if self.wait >= self.patience and self._reduce(epoch):
                self.cooldown_counter = self.cooldown
                self.wait = 0

    def in_cooldown(self) -> bool:
        """Whether this epoch is left alone."""
        return self.cooldown_counter > 0

    def _reduce(self, epoch: int) -> bool:
        """Lowers the rates that are above the lowest; tells whether there were any."""
        above = {name: o for name, o in optimizers_of(self.model).items() if rate_of(o) > np.float32(self.min_lr)}
        for name, optimizer in above.items():
            rate = max(rate_of(optimizer) * self.factor, self.min_lr)
            optimizer.learning_rate = rate
            if self.verbose > 0:
                print(f"\nEpoch {epoch + 1}: ReduceLROnPlateau lowers {name} to {rate}.", flush=True)
        return bool(above)
