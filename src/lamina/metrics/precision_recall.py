"""Precision and recall."""

from typing import Any

import jax

from lamina.core.serialization import builtin
from lamina.core.validate import at_least, positive_int
from lamina.metrics.confusion import CountMetric, Thresholds, checked

_BELOW_ALL = -1e10  # the threshold when the best few count, however low their scores


class _Rate(CountMetric):
    """True positives, divided by the sum of them and another count."""

    def __init__(
        self,
        thresholds: Any = None,
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        owner = type(self).__name__
        self.top_k = top_k if top_k is None else positive_int(owner, "top_k", top_k)
        self.class_id = class_id if class_id is None else at_least(owner, "class_id", class_id, 0)
        self.init_thresholds = thresholds
        self.thresholds = checked(owner, thresholds, 0.5 if top_k is None else _BELOW_ALL)
        super().__init__(Thresholds(self.thresholds), name, dtype)
        self._make_counts()

    def result(self) -> jax.Array:
        """The rate, or one for each threshold."""
        rates = self._ratio(*self._kept)
        return rates[0] if len(self.thresholds) == 1 else rates

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal metric."""
        own = {"thresholds": self.init_thresholds, "top_k": self.top_k, "class_id": self.class_id}
        return {**super().get_config(), **own}


@builtin("metrics")
class Precision(_Rate):
    """How many of the predictions above a threshold are right.

    Args:
        thresholds: one or several, from 0 to 1; 0.5 when left out.
        top_k: how many of an example's predictions count, the largest; all when left out.
        class_id: the class that counts; all when left out.
        name: in logs.
        dtype: of the values.

    Raises:
        ArgumentError: for thresholds outside of their range, or a `top_k` below one.

    Example:
        >>> float(Precision()([0, 1, 1, 1], [0.9, 0.2, 0.8, 0.1]))
        0.5
    """

    _kept = ("true_positives", "false_positives")


@builtin("metrics")
class Recall(_Rate):
    """How many of the ones are found above a threshold.

    Args:
        thresholds: one or several, from 0 to 1; 0.5 when left out.
        top_k: how many of an example's predictions count, the largest; all when left out.
        class_id: the class that counts; all when left out.
        name: in logs.
        dtype: of the values.

    Raises:
        ArgumentError: for thresholds outside of their range, or a `top_k` below one.

    Example:
        >>> float(Recall()([0, 1, 1, 0], [0.9, 0.2, 0.8, 0.7]))
        0.5
    """

    _kept = ("true_positives", "false_negatives")
