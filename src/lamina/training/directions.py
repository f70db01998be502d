"""Whether a metric is better low or high."""

import re
from typing import Any, Literal

from lamina.core.serialization import builtin_names, is_builtin

_UP = re.compile("accuracy|auc|precision|recall|sensitivity|specificity|iou|score|similarity|correlation")
_DOWN = re.compile("error|crossentropy|hinge|divergence|poisson|loss")


def direction_of(name: str, model: Any) -> Literal["up", "down"] | None:
    """Where a log goes as a model gets better; `None` if nobody knows.

    Args:
        name: of a log, without `val_`.
        model: whose metrics say so: lamina's own by what they are, users' by an attribute `_direction`.

    Example:
        >>> direction_of("loss", None), direction_of("colour", None)
        ('down', None)
    """
    if name == "loss" or name.endswith("_loss"):
        return "down"
    names = getattr(model, "log_names", list)()
    metric = next((m for other, m in zip(names, getattr(model, "metrics", []), strict=False) if other == name), None)
    return metric_direction(metric)


def metric_direction(metric: Any) -> Literal["up", "down"] | None:
    """Where a metric goes as a model gets better.

    Example:
        >>> from lamina import metrics
        >>> metric_direction(metrics.MeanSquaredError()), metric_direction(metrics.BinaryAccuracy())
        ('down', 'up')
    """
    if hasattr(metric, "_direction"):
        return metric._direction
    function = getattr(metric, "fn", None)
    if not is_builtin(type(metric)):
        return None
    if type(metric).__name__ == "MeanMetricWrapper":
        return _of_function(function)
    return name_direction(type(metric).__name__)


def _of_function(function: Any) -> Literal["up", "down"] | None:
    """A loss is to fall, even if it is named for what should rise."""
    if any(function is loss or type(function) is loss for loss in builtin_names("losses").values()):
        return "down"
    return name_direction(function.__name__) if is_builtin(function) else None


def name_direction(name: str) -> Literal["up", "down"] | None:
    """Where a metric goes that is named as lamina's own are, after what they measure.

    Example:
        >>> name_direction("f1_score"), name_direction("mean_squared_error"), name_direction("colour")
        ('up', 'down', None)
    """
    if _DOWN.search(name.lower()):
        return "down"
    return "up" if _UP.search(name.lower()) else None
