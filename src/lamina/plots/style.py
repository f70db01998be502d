"""Colours of the figures, light and dark, and the axes that they are drawn on."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lamina.core.errors import ArgumentError, missing_extra, suggestion

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Style:
    """Colours of one look.

    Attributes:
        ground: behind everything.
        ink: titles and numbers.
        faint: grid, axes and what matters less.
        series: lines, in order; told apart also by people who do not see red and green as different.
        right: what is correct.
        wrong: what is not.
    """

    ground: str
    ink: str
    faint: str
    series: tuple[str, ...]
    right: str
    wrong: str


STYLES = {
    "light": Style(
        ground="#ffffff",
        ink="#1f2430",
        faint="#c9ced8",
        series=("#0b6fb8", "#c8501e", "#1f8a5b", "#8a4fbf", "#a07800", "#b83280"),
        right="#1f7a4d",
        wrong="#c0321c",
    ),
    "dark": Style(
        ground="#14171f",
        ink="#e6e9f0",
        faint="#434a5a",
        series=("#5cb3f0", "#f08a5d", "#5fcf9a", "#c39bf0", "#e0bc4a", "#f07fb8"),
        right="#5fcf9a",
        wrong="#ff8a73",
    ),
}


def find_style(name: str) -> Style:
    """The style of that name.

    Raises:
        ArgumentError: if there is none.

    Example:
        >>> find_style("dark").ground
        '#14171f'
    """
    if name not in STYLES:
        raise ArgumentError(f"There is no plot style {name!r}.", hint=suggestion(name, STYLES))
    return STYLES[name]


def require_matplotlib(purpose: str) -> None:
    """Checks that figures can be drawn.

    Args:
        purpose: what needs it, for the message.

    Raises:
        MissingExtraError: if matplotlib is not installed.
    """
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise missing_extra("plots", "matplotlib", purpose) from error


def prepare_axes(ax: "Axes | None", style: Style, figsize: tuple[float, float] = (6.4, 4.0)) -> "Axes":
    """The axes to draw on, coloured.

    Args:
        ax: axes of the caller's, or `None` for a new figure.
        style: colours.
        figsize: width and height of the new figure, inches.

    Returns:
        The axes.
    """
    if ax is None:
        import matplotlib.pyplot as plt

        _, ax = plt.subplots(figsize=figsize, layout="constrained")
    figure = ax.get_figure()
    if figure is not None:
        figure.set_facecolor(style.ground)
    ax.set_facecolor(style.ground)
    ax.grid(color=style.faint, linewidth=0.6, alpha=0.7)
    ax.set_axisbelow(True)
    ax.tick_params(colors=style.ink, length=0)
    for side, spine in ax.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(style.faint)
    for text in (ax.xaxis.label, ax.yaxis.label, ax.title):
        text.set_color(style.ink)
    return ax
