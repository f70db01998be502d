"""The contract of schedules."""

from typing import Any, Self

import jax
import jax.numpy as jnp

from lamina.core import config
from lamina.core.serialization import deserialize_keras_object
from lamina.core.tracking import Trackable


class LearningRateSchedule(Trackable):
    """A number that depends on the step: a learning rate, or any other number of an optimizer.

    A schedule of your own overrides `__call__`, and computes with `lamina.ops` or `jax.numpy`: it runs
    inside of the compiled loop, at each step.

    Example:
        >>> class Halves(LearningRateSchedule):
        ...     def __init__(self, initial_learning_rate):
        ...         self.initial_learning_rate = initial_learning_rate
        ...     def __call__(self, step):
        ...         return self.initial_learning_rate * 0.5 ** (step // 100)
        >>> Halves(0.5)(100)
        0.25
        >>> Halves(0.5).get_config()
        {'initial_learning_rate': 0.5}
    """

    def __call__(self, step: Any) -> Any:
        """The number for a step.

        Args:
            step: how many came before, a scalar or an array of several.

        Returns:
            An array of the shape of `step`.
        """
        dtype = "float64" if config.floatx() == "float64" else "float32"
        return jnp.asarray(self.at(jnp.asarray(step).astype(dtype)), dtype)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        return super().from_config(revive_schedules(config))

    def at(self, step: jax.Array) -> Any:
        """The number for a step, which is given as floats; lamina's own schedules override this."""
        raise NotImplementedError(f"{type(self).__name__} has to define __call__(self, step).")


def revive_schedules(config: dict[str, Any]) -> dict[str, Any]:
    """A config in which records of schedules are schedules."""
    return {
        name: deserialize_keras_object(value) if isinstance(value, dict) and "class_name" in value else value
        for name, value in config.items()
    }
