"""`keras.optimizers.schedules`: numbers that follow the steps. Each is a file; adding one is adding its file."""

from typing import Any

from lamina.core.errors import ArgumentError
from lamina.core.families import family_member, load_family
from lamina.core.serialization import deserialize_keras_object, resolve, serialize_keras_object
from lamina.optimizers.schedules.schedule import LearningRateSchedule

_members = load_family(__name__, __path__, "optimizers.schedules")
globals().update(_members)


def __getattr__(name: str) -> Any:
    return family_member("optimizers.schedules", name, __all__)


serialize = serialize_keras_object


def deserialize(config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> LearningRateSchedule:
    """The schedule that `serialize` described.

    Args:
        config: the description.
        custom_objects: classes of your own, by name.

    Raises:
        ArgumentError: if it describes something else.

    Example:
        >>> deserialize({"class_name": "PowerDecay", "config": {"initial_learning_rate": 0.1, "decay_steps": 20}})(20)
        Array(0.05, dtype=float32)
    """
    if "module" in config or "registered_name" in config or custom_objects:
        schedule = deserialize_keras_object(config, custom_objects)
    else:
        schedule = resolve(config, "optimizers.schedules", "a schedule")
    if not isinstance(schedule, LearningRateSchedule):
        raise ArgumentError(f"The config describes {schedule!r}, which is no schedule.")
    return schedule


__all__ = [*_members, "LearningRateSchedule", "deserialize", "serialize"]
