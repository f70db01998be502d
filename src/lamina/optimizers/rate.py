"""The learning rate: a number that may be set at any time, or a schedule."""

import inspect
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lamina.core import config
from lamina.core.engine import is_traced
from lamina.core.errors import ArgumentError, ScheduledError
from lamina.core.hyperparameter import is_off
from lamina.core.serialization import deserialize_keras_object
from lamina.core.validate import as_number, not_negative
from lamina.core.variable import Variable
from lamina.optimizers.settings import Setting
from lamina.optimizers.slots import SlotOwner


class RateOwner(SlotOwner):
    """The part of an optimizer that has to do with its learning rate."""

    # Keras 2 had it: divides the rate by a number that grows by so much at each step.
    decay: Any = Setting(not_negative)

    _rate: Variable
    _schedule: Callable[..., Any] | None = None
    # Setting the rate to a number changes no structure; to a schedule, it sets attributes that do.
    _untracked = SlotOwner._untracked | {"learning_rate", "lr"}

    @property
    def step_count(self) -> jax.Array:
        """The steps so far, those included that only gathered gradients: what schedules go by."""
        return self._iterations.value

    @property
    def learning_rate(self) -> Any:
        """The rate of the next step; setting it to another number compiles nothing.

        Raises:
            ArgumentError: when set to a number out of range.
            ScheduledError: when set to a number while a schedule tells it.
        """
        if self._schedule is None:
            return self._rate
        return self._schedule(self.step_count) if _takes_step(self._schedule) else self._schedule()

    @learning_rate.setter
    def learning_rate(self, rate: Any) -> None:
        if isinstance(rate, dict):
            rate = deserialize_keras_object(rate)
        if callable(rate) and not isinstance(rate, Variable | jax.Array | type):
            self._schedule = rate
            if "_rate" in self.__dict__:
                del self._rate
        elif self._schedule is not None:
            raise ScheduledError(
                f"The learning rate of optimizer '{self.name}' follows {_named(self._schedule)}, so it cannot be set "
                f"to {rate!r}.",
                hint="give the optimizer a number as its learning_rate if callbacks or code of yours are to change it.",
            )
        elif "_rate" in self.__dict__:
            self._rate.assign(rate if is_traced(rate) else self._checked(rate))
        else:
            self._rate = Variable(
                self._checked(rate), dtype=config.floatx(), trainable=False, autocast=False, name="learning_rate"
            )
            self._rate.path = f"{self.name}/learning_rate"

    lr = learning_rate

    def _checked(self, rate: Any) -> float:
        number = as_number(np.asarray(rate) if np.ndim(rate) == 0 and hasattr(rate, "dtype") else rate)
        if not 0 <= number < float("inf"):
            raise ArgumentError(
                f"{type(self).__name__}: learning_rate must be a finite number, zero or above, or a schedule. "
                f"Received: learning_rate={rate!r}"
            )
        return number

    def rate_of_step(self) -> jax.Array:
        """The rate by which this step goes, a scalar."""
        rate = jnp.asarray(self.learning_rate)
        if is_off(self.decay):
            return rate
        return rate / (1 + self.decay * self.step_count.astype(rate.dtype))


def _takes_step(schedule: Callable[..., Any]) -> bool:
    """Whether a schedule wants to know the step's number; plain functions may not."""
    try:
        inspect.signature(schedule).bind(0)
    except TypeError:
        return False
    return True


def _named(schedule: Callable[..., Any]) -> str:
    return getattr(schedule, "__name__", None) or f"a {type(schedule).__name__}"
