"""Intersection over union."""

import warnings
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from lamina.core import config
from lamina.core.errors import ArgumentError, ShapeError
from lamina.core.serialization import builtin
from lamina.core.validate import at_least, positive_int
from lamina.losses.loss import misfit
from lamina.metrics.metric import Metric, of_real_rows


@builtin("metrics")
class IoU(Metric):
    """How far predicted and true regions overlap: their intersection, divided by their union, for some classes.

    Args:
        num_classes: how many there are.
        target_class_ids: the classes whose mean is taken.
        name: in logs.
        dtype: of the counts; `"int32"` when left out.
        ignore_class: a class whose entries do not count.
        sparse_y_true: whether targets are integers; otherwise they are one-hot.
        sparse_y_pred: whether predictions are integers; otherwise they are scores of the classes.
        axis: of the classes, where they are not integers.

    Raises:
        ArgumentError: for classes that there are not.

    Example:
        >>> round(float(IoU(num_classes=2, target_class_ids=[0])([0, 0, 1, 1], [0, 1, 0, 1])), 4)
        0.3333
    """

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        owner = type(self).__name__
        super().__init__(dtype or "int32", name)
        self.num_classes = positive_int(owner, "num_classes", num_classes)
        self.target_class_ids = [at_least(owner, "target_class_ids", one, 0) for one in target_class_ids]
        if not self.target_class_ids or max(self.target_class_ids) >= num_classes:
            raise ArgumentError(
                f"{owner}: target_class_ids must be classes from 0 to {num_classes - 1}. "
                f"Received: target_class_ids={target_class_ids!r}"
            )
        self.ignore_class, self.axis = ignore_class, axis
        self.sparse_y_true, self.sparse_y_pred = sparse_y_true, sparse_y_pred
        shape = (num_classes, num_classes)
        self.total_cm = self.add_variable(shape, "zeros", self.dtype, name="total_confusion_matrix")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Counts which classes were predicted for which.

        Args:
            y_true: integers of any shape, or one-hot.
            y_pred: integers of that shape, or scores.
            sample_weight: of that shape, or one number.

        Raises:
            ShapeError: if the shapes do not fit.
        """
        y_true = jnp.asarray(y_true) if self.sparse_y_true else jnp.argmax(jnp.asarray(y_true), axis=self.axis)
        y_pred = jnp.asarray(y_pred) if self.sparse_y_pred else jnp.argmax(jnp.asarray(y_pred), axis=self.axis)
        if y_true.size != y_pred.size:
            raise misfit(
                self.name, y_true, y_pred, "say with sparse_y_true and sparse_y_pred which of them are integers."
            )
        weights = self._weights(sample_weight, y_true)
        # In the dtype of the counts, as Keras reads them: 1.7 is class 1.
        y_true, y_pred = (y.astype(self.dtype).reshape(-1) for y in (y_true, y_pred))
        counted = (y_true >= 0) & (y_true < self.num_classes) & (y_pred >= 0) & (y_pred < self.num_classes)
        if self.ignore_class is not None:
            counted &= y_true != self.ignore_class
        places = jnp.where(counted, y_true.astype("int32") * self.num_classes + y_pred.astype("int32"), 0)
        counts = jnp.zeros(self.num_classes**2, self.dtype).at[places].add(jnp.where(counted, weights, 0))
        self.total_cm.assign_add(counts.reshape(self.total_cm.shape))

    def _weights(self, sample_weight: Any, y_true: jax.Array) -> jax.Array:
        weights = jnp.asarray(1 if sample_weight is None else sample_weight)
        if jnp.issubdtype(weights.dtype, jnp.floating) and not jnp.issubdtype(self.dtype, jnp.floating):
            warnings.warn(
                f"{self.name} counts in {self.dtype}, so weights are cut off to integers. "
                "For weights that are fractions give the metric dtype='float32'.",
                stacklevel=4,
            )
        weights = weights.astype(self.dtype)
        try:
            weights = jnp.broadcast_to(weights.reshape(-1) if weights.ndim > 1 else weights, y_true.size)
        except ValueError:
            raise ShapeError(
                f"{self.name}: sample_weight of shape {weights.shape} does not fit targets {y_true.shape}.",
                hint="give one weight for each entry of the targets.",
            ) from None
        return of_real_rows(weights.reshape(y_true.shape)).reshape(-1)

    def result(self) -> jax.Array:
        """The mean over the target classes that occur, from 0 to 1."""
        counts = self.total_cm.value
        chosen = jnp.asarray(self.target_class_ids)
        both = jnp.diagonal(counts)[chosen].astype("float32")
        either = (jnp.sum(counts, axis=0) + jnp.sum(counts, axis=1) - jnp.diagonal(counts))[chosen].astype("float32")
        occurs = either > 1e-9
        overlaps = jnp.where(occurs, both / (either + config.epsilon()), 0.0)
        return jnp.sum(overlaps) / (jnp.sum(occurs.astype("float32")) + config.epsilon())

    # The arguments that a config tells, beside name and dtype.
    _told: tuple[str, ...] = (
        *("num_classes", "target_class_ids", "ignore_class"),
        *("sparse_y_true", "sparse_y_pred", "axis"),
    )

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal metric."""
        return {**super().get_config(), **{name: getattr(self, name) for name in self._told}}


