"""Labels and numbers, turned into what a network's losses read, and its outputs turned back."""

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.utils.multiclass import check_classification_targets, type_of_target

from lamina.core.errors import DataError
from lamina.population.heads import LossHead
from lamina.training.outputs import Outputs

INDICATOR = "multilabel-indicator"


class Head(LossHead):
    """An output of a model, and how labels are told by it."""

    @property
    def one_hot(self) -> bool:
        """Whether a class is told by a row that is 1 at one place."""
        return self.loss.startswith("categorical")

    def targets(self, codes: np.ndarray, classes: int) -> np.ndarray:
        """The classes of examples as the loss reads them.

        Args:
            codes: int `(rows,)`, from 0.
            classes: how many there are.
        """
        if self.loss.startswith("sparse") or not (self.is_own or self.one_hot):
            return codes
        if self.width == 1:
            if classes > 2:
                raise DataError(
                    f"y has {classes} classes, but the model has one output, which tells two apart.",
                    hint=f"give the last layer {classes} units, softmax and 'sparse_categorical_crossentropy'.",
                )
            return codes[:, None].astype("float32")
        return np.eye(max(classes, self.width or 0), dtype="float32")[codes]

    @property
    def threshold(self) -> float:
        """From where on a single output says yes."""
        return 0.0 if "hinge" in self.loss else 0.5


def heads_of(model: Any, x: Any) -> list[Head]:
    """The outputs of a compiled model for inputs like `x`; builds it if need be."""
    specs = model.output_specs(model.fit_rank(x[:1]))
    outputs = Outputs(specs, getattr(model, "output_names", None))
    given = model.loss
    shared = given is None or isinstance(given, str) or callable(given)
    found = [given] * len(outputs) if shared else outputs.match(given, "loss")
    return [Head(leaf.shape[-1], loss) for leaf, loss in zip(outputs.leaves, found, strict=True)]


class Labels:
    """The labels of a classification.

    Args:
        y: `(rows,)`, or `(rows, columns)`: of 0 and 1 for several labels at a time, of labels for several questions.
        classes: all labels that there may be, if `y` need not have them all.

    Attributes:
        kind: as scikit-learn's `type_of_target` tells it.
        columns: the sorted labels of each question.
    """

    def __init__(self, y: np.ndarray, classes: Any = None) -> None:
        check_classification_targets(y)
        self.kind = type_of_target(y, input_name="y")
        if self.kind == INDICATOR:
            self.columns = [np.arange(y.shape[1])]
        elif y.ndim == 2 and y.shape[1] > 1:
            self.kind = "multiclass-multioutput"
            self.columns = [np.unique(column) for column in y.T]
        else:
            self.columns = [np.unique(y if classes is None else classes)]
            self.kind = "multiclass" if len(self.columns[0]) > 2 else "binary"

    @property
    def classes(self) -> Any:
        """The sorted labels; a list of them for several questions."""
        return self.columns[0] if len(self.columns) == 1 else self.columns

    @property
    def outputs(self) -> int:
        """How many columns `y` has."""
        return len(self.columns[0]) if self.kind == INDICATOR else len(self.columns)

    def encode(self, y: np.ndarray, heads: list[Head]) -> Any:
        """Labels as targets of a model.

        Raises:
            DataError: for labels that were not there before, and models with too few outputs.
        """
        if self.kind == INDICATOR:
            if y.shape[1:] != (self.outputs,):
                raise DataError(f"y has the shape {y.shape}, but {self.outputs} columns of 0 and 1 are expected.")
            return y.astype("float32")
        columns = [y.reshape(-1)] if len(self.columns) == 1 else list(y.T)
        if len(heads) != len(columns):
            raise DataError(
                f"y has {len(columns)} columns of classes, but the model has {len(heads)} outputs.",
                hint="make a functional model with an output for each column.",
            )
        targets = [
            head.targets(_codes(column, classes), len(classes))
            for column, classes, head in zip(columns, self.columns, heads, strict=True)
        ]
        return targets[0] if len(targets) == 1 else targets

    def decode(self, outputs: Any, heads: list[Head]) -> np.ndarray:
        """Labels in the form of `y`."""
        if self.kind == INDICATOR:
            if heads[0].one_hot:
                return np.eye(self.outputs, dtype=int)[np.asarray(outputs).argmax(axis=1)]
            return (self.probabilities(outputs, heads) > heads[0].threshold).astype(int)
        outputs = outputs if isinstance(outputs, list | tuple) else [outputs]
        columns = [
            classes[_chosen(np.asarray(output), head, len(classes))]
            for output, head, classes in zip(outputs, heads, self.columns, strict=True)
        ]
        return columns[0] if len(columns) == 1 else np.stack(columns, axis=1)

    def probabilities(self, outputs: Any, heads: list[Head]) -> Any:
        """The probability of each label: `(rows, labels)`, and a list of such for several questions."""
        if self.kind == INDICATOR:
            return heads[0].probabilities(np.asarray(outputs), heads[0].one_hot)
        outputs = outputs if isinstance(outputs, list | tuple) else [outputs]
        tables = [
            _table(head.probabilities(np.asarray(output), True), len(classes))
            for output, head, classes in zip(outputs, heads, self.columns, strict=True)
        ]
        return tables[0] if len(tables) == 1 else tables


def _codes(column: np.ndarray, classes: np.ndarray) -> np.ndarray:
    codes = np.searchsorted(classes, column).clip(max=len(classes) - 1)
    strange = classes[codes] != column
    if np.any(strange):
        raise DataError(
            f"y holds the label {column[strange].tolist()[0]!r}, but the labels are {classes.tolist()}.",
            hint="name all labels at the first call: partial_fit(X, y, classes=...).",
        )
    return codes


def _chosen(output: np.ndarray, head: Head, classes: int) -> np.ndarray:
    if output.shape[-1] > 1:
        return output[:, :classes].argmax(axis=-1)
    threshold = 0.0 if head.from_logits else head.threshold
    return (output[:, 0] > threshold).astype(int).clip(max=classes - 1)


def _table(output: np.ndarray, classes: int) -> np.ndarray:
    if classes == 1:
        return np.ones((len(output), 1), output.dtype)
    return output[:, :classes] if output.shape[-1] > 1 else np.concatenate([1 - output, output], axis=1)


class Numbers:
    """The targets of a regression, `(rows,)` or `(rows, columns)`."""

    def __init__(self, y: np.ndarray) -> None:
        self.ndim = y.ndim
        self.dtype = "float32" if y.dtype == np.float32 else "float64"
        self.outputs = 1 if y.ndim == 1 else y.shape[1]
        self.kind = "continuous" if self.outputs == 1 else "continuous-multioutput"

    def encode(self, y: np.ndarray, heads: list[Head]) -> Any:
        """Targets of a model; a column for each output if there are several.

        Raises:
            DataError: if there are not as many columns as outputs.
        """
        y = y.astype("float32")
        if len(heads) == 1:
            return y.reshape(len(y), -1)
        if self.outputs != len(heads):
            raise DataError(f"y has {self.outputs} columns, but the model has {len(heads)} outputs.")
        return [column[:, None] for column in y.T]

    def decode(self, outputs: Any) -> np.ndarray:
        """Predictions in the form and the precision of `y`."""
        if isinstance(outputs, list | tuple):
            outputs = np.concatenate([np.asarray(part).reshape(len(part), -1) for part in outputs], axis=1)
        outputs = np.asarray(outputs, self.dtype)
        return outputs.reshape(-1) if self.ndim == 1 and outputs.size == len(outputs) else outputs


Targets = Labels | Numbers
MakeTargets = Callable[..., Targets]
