"""What callbacks share that look at one number of the logs."""

from typing import Any

import numpy as np

from lamina.core.errors import ArgumentError
from lamina.core.tracebacks import warn_user
from lamina.core.validate import not_negative, one_of
from lamina.training.directions import direction_of
from lamina.training.hooks import Callback
from lamina.training.logs import Logs, find_advice, find_log


class MonitorCallback(Callback):
    """Base of callbacks that wait for a number of the logs to become better.

    Args:
        monitor: its name; one that older versions of Keras gave it will do, such as `"val_acc"`.
        mode: `"min"` if lower is better, `"max"` if higher is, `"auto"` to go by the metric.
        baseline: the value to be better than at first; any value is if left out.
        min_delta: a change by no more than this is no improvement.

    Attributes:
        best: the best value so far, `None` before the first.
        monitor_op: the comparison that tells what is better, `None` until that is known.
    """

    def __init__(
        self, monitor: str = "val_loss", mode: str = "auto", baseline: float | None = None, min_delta: float = 0
    ) -> None:
        super().__init__()
        owner = type(self).__name__
        if not isinstance(monitor, str):
            raise ArgumentError(f"{owner}: monitor must be the name of a log. Received: monitor={monitor!r}")
        self.monitor = monitor
        self.mode = one_of(owner, "mode", mode, ("auto", "min", "max"))
        self.best = baseline
        # Keras takes a negative one for what is meant.
        self.min_delta = abs(min_delta) if isinstance(min_delta, int | float | np.number) else min_delta
        not_negative(owner, "min_delta", self.min_delta)
        self.monitor_op: Any = {"auto": None, "min": np.less, "max": np.greater}[mode]
        self._has_warned = False

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Gets ready to warn of a missing log again."""
        self._has_warned = False

    def _monitored(self, logs: dict[str, Any] | None) -> Any:
        """The monitored value, `None` with a warning if there is none.

        Raises:
            ArgumentError: if nothing tells whether it should fall or rise.
        """
        logs = Logs(logs or {})
        if self.monitor_op is None:
            self._find_direction(logs)
        value = logs.get(self.monitor)
        if value is None and not self._has_warned:
            self._has_warned = True
            advice = find_advice(self.monitor, logs)
            warn_user(f"{self._missing(logs)} {advice[0].upper()}{advice[1:]}")
        return value

    def _is_improvement(self, value: Any, reference: Any) -> bool:
        if reference is None:
            return True
        delta = -self.min_delta if self.monitor_op is np.less else self.min_delta
        # In the precision that logs come in, as Keras compares them.
        return bool(self.monitor_op(np.float32(value - delta), np.float32(reference)))

    def _find_direction(self, logs: Logs) -> None:
        owner = type(self).__name__
        found = find_log(self.monitor, logs) or self.monitor
        direction = direction_of(found.removeprefix("val_"), self.model)
        if direction is not None:
            self.monitor_op = np.less if direction == "down" else np.greater
        elif found in logs:
            raise ArgumentError(
                f"{owner} monitors {self.monitor!r}, and nothing tells whether that should fall or rise.",
                hint="pass mode='min' if lower is better, or mode='max'.",
            )
        else:
            raise ArgumentError(self._missing(logs), hint=find_advice(self.monitor, logs))

    def _missing(self, logs: Logs) -> str:
        return (
            f"{type(self).__name__} monitors {self.monitor!r}, but the logs only have {', '.join(logs) or 'nothing'}."
        )
