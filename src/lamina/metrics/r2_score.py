"""The coefficient of determination."""

import warnings
from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.engine import is_traced
from lamina.core.errors import ShapeError
from lamina.core.serialization import builtin
from lamina.core.validate import at_least, one_of
from lamina.losses.loss import as_pair
from lamina.metrics.metric import Metric, of_real_rows


@builtin("metrics")
class R2Score(Metric):
    """How much of the targets' variance predictions explain: 1 for all of it, 0 for none.

    Args:
        class_aggregation: over outputs: `"uniform_average"`, `"variance_weighted_average"`, or `None` for a score each.
        num_regressors: how many features predictions are made from; above zero, the score is adjusted for them.
        name: in logs.
        dtype: of the values.

    Raises:
        ArgumentError: for an unknown aggregation, or a negative `num_regressors`.

    Example:
        >>> round(float(R2Score()([[1.0], [4.0], [3.0]], [[2.0], [4.0], [4.0]])), 4)
        0.5714
    """

    def __init__(
        self,
        class_aggregation: str | None = "uniform_average",
        num_regressors: int = 0,
        name: str = "r2_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(dtype, name)
        choices = (None, "uniform_average", "variance_weighted_average")
        self.class_aggregation = one_of("R2Score", "class_aggregation", class_aggregation, choices)
        self.num_regressors = at_least("R2Score", "num_regressors", num_regressors, 0)

    def _build(self, outputs: int) -> None:
        self.num_samples = self.add_variable((), "zeros", name="num_samples")
        self.squared_sum = self.add_variable((outputs,), "zeros", name="squared_sum")
        self.sum = self.add_variable((outputs,), "zeros", name="sum")
        self.total_mse = self.add_variable((outputs,), "zeros", name="residual")
        self.count = self.add_variable((outputs,), "zeros", name="count")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Adds the squares of a batch.

        Args:
            y_true: targets `(batch, outputs)`.
            y_pred: predictions of the same shape.
            sample_weight: one per example, or of the same shape.

        Raises:
            ShapeError: if the shapes do not fit.
        """
        y_pred = jnp.asarray(y_pred).astype(self.dtype)
        y_true, y_pred = as_pair(self.name, jnp.asarray(y_true).astype(self.dtype), y_pred)
        if y_pred.ndim != 2 or y_true.shape != y_pred.shape:
            raise ShapeError(
                f"{self.name} needs targets and predictions (batch, outputs), but got y_true {y_true.shape} and y_pred "
                f"{y_pred.shape}."
            )
        if not self.built:
            self._build(y_pred.shape[1])
        weights = self._weights(sample_weight, y_true.shape)
        self.sum.assign_add(jnp.sum(y_true * weights, axis=0))
        self.squared_sum.assign_add(jnp.sum(y_true * (y_true * weights), axis=0))
        self.total_mse.assign_add(jnp.sum(jnp.square(y_true - y_pred) * weights, axis=0))
        self.count.assign_add(jnp.sum(weights, axis=0))
        self.num_samples.assign_add(jnp.sum(of_real_rows(jnp.ones_like(y_true))))

    def _weights(self, sample_weight: Any, shape: tuple[int, ...]) -> jax.Array:
        weights = jnp.asarray(1 if sample_weight is None else sample_weight).astype(self.dtype)
        column = weights[:, None] if weights.ndim == 1 else weights
        if column.shape not in ((), (shape[0], 1), shape):
            raise ShapeError(f"{self.name}: sample_weight of shape {weights.shape} does not fit outputs {shape}.")
        return of_real_rows(jnp.broadcast_to(column, shape))

    def result(self) -> jax.Array:
        """The score, or one for each output."""
        self._require_built()
        total = self.squared_sum.value - self.sum.value * (self.sum.value / self.count.value)
        scores = 1 - self.total_mse.value / total
        scores = jnp.where(jnp.isinf(scores), 0.0, scores)
        if self.class_aggregation == "uniform_average":
            scores = jnp.mean(scores)
        elif self.class_aggregation == "variance_weighted_average":
            scores = jnp.sum(total * scores) / jnp.sum(total)
        return scores if self.num_regressors == 0 else self._adjusted(scores)

    def _adjusted(self, scores: jax.Array) -> jax.Array:
        """The scores, lowered for the regressors; as they are while there are too few samples for that."""
        samples = self.num_samples.value
        spare = samples - self.num_regressors - 1
        if not is_traced(spare) and spare <= 0:
            warnings.warn(
                f"{self.name} has seen {int(samples)} samples, too few to adjust for {self.num_regressors} regressors: "
                "the score is not adjusted.",
                stacklevel=3,
            )
        enough = spare > 0
        return jnp.where(enough, 1 - (1 - scores) * (samples - 1) / jnp.where(enough, spare, 1), scores)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal metric."""
        own = {"class_aggregation": self.class_aggregation, "num_regressors": self.num_regressors}
        return {**super().get_config(), **own}
