"""Hinge losses, as metrics."""

from typing import Any

from lamina.core.serialization import builtin
from lamina.losses.hinge import categorical_hinge, hinge, squared_hinge
from lamina.metrics.mean import MeanMetricWrapper

builtin("metrics")(hinge)
builtin("metrics")(squared_hinge)
builtin("metrics")(categorical_hinge)


@builtin("metrics")
class Hinge(MeanMetricWrapper):
    """The mean of what scores fall short of a margin of one.

    Args:
        name: in logs.
        dtype: of the sums.

    Example:
        >>> float(Hinge()([[-1.0, 1.0]], [[-2.0, 0.5]]))
        0.25
    """

    def __init__(self, name: str = "hinge", dtype: Any = None) -> None:
        super().__init__(hinge, name, dtype)


@builtin("metrics")
class SquaredHinge(MeanMetricWrapper):
    """The mean of the squares of what scores fall short of a margin of one.

    Args:
        name: in logs.
        dtype: of the sums.

    Example:
        >>> float(SquaredHinge()([[-1.0, 1.0]], [[-2.0, 0.5]]))
        0.125
    """

    def __init__(self, name: str = "squared_hinge", dtype: Any = None) -> None:
        super().__init__(squared_hinge, name, dtype)


@builtin("metrics")
class CategoricalHinge(MeanMetricWrapper):
    """The mean of what the right class falls short of leading the others by one.

    Args:
        name: in logs.
        dtype: of the sums.

    Example:
        >>> round(float(CategoricalHinge()([[0.0, 1.0]], [[0.6, 0.4]])), 4)
        1.2
    """

    def __init__(self, name: str = "categorical_hinge", dtype: Any = None) -> None:
        super().__init__(categorical_hinge, name, dtype)
