"""What a classifier answers all over the plane of two features."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from lamina.core.errors import ArgumentError, ArgumentTypeError, suggestion
from lamina.core.tracebacks import public
from lamina.core.validate import at_least
from lamina.models import Model
from lamina.plots.classes import check_names, class_numbers, class_words
from lamina.plots.style import MARKERS, Style, add_legend, drawing
from lamina.plots.values import finite_array, same_length

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_OWNER = "decision_boundary"


class Plane(NamedTuple):
    """Two features of the data.

    Attributes:
        points: `(examples, 2)`.
        names: of the two, or empty words.
        places: of the two among all features.
        others: `(features,)`, at what the others are held.
    """

    points: np.ndarray
    names: tuple[str, str]
    places: tuple[int, int]
    others: np.ndarray

    def rows(self, grid: np.ndarray) -> np.ndarray:
        """Points of the plane as inputs of the classifier."""
        rows = np.tile(self.others, (len(grid), 1))
        rows[:, self.places] = grid
        return rows


@public
def decision_boundary(
    model: Any,
    x: ArrayLike,
    y: ArrayLike,
    class_names: Sequence[str] | None = None,
    ax: "Axes | None" = None,
    style: str | None = None,
    *,
    features: Sequence[str | int] | None = None,
    feature_names: Sequence[str] | None = None,
    resolution: int = 200,
) -> "Axes":
    """Draws what a classifier predicts over two features, and the examples on it.

    Of two classes it shows the probability of the second one, with a line at one half, if the classifier tells
    probabilities; else the region of each class.

    Args:
        model: a model of lamina, an estimator of scikit-learn's kind, or a function of `(points, features)` that
            returns classes, probabilities of class 1, or `(points, classes)`.
        x: `(examples, features)`, an array or a DataFrame.
        y: `(examples,)` classes, numbers or words; or one-hot rows.
        class_names: the word for each class; the classes themselves if not given.
        ax: axes to draw on; a new figure if not given.
        style: `"light"` or `"dark"`; the one of `use_style` if not given.
        features: the two to draw, by names or numbers, if there are more; the others are held at their medians.
        feature_names: their names, if `x` has none.
        resolution: points along each axis.

    Returns:
        The axes.

    Raises:
        ArgumentError: if there are more than two features and none are chosen, or the arguments do not fit.
        ArgumentTypeError: if the model can predict nothing.
        MissingExtraError: if matplotlib is not installed.

    Example:
        >>> from matplotlib.figure import Figure
        >>> x = np.array([[0.0, 0.0], [1.0, 1.0]])
        >>> ax = decision_boundary(lambda points: points[:, 0] > 0.5, x, [0, 1], ax=Figure().subplots())
        >>> [text.get_text() for text in ax.get_legend().get_texts()]
        ['0', '1']
    """
    with drawing(_OWNER, ax, style, (5.6, 4.8)) as (ax, colours):
        plane = _plane(x, features, feature_names)
        true = np.asarray(y)
        true = class_numbers(_OWNER, "y", true) if true.ndim == 2 and true.shape[1] > 1 else true.reshape(-1)
        same_length(_OWNER, examples=plane.points, labels=true)
        low, high = plane.points.min(axis=0), plane.points.max(axis=0)
        margin = np.where(high > low, 0.08 * (high - low), 0.5)
        count = at_least(_OWNER, "resolution", resolution, 2)
        across, up = (np.linspace(a, b, count) for a, b in zip(low - margin, high + margin, strict=True))
        grid = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
        classes, answers = _answers(model, plane.rows(grid), true)
        words = class_words(_OWNER, class_names)
        check_names(_OWNER, words, len(classes))
        words = words or [str(label) for label in classes]
        _draw_ground(ax, colours, across, up, answers.reshape(count, count), len(classes))
        for number, label in enumerate(classes):
            points = plane.points[true == label]
            look = {"color": colours.colour(number), "marker": MARKERS[number % len(MARKERS)], "s": 30}
            ax.scatter(*points.T, label=words[number], edgecolors=colours.ground, linewidths=0.7, zorder=3, **look)
        ax.set(xlabel=plane.names[0], ylabel=plane.names[1], xlim=across[[0, -1]], ylim=up[[0, -1]])
        ax.grid(False)
        add_legend(ax, colours)
    return ax


def _plane(x: Any, features: Sequence[str | int] | None, names: Sequence[str] | None) -> Plane:
    names = [str(name) for name in (getattr(x, "columns", ()) if names is None else names)]
    array = finite_array(_OWNER, "x", x, rank=2)
    count = array.shape[1]
    if names and len(names) != count:
        raise ArgumentError(f"{_OWNER}: there are {len(names)} feature_names, but x has {count} features.")
    if features is None and count != 2:
        offered: list[Any] = names[:2] if names else [0, 1]
        known = f": {', '.join(names[:8])}{', …' if count > 8 else ''}" if names else ""
        hint = f"choose two, the others are held at their medians: features={offered}." if count > 2 else None
        raise ArgumentError(f"{_OWNER} draws two features, but x has {count}{known}.", hint=hint)
    chosen = [_place(feature, names, count) for feature in (range(2) if features is None else features)]
    if len(chosen) != 2 or chosen[0] == chosen[1]:
        raise ArgumentError(f"{_OWNER}: features must be two different ones. Received: features={list(features or ())}")
    places = chosen[0], chosen[1]
    shown = (names[places[0]], names[places[1]]) if names else ("", "")
    return Plane(array[:, places], shown, places, np.median(array, axis=0))


def _place(feature: str | int, names: list[str], count: int) -> int:
    if isinstance(feature, str):
        if feature not in names:
            hint = suggestion(feature, names) if names else "x has no names: choose by numbers, or pass feature_names."
            raise ArgumentError(f"{_OWNER}: there is no feature {feature!r}.", hint=hint)
        return names.index(feature)
    if not 0 <= feature < count:
        raise ArgumentError(f"{_OWNER}: there is no feature {feature}; x has {count}, from 0.")
    return int(feature)


def _answers(model: Any, rows: np.ndarray, true: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The classes, and for each row the place of its class among them, or the probability of the second of two."""
    if isinstance(model, Model):
        predicted = np.asarray(model.predict(rows, verbose=0))
    elif hasattr(model, "predict_proba"):
        predicted = np.asarray(model.predict_proba(rows))
        predicted = predicted[:, 1] if predicted.shape[1] == 2 else predicted
    elif hasattr(model, "predict") or callable(model):
        predicted = np.asarray(getattr(model, "predict", model)(rows))
    else:
        raise ArgumentTypeError(
            f"{_OWNER}: the model must have predict() or be a function. Received: a {type(model).__name__}"
        )
    if predicted.ndim not in (1, 2) or len(predicted) != len(rows):
        raise ArgumentError(
            f"{_OWNER}: predictions for {len(rows)} points have the shape {predicted.shape}; "
            "expected (points,) or (points, classes)."
        )
    known = getattr(model, "classes_", None)
    if predicted.ndim == 2 and predicted.shape[1] > 1:
        classes = _numbered(true, predicted.shape[1], known)
        return classes, finite_array(_OWNER, "predictions", predicted).argmax(axis=1)
    flat = predicted.reshape(-1)
    if isinstance(model, Model) or (flat.dtype.kind == "f" and (flat != np.floor(flat)).any()):
        return _numbered(true, 2, known), _probabilities(finite_array(_OWNER, "predictions", flat))
    flat = flat.astype(int) if flat.dtype.kind == "b" and true.dtype.kind in "iuf" else flat
    classes = np.unique(np.concatenate([flat, true]))
    return classes, np.searchsorted(classes, flat)


