"""Distances between distributions, as metrics."""

from typing import Any

from lamina.core.serialization import builtin
from lamina.losses.binary_focal_crossentropy import binary_focal_crossentropy
from lamina.losses.categorical_focal_crossentropy import categorical_focal_crossentropy
from lamina.losses.kl_divergence import kl_divergence
from lamina.losses.poisson import poisson
from lamina.metrics.mean import MeanMetricWrapper

builtin("metrics", "kld", "kullback_leibler_divergence")(kl_divergence)
builtin("metrics")(poisson)
builtin("metrics")(binary_focal_crossentropy)
builtin("metrics")(categorical_focal_crossentropy)


@builtin("metrics")
class KLDivergence(MeanMetricWrapper):
    """The mean Kullback-Leibler divergence.

    Args:
        name: in logs.
        dtype: of the sums.

    Example:
        >>> round(float(KLDivergence()([[0.5, 0.5]], [[0.25, 0.75]])), 4)
        0.1438
    """

    def __init__(self, name: str = "kl_divergence", dtype: Any = None) -> None:
        super().__init__(kl_divergence, name, dtype)


@builtin("metrics")
class Poisson(MeanMetricWrapper):
    """The mean loss of predicted rates of Poisson distributions.

    Args:
        name: in logs.
        dtype: of the sums.

    Example:
        >>> round(float(Poisson()([[2.0, 0.0]], [[1.0, 1.0]])), 4)
        1.0
    """

    def __init__(self, name: str = "poisson", dtype: Any = None) -> None:
        super().__init__(poisson, name, dtype)
