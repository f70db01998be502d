"""Ends training that has failed."""

import math
from typing import Any, ClassVar

from lamina.core.errors import InvalidLossError
from lamina.training.hooks import Callback


class TerminateOnNaN(Callback):
    """Ends training at the batch after which the loss is NaN or infinite.

    The compiled loop itself looks at the loss after each step and stops where it is no number; so
    nothing is trained beyond that batch, and nothing is slower for it.

    Args:
        raise_error: whether to raise an error, instead of ending training as it ends otherwise, with
            the hooks `on_epoch_end` and `on_train_end` of all callbacks.

    Raises:
        InvalidLossError: during training, if `raise_error` says so.

    Example:
        >>> guard = TerminateOnNaN(raise_error=True)
        >>> guard.on_train_batch_end(7, {"loss": float("nan")})
        Traceback (most recent call last):
        lamina.core.errors.InvalidLossError: The loss is nan after batch 7.
        ...
    """

    watches_loss: ClassVar[bool] = True

    def __init__(self, raise_error: bool = False) -> None:
        super().__init__()
        self.raise_error = raise_error

    def batches_until_due(self) -> int | None:
        """Any number, for as long as the loss is one."""
        return None

    def on_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Looks at the loss."""
        loss = (logs or {}).get("loss")
        if loss is None or math.isfinite(loss):
            return
        if self.raise_error:
            raise InvalidLossError(
                f"The loss is {loss} after batch {batch}.",
                hint="look for NaN or very large numbers in the data, or try a lower learning rate or clipnorm.",
            )
        print(f"\nBatch {batch}: the loss is {loss}, so training ends.", flush=True)
        self.model.stop_training = True
