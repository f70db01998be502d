"""Cross-entropies, as metrics."""

from typing import Any

from lamina.core.serialization import builtin
from lamina.losses.binary_crossentropy import binary_crossentropy
from lamina.losses.categorical_crossentropy import categorical_crossentropy
from lamina.losses.sparse_categorical_crossentropy import sparse_categorical_crossentropy
from lamina.metrics.mean import MeanMetricWrapper

builtin("metrics", "bce")(binary_crossentropy)
builtin("metrics")(categorical_crossentropy)
builtin("metrics")(sparse_categorical_crossentropy)


@builtin("metrics")
class BinaryCrossentropy(MeanMetricWrapper):
    """The mean binary cross-entropy.

    Args:
        name: in logs.
        dtype: of the sums.
        from_logits: whether predictions have yet to go through a sigmoid.
        label_smoothing: how far targets are drawn towards one half.

    Example:
        >>> round(float(BinaryCrossentropy()([[1.0]], [[0.5]])), 4)
        0.6931
    """

    def __init__(
        self,
        name: str = "binary_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
    ) -> None:
        super().__init__(binary_crossentropy, name, dtype, from_logits=from_logits, label_smoothing=label_smoothing)


@builtin("metrics")
class CategoricalCrossentropy(MeanMetricWrapper):
    """The mean cross-entropy of one-hot targets.

    Args:
        name: in logs.
        dtype: of the sums.
        from_logits: whether predictions have yet to go through a softmax.
        label_smoothing: the share of each target that is spread over all classes.
        axis: of the classes.

    Example:
        >>> round(float(CategoricalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]])), 4)
        0.6931
    """

    def __init__(
        self,
        name: str = "categorical_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
        axis: int = -1,
    ) -> None:
        arguments = {"from_logits": from_logits, "label_smoothing": label_smoothing, "axis": axis}
        super().__init__(categorical_crossentropy, name, dtype, **arguments)


@builtin("metrics")
class SparseCategoricalCrossentropy(MeanMetricWrapper):
    """The mean cross-entropy of integer targets.

    Args:
        name: in logs.
        dtype: of the sums.
        from_logits: whether predictions have yet to go through a softmax.
        ignore_class: a class whose examples count as zero, and not at all if there are sample weights.
        axis: of the classes.

    Example:
        >>> round(float(SparseCategoricalCrossentropy()([1], [[0.5, 0.5]])), 4)
        0.6931
    """

    def __init__(
        self,
        name: str = "sparse_categorical_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        ignore_class: int | None = None,
        axis: int = -1,
    ) -> None:
        arguments = {"from_logits": from_logits, "ignore_class": ignore_class, "axis": axis}
        super().__init__(sparse_categorical_crossentropy, name, dtype, **arguments)