@builtin("metrics")
class BinaryIoU(IoU):
    """How far predicted and true regions overlap, where each entry is in or out.

    Args:
        target_class_ids: 0, 1 or both: the classes whose mean is taken.
        threshold: from which on a prediction means 1.
        name: in logs.
        dtype: of the counts; `"int32"` when left out.

    Example:
        >>> round(float(BinaryIoU()([0, 1, 0, 1], [0.1, 0.2, 0.4, 0.7])), 4)
        0.5833
    """

    _told = ("target_class_ids", "threshold")

    def __init__(
        self,
        target_class_ids: Sequence[int] = (0, 1),
        threshold: float = 0.5,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(2, target_class_ids, name, dtype)
        self.threshold = threshold

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Counts which entries were predicted to be in, and which are.

        Args:
            y_true: zeros and ones of any shape.
            y_pred: scores of that shape.
            sample_weight: of that shape, or one number.
        """
        y_pred = jnp.asarray(y_pred).astype("float32") >= self.threshold
        super().update_state(y_true, y_pred, sample_weight)


@builtin("metrics")
class MeanIoU(IoU):
    """How far predicted and true regions overlap, the mean over all classes.

    Args:
        num_classes: how many there are.
        name: in logs.
        dtype: of the counts; `"int32"` when left out.
        ignore_class: a class whose entries do not count.
        sparse_y_true: whether targets are integers; otherwise they are one-hot.
        sparse_y_pred: whether predictions are integers; otherwise they are scores of the classes.
        axis: of the classes, where they are not integers.

    Example:
        >>> round(float(MeanIoU(num_classes=2)([0, 0, 1, 1], [0, 1, 0, 1])), 4)
        0.3333
    """

    _told = ("num_classes", "ignore_class", "sparse_y_true", "sparse_y_pred", "axis")

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        classes = range(positive_int(type(self).__name__, "num_classes", num_classes))
        super().__init__(num_classes, classes, name, dtype, ignore_class, sparse_y_true, sparse_y_pred, axis)


@builtin("metrics")
class OneHotIoU(IoU):
    """How far predicted and true regions overlap, with one-hot targets.

    Args:
        num_classes: how many there are.
        target_class_ids: the classes whose mean is taken.
        name: in logs.
        dtype: of the counts; `"int32"` when left out.
        ignore_class: a class whose entries do not count.
        sparse_y_pred: whether predictions are integers; otherwise they are scores of the classes.
        axis: of the classes.

    Example:
        >>> round(float(OneHotIoU(2, [0])([[1, 0], [1, 0], [0, 1]], [[0.8, 0.2], [0.3, 0.7], [0.1, 0.9]])), 4)
        0.5
    """

    _told = ("num_classes", "target_class_ids", "ignore_class", "sparse_y_pred", "axis")

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        super().__init__(num_classes, target_class_ids, name, dtype, ignore_class, False, sparse_y_pred, axis)


@builtin("metrics")
class OneHotMeanIoU(MeanIoU):
    """How far predicted and true regions overlap, with one-hot targets, the mean over all classes.

    Args:
        num_classes: how many there are.
        name: in logs.
        dtype: of the counts; `"int32"` when left out.
        ignore_class: a class whose entries do not count.
        sparse_y_pred: whether predictions are integers; otherwise they are scores of the classes.
        axis: of the classes.

    Example:
        >>> round(float(OneHotMeanIoU(2)([[1, 0], [1, 0], [0, 1]], [[0.8, 0.2], [0.3, 0.7], [0.1, 0.9]])), 4)
        0.5
    """

    _told = ("num_classes", "ignore_class", "sparse_y_pred", "axis")

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        super().__init__(num_classes, name, dtype, ignore_class, False, sparse_y_pred, axis)
