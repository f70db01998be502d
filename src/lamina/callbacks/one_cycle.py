"""1cycle scheduling as a callback, which knows how long training will be."""

from typing import Any

from lamina.core.errors import ArgumentError
from lamina.core.hyperparameter import numbers_of
from lamina.optimizers.schedules import OneCycle as OneCycleSchedule
from lamina.optimizers.schedules import OneCycleMomentum
from lamina.training.hooks import Callback, Logs


class OneCycle(Callback):
    """Gives the optimizer a 1cycle schedule over all steps of `fit`: of the rate, and of the momentum against it.

    The schedules run inside of the compiled loop. The optimizer keeps them when training is over; to have a
    constant rate again, compile with a new optimizer.

    Args:
        max_learning_rate: in the middle.
        total_steps: how long the cycle is; epochs times batches per epoch when left out.
        initial_learning_rate: at the start and after the cycle; a tenth of the highest when left out.
        final_learning_rate: at the very end; a thousandth of the initial one when left out.
        last_steps: how long the last stretch takes, steps; a tenth of all when left out.
        momentum: the largest and the smallest `momentum`, or `beta_1`; left as it is if it is `None`, or if the
            optimizer was made without one.

    Raises:
        ArgumentError: if the number of batches is not known and `total_steps` is left out.

    Example:
        >>> import lamina, numpy as np
        >>> model = lamina.Sequential([lamina.Input((1,)), lamina.layers.Dense(1)])
        >>> model.compile("adam", "mse")
        >>> history = model.fit(np.ones((64, 1)), np.ones(64), epochs=5, verbose=0, callbacks=[OneCycle(0.1)])
        >>> [round(rate, 3) for rate in history.history["learning_rate"]]
        [0.055, 0.1, 0.055, 0.01, 0.0]

    Reference:
        Smith, 2018, "A disciplined approach to neural network hyper-parameters: part 1", section 4.
    """

    def __init__(
        self,
        max_learning_rate: float,
        total_steps: int | None = None,
        initial_learning_rate: float | None = None,
        final_learning_rate: float | None = None,
        last_steps: int | None = None,
        momentum: tuple[float, float] | None = (0.95, 0.85),
    ) -> None:
        super().__init__()
        self.max_learning_rate = max_learning_rate
        self.total_steps = total_steps
        self.initial_learning_rate = initial_learning_rate
        self.final_learning_rate = final_learning_rate
        self.last_steps = last_steps
        self.momentum = momentum

    def set_params(self, params: dict[str, Any]) -> None:
        """Called once, before training, when its length is known."""
        super().set_params(params)
        if self.model is None or "steps" not in params:
            return
        steps = self.total_steps
        if steps is None:
            if params.get("steps") is None:
                raise ArgumentError(
                    "OneCycle: the number of batches per epoch is not known, so neither is the length of the cycle.",
                    hint="pass OneCycle(..., total_steps=epochs * batches), or steps_per_epoch to fit.",
                )
            steps = params["epochs"] * params["steps"]
        optimizer = self.model.optimizer
        begin = {"last_steps": self.last_steps, "first_step": int(optimizer.step_count)}
        optimizer.learning_rate = OneCycleSchedule(
            self.max_learning_rate, steps, self.initial_learning_rate, self.final_learning_rate, **begin
        )
        against = next((name for name in ("momentum", "beta_1") if name in numbers_of(optimizer)), None)
        if self.momentum is not None and against is not None and numbers_of(optimizer)[against].stored:
            setattr(optimizer, against, OneCycleMomentum(steps, *self.momentum, **begin))

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Notes the rate that the epoch has come to."""
        if logs is not None:
            logs["learning_rate"] = float(self.model.optimizer.learning_rate)
