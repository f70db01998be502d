"""Functions as a callback."""

from collections.abc import Callable
from typing import Any

from lamina.core.errors import ArgumentError, UnexpectedArgumentError, suggestion
from lamina.training import hooks

Hook = Callable[..., Any] | None


class LambdaCallback(hooks.Callback):
    """Calls functions at certain points of training.

    What is not given costs nothing; a function for batches has the loop stop after each step.

    Args:
        on_epoch_begin: `(epoch, logs)`.
        on_epoch_end: `(epoch, logs)`.
        on_train_begin: `(logs)`.
        on_train_end: `(logs)`.
        on_train_batch_begin: `(batch, logs)`.
        on_train_batch_end: `(batch, logs)`.
        **kwargs: functions for other hooks of `Callback`, by their names.

    Raises:
        ArgumentError: for what is no function.
        UnexpectedArgumentError: for the name of no hook.

    Example:
        >>> said = []
        >>> callback = LambdaCallback(on_epoch_end=lambda epoch, logs: said.append((epoch, logs["loss"])))
        >>> callback.on_epoch_end(0, {"loss": 0.5})
        >>> said
        [(0, 0.5)]
    """

    def __init__(
        self,
        on_epoch_begin: Hook = None,
        on_epoch_end: Hook = None,
        on_train_begin: Hook = None,
        on_train_end: Hook = None,
        on_train_batch_begin: Hook = None,
        on_train_batch_end: Hook = None,
        **kwargs: Hook,
    ) -> None:
        super().__init__()
        given = {
            "on_epoch_begin": on_epoch_begin,
            "on_epoch_end": on_epoch_end,
            "on_train_begin": on_train_begin,
            "on_train_end": on_train_end,
            "on_train_batch_begin": on_train_batch_begin,
            "on_train_batch_end": on_train_batch_end,
            **kwargs,
        }
        known = [name for name in dir(hooks.Callback) if name.startswith(("on_", "set_"))]
        for name, function in given.items():
            if name not in known:
                raise UnexpectedArgumentError(f"Callbacks have no hook {name!r}.", hint=suggestion(name, known))
            if function is None:
                continue
            if not callable(function):
                raise ArgumentError(f"LambdaCallback: {name} must be a function. Received: {name}={function!r}")
            setattr(self, name, function)
