"""The progress bar, as a callback."""

from typing import Any

from lamina.training.hooks import Callback
from lamina.training.progress import ProgressBar


class ProgbarLogger(Callback):
    """Shows the progress of training, evaluation and prediction.

    The trainer tells it where it is after each stretch of steps, not after each step.
    """

    def __init__(self) -> None:
        super().__init__()
        self._bar: ProgressBar | None = None
        self._training = False
        self._done = 0

    @property
    def _verbose(self) -> int:
        return int(self.params.get("verbose", 1))

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Bars are for epochs from here on."""
        self._training = True

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Starts a bar."""
        epochs = self.params.get("epochs", 1)
        if self._verbose and epochs > 1:
            print(f"Epoch {epoch + 1}/{epochs}", flush=True)
        self._start()

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Starts a bar, unless an epoch's is running."""
        if not self._training:
            self._start()

    def on_predict_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Starts a bar."""
        if not self._training:
            self._start()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Ends the bar of the epoch."""
        self._finish(logs)

    def on_test_end(self, logs: dict[str, Any] | None = None) -> None:
        """Ends the bar."""
        if not self._training:
            self._finish(logs)

    def on_predict_end(self, logs: dict[str, Any] | None = None) -> None:
        """Ends the bar."""
        if not self._training:
            self._finish(None)

    def progressed(self, done: int, logs: dict[str, Any]) -> None:
        """Moves the bar: so many steps are done."""
        self._done = done
        if self._bar is not None:
            self._bar.update(done, list(logs.items()))

    def close(self) -> None:
        """Leaves the line, so that what is printed next starts on its own."""
        if self._bar is not None:
            self._bar.close()
        self._bar, self._training = None, False

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Training is over."""
        self.close()

    def _start(self) -> None:
        self._done = 0
        self._bar = ProgressBar(self.params.get("steps"), verbose=self._verbose) if self._verbose else None

    def _finish(self, logs: dict[str, Any] | None) -> None:
        if self._bar is not None:
            self._bar.update(self._done, list((logs or {}).items()), finalize=True)
            self._bar = None
