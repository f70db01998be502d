"""The record of a training."""

from typing import Any

from lamina.training.hooks import Callback
from lamina.training.logs import Logs


class History(Callback):
    """Keeps the logs of every epoch; `fit` returns it.

    Attributes:
        params: `{"verbose", "epochs", "steps"}`.
        epoch: the numbers of the epochs that ended.
        history: from the name of each log to its values, one per epoch. What older versions of Keras
            called otherwise is found all the same: `history["acc"]`, `history["lr"]`.

    Example:
        >>> history = History()
        >>> history.on_epoch_end(0, {"loss": 1.5})
        >>> history.epoch, history.history
        ([0], {'loss': [1.5]})
    """

    state_names = ("epoch", "history")

    def __init__(self) -> None:
        super().__init__()
        self.epoch: list[int] = []
        self.history: dict[str, list[Any]] = Logs()

    def set_state(self, state: dict[str, Any]) -> None:
        super().set_state(state)
        self.history = Logs(self.history)

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Starts the list of epochs anew."""
        self.epoch = []

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Adds an epoch."""
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)

    def __repr__(self) -> str:
        return f"<History of {len(self.epoch)} epochs: {', '.join(self.history)}>"
