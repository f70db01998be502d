"""How good probabilities are: over all thresholds, and as probabilities."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from lamina.core.tracebacks import public
from lamina.core.validate import positive_int
from lamina.plots.classes import OneClass, check_probabilities, one_vs_rest
from lamina.plots.language import word
from lamina.plots.series import Series, draw_series
from lamina.plots.style import Style, add_legend, drawing

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Curve(NamedTuple):
    """A curve and the number that sums it up."""

    x: np.ndarray
    y: np.ndarray
    area: float


@public
def precision_recall_curve(
    labels: ArrayLike,
    predictions: ArrayLike,
    class_names: Sequence[str] | None = None,
    ax: "Axes | None" = None,
    style: str | None = None,
    *,
    classes: Sequence[int] | None = None,
) -> "Axes":
    """Draws precision over recall for all thresholds; of several classes each against the rest.

    Args:
        labels: `(examples,)` classes as integers, or one-hot rows.
        predictions: `(examples,)` or `(examples, 1)` scores of class 1 of two; or `(examples, classes)`.
        class_names: the word for each class.
        ax: axes to draw on; a new figure if not given.
        style: `"light"` or `"dark"`; the one of `use_style` if not given.
        classes: the numbers of the classes to draw; all if not given. Of many the twelve worst have names.

    Returns:
        The axes.

    Raises:
        ArgumentError: if the arguments do not fit together, or hold NaN, or a class has no examples.
        MissingExtraError: if matplotlib is not installed.

    Example:
        >>> from matplotlib.figure import Figure
        >>> ax = precision_recall_curve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8], ax=Figure().subplots())
        >>> ax.lines[0].get_label()
        'average precision 0.833'
    """
    with drawing("precision_recall_curve", ax, style, (5.6, 4.6)) as (ax, colours):
        found = one_vs_rest("precision_recall_curve", labels, predictions, class_names, classes)
        _draw(ax, colours, found, _precision_recall, "average precision {area:.3f}", drawstyle="steps-pre")
        ax.set(xlabel=word("recall"), ylabel=word("precision"))
        _end(ax, colours, "lower left")
    return ax


@public
def roc_curve(
    labels: ArrayLike,
    predictions: ArrayLike,
    class_names: Sequence[str] | None = None,
    ax: "Axes | None" = None,
    style: str | None = None,
    *,
    classes: Sequence[int] | None = None,
) -> "Axes":
    """Draws the rate of true positives over that of false ones for all thresholds; each class against the rest.

    Args:
        labels: `(examples,)` classes as integers, or one-hot rows.
        predictions: `(examples,)` or `(examples, 1)` scores of class 1 of two; or `(examples, classes)`.
        class_names: the word for each class.
        ax: axes to draw on; a new figure if not given.
        style: `"light"` or `"dark"`; the one of `use_style` if not given.
        classes: the numbers of the classes to draw; all if not given. Of many the twelve worst have names.

    Returns:
        The axes.

    Raises:
        ArgumentError: if the arguments do not fit together, or hold NaN, or a class has no examples.
        MissingExtraError: if matplotlib is not installed.

    Example:
        >>> from matplotlib.figure import Figure
        >>> ax = roc_curve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8], ax=Figure().subplots())
        >>> [line.get_label() for line in ax.lines]
        ['area 0.750', 'chance']
    """
    with drawing("roc_curve", ax, style, (5.6, 4.6)) as (ax, colours):
        found = one_vs_rest("roc_curve", labels, predictions, class_names, classes)
        _draw(ax, colours, found, _roc, "area {area:.3f}")
        _diagonal(ax, colours, "chance")
        ax.set(xlabel=word("false positive rate"), ylabel=word("true positive rate"))
        _end(ax, colours, "lower right")
    return ax


@public
def calibration_curve(
    labels: ArrayLike,
    predictions: ArrayLike,
    class_names: Sequence[str] | None = None,
    ax: "Axes | None" = None,
    style: str | None = None,
    *,
    classes: Sequence[int] | None = None,
    bins: int = 10,
) -> "Axes":
    """Draws how often examples are positive over the probability that was predicted; on the diagonal the two agree.

    The calibration error in the legend is the mean distance of the two, weighted by the examples in each bin.

    Args:
        labels: `(examples,)` classes as integers, or one-hot rows.
        predictions: `(examples,)` or `(examples, 1)` probabilities of class 1 of two; or `(examples, classes)`.
        class_names: the word for each class.
        ax: axes to draw on; a new figure if not given.
        style: `"light"` or `"dark"`; the one of `use_style` if not given.
        classes: the numbers of the classes to draw; all if not given. Of many the twelve worst have names.
        bins: how many equal parts probabilities are sorted into; empty ones are left out.

    Returns:
        The axes.

    Raises:
        ArgumentError: if the arguments do not fit together, predictions are no probabilities, or a class has no
            examples.
        MissingExtraError: if matplotlib is not installed.

    Example:
        >>> from matplotlib.figure import Figure
        >>> ax = calibration_curve([0, 1, 1, 1], [0.2, 0.2, 0.9, 0.9], bins=5, ax=Figure().subplots())
        >>> ax.lines[0].get_xydata().tolist()
        [[0.2, 0.5], [0.9, 1.0]]
    """
    with drawing("calibration_curve", ax, style, (5.6, 4.6)) as (ax, colours):
        bins = positive_int("calibration_curve", "bins", bins)
        found = one_vs_rest("calibration_curve", labels, predictions, class_names, classes)
        for one in found:
            check_probabilities("calibration_curve", one.scores)
        curve: Callable[[OneClass], Curve] = lambda one: _calibration(one, bins)  # noqa: E731
        _draw(ax, colours, found, curve, "calibration error {area:.3f}", worst_is_high=True, marker="o", markersize=5)
        _diagonal(ax, colours, "perfect")
        ax.set(xlabel=word("predicted probability"), ylabel=word("share that is positive"))
        _end(ax, colours, "upper left")
    return ax


def _draw(
    ax: "Axes",
    colours: Style,
    found: list[OneClass],
    curve_of: Callable[[OneClass], Curve],
    text: str,
    worst_is_high: bool = False,
    **options: Any,
) -> None:
    series = []
    for one in found:
        curve = curve_of(one)
        area = word(text).format(area=curve.area)
        label = f"{one.name}: {area if len(found) == 1 else format(curve.area, '.3f')}" if one.name else area
        series.append(Series(label, curve.x, curve.y, rank=-curve.area if worst_is_high else curve.area))
    draw_series(ax, colours, series, **options)


def _counts(one: OneClass) -> tuple[np.ndarray, np.ndarray]:
    """How many true and false positives there are above each threshold, from the highest to the lowest."""
    order = np.argsort(-one.scores, kind="stable")
    scores, true = one.scores[order], one.true[order]
    last = np.flatnonzero(np.diff(scores, append=-np.inf))  # equal scores pass together
    above = np.cumsum(true)[last]
    return above, last + 1 - above


def _precision_recall(one: OneClass) -> Curve:
    right, wrong = _counts(one)
    recall, precision = right / right[-1], right / (right + wrong)
    area = float(np.sum(np.diff(recall, prepend=0) * precision))
    return Curve(np.r_[0, recall], np.r_[precision[0], precision], area)


def _roc(one: OneClass) -> Curve:
    right, wrong = _counts(one)
    x, y = np.r_[0, wrong / wrong[-1]], np.r_[0, right / right[-1]]
    return Curve(x, y, float(np.sum(np.diff(x) * (y[1:] + y[:-1]) / 2)))


def _calibration(one: OneClass, bins: int) -> Curve:
    place = np.minimum((one.scores * bins).astype(int), bins - 1)
    counts = np.bincount(place, minlength=bins)
    some = counts > 0
    predicted = np.bincount(place, one.scores, bins)[some] / counts[some]
    positive = np.bincount(place, one.true, bins)[some] / counts[some]
    return Curve(predicted, positive, float(np.sum(np.abs(predicted - positive) * counts[some]) / len(place)))


def _diagonal(ax: "Axes", colours: Style, label: str) -> None:
    ax.plot([0, 1], [0, 1], ":", color=colours.ink, linewidth=1, label=word(label), zorder=1)


def _end(ax: "Axes", colours: Style, place: str) -> None:
    ax.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    add_legend(ax, colours, loc=place)
