"""The record of a training."""

from typing import Any

from lamina.training.hooks import Callback


class History(Callback):
    """Keeps the logs of every epoch; `fit` returns it.

    Attributes:
        params: `{"verbose", "epochs", "steps"}`.
        epoch: the numbers of the epochs that ended.
        history: from the name of each log to its values, one per epoch.

    Example:
        >>> history = History()
        >>> history.on_epoch_end(0, {"loss": 1.5})
        >>> history.epoch, history.history
        ([0], {'loss': [1.5]})
    """

    def __init__(self) -> None:
        super().__init__()
        self.epoch: list[int] = []
        self.history: dict[str, list[Any]] = {}

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