def _numbered(true: np.ndarray, count: int, known: Any) -> np.ndarray:
    """The classes that a classifier's outputs stand for: those that it names, or those of the labels, or numbers."""
    if known is not None and len(known) == count:
        return np.asarray(known)
    found = np.unique(true)
    if len(found) > count or (found.dtype.kind in "iuf" and found.max() >= count):
        kind = "is a binary model's" if count == 2 else f"has {count} outputs"
        raise ArgumentError(
            f"{_OWNER}: the prediction {kind}, but labels have {len(found)} classes, up to {found[-1]}.",
            hint="a model for several classes ends in one unit for each, with softmax; number the classes from 0.",
        )
    return found if len(found) == count else np.arange(count)


def _probabilities(scores: np.ndarray) -> np.ndarray:
    """Those of the second class; what goes beyond 0 and 1 are logits."""
    logits = scores.min() < 0 or scores.max() > 1
    return 1 / (1 + np.exp(-np.clip(scores, -50, 50))) if logits else scores


def _draw_ground(
    ax: "Axes", colours: Style, across: np.ndarray, up: np.ndarray, answers: np.ndarray, count: int
) -> None:
    if answers.dtype.kind == "f":
        ax.contourf(across, up, answers, levels=np.linspace(0, 1, 11), cmap=colours.shades(1, 0.6))
        lines = [(answers, 0.5)]
    else:
        ground = np.array([colours.tint(number, 0.28) for number in range(count)])[answers]
        ends = (across[0], across[-1], up[0], up[-1])
        ax.imshow(ground, extent=ends, origin="lower", aspect="auto", interpolation="nearest")
        lines = [((answers == number).astype(float), 0.5) for number in range(count)]
    for values, level in lines:
        if values.min() < level < values.max():
            ax.contour(across, up, values, levels=[level], colors=colours.ink, linewidths=1.4)
