"""Averaged weights for evaluation."""

from typing import Any

from lamina.core.errors import ArgumentError
from lamina.training.hooks import Callback


class SwapEMAWeights(Callback):
    """Puts the running means that the optimizer keeps of the weights into the model while it is evaluated.

    Weights and means change places, which copies nothing. To be used with an optimizer that was made
    with `use_ema=True`.

    Args:
        swap_on_epoch: whether the means are in the model from the end of an epoch to the beginning of
            the next, too, so that callbacks behind this one see them: `ModelCheckpoint` saves them.

    Raises:
        ArgumentError: during training or evaluation, if the optimizer keeps no means.

    Example:
        >>> callback = SwapEMAWeights(swap_on_epoch=True)
    """

    state_names = ("swapped",)

    def __init__(self, swap_on_epoch: bool = False) -> None:
        super().__init__()
        self.swap_on_epoch = swap_on_epoch
        self.swapped = False

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Training goes on with the weights."""
        if self.swap_on_epoch:
            self._swap(False)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Puts the means into the model."""
        if not self.swap_on_epoch:
            return
        self._swap(True)
        if epoch == self.params["epochs"] - 1 or self.model.stop_training:
            # At the end of training fit puts the means into the model: let it find them.
            for variable, mean in self._pairs():
                mean.assign(variable.value)

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Puts the means into the model."""
        self._swap(True)

    def on_test_end(self, logs: dict[str, Any] | None = None) -> None:
        """Puts the weights back."""
        self._swap(False)

    def on_predict_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Puts the means into the model."""
        self._swap(True)

    def on_predict_end(self, logs: dict[str, Any] | None = None) -> None:
        """Puts the weights back."""
        self._swap(False)

    def _swap(self, wanted: bool) -> None:
        """Lets weights and means change places, unless they are where they are wanted."""
        if self.swapped == wanted:
            return
        for variable, mean in self._pairs():
            weight = variable.value
            variable.assign(mean.value)
            mean.assign(weight)
        self.swapped = wanted

    def _pairs(self) -> list[tuple[Any, Any]]:
        """The trained variables, each with its mean."""
        optimizer = getattr(self.model.optimizer, "inner_optimizer", self.model.optimizer)
        averaging = [o for o in getattr(optimizer, "optimizers", [optimizer]) if getattr(o, "use_ema", False)]
        if not averaging:
            raise ArgumentError(
                f"SwapEMAWeights needs an optimizer that keeps running means of the weights, but "
                f"'{optimizer.name}' keeps none.",
                hint=f"make it with use_ema=True: {type(optimizer).__name__}(use_ema=True).",
            )
        return [pair for o in averaging for pair in zip(o._trained, o._averages, strict=True)]
