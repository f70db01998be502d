"""One pure step of training, evaluation or prediction, for the model at hand."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.errors import ArgumentError
from lamina.core.frame import Rows
from lamina.core.functional import purify
from lamina.core.state import Binding, State
from lamina.training.objective import Objective
from lamina.training.steps import is_own, run_step


class Learner:
    """A model with all that its programs are made of.

    Args:
        model: the layer that is trained; what a step is, its methods say.
        objective: its losses and metrics.
        optimizer: of its weights.
        binding: where its variables stand in the state.
        pads: whether padded rows change nothing, so that short batches may run at full shape.
    """

    def __init__(
        self, model: Any, objective: Objective | None, optimizer: Any, binding: Binding, *, pads: bool
    ) -> None:
        self.model = model
        self.objective = objective
        self.optimizer = optimizer
        self.binding = binding
        self.pads = pads

    def train_step(self, state: State, numbers: Any, data: Any, rows: Rows | None) -> tuple[State, Any]:
        """The state after one batch, and the logs of a step that the model defines for itself."""
        return self._step("train_step", self.model.learn_from, state, numbers, data, rows)

    def test_step(self, state: State, numbers: Any, data: Any, rows: Rows | None) -> tuple[State, Any]:
        """The state after one batch that is only looked at, and logs likewise."""
        return self._step("test_step", self.model.look_at, state, numbers, data, rows)

    def defines(self, name: str) -> bool:
        """Whether the model has a step of its own, whose result counts, not only what it assigns."""
        return not is_own(self.model, name)

    def _step(self, name: str, own: Any, state: State, numbers: Any, data: Any, rows: Rows | None) -> tuple[State, Any]:
        def step() -> Any:
            # The values of metrics are wanted at the end of many steps only.
            if self.defines(name):
                return _checked_logs(self.model, name, run_step(self.model, name, data))
            return own(data)

        logs, new, _ = purify(step, self.binding)(state, numbers, rows=rows)
        return new, logs

    def call_step(
        self, state: State, numbers: Any, x: Any, training: bool, predicting: bool
    ) -> tuple[Any, State, tuple[jax.Array, ...]]:
        """The outputs for a batch of inputs, the state after it, and the losses that layers added."""

        def call() -> Any:
            if predicting:
                return run_step(self.model, "predict_step", x)
            return self.model(x, training=training)

        return purify(call, self.binding)(state, numbers)

    def results(self, state: State, numbers: Any, logs: Any) -> Any:
        """The values of all metrics in their order; the logs of the last step, if the model's own step gave some."""
        if logs is not None:
            return logs
        read = lambda: [jax.tree.map(jnp.asarray, m.result()) for m in self.model.metrics]  # noqa: E731
        return purify(read, self.binding)(state, numbers)[0]

    def mean_loss(self, state: State, numbers: Any, logs: Any) -> jax.Array:
        """The mean of the loss since the epoch began, as far as it is known."""
        if logs is not None:
            return jnp.mean(logs.get("loss", jnp.zeros(())))
        assert self.objective is not None
        return purify(self.objective.loss_tracker.result, self.binding)(state, numbers)[0]


def _checked_logs(model: Any, name: str, logs: Any) -> dict[str, Any]:
    if not isinstance(logs, dict):
        raise ArgumentError(
            f"{name} of {type(model).__name__} '{model.name}' returned {type(logs).__name__}, not a dict of logs.",
            hint="return numbers by name, such as {'loss': loss}, or self.get_metrics_result().",
        )
    return jax.tree.map(jnp.asarray, logs)
