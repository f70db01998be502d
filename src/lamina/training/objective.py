"""What a model is trained for: its losses and metrics, resolved once for its outputs."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.errors import ArgumentError
from lamina.core.frame import current_rows
from lamina.core.naming import to_snake_case
from lamina.core.structure import structure_key
from lamina.core.symbolic import SymbolicTensor, infer
from lamina.core.tracking import Trackable
from lamina.losses import get as get_loss
from lamina.losses.loss import Loss, LossFunctionWrapper
from lamina.metrics import get as get_metric
from lamina.metrics.accuracy import BinaryAccuracy, CategoricalAccuracy, SparseCategoricalAccuracy
from lamina.metrics.mean import Mean, MeanMetricWrapper
from lamina.metrics.metric import Metric
from lamina.training.outputs import Outputs, match_targets

_CROSSENTROPIES = ("binary_crossentropy", "sparse_categorical_crossentropy", "categorical_crossentropy")
_ACCURACIES = (BinaryAccuracy, SparseCategoricalAccuracy, CategoricalAccuracy)


class Objective(Trackable):
    """The losses and metrics of a compiled model.

    Args:
        loss: as given to `compile`: a name, function or object, or a list or dict of them by output.
        loss_weights: factors by output.
        metrics: names, functions or objects, by output if there are several.
        weighted_metrics: likewise, for metrics that respect sample weights.
    """

    def __init__(self, loss: Any, loss_weights: Any, metrics: Any, weighted_metrics: Any) -> None:
        self.given = {"loss": loss, "loss_weights": loss_weights}
        self.given_metrics = (_as_list(metrics, "metrics"), _as_list(weighted_metrics, "weighted_metrics"))
        _check_names(loss, *self.given_metrics)
        self.resolved = False
        self.loss_tracker = Mean(name="loss")
        self.losses: list[Any] = []
        self.factors: list[Any] = []
        self.loss_trackers: list[Mean] = []
        self.metrics: list[list[Metric]] = []
        self.weighted_metrics: list[list[Metric]] = []
        self.outputs = Outputs(None)

    _untracked = frozenset({"given", "given_metrics", "outputs"})

    @property
    def is_empty(self) -> bool:
        """Whether `compile` was given neither losses nor metrics."""
        return self.given["loss"] is None and not any(self.given_metrics)

    # -- resolving -------------------------------------------------------------------------------------

    def resolve(self, outputs: Outputs, y: Any) -> None:
        """Chooses what depends on shapes, and makes the metrics.

        Args:
            outputs: of the model, with tensors (symbolic ones will do).
            y: the targets of a batch.
        """
        self.outputs = outputs
        targets = match_targets(outputs, y)
        pairs = list(zip(targets, outputs.leaves, strict=True))
        self.losses = [_loss(given, *pair) for given, pair in zip(self._losses_given(), pairs, strict=True)]
        weights = self.given["loss_weights"]
        self.factors = [None] * len(outputs) if weights is None else outputs.match(weights, "loss_weights")
        lossy = [
            name if outputs.named else _name(loss)  # as Keras calls the losses of outputs that have no names
            for name, loss in zip(outputs.names, self.losses, strict=True)
            if loss is not None
        ]
        self.loss_trackers = [Mean(name=f"{name}_loss") for name in lossy] if len(lossy) > 1 else []
        self.metrics, self.weighted_metrics = (
            [
                [_metric(one, *pair) for one in metrics]
                for metrics, pair in zip(self._per_output(given), pairs, strict=True)
            ]
            for given in self.given_metrics
        )
        self._build_metrics(pairs)
        self.resolved = True

    def _build_metrics(self, pairs: list[tuple[Any, Any]]) -> None:
        """Shows metrics that make their variables for the shapes of the first batch such a batch, without values."""
        for group in (self.metrics, self.weighted_metrics):
            for metrics, (target, prediction) in zip(group, pairs, strict=True):
                shown = [_of_any_length(tensor) for tensor in (target, prediction)]
                for metric in metrics:
                    if not metric.built:
                        infer(metric.update_state, *shown)

    def _losses_given(self) -> list[Any]:
        loss = self.given["loss"]
        if loss is None or isinstance(loss, dict | list | tuple):
            return self.outputs.match(loss, "loss")
        return [loss] * len(self.outputs)

    def _per_output(self, given: Any) -> list[list[Any]]:
        if isinstance(given, dict):
            return [_as_list(one, "metrics") for one in self.outputs.match(given, "metrics")]
        nested = any(isinstance(one, list | tuple) for one in given)
        if not self.outputs.single and (nested or len(given) == len(self.outputs)):
            return [_as_list(one, "metrics") for one in self.outputs.match(given, "metrics")]
        flat = [one for item in given for one in (item if isinstance(item, list | tuple) else [item])]
        return [flat for _ in range(len(self.outputs))]

    # -- computing ---------------------------------------------------------------------------------------

    def loss(self, y: Any, y_pred: Any, sample_weight: Any) -> jax.Array:
        """The sum of the outputs' losses, each times its factor; their own trackers are updated."""
        total = jnp.zeros((), "float32")
        trackers = iter(self.loss_trackers)
        found = zip(self.losses, self.factors, *self._flat(y, y_pred, sample_weight), strict=True)
        for loss, factor, target, prediction, weight in found:
            if loss is None:
                continue
            value = loss(target, prediction, weight)
            if value.ndim:
                raise ArgumentError(
                    f"The loss {_name(loss)!r} returns an array of shape {value.shape}, not one number.",
                    hint="use reduction='sum_over_batch_size' to train with it.",
                )
            if (tracker := next(trackers, None)) is not None:
                tracker.update_state(value, sample_weight=row_count(prediction))
            total = total + (value if factor is None else value * factor)
        return total

    def update_metrics(self, y: Any, y_pred: Any, sample_weight: Any) -> None:
        """Takes a batch into account."""
        found = zip(self.metrics, self.weighted_metrics, *self._flat(y, y_pred, sample_weight), strict=True)
        for metrics, weighted, target, prediction, weight in found:
            for metric in metrics:
                metric.update_state(target, prediction)
            for metric in weighted:
                metric.update_state(target, prediction, sample_weight=weight)

    def _flat(self, y: Any, y_pred: Any, sample_weight: Any) -> tuple[list[Any], list[Any], list[Any]]:
        targets, predictions = match_targets(self.outputs, y), self.outputs.flatten(y_pred)
        if sample_weight is None or not isinstance(sample_weight, list | tuple | dict):
            return targets, predictions, [sample_weight] * len(self.outputs)
        return targets, predictions, self.outputs.match(sample_weight, "sample_weight")

    # -- results -----------------------------------------------------------------------------------------

    def all_metrics(self) -> list[Metric]:
        """The trackers of the losses, then the metrics by output."""
        by_output = [metric for group in (self.metrics, self.weighted_metrics) for row in group for metric in row]
        return [self.loss_tracker, *self.loss_trackers, *by_output]

    def names(self) -> list[str]:
        """The names of `all_metrics` in logs, each once."""
        names = [self.loss_tracker.name]
        for tracker in self.loss_trackers:
            names.append(_unused(tracker.name, tracker.name, names))
        for prefix, group in (("", self.metrics), ("weighted_", self.weighted_metrics)):
            for output, row in zip(self.outputs.names, group, strict=False):
                before = f"{output}_" if self.outputs.named and not self.outputs.single else ""
                for metric in row:
                    names.append(_unused(f"{before}{metric.name}", f"{before}{prefix}{metric.name}", names))
        return names

    def structure(self) -> list[Any]:
        """What a program is made of."""
        parts: list[Any] = [self.losses, self.factors, len(self.loss_trackers), self.metrics, self.weighted_metrics]
        return [structure_key(part) for part in parts]

    @property
    def row_independent(self) -> bool:
        """Whether padded rows can be left out of every loss and metric."""
        ranks = [len(leaf.shape) for leaf in self.outputs.leaves]
        by_output = [[loss] if loss is not None else [] for loss in self.losses]
        return all(
            item.row_independent(rank)
            for group in (by_output, self.metrics, self.weighted_metrics)
            for items, rank in zip(group, ranks, strict=True)
            for item in items
        )


