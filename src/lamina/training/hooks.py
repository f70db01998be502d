"""The base of callbacks."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

Logs = dict[str, Any] | None


class Callback:
    """Code that runs at certain points of training; override the hooks that are wanted.

    Hooks for epochs cost nothing. If a class overrides one for batches, the loop stops after each
    step to call it, unless the class says when it has to: see `batches_until_due` and
    `watches_loss`.

    Training that was interrupted goes on as if it had not been if callbacks can go on, too: what
    one remembers from epoch to epoch are the attributes that its class lists in `state_names`.

    Attributes:
        params: `{"verbose", "epochs", "steps"}`.
        model: the model that is trained; its weights may be read and set in every hook.
        state_names: the attributes that `get_state` reads and `set_state` sets.
        watches_loss: whether the loop is to stop at a batch after which the loss is NaN or infinite,
            to call `on_train_batch_end`.
        told_last: whether it is told of everything after those that are not.

    Example:
        >>> class Print(Callback):
        ...     def on_epoch_end(self, epoch, logs=None):
        ...         print(epoch, sorted(logs))
    """

    state_names: ClassVar[tuple[str, ...]] = ()
    watches_loss: ClassVar[bool] = False
    told_last: ClassVar[bool] = False

    def __init__(self) -> None:
        self.params: dict[str, Any] = {}
        self._model: Any = None
        self.validation_data: Any = None

    def set_params(self, params: dict[str, Any]) -> None:
        """Called once, before training."""
        self.params = params

    def set_model(self, model: Any) -> None:
        """Called once, before training."""
        self._model = model

    @property
    def model(self) -> Any:
        """The model that is trained."""
        return self.__dict__.get("_model")

    def get_state(self) -> dict[str, Any]:
        """What it remembers from epoch to epoch: plain values, and arrays as NumPy arrays.

        Returns:
            A dict that `set_state` of an equal callback takes; changing it changes nothing here.
        """
        return {name: _plain(getattr(self, name)) for name in self.state_names}

    def set_state(self, state: dict[str, Any]) -> None:
        """Remembers what another one did.

        Since `on_train_begin` starts anew, this is called after it; and after `on_epoch_begin`, if an
        epoch goes on in its midst.

        Args:
            state: what `get_state` returned.
        """
        for name in self.state_names:
            setattr(self, name, _plain(state[name]))

    def batches_until_due(self) -> int | None:
        """How many batches of training may run before `on_train_batch_end` has to be called; `None` for any number.

        A class that overrides this is called after so many batches, with the number of the last one,
        and asked again. It may be called earlier, on behalf of other callbacks, and has to count
        batches by their numbers. Without it, and in subclasses that override hooks for batches
        themselves, these are called for each batch.
        """
        return None

    def on_train_begin(self, logs: Logs = None) -> None:
        """Before the first epoch."""

    def on_train_end(self, logs: Logs = None) -> None:
        """After the last epoch; `logs` are those of it."""

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Before epoch number `epoch`, from 0."""

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """After epoch number `epoch`; `logs` hold the loss and the metrics, those of validation as `val_…`."""

    def on_train_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Before batch number `batch` of an epoch, from 0."""
        self.on_batch_begin(batch, logs=logs)

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """After batch number `batch`; `logs` hold the means since the epoch began."""
        self.on_batch_end(batch, logs=logs)

    def on_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Another name for `on_train_batch_begin`."""

    def on_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Another name for `on_train_batch_end`."""

    def on_test_begin(self, logs: Logs = None) -> None:
        """Before an evaluation, validation included."""

    def on_test_end(self, logs: Logs = None) -> None:
        """After an evaluation."""

    def on_test_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Before a batch of an evaluation."""

    def on_test_batch_end(self, batch: int, logs: Logs = None) -> None:
        """After a batch of an evaluation."""

    def on_predict_begin(self, logs: Logs = None) -> None:
        """Before a prediction."""

    def on_predict_end(self, logs: Logs = None) -> None:
        """After a prediction."""

    def on_predict_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Before a batch of a prediction."""

    def on_predict_batch_end(self, batch: int, logs: Logs = None) -> None:
        """After a batch of a prediction; `logs["outputs"]` are its outputs."""


def _plain(value: Any) -> Any:
    """A copy in plain values and NumPy arrays."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "__array__"):
        return np.array(value) if np.ndim(value) else np.asarray(value).item()
    return value
