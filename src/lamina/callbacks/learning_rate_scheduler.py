"""A learning rate for each epoch."""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from lamina.callbacks.learning_rates import optimizers_of, rate_of
from lamina.core.errors import ArgumentError
from lamina.training.hooks import Callback


class LearningRateScheduler(Callback):
    """Sets the learning rate before each epoch; the rate of each epoch is put into its logs.

    Setting it compiles nothing. For a rate that changes from step to step, see `optimizers.schedules`.

    Args:
        schedule: `(epoch, learning_rate) -> learning_rate`, or `epoch -> learning_rate`; epochs count from 0.
        verbose: whether to print each rate.

    Raises:
        ArgumentError: if `schedule` is no function, or, before an epoch, returns no number.
        ScheduledError: before the first epoch, if the optimizer's rate follows a schedule.

    Example:
        >>> from types import SimpleNamespace
        >>> model = SimpleNamespace(optimizer=SimpleNamespace(learning_rate=0.5))
        >>> halve = LearningRateScheduler(lambda epoch, rate: rate if epoch < 10 else rate / 2)
        >>> halve.set_model(model)
        >>> halve.on_epoch_begin(9)
        >>> halve.on_epoch_begin(10)
        >>> model.optimizer.learning_rate
        0.25
    """

    def __init__(self, schedule: Callable[..., float], verbose: int = 0) -> None:
        super().__init__()
        if not callable(schedule):
            raise ArgumentError(
                "LearningRateScheduler: schedule must be a function from an epoch and a learning rate to a learning "
                f"rate. Received: schedule={schedule!r}"
            )
        self.schedule = schedule
        self.verbose = verbose

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Sets the rate."""
        for name, optimizer in optimizers_of(self.model).items():
            rate = self._rate(epoch, rate_of(optimizer))
            optimizer.learning_rate = rate
            if self.verbose > 0:
                print(f"\nEpoch {epoch + 1}: LearningRateScheduler sets {name} to {rate}.", flush=True)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Puts the rate into the logs."""
        if logs is not None:
            logs.update((name, rate_of(optimizer)) for name, optimizer in optimizers_of(self.model).items())

    def _rate(self, epoch: int, present: float) -> float:
        rate = self.schedule(epoch, present) if _takes_two(self.schedule) else self.schedule(epoch)
        if isinstance(rate, bool) or np.shape(rate) != () or not np.issubdtype(np.asarray(rate).dtype, np.number):
            raise ArgumentError(
                f"LearningRateScheduler: the schedule must return a number. For epoch {epoch} and the learning rate "
                f"{present} it returned {rate!r}.",
                hint="does every branch of the function end in return?" if rate is None else None,
            )
        return float(rate)


def _takes_two(schedule: Callable[..., Any]) -> bool:
    """Whether a schedule wants to know the present rate; those for older versions of Keras may not."""
    try:
        inspect.signature(schedule).bind(0, 0.0)
    except TypeError:
        return False
    except ValueError:  # some functions that are not written in Python do not tell
        return True
    return True
