"""Colours of the figures, light and dark, and the axes that they are drawn on."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lamina.core.errors import ArgumentError, ArgumentTypeError, missing_extra, suggestion
from lamina.core.tracebacks import public
from lamina.plots.fonts import show_scripts
from lamina.plots.setting import Choice, Setting

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap

# Lines and points differ in more than their colours, so that they can be told apart in grey.
DASHES: tuple[Any, ...] = ("-", "--", "-.", ":", (0, (6, 1.5, 1.5, 1.5, 1.5, 1.5)), (0, (9, 2)), (0, (3, 1)))
_MOST_INSIDE = 6  # lines of a legend that stands on the axes
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">")


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

    def colour(self, index: int) -> str:
        """The colour of a line or a class, by its number."""
        return self.series[index % len(self.series)]

    def line(self, index: int) -> dict[str, Any]:
        """What a line looks like, by its number: its colour and dashes; where dashes come again, markers, too."""
        turn, dash = divmod(index, len(DASHES))
        look = {"color": self.colour(index), "linestyle": DASHES[dash], "linewidth": 1.8}
        marks = {"marker": MARKERS[(turn - 1) % len(MARKERS)], "markevery": 0.15, "markersize": 5}
        return {**look, **marks} if turn else look

    def shades(self, index: int = 0, strength: float = 1.0) -> "Colormap":
        """From nothing to much: evenly from the ground to a colour, and so evenly in grey, too."""
        from matplotlib.colors import LinearSegmentedColormap

        return LinearSegmentedColormap.from_list("lamina", [self.ground, self.tint(index, strength)])

    def tint(self, index: int, strength: float) -> tuple[float, ...]:
        """A colour, paler: mixed with the ground."""
        from matplotlib.colors import to_rgb

        pairs = zip(to_rgb(self.colour(index)), to_rgb(self.ground), strict=True)
        return tuple(strength * own + (1 - strength) * ground for own, ground in pairs)


STYLES = {
    "light": Style(
        ground="#ffffff",
        ink="#1f2430",
        faint="#c9ced8",
        series=(
            *("#0b6fb8", "#c8501e", "#1f8a5b", "#8a4fbf", "#a07800", "#b83280"),
            *("#5a6372", "#00838a", "#7a4a1e", "#4646c8"),
        ),
        right="#1f7a4d",
        wrong="#c0321c",
    ),
    "dark": Style(
        ground="#14171f",
        ink="#e6e9f0",
        faint="#434a5a",
        series=(
            *("#5cb3f0", "#f08a5d", "#5fcf9a", "#c39bf0", "#e0bc4a", "#f07fb8"),
            *("#a7b0c0", "#4fd0d6", "#c8a274", "#9aa0ff"),
        ),
        right="#5fcf9a",
        wrong="#ff8a73",
    ),
}
_chosen = Setting("light")


@public
def use_style(name: str) -> Choice[str]:
    """Chooses the style of all plots that are not told theirs.

    Args:
        name: `"light"` or `"dark"`.

    Returns:
        For a `with` statement, after whose block the style is again what it was.

    Raises:
        ArgumentError: if there is no such style.

    Example:
        >>> with use_style("dark"):
        ...     find_style().ground
        '#14171f'
        >>> find_style().ground
        '#ffffff'
    """
    if name is None:
        raise ArgumentError("use_style() needs the name of a style. Received: name=None", hint=suggestion(name, STYLES))
    find_style(name)
    return _chosen.choose(name)


def find_style(name: str | None = None) -> Style:
    """The style of that name; the chosen one if it is not given.

    Raises:
        ArgumentError: if there is none.

    Example:
        >>> find_style("dark").ground
        '#14171f'
    """
    name = _chosen.value if name is None else name
    if not isinstance(name, str) or name not in STYLES:
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


@contextmanager
def drawing(
    owner: str, ax: "Axes | None", style: str | None, figsize: tuple[float, float] = (6.4, 4.0)
) -> "Iterator[tuple[Axes, Style]]":
    """Axes to draw on and the colours to draw with; in the end fonts are found for all that was written.

    Args:
        owner: the function that draws, for messages.
        ax: axes of the caller's, or `None` for a new figure, which is closed again if drawing fails.
        style: its name; the chosen one if it is `None`.
        figsize: width and height of a new figure, inches.

    Raises:
        MissingExtraError: if matplotlib is not installed.
        ArgumentError: if there is no such style.
        ArgumentTypeError: if `ax` is something else.

    Example:
        >>> from matplotlib.figure import Figure
        >>> with drawing("squares", Figure().subplots(), "dark") as (ax, colours):
        ...     line, = ax.plot([1, 4, 9], **colours.line(0))
        >>> line.get_color()
        '#5cb3f0'
    """
    require_matplotlib(f"{owner}()")
    colours = find_style(style)
    axes = prepare_axes(ax, colours, figsize)
    others = set(axes.figure.axes) - {axes}
    try:
        yield axes, colours
    except BaseException:
        if ax is None:
            import matplotlib.pyplot as plt

            plt.close(axes.get_figure())  # type: ignore[arg-type]
        raise
    for drawn in axes.figure.axes:
        if drawn not in others:
            show_scripts(drawn)


def prepare_axes(ax: "Axes | None", style: Style, figsize: tuple[float, float] = (6.4, 4.0)) -> "Axes":
    """The axes to draw on, coloured.

    Args:
        ax: axes of the caller's, or `None` for a new figure.
        style: colours.
        figsize: width and height of the new figure, inches.

    Returns:
        The axes.

    Raises:
        ArgumentTypeError: if `ax` is something else.
    """
    from matplotlib.axes import Axes

    if ax is None:
        import matplotlib.pyplot as plt

        _, ax = plt.subplots(figsize=figsize, layout="constrained")
    if not isinstance(ax, Axes):
        raise ArgumentTypeError(
            f"ax must be axes of matplotlib. Received: a {type(ax).__name__}",
            hint="figure.subplots() makes axes; of an array of them, pass one.",
        )
    figure = ax.get_figure()
    if figure is not None:
        figure.set_facecolor(style.ground)
    ax.set_facecolor(style.ground)
    ax.grid(color=style.faint, linewidth=0.6, alpha=0.7)
    ax.set_axisbelow(True)
    ax.tick_params(which="both", colors=style.ink, length=0)
    for side, spine in ax.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(style.faint)
    for text in (ax.xaxis.label, ax.yaxis.label, ax.title):
        text.set_color(style.ink)
    return ax


def frame_picture(ax: "Axes", style: Style) -> None:
    """Makes axes those of a picture: without grid and ticks, in a frame."""
    ax.grid(False)
    ax.set(xticks=[], yticks=[])
    for spine in ax.spines.values():
        spine.set_visible(True)
        spine.set_color(style.faint)


def divide(ax: "Axes", rows: int, columns: int, count: int, style: Style) -> "list[Axes]":
    """Axes in rows and columns where one was, which is left empty.

    Args:
        ax: whose place they take.
        rows: of the grid.
        columns: of the grid.
        count: how many of its cells are used.
        style: colours.

    Returns:
        The axes, row by row.
    """
    ax.set_axis_off()
    figure, place = ax.figure, ax.get_subplotspec()
    if place is not None:
        grid = place.subgridspec(rows, columns)
    else:
        (left, bottom), (right, top) = ax.get_position().get_points()
        grid = figure.add_gridspec(rows, columns, left=left, bottom=bottom, right=right, top=top)
    cells = [figure.add_subplot(grid[divmod(cell, columns)]) for cell in range(count)]
    return [prepare_axes(cell, style) for cell in cells]


def add_legend(ax: "Axes", style: Style, beside: bool = False, **options: Any) -> None:
    """Explains what lines and points are, for as many as have labels.

    Args:
        ax: the axes.
        style: colours.
        beside: whether to do so at their right, where nothing is covered, even if there are few.
        **options: of the legend, for matplotlib.
    """
    handles, labels = ax.get_legend_handles_labels()
    if handles:
        if beside or len(handles) > _MOST_INSIDE:
            options |= {"loc": "upper left", "bbox_to_anchor": (1.0, 1.0), "borderaxespad": 0.0}
        options = {"facecolor": style.ground, "edgecolor": "none", "framealpha": 0.7, "fontsize": 9, **options}
        legend = ax.legend(handles, labels, labelcolor=style.ink, **options)
        legend.get_title().set_color(style.ink)
