"""A run of `fit`: where it stands, as plain values that an equal run can go on from."""

import json
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

import jax.numpy as jnp
import numpy as np

from lamina.core.configurable import argument_names
from lamina.core.errors import DataError, FileError
from lamina.core.hyperparameter import numbers_of
from lamina.core.serialization import is_builtin
from lamina.core.state import State
from lamina.core.structure import structure_key
from lamina.data.feeds import Feed
from lamina.training.hooks import Callback
from lamina.training.step import Learner

_SHOWN = 5  # differences in a message
_UNREADABLE = ("loss and metrics", "connections of the layers")
_CONSEQUENCES = ("connections", "arrays")  # of differences that tell more


class Run:
    """What a training is made of, and how far it is.

    Args:
        learner: the model with its objective and optimizer; their variables are on loan.
        feed: the data.
        validation: the data of validation, if any.
        told: the callbacks.
        epochs: the numbers of the epochs.

    Attributes:
        epoch: the number of the next epoch, or of the running one.
        step: the steps of it that are done already.
        logs: at this step; those of the last epoch between epochs.
    """

    def __init__(
        self, learner: Learner, feed: Feed, validation: Feed | None, told: Iterable[Callback], epochs: range
    ) -> None:
        self._learner = learner
        self._feeds = [feed, *([] if validation is None else [validation])]
        self._told = told
        self._epochs = epochs
        self._over = False
        self.epoch, self.step = epochs.start, 0
        self.logs: dict[str, Any] = {}

    @property
    def model(self) -> Any:
        """The model that is trained."""
        return self._learner.model

    def remember(self) -> None:
        """Has the data take down what a snapshot needs; to be called before the first epoch."""
        for feed in self._feeds:
            feed.remembers = True

    def remaining(self) -> Iterator[int]:
        """The numbers of the epochs that are left, told as they begin."""
        while not self._over and self.epoch < self._epochs.stop:
            yield self.epoch
            self.epoch, self.step = self.epoch + 1, 0

    def ends_with(self, epoch: int) -> bool:
        """Whether an epoch is the last one."""
        return self.model.stop_training or epoch + 1 >= self._epochs.stop

    # -- snapshots ------------------------------------------------------------------------------------------------

    def capture(self, epoch: int, step: int, logs: dict[str, Any]) -> dict[str, Any]:
        """All that decides how training goes on.

        Args:
            epoch: the number of the epoch that is to go on, or to begin.
            step: the steps of it that are done.
            logs: at this step; those of the last epoch at the beginning of one.
        """
        binding = self._learner.binding
        return {
            "made of": self._fingerprint_text,
            "epoch": epoch,
            "step": step,
            "logs": dict(logs),
            "is over": bool(self.model.stop_training),
            # Copies: the device is about to change its own.
            "state": {name: list(map(np.array, values)) for name, values in binding.gather()._asdict().items()},
            "numbers": [number.stored for number in binding.numbers],
            "callbacks": [[type(c).__name__, c.get_state()] for c in self._told if hasattr(c, "get_state")],
            # Training is what draws from the random generators last.
            "data": [feed.position(step if feed is self._feeds[0] else 0) for feed in self._feeds],
        }

    def move_to(self, snapshot: dict[str, Any]) -> None:
        """Takes over epoch and step, once it is clear that the snapshot is of an equal run."""
        self._check(json.loads(snapshot["made of"]))
        self.epoch, self.step, self._over = snapshot["epoch"], snapshot["step"], snapshot["is over"]
        self.logs = snapshot["logs"]

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Brings model, optimizer, callbacks, data and random generators where they were."""
        binding = self._learner.binding
        groups = State(**{name: tuple(map(jnp.array, values)) for name, values in snapshot["state"].items()})
        if _specs(groups) != _specs(binding.groups):
            raise FileError("The snapshot is damaged: its weights are not those that it says it holds.")
        binding.scatter(groups)
        for number, value in zip(binding.numbers, snapshot["numbers"], strict=True):
            number.store(value)
        self.model.stop_training = self._over
        kept = list(snapshot["callbacks"])
        for callback in self._told:
            # Callbacks are known by their classes: one may be left out, or another added, such as a progress bar.
            place = next((i for i, (name, _) in enumerate(kept) if name == type(callback).__name__), None)
            if place is not None and hasattr(callback, "set_state"):
                callback.set_state(kept.pop(place)[1])
        for feed, position in reversed(list(zip(self._feeds, snapshot["data"], strict=True))):
            feed.go_to(position)

    # -- what must be equal ------------------------------------------------------------------------------------------

    @cached_property
    def fingerprint(self) -> dict[str, Any]:
        """What has to be equal for a snapshot to fit, by what it is called in messages."""
        model, objective = self.model, self._learner.objective
        parts: dict[str, Any] = {"optimizer": _described(self._learner.optimizer)}
        parts["loss and metrics"] = "" if objective is None else _text(structure_key(objective.structure()))
        for feed, kind in zip(self._feeds, ("", " of validation"), strict=False):
            parts.update((f"{name}{kind}", value) for name, value in feed.describe().items())
        parts["has validation"] = len(self._feeds) > 1
        inner = [layer for layer in model.flatten_layers() if layer is not model]
        parts["layers"] = len(inner)
        parts.update((f"layer {number}", _described(layer)) for number, layer in enumerate(inner))
        # What follows differs with what comes before, and tells less.
        parts["connections of the layers"] = _text(structure_key(model))
        for name, values in _specs(self._learner.binding.groups).items():
            parts[f"arrays of the {name}"] = ", ".join(values)
        return parts

    @cached_property
    def _fingerprint_text(self) -> str:
        return json.dumps(self.fingerprint)

    def _check(self, theirs: dict[str, Any]) -> None:
        ours = self.fingerprint
        if ours == theirs:
            return
        names = [name for name in {**theirs, **ours} if theirs.get(name) != ours.get(name)]
        names = [name for name in names if not name.startswith(_CONSEQUENCES)] or names
        shown = [_difference(name, theirs.get(name), ours.get(name)) for name in names[:_SHOWN]]
        more = f"; and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        raise DataError(
            f"The snapshot is of another training, with other {_subject(names)}. {'; '.join(shown)}{more}.",
            hint="go on with the same model, data and batch size, or give a folder of its own to each training.",
        )


def _subject(names: list[str]) -> str:
    model = ("layer", "connections", "arrays", "optimizer", "loss")
    of_model = {name.startswith(model) for name in names}
    return " and other ".join(word for word, found in (("model", True), ("data", False)) if found in of_model)


def _difference(name: str, theirs: Any, ours: Any) -> str:
    if name in _UNREADABLE:
        return f"{name} are others"
    return f"{name}: {_short(theirs)} there, {_short(ours)} here"


def _short(value: Any) -> str:
    text = "nothing" if value is None else str(value)
    return text if len(text) < 160 else f"{text[:120]} … {text[-30:]}"


def _specs(groups: State) -> dict[str, list[str]]:
    return {
        name: [f"{np.dtype(value.dtype)}{list(value.shape)}" for value in values]
        for name, values in groups._asdict().items()
    }


def _described(item: Any) -> str:
    """An object by its class and the arguments that are structure."""
    if not is_builtin(type(item)):
        return type(item).__qualname__
    hidden = {"name", "seed", "dtype", *numbers_of(item)}
    shown = {
        name: _text(structure_key(getattr(item, name, None)))
        for name in argument_names(type(item))
        if name not in hidden and not name.endswith("_initializer")
    }
    arguments = ", ".join(f"{name}={value}" for name, value in shown.items() if value != "None")
    return f"{type(item).__name__}({arguments})"


def _text(key: Any) -> str:
    """A structure in words that are the same in every process."""
    if isinstance(key, tuple | list):
        return f"({', '.join(map(_text, key))})"
    if isinstance(key, set | frozenset):
        return f"{{{', '.join(sorted(map(_text, key)))}}}"
    if key is None or isinstance(key, str | bytes | bool | int | float):
        return str(key)
    return getattr(key, "__qualname__", None) or type(key).__name__
