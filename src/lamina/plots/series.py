"""Lines that are compared with each other."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lamina.plots.language import word
from lamina.plots.style import Style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 12  # lines that can be told apart


class Series(NamedTuple):
    """A line.

    Attributes:
        label: in the legend.
        x: along the axis.
        y: as many.
        rank: the lower, the more it is to be seen; if all are equal, the first lines are.
    """

    label: str
    x: Any
    y: Any
    rank: float = 0.0


def draw_series(ax: "Axes", style: Style, series: Sequence[Series], **options: Any) -> None:
    """Draws lines that differ in colours and dashes; of too many those of high rank are faint, without a name.

    Args:
        ax: the axes.
        style: colours.
        series: the lines.
        **options: of all lines, for matplotlib.

    Example:
        >>> from matplotlib.figure import Figure
        >>> from lamina.plots.style import STYLES
        >>> ax = Figure().subplots()
        >>> draw_series(ax, STYLES["light"], [Series("a", [0, 1], [1, 0]), Series("b", [0, 1], [0, 1])])
        >>> [line.get_label() for line in ax.lines]
        ['a', 'b']
    """
    chosen = set(np.argsort([one.rank for one in series], kind="stable")[:MOST].tolist())
    shown = [one for place, one in enumerate(series) if place in chosen]
    others = [one for place, one in enumerate(series) if place not in chosen]
    for place, one in enumerate(others):
        more = word("… and {count} more").format(count=len(others))
        look = {"color": style.faint, "linewidth": 0.8, "label": more if place == 0 else None}
        ax.plot(one.x, one.y, **{**options, **look})
    for place, one in enumerate(shown):
        marker = {"marker": "o"} if len(one.x) == 1 else {}  # a line through one point cannot be seen
        ax.plot(one.x, one.y, label=one.label, **{**style.line(place), **marker, **options})
