"""The area under a curve."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lamina.core import config
from lamina.core.errors import ArgumentError, ShapeError
from lamina.core.serialization import builtin
from lamina.core.validate import at_least, one_of, positive_int
from lamina.metrics.confusion import CountMetric, Thresholds, between, checked, count, divide, judge

_CURVES = ("ROC", "PR", "PRGAIN")
_SUMMATIONS = ("interpolation", "majoring", "minoring")


@builtin("metrics")
class AUC(CountMetric):
    """The area under the ROC curve, or another one, from counts at thresholds.

    Args:
        num_thresholds: how many, evenly spaced from 0 to 1.
        curve: `"ROC"`; `"PR"`, precision over recall; or `"PRGAIN"`, their gains over chance.
        summation_method: `"interpolation"`, or the smaller (`"minoring"`) or larger (`"majoring"`) of neighbours.
        name: in logs.
        dtype: of the values.
        thresholds: between 0 and 1, instead of evenly spaced ones; 0 and 1 are added.
        multi_label: whether the last axis holds labels, each with a curve of its own; the mean of their areas is taken.
        num_labels: how many; found out from the first batch when left out.
        label_weights: factors of the labels' areas; without `multi_label`, of their predictions.
        from_logits: whether predictions have yet to go through a sigmoid.

    Raises:
        ArgumentError: for an unknown curve or method, fewer than two thresholds, or some outside of their range.

    Example:
        >>> float(AUC(num_thresholds=3)([0, 0, 1, 1], [0.0, 0.5, 0.3, 0.9]))
        0.75

    Reference:
        Davis and Goadrich, 2006, "The relationship between precision-recall and ROC curves", for the interpolation;
        Flach and Kull, 2015, "Precision-recall-gain curves".
    """

    def __init__(
        self,
        num_thresholds: int = 200,
        curve: str = "ROC",
        summation_method: str = "interpolation",
        name: str | None = None,
        dtype: Any = None,
        thresholds: Any = None,
        multi_label: bool = False,
        num_labels: int | None = None,
        label_weights: Any = None,
        from_logits: bool = False,
    ) -> None:
        self._given = thresholds is not None
        inner = between(at_least("AUC", "num_thresholds", num_thresholds, 2)) if thresholds is None else []
        if self._given:
            inner = sorted(float(value) for value in checked("AUC", thresholds, 0.5))
        edge = config.epsilon()
        super().__init__(Thresholds([-edge, *inner, 1.0 + edge]), name, dtype)
        self._thresholds.even = Thresholds([0.0, *inner, 1.0]).even or not self._given
        self.num_thresholds = len(self._thresholds)
        self.curve = one_of("AUC", "curve", curve.upper() if isinstance(curve, str) else curve, _CURVES)
        method = summation_method.lower() if isinstance(summation_method, str) else summation_method
        self.summation_method = one_of("AUC", "summation_method", method, _SUMMATIONS)
        self.multi_label, self.num_labels, self.from_logits = multi_label, num_labels, from_logits
        self.label_weights = None if label_weights is None else np.asarray(label_weights).tolist()
        if num_labels is not None:
            positive_int("AUC", "num_labels", num_labels)
        if num_labels and not multi_label:
            raise ArgumentError(
                f"AUC: num_labels is for multi_label=True only. Received: num_labels={num_labels!r}",
                hint="leave it out, or count labels apart with multi_label=True.",
            )
        if not multi_label:
            self._make_counts()
        elif num_labels:
            self._make_counts(num_labels)

    @property
    def thresholds(self) -> list[float]:
        """All thresholds; the first is below 0 and the last above 1."""
        return self._thresholds.values

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Counts the predictions of a batch.

        Args:
            y_true: zeros and ones.
            y_pred: scores from 0 to 1, of the same shape; `(batch, labels)` with `multi_label`.
            sample_weight: one per example, or of the predictions' shape.

        Raises:
            ShapeError: if the shapes do not fit.
        """
        y_pred = jnp.asarray(y_pred)
        if self.multi_label:
            self._check_labels(y_pred.shape)
        weights = None if self.multi_label else self.label_weights
        scores = jax.nn.sigmoid(y_pred) if self.from_logits else y_pred
        judged = judge(self.name, y_true, scores, sample_weight, weights, by_label=self.multi_label)
        self._add(count(judged, self._thresholds))

    def _check_labels(self, shape: tuple[int, ...]) -> None:
        if not self.built and len(shape) == 2:
            self._make_counts(shape[1])
        labels = self.true_positives.shape[1] if self.built else None
        if len(shape) != 2 or shape[1] != labels:
            raise ShapeError(
                f"{self.name} with multi_label=True needs predictions (batch, {labels or 'labels'}), but got {shape}."
            )

    def result(self) -> jax.Array:
        """The area, from 0 to 1."""
        self._require_built()
        if self.curve == "PR" and self.summation_method == "interpolation":
            return self._over_labels(self._interpolated_pr())
        x, y = {"ROC": self._roc, "PR": self._pr, "PRGAIN": self._pr_gain}[self.curve]()
        neighbours = y[:-1], y[1:]
        if self.summation_method == "interpolation":
            heights = (neighbours[0] + neighbours[1]) / 2.0
        else:
            heights = (jnp.minimum if self.summation_method == "minoring" else jnp.maximum)(*neighbours)
        return self._over_labels((x[:-1] - x[1:]) * heights)

    def _over_labels(self, strips: jax.Array) -> jax.Array:
        """The sum of the strips under a curve, the mean over labels if there are several."""
        areas = jnp.sum(strips, axis=0)
        if not self.multi_label or self.label_weights is None:
            return jnp.mean(areas)
        weights = jnp.asarray(self.label_weights, areas.dtype)
        return divide(jnp.sum(areas * weights), jnp.sum(weights))

    def _roc(self) -> tuple[jax.Array, jax.Array]:
        return self._ratio("false_positives", "true_negatives"), self._ratio("true_positives", "false_negatives")

    def _pr(self) -> tuple[jax.Array, jax.Array]:
        return self._ratio("true_positives", "false_negatives"), self._ratio("true_positives", "false_positives")

    def _pr_gain(self) -> tuple[jax.Array, jax.Array]:
        tp, fp, tn, fn = (getattr(self, kept).value for kept in self._kept)
        odds = divide(tp + fn, tn + fp)
        recall = jnp.where(tp == 0, 0.0, 1.0 - odds * divide(fn, tp))
        precision = jnp.where(tp == 0, 1.0, 1.0 - odds * divide(fp, tp))
        return jnp.maximum(recall, 0.0), precision

    def _interpolated_pr(self) -> jax.Array:
        """Strips under the curve on which false positives grow in proportion to true ones between thresholds."""
        tp, fp, fn = self.true_positives.value, self.false_positives.value, self.false_negatives.value
        found = tp + fp
        gained = tp[:-1] - tp[1:]
        slope = divide(gained, jnp.maximum(found[:-1] - found[1:], 0))
        start = tp[1:] - slope * found[1:]
        both = (found[:-1] > 0) & (found[1:] > 0)
        ratio = jnp.where(both, divide(found[:-1], jnp.maximum(found[1:], 0)), 1.0)
        return divide(slope * (gained + start * jnp.log(ratio)), jnp.maximum(tp[1:] + fn[1:], 0))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal metric."""
        names = ("num_thresholds", "curve", "summation_method", "multi_label", "num_labels", "label_weights")
        own = {name: getattr(self, name) for name in (*names, "from_logits")}
        if self._given:
            own["thresholds"] = self.thresholds[1:-1]
        return {**super().get_config(), **own}
