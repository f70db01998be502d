"""F-scores: precision and recall in one number."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core import config
from lamina.core.errors import ArgumentError, ShapeError
from lamina.core.serialization import builtin
from lamina.core.validate import one_of
from lamina.core.variable import Variable
from lamina.metrics.metric import Metric, of_real_rows

_SMALL = 1e-9  # a prediction nearer to zero chooses no class, even if it is the largest


@builtin("metrics", "fbeta_score")
class FBetaScore(Metric):
    """The harmonic mean of precision and recall, which weighs recall `beta` times as much.

    Args:
        average: over classes: `"macro"`, `"weighted"` by how many examples they have, `"micro"` (counts are taken for
            all classes together), or `None` for one score per class.
        beta: the weight of recall.
        threshold: above it, a prediction means yes; the largest prediction alone does when left out.
        name: in logs.
        dtype: of the sums.

    Raises:
        ArgumentError: for an unknown average, or a number outside of its range.

    Example:
        >>> score = FBetaScore(beta=2.0, threshold=0.5)
        >>> [round(float(one), 3) for one in score([[1, 0], [1, 1]], [[0.9, 0.8], [0.2, 0.7]])]
        [0.556, 0.833]
    """

    true_positives: Variable
    false_positives: Variable
    false_negatives: Variable
    intermediate_weights: Variable

    def __init__(
        self,
        average: str | None = None,
        beta: float = 1.0,
        threshold: float | None = None,
        name: str = "fbeta_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(dtype, name)
        owner = type(self).__name__
        self.average = one_of(owner, "average", average, (None, "micro", "macro", "weighted"))
        if isinstance(beta, bool) or not isinstance(beta, int | float) or not beta > 0:
            raise ArgumentError(f"{owner}: beta must be a number above 0. Received: beta={beta!r}")
        number = isinstance(threshold, int | float) and not isinstance(threshold, bool)
        if threshold is not None and not (number and 0 < threshold <= 1):
            raise ArgumentError(
                f"{owner}: threshold must be above 0 and at most 1, or None. Received: threshold={threshold!r}",
                hint="None takes the largest prediction of each example.",
            )
        self.beta, self.threshold = beta, threshold

    def _build(self, classes: int) -> None:
        shape = () if self.average == "micro" else (classes,)
        for kept in ("true_positives", "false_positives", "false_negatives", "intermediate_weights"):
            setattr(self, kept, self.add_variable(shape, "zeros", self.dtype, name=kept))

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Counts the predictions of a batch.

        Args:
            y_true: zeros and ones `(batch, classes)`.
            y_pred: scores of the same shape.
            sample_weight: one per example.

        Raises:
            ShapeError: if the shapes do not fit.
        """
        y_true, y_pred = (jnp.asarray(y).astype(self.dtype) for y in (y_true, y_pred))
        self._check(y_true.shape, y_pred.shape)
        if self.threshold is None:
            chosen = (y_pred >= jnp.max(y_pred, axis=-1, keepdims=True)) & (jnp.abs(y_pred) > _SMALL)
        else:
            chosen = y_pred > self.threshold
        chosen = chosen.astype(self.dtype)
        weights = self._weights(sample_weight, len(y_true))
        axis = None if self.average == "micro" else 0
        for kept, values in (
            ("true_positives", chosen * y_true),
            ("false_positives", chosen * (1 - y_true)),
            ("false_negatives", (1 - chosen) * y_true),
            ("intermediate_weights", y_true),
        ):
            getattr(self, kept).assign_add(jnp.sum(values * weights, axis=axis))

    def _check(self, targets: tuple[int, ...], predictions: tuple[int, ...]) -> None:
        if len(predictions) != 2 or targets != predictions:
            raise ShapeError(
                f"{self.name} needs targets and predictions (batch, classes), but got y_true {targets} and y_pred "
                f"{predictions}.",
                hint="this metric wants classes one-hot: see lamina.utils.to_categorical.",
            )
        if not self.built:
            self._build(predictions[1])
        elif self.average != "micro" and self.true_positives.shape != predictions[1:]:
            raise ShapeError(
                f"{self.name} counts {self.true_positives.shape[0]} classes, but got predictions {predictions}."
            )

    def _weights(self, sample_weight: Any, rows: int) -> jax.Array:
        weights = jnp.asarray(1 if sample_weight is None else sample_weight).astype(self.dtype)
        if weights.shape not in ((), (rows,), (rows, 1)):
            raise ShapeError(f"{self.name} needs one weight per example, ({rows},). Received: {weights.shape}")
        return of_real_rows(jnp.broadcast_to(weights.reshape(-1, 1), (rows, 1)))

    def result(self) -> jax.Array:
        """The score, or one for each class, from 0 to 1."""
        self._require_built()
        found, epsilon, square = self.true_positives.value, config.epsilon(), self.beta**2
        precision = found / (found + self.false_positives.value + epsilon)
        recall = found / (found + self.false_negatives.value + epsilon)
        scores = (1 + square) * (precision * recall / (square * precision + recall + epsilon))
        if self.average == "weighted":
            weights = self.intermediate_weights.value
            return jnp.sum(scores * (weights / (jnp.sum(weights) + epsilon)))
        return scores if self.average is None else jnp.mean(scores)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal metric."""
        own = {"average": self.average, "beta": self.beta, "threshold": self.threshold}
        return {**super().get_config(), **own}


@builtin("metrics")
class F1Score(FBetaScore):
    """The harmonic mean of precision and recall.

    Args:
        average: over classes: `"macro"`, `"weighted"` by how many examples they have, `"micro"` (counts are taken for
            all classes together), or `None` for one score per class.
        threshold: above it, a prediction means yes; the largest prediction alone does when left out.
        name: in logs.
        dtype: of the sums.

    Raises:
        ArgumentError: for an unknown average, or a threshold outside of its range.

    Example:
        >>> score = F1Score(average="macro", threshold=0.5)
        >>> round(float(score([[1, 0], [1, 1]], [[0.9, 0.8], [0.2, 0.7]])), 4)
        0.6667
    """

    def __init__(
        self, average: str | None = None, threshold: float | None = None, name: str = "f1_score", dtype: Any = None
    ) -> None:
        super().__init__(average, 1.0, threshold, name, dtype)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal metric."""
        config = super().get_config()
        del config["beta"]
        return config
