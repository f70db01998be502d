"""Predicted numbers beside true ones."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from lamina.core.errors import ArgumentError
from lamina.plots.style import find_style, prepare_axes, require_matplotlib

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def predictions_vs_targets(
    targets: ArrayLike,
    predictions: ArrayLike,
    ax: "Axes | None" = None,
    style: str = "light",
) -> "Axes":
    """Draws a point for each example, its prediction over its target; on the diagonal the two agree.

    Args:
        targets: `(examples,)` or `(examples, 1)`.
        predictions: as many.
        ax: axes to draw on; a new figure if not given.
        style: `"light"` or `"dark"`.

    Returns:
        The axes.

    Raises:
        ArgumentError: if there are no examples or the sizes differ, or there is no such style.
        MissingExtraError: if matplotlib is not installed.

    Example:
        >>> from matplotlib.figure import Figure
        >>> ax = predictions_vs_targets([1.0, 2.0], [[1.1], [1.8]], ax=Figure().subplots())
        >>> ax.get_xlabel(), ax.get_ylabel()
        ('target', 'prediction')
    """
    require_matplotlib("predictions_vs_targets()")
    colours = find_style(style)
    true, predicted = np.asarray(targets).reshape(-1), np.asarray(predictions).reshape(-1)
    if len(true) != len(predicted) or not len(true):
        raise ArgumentError(f"There are {len(true)} targets, but {len(predicted)} predictions.")
    ax = prepare_axes(ax, colours, figsize=(5.0, 5.0))
    # Many points are drawn fainter, so that where they crowd can be seen.
    opacity = float(np.clip(300 / len(true), 0.12, 0.8))
    ax.scatter(true, predicted, s=12, color=colours.series[0], alpha=opacity, linewidths=0)
    ends = [min(true.min(), predicted.min()), max(true.max(), predicted.max())]
    ax.plot(ends, ends, "--", color=colours.ink, linewidth=1, label="prediction = target")
    ax.set_xlabel("target")
    ax.set_ylabel("prediction")
    ax.set_aspect("equal", adjustable="datalim")
    ax.legend(frameon=False, labelcolor=colours.ink)
    return ax
