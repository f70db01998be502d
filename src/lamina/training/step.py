"""One pure step of training, evaluation or prediction, for the model at hand."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.frame import Rows
from lamina.core.functional import purify
from lamina.core.masking import masks_of, set_masks
from lamina.core.state import Binding, State
from lamina.training.objective import Objective, row_count


class Learner:
    """A model with all that its programs are made of.

    Args:
        model: the layer that is trained; `compute_loss` and `compute_metrics` are its methods.
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

    def train_step(self, state: State, numbers: Any, data: Any, rows: Rows | None) -> State:
        """The state after one batch."""
        x, y, weights = data

        def loss_of(params: Any) -> tuple[jax.Array, Any]:
            forward = purify(self._forward, self.binding)
            (loss, y_pred), new, _ = forward(state._replace(params=params), numbers, data, True, rows=rows)
            return loss, (new, y_pred, masks_of(y_pred))

        (loss, (new, y_pred, masks)), gradients = jax.value_and_grad(loss_of, has_aux=True)(state.params)
        set_masks(y_pred, masks)

        def update() -> None:
            self.optimizer.apply(gradients, self.binding.groups.params)
            self._update_metrics(loss, x, y, y_pred, weights)

        _, new, _ = purify(update, self.binding)(new, numbers, rows=rows)
        return new

    def test_step(self, state: State, numbers: Any, data: Any, rows: Rows | None) -> State:
        """The state after one batch that is only looked at."""
        x, y, weights = data

        def look() -> None:
            loss, y_pred = self._forward(data, False)
            self._update_metrics(loss, x, y, y_pred, weights)

        return purify(look, self.binding)(state, numbers, rows=rows)[1]

    def call_step(self, state: State, numbers: Any, x: Any, training: bool) -> tuple[Any, State, tuple[jax.Array, ...]]:
        """The outputs for a batch of inputs, the state after it, and the losses that layers added."""
        return purify(lambda: self.model(x, training=training), self.binding)(state, numbers)

    def results(self, state: State, numbers: Any) -> list[Any]:
        """The values of all metrics."""
        read = lambda: [jax.tree.map(jnp.asarray, m.result()) for m in self.model.metrics]  # noqa: E731
        return purify(read, self.binding)(state, numbers)[0]

    def mean_loss(self, state: State, numbers: Any) -> jax.Array:
        """The mean of the loss since the epoch began."""
        assert self.objective is not None
        return purify(self.objective.loss_tracker.result, self.binding)(state, numbers)[0]

    def _forward(self, data: Any, training: bool) -> tuple[jax.Array, Any]:
        x, y, weights = data
        y_pred = self.model(x, training=training)
        loss = self.model.compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=weights, training=training)
        return loss, y_pred

    def _update_metrics(self, loss: Any, x: Any, y: Any, y_pred: Any, weights: Any) -> None:
        assert self.objective is not None
        self.objective.loss_tracker.update_state(loss, sample_weight=row_count(jax.tree.leaves(x)[0]))
        self.model.compute_metrics(x=x, y=y, y_pred=y_pred, sample_weight=weights)