def row_count(prediction: Any) -> Any:
    """The number of real rows in the batch in flight."""
    rows = current_rows()
    return prediction.shape[0] if rows is None else rows.count


def _unused(name: str, otherwise: str, taken: list[str]) -> str:
    if name not in taken:
        return name
    if otherwise not in taken:
        return otherwise
    return next(f"{otherwise}_{n}" for n in range(1, len(taken) + 1) if f"{otherwise}_{n}" not in taken)


def _name(item: Any) -> str:
    return getattr(item, "name", None) or to_snake_case(getattr(item, "__name__", type(item).__name__))


def _as_list(metrics: Any, argument: str) -> Any:
    if metrics is None:
        return []
    if isinstance(metrics, list | tuple | dict):
        return metrics
    if isinstance(metrics, str) or callable(metrics):
        return [metrics]
    raise ArgumentError(f"{argument} takes names, functions or metric objects. Received: {argument}={metrics!r}")


def _check_names(loss: Any, *metrics: Any) -> None:
    """Finds unknown names at `compile`, not only when the first batch comes."""
    for name in jax.tree.leaves(loss):
        if isinstance(name, str) and name.lower() not in ("crossentropy", "ce"):
            get_loss(name)
    for name in jax.tree.leaves(metrics):
        if isinstance(name, str) and name.lower() not in ("accuracy", "acc", "crossentropy", "ce"):
            get_metric(name)


def _kind(target: Any, prediction: Any) -> int:
    """0 for yes-or-no outputs, 1 for integer classes, 2 for one-hot classes: as Keras tells them apart."""
    if prediction.shape[-1] == 1:
        return 0
    fewer = target is not None and len(target.shape) < len(prediction.shape)
    return 1 if target is not None and (fewer or target.shape[-1] == 1) else 2


def _loss(given: Any, target: Any, prediction: Any) -> Callable[..., Any] | None:
    if given is None:
        return None
    if isinstance(given, str) and given.lower() in ("crossentropy", "ce"):
        given = _CROSSENTROPIES[_kind(target, prediction)]
    loss = get_loss(given)
    if isinstance(loss, Loss):
        return loss
    return LossFunctionWrapper(loss, name=given if isinstance(given, str) else None)  # type: ignore[arg-type]


def _metric(given: Any, target: Any, prediction: Any) -> Metric:
    if isinstance(given, str) and given.lower() in ("accuracy", "acc"):
        return _ACCURACIES[_kind(target, prediction)](name=given)
    if isinstance(given, str) and given.lower() in ("crossentropy", "ce"):
        metric = get_metric(_CROSSENTROPIES[_kind(target, prediction)])
    else:
        metric = get_metric(given)
    if not isinstance(metric, Metric):
        metric = MeanMetricWrapper(metric, name=_name(metric))  # type: ignore[arg-type]
    if isinstance(given, str):
        metric.name = given
    return metric


def _of_any_length(tensor: Any) -> Any:
    """A tensor's shape for any number of rows: a model that was built by its first batch tells that batch's."""
    if tensor is None or not tensor.shape:
        return tensor
    return SymbolicTensor((None, *tensor.shape[1:]), str(tensor.dtype))
