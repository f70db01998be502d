"""True and predicted classes as plots read them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from lamina.core.errors import ArgumentError, ArgumentTypeError
from lamina.plots.values import finite_array, flat_array, same_length


def class_numbers(owner: str, name: str, values: Any) -> np.ndarray:
    """Classes as integers from 0.

    Args:
        owner: the function that draws, for messages.
        name: of the argument.
        values: `(examples,)` or `(examples, 1)` integers, or one-hot rows.

    Raises:
        ArgumentError: for what is neither.

    Example:
        >>> class_numbers("confusion_matrix", "labels", [[0, 1], [1, 0]])
        array([1, 0])
    """
    if np.asarray(values).dtype.kind in "OUS":
        raise ArgumentError(
            f"{owner}: {name} must be integers from 0, but they are words or objects.",
            hint="number them: class_names, numbers = np.unique(labels, return_inverse=True).",
        )
    array = finite_array(owner, name, values)
    if array.ndim == 2 and array.shape[1] > 1:
        if not (np.isin(array, (0, 1)).all() and (array.sum(axis=1) == 1).all()):
            raise ArgumentError(f"{owner}: {name} of shape {array.shape} are not one-hot: one 1 in each row.")
        return array.argmax(axis=1)
    array = flat_array(owner, name, array)
    if (array != np.floor(array)).any() or array.min() < 0:
        wrong = array[(array != np.floor(array)) | (array < 0)][0]
        raise ArgumentError(f"{owner}: {name} must be integers from 0. Received: {wrong:g} among them")
    return array.astype(int)


class Decisions(NamedTuple):
    """What a classifier decided.

    Attributes:
        classes: `(examples,)` integers.
        sure: `(examples,)` probabilities of these classes, or `None` if they are not known.
        count: how many classes the classifier tells apart, 0 if that is not known.
    """

    classes: np.ndarray
    sure: np.ndarray | None
    count: int


def decide(owner: str, predictions: Any) -> Decisions:
    """The classes that predictions stand for.

    Args:
        owner: the function that draws, for messages.
        predictions: `(examples, classes)` scores; `(examples,)` or `(examples, 1)` probabilities of class 1 of two;
            or `(examples,)` integers, which are the classes.

    Example:
        >>> decide("confusion_matrix", [[0.2], [0.9]]).classes
        array([0, 1])
    """
    array = finite_array(owner, "predictions", predictions)
    if array.ndim == 2 and array.shape[1] > 1:
        classes = array.argmax(axis=1)
        return Decisions(classes, array.max(axis=1), array.shape[1])
    column, array = array.ndim == 2, flat_array(owner, "predictions", array)
    if not column and (array == np.floor(array)).all():
        return Decisions(class_numbers(owner, "predictions", array), None, 0)
    check_probabilities(owner, array)
    return Decisions((array > 0.5).astype(int), np.maximum(array, 1 - array), 2)


def check_probabilities(owner: str, scores: np.ndarray) -> None:
    """Raises unless all are from 0 to 1."""
    if scores.min() < 0 or scores.max() > 1:
        raise ArgumentError(
            f"{owner}: predictions must be probabilities, but they go from {scores.min():.3g} to {scores.max():.3g}.",
            hint="of logits take lamina.ops.sigmoid, or softmax for several classes, first.",
        )


def check_classes(owner: str, labels: np.ndarray, count: int) -> None:
    """Raises if there is a label that a classifier of so many classes cannot predict."""
    high = int(labels.max())
    if high < count:
        return
    if count == 2:
        raise ArgumentError(
            f"{owner}: predictions are a binary model's, for the classes 0 and 1, but labels go up to {high}.",
            hint=f"a model for {high + 1} classes ends in {high + 1} units with softmax, one for each.",
        )
    raise ArgumentError(f"{owner}: predictions are for {count} classes, 0 to {count - 1}, but labels go up to {high}.")


class OneClass(NamedTuple):
    """One class against the rest.

    Attributes:
        name: of the class; empty if there are only two and they have no names.
        number: of the class.
        true: `(examples,)` bools, whether an example is of it.
        scores: `(examples,)`, the higher the more likely.
    """

    name: str
    number: int
    true: np.ndarray
    scores: np.ndarray


def one_vs_rest(
    owner: str, labels: Any, predictions: Any, class_names: Sequence[str] | None, classes: Sequence[int] | None
) -> list[OneClass]:
    """Each class against the rest; of two classes only the second.

    Args:
        owner: the function that draws, for messages.
        labels: `(examples,)` integers, or one-hot rows.
        predictions: `(examples, classes)`, or `(examples,)` or `(examples, 1)` for class 1 of two.
        class_names: the word for each class.
        classes: the numbers of those that are wanted; all if not given.

    Raises:
        ArgumentError: if they do not fit together, or a class has no example, or nothing but examples.
    """
    true = class_numbers(owner, "labels", labels)
    scores = finite_array(owner, "predictions", predictions)
    scores = scores[:, None] if scores.ndim == 1 else scores
    if scores.ndim != 2:
        raise ArgumentError(
            f"{owner}: predictions must be (examples,) or (examples, classes). Received: shape {scores.shape}"
        )
    same_length(owner, labels=true, predictions=scores)
    binary = scores.shape[1] <= 2
    count = max(scores.shape[1], 2)
    check_classes(owner, true, count)
    words = class_words(owner, class_names)
    check_names(owner, words, count)
    wanted = [1] if binary and classes is None else range(count) if classes is None else classes
    found = []
    for number in wanted:
        if number not in range(count):
            raise ArgumentError(f"{owner}: there is no class {number!r}; there are {count}, from 0.")
        name = str(number) if words is None else words[number]
        column = scores[:, number] if scores.shape[1] > 1 else (scores[:, 0] if number else 1 - scores[:, 0])
        found.append(OneClass("" if binary and words is None else name, number, true == number, column))
    _check_both(owner, found, count)
    return found


def class_words(owner: str, class_names: Any) -> list[str] | None:
    """The words for the classes as a list, if they are given.

    Raises:
        ArgumentTypeError: for what is no list of words.

    Example:
        >>> class_words("roc_curve", np.array(["cat", "dog"]))
        ['cat', 'dog']
    """
    if class_names is None:
        return None
    if isinstance(class_names, str | Mapping) or not isinstance(class_names, Iterable):
        raise ArgumentTypeError(
            f"{owner}: class_names must be a list with a word for each class. Received: class_names={class_names!r}"
        )
    return [str(name) for name in class_names]


def check_names(owner: str, class_names: Sequence[str] | None, count: int) -> None:
    """Raises unless each class has a name."""
    if class_names is not None and len(class_names) != count:
        binary = " (a binary model's)" if count == 2 else ""
        raise ArgumentError(f"{owner}: there are {len(class_names)} class_names, but {count} classes{binary}.")


def _check_both(owner: str, found: list[OneClass], count: int) -> None:
    absent = [one.number for one in found if not one.true.any()]
    if absent:
        shown = ", ".join(map(str, absent[:5])) + (", …" if len(absent) > 5 else "")
        several = "es" if len(absent) > 1 else ""
        raise ArgumentError(
            f"{owner}: predictions are for {count} classes, but no label is of the class{several} {shown}.",
            hint="choose classes that have examples, by their numbers: classes=[0, 1]; or, if there are only two "
            "classes, pass the probabilities of the second one.",
        )
    alone = [one.number for one in found if one.true.all()]
    if alone:
        raise ArgumentError(f"{owner}: all labels are of the class {alone[0]}, so there is nothing to tell it from.")
