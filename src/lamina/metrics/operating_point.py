"""The best of one rate where another is high enough."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.serialization import builtin
from lamina.core.validate import at_least, fraction, positive_int
from lamina.metrics.confusion import CountMetric, Thresholds


class _OperatingPoint(CountMetric):
    """The best of one rate, at those thresholds where another is high enough.

    Args:
        enough: what is; the argument's own name, which the attribute has too, is that of the other rate.
        num_thresholds: how many are tried, evenly spaced from 0 to 1.
        class_id: the class that counts; all when left out.
        name: in logs.
        dtype: of the values.
    """

    # Each rate is a count, and the one that it is divided by together with it.
    _wanted: tuple[str, str]
    _demanded: tuple[str, str]
    _demand: str  # what the demanded rate is called

    def __init__(
        self,
        enough: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        owner = type(self).__name__
        setattr(self, self._demand, fraction(owner, self._demand, enough, closed=True))
        self.num_thresholds = positive_int(owner, "num_thresholds", num_thresholds)
        self.class_id = class_id if class_id is None else at_least(owner, "class_id", class_id, 0)
        spread = Thresholds.spread(num_thresholds)
        super().__init__(spread, name, dtype)
        self.thresholds = spread.values
        self._make_counts()

    @property
    def value(self) -> float:
        """What is enough."""
        return getattr(self, self._demand)

    def result(self) -> jax.Array:
        """The best rate; zero if no threshold meets the demand."""
        enough = self._ratio(*self._demanded) >= self.value
        return jnp.max(jnp.where(enough, self._ratio(*self._wanted), 0))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal metric."""
        return {
            **super().get_config(),
            "num_thresholds": self.num_thresholds,
            "class_id": self.class_id,
            self._demand: self.value,
        }


@builtin("metrics")
class SensitivityAtSpecificity(_OperatingPoint):
    """The best sensitivity (recall) at thresholds where the specificity is high enough.

    Args:
        specificity: what is enough, from 0 to 1.
        num_thresholds: how many are tried, evenly spaced from 0 to 1.
        class_id: the class that counts; all when left out.
        name: in logs.
        dtype: of the values.

    Raises:
        ArgumentError: for a number outside of its range.

    Example:
        >>> round(float(SensitivityAtSpecificity(0.5)([0, 0, 0, 1, 1], [0.0, 0.3, 0.8, 0.3, 0.8])), 4)
        0.5
    """

    _wanted = ("true_positives", "false_negatives")
    _demanded = ("true_negatives", "false_positives")
    _demand = "specificity"

    def __init__(
        self,
        specificity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(specificity, num_thresholds, class_id, name, dtype)


@builtin("metrics")
class SpecificityAtSensitivity(_OperatingPoint):
    """The best specificity at thresholds where the sensitivity (recall) is high enough.

    Args:
        sensitivity: what is enough, from 0 to 1.
        num_thresholds: how many are tried, evenly spaced from 0 to 1.
        class_id: the class that counts; all when left out.
        name: in logs.
        dtype: of the values.

    Raises:
        ArgumentError: for a number outside of its range.

    Example:
        >>> round(float(SpecificityAtSensitivity(0.5)([0, 0, 0, 1, 1], [0.0, 0.3, 0.8, 0.3, 0.8])), 4)
        0.6667
    """

    _wanted = ("true_negatives", "false_positives")
    _demanded = ("true_positives", "false_negatives")
    _demand = "sensitivity"

    def __init__(
        self,
        sensitivity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(sensitivity, num_thresholds, class_id, name, dtype)


@builtin("metrics")
class PrecisionAtRecall(_OperatingPoint):
    """The best precision at thresholds where the recall is high enough.

    Args:
        recall: what is enough, from 0 to 1.
        num_thresholds: how many are tried, evenly spaced from 0 to 1.
        class_id: the class that counts; all when left out.
        name: in logs.
        dtype: of the values.

    Raises:
        ArgumentError: for a number outside of its range.

    Example:
        >>> round(float(PrecisionAtRecall(0.5)([0, 0, 0, 1, 1], [0.0, 0.3, 0.8, 0.3, 0.8])), 4)
        0.5
    """

    _wanted = ("true_positives", "false_positives")
    _demanded = ("true_positives", "false_negatives")
    _demand = "recall"

    def __init__(
        self,
        recall: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(recall, num_thresholds, class_id, name, dtype)


@builtin("metrics")
class RecallAtPrecision(_OperatingPoint):
    """The best recall at thresholds where the precision is high enough.

    Args:
        precision: what is enough, from 0 to 1.
        num_thresholds: how many are tried, evenly spaced from 0 to 1.
        class_id: the class that counts; all when left out.
        name: in logs.
        dtype: of the values.

    Raises:
        ArgumentError: for a number outside of its range.

    Example:
        >>> round(float(RecallAtPrecision(0.8)([0, 0, 1, 1], [0.0, 0.5, 0.3, 0.9])), 4)
        0.5
    """

    _wanted = ("true_positives", "false_negatives")
    _demanded = ("true_positives", "false_positives")
    _demand = "precision"

    def __init__(
        self,
        precision: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(precision, num_thresholds, class_id, name, dtype)
