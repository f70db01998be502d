"""Predicted numbers beside true ones."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from lamina.core.errors import ArgumentError
from lamina.core.tracebacks import public
from lamina.plots.language import word
from lamina.plots.style import Style, add_legend, drawing
from lamina.plots.values import flat_array

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@public
def predictions_vs_targets(
    targets: ArrayLike,
    predictions: ArrayLike,
    ax: "Axes | None" = None,
    style: str | None = None,
) -> "Axes":
    """Draws a point for each example, its prediction over its target; on the diagonal the two agree.

    Args:
        targets: `(examples,)` or `(examples, 1)`.
        predictions: as many.
        ax: axes to draw on; a new figure if not given.
        style: `"light"` or `"dark"`; the one of `use_style` if not given.

    Returns:
        The axes.

    Raises:
        ArgumentError: if there are no examples, the sizes differ or there is NaN, or there is no such style.
        MissingExtraError: if matplotlib is not installed.

    Example:
        >>> from matplotlib.figure import Figure
        >>> ax = predictions_vs_targets([1.0, 2.0], [[1.1], [1.8]], ax=Figure().subplots())
        >>> ax.get_xlabel(), ax.get_ylabel()
        ('target', 'prediction')
    """
    with drawing("predictions_vs_targets", ax, style, (5.0, 5.0)) as (ax, colours):
        true, predicted = _pair("predictions_vs_targets", targets, predictions)
        _scatter(ax, colours, true, predicted)
        ends = [min(true.min(), predicted.min()), max(true.max(), predicted.max())]
        ax.plot(ends, ends, "--", color=colours.ink, linewidth=1, label=word("prediction = target"))
        ax.set(xlabel=word("target"), ylabel=word("prediction"))
        ax.set_aspect("equal", adjustable="datalim")
        add_legend(ax, colours)
    return ax


@public
def residuals(
    targets: ArrayLike,
    predictions: ArrayLike,
    ax: "Axes | None" = None,
    style: str | None = None,
) -> "Axes":
    """Draws what is left of each target beside its prediction, and how such residuals are distributed.

    The solid line is the median of the residuals where predictions are alike: it leaves zero where a model is wrong
    on one side. The dashed lines enclose half of the residuals; if they part, the errors are larger there.

    Args:
        targets: `(examples,)` or `(examples, 1)`.
        predictions: as many.
        ax: axes to draw on; a new figure if not given.
        style: `"light"` or `"dark"`; the one of `use_style` if not given.

    Returns:
        The axes; the histogram is an inset at their right.

    Raises:
        ArgumentError: if there are no examples, the sizes differ or there is NaN, or there is no such style.
        MissingExtraError: if matplotlib is not installed.

    Example:
        >>> from matplotlib.figure import Figure
        >>> ax = residuals([1.0, 2.0], [[1.5], [1.75]], ax=Figure().subplots())
        >>> ax.collections[0].get_offsets().tolist()
        [[1.5, -0.5], [1.75, 0.25]]
    """
    with drawing("residuals", ax, style) as (ax, colours):
        true, predicted = _pair("residuals", targets, predictions)
        left = true - predicted
        _scatter(ax, colours, predicted, left)
        ax.axhline(0, color=colours.ink, linewidth=1)
        order = np.argsort(predicted, kind="stable")
        groups = np.array_split(order, min(12, len(order) // 20)) if len(order) >= 40 else []
        if groups:
            middles = [np.median(predicted[group]) for group in groups]
            low, middle, high = np.transpose([np.quantile(left[group], (0.25, 0.5, 0.75)) for group in groups])
            for values, dash, label in ((middle, "-", "median"), (low, "--", "middle half"), (high, "--", None)):
                name = label and word(label)
                ax.plot(middles, values, dash, color=colours.series[1], linewidth=1.6, label=name)
            add_legend(ax, colours)
        ax.set(xlabel=word("prediction"), ylabel=word("residual"))
        _distribution(ax, colours, left)
    return ax


def _distribution(ax: "Axes", colours: Style, left: np.ndarray) -> None:
    """A histogram that lies along the axis of the residuals."""
    side = ax.inset_axes((1.01, 0, 0.16, 1), sharey=ax)
    side.hist(left, bins=min(40, max(5, len(left) // 10)), orientation="horizontal", color=colours.series[0], alpha=0.7)
    side.set_axis_off()


def _pair(owner: str, targets: ArrayLike, predictions: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    counts = len(np.atleast_1d(targets)), len(np.atleast_1d(predictions))
    if counts[0] != counts[1] or not counts[0]:
        raise ArgumentError(f"{owner}: there are {counts[0]} targets, but {counts[1]} predictions.")
    return flat_array(owner, "targets", targets), flat_array(owner, "predictions", predictions)


def _scatter(ax: "Axes", colours: Style, x: np.ndarray, y: np.ndarray) -> None:
    # Many points are drawn fainter, so that where they crowd can be seen.
    opacity = float(np.clip(300 / len(x), 0.12, 0.8))
    ax.scatter(x, y, s=12, color=colours.series[0], alpha=opacity, linewidths=0)
