"""Callbacks: what users may hook into, and how the trainer tells them."""

from collections.abc import Iterable
from typing import Any

from lamina.core.errors import ArgumentError
from lamina.training.backup_and_restore import BackupAndRestore
from lamina.training.history import History
from lamina.training.hooks import Callback
from lamina.training.progress_logger import ProgbarLogger

Logs = dict[str, float]

_TRAINING_HOOKS = ("on_train_batch_begin", "on_train_batch_end", "on_batch_begin", "on_batch_end")


class CallbackList:
    """Several callbacks as one, with the history and the progress bar among them.

    Args:
        callbacks: in the order in which they are told; one, a list, or `None`.
        add_history: whether a `History` is added.
        add_progbar: whether a progress bar is added.
        model: set as `model` on each.
        **params: set as `params` on each.
    """

    def __init__(
        self,
        callbacks: Any = None,
        add_history: bool = False,
        add_progbar: bool = False,
        model: Any = None,
        **params: Any,
    ) -> None:
        self.callbacks = _flatten(callbacks)
        if add_progbar and not any(isinstance(callback, ProgbarLogger) for callback in self.callbacks):
            self.callbacks.append(ProgbarLogger())
        history = next((callback for callback in self.callbacks if isinstance(callback, History)), None)
        if history is None and add_history:
            history = History()
            self.callbacks.append(history)
        self.history = history
        self._put_in_order()
        if model is not None:
            self.set_model(model)
        self.set_params(params)

    def __iter__(self) -> Any:
        return iter(self.callbacks)

    @property
    def bars(self) -> list[ProgbarLogger]:
        """The progress bars, which are content with less than a hook for each batch."""
        return [callback for callback in self.callbacks if isinstance(callback, ProgbarLogger)]

    def append(self, callback: Callback) -> None:
        """Adds a callback behind the others."""
        self.callbacks += _flatten(callback)
        self._put_in_order()

    @property
    def backups(self) -> list[BackupAndRestore]:
        """Those that take snapshots of the training.

        Raises:
            ArgumentError: if there are several, which would not know of each other.
        """
        found = [callback for callback in self.callbacks if isinstance(callback, BackupAndRestore)]
        if len(found) > 1:
            folders = " and ".join(repr(callback.backup_dir) for callback in found)
            raise ArgumentError(
                f"Training is to be backed up in {folders}, but it can go on from one place only.",
                hint="pass resume= or one BackupAndRestore, not both.",
            )
        return found

    def _put_in_order(self) -> None:
        self.callbacks.sort(key=lambda callback: getattr(callback, "told_last", False))

    def set_params(self, params: dict[str, Any]) -> None:
        """Tells all how training goes: epochs, steps and verbosity."""
        self.params = params
        for callback in self.callbacks:
            callback.set_params(params)

    def set_model(self, model: Any) -> None:
        """Tells all whose training it is."""
        if self.history is not None:
            model.history = self.history
        for callback in self.callbacks:
            callback.set_model(model)

    def wants_batches(self, phase: str) -> bool:
        """Whether a callback overrides a hook that is called for each batch of a phase.

        Only then does the loop have to stop after each step.

        Args:
            phase: `"train"`, `"test"` or `"predict"`.
        """
        if phase == "train":
            return not all(_says_when_due(callback) for callback in self.callbacks)
        hooks = (f"on_{phase}_batch_begin", f"on_{phase}_batch_end")
        return any(_overrides(callback, hook) for callback in self.callbacks for hook in hooks)

    def batches_until_due(self) -> int | None:
        """How many batches of training may run before one of those that say so has to be told; `None` for any."""
        due = [callback.batches_until_due() for callback in self.callbacks if _says_when_due(callback)]
        return min((count for count in due if count is not None), default=None)

    @property
    def watches_loss(self) -> bool:
        """Whether one has to be told as soon as the loss is NaN or infinite."""
        return any(getattr(callback, "watches_loss", False) for callback in self.callbacks)

    def tell(self, hook: str, *args: Any) -> None:
        """Calls a hook of every callback."""
        for callback in self.callbacks:
            getattr(callback, hook)(*args)

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("on_"):
            raise AttributeError(name)

        leading = 1 if "_epoch_" in name or "_batch_" in name else 0

        def call(*args: Any, logs: Logs | None = None) -> None:
            given = args[leading] if len(args) > leading else logs
            self.tell(name, *args[:leading], {} if given is None else given)

        return call


def _overrides(callback: Any, hook: str) -> bool:
    if hook in vars(callback):
        return True
    return getattr(type(callback), hook, None) is not getattr(Callback, hook)


def _says_when_due(callback: Any) -> bool:
    """Whether a callback has no hooks for batches of training, or the class that has them says when to call them."""
    if any(hook in vars(callback) for hook in _TRAINING_HOOKS):
        return False
    for cls in type(callback).__mro__:
        if "batches_until_due" in vars(cls):
            return True
        if any(hook in vars(cls) for hook in _TRAINING_HOOKS):
            return False
    return False


def _flatten(callbacks: Any) -> list[Any]:
    if callbacks is None:
        return []
    if not isinstance(callbacks, Iterable):
        callbacks = [callbacks]
    flat: list[Any] = []
    for callback in callbacks:
        if isinstance(callback, list | tuple):
            flat.extend(_flatten(callback))
            continue
        if isinstance(callback, type) or not hasattr(callback, "on_epoch_end"):
            raise ArgumentError(
                f"callbacks holds {callback!r}, which is no callback.",
                hint="pass objects of subclasses of lamina.callbacks.Callback, made with ().",
            )
        flat.append(callback)
    return flat
