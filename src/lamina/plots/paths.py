"""The ways of optimizers down a surface, as a picture and moving."""

import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lamina import optimizers as optimizer_family
from lamina.core.errors import ArgumentError, suggestion
from lamina.core.files import replacing
from lamina.core.tracebacks import public
from lamina.core.validate import above_zero, file_path, positive_int
from lamina.core.variable import Variable
from lamina.optimizers import SGD, Adagrad, Adam, Optimizer, RMSprop
from lamina.plots.language import word
from lamina.plots.style import MARKERS, Style, add_legend, drawing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D


class Surface(NamedTuple):
    """A loss that depends on two weights.

    Attributes:
        height: from `(2, ...)` to `(...)`.
        start: where to begin.
        window: left, right, low and high end of the picture.
    """

    height: Callable[[Any], Any]
    start: tuple[float, float]
    window: tuple[float, float, float, float]


def _ravine(point: Any) -> Any:
    """Steep across, nearly level along: the lowest point is at (0, 0)."""
    return 0.05 * point[0] ** 2 + 2.0 * point[1] ** 2


def _saddle(point: Any) -> Any:
    """Down to the middle along one axis, and down from it along the other."""
    return 0.5 * point[0] ** 2 - 0.5 * point[1] ** 2 + 0.05 * point[1] ** 4


SURFACES = {
    "ravine": Surface(_ravine, (-9.0, 1.5), (-10, 2, -2.2, 2.2)),
    "saddle": Surface(_saddle, (-3.0, 1e-3), (-3.5, 1.5, -3.2, 3.2)),
}
_USUAL: dict[str, Callable[[], Optimizer]] = {
    "SGD": lambda: SGD(0.02),
    "momentum": lambda: SGD(0.02, momentum=0.9),
    "Adagrad": lambda: Adagrad(0.4),
    "RMSprop": lambda: RMSprop(0.05),
    "Adam": lambda: Adam(0.1),
}


@public
def optimizer_paths(
    optimizers: Any = None,
    surface: str | Callable[[Any], Any] = "ravine",
    ax: "Axes | None" = None,
    style: str | None = None,
    *,
    start: Sequence[float] | None = None,
    window: Sequence[float] | None = None,
    steps: int = 100,
) -> "Axes":
    """Draws the ways of optimizers from one point down a surface, given by its contour lines.

    Args:
        optimizers: one, or several by name or in a list; five usual ones if not given. They are not changed.
        surface: `"ravine"`, `"saddle"`, or a function of a point `(2,)` that JAX can derive.
        ax: axes to draw on; a new figure if not given.
        style: `"light"` or `"dark"`; the one of `use_style` if not given.
        start: the point to start from; needed for a function.
        window: left, right, low and high end of the picture; found from the paths for a function.
        steps: of each optimizer.

    Returns:
        The axes.

    Raises:
        ArgumentError: if there is no such surface, a function lacks its start, or a path runs to infinity.
        MissingExtraError: if matplotlib is not installed.

    Example:
        >>> from matplotlib.figure import Figure
        >>> from lamina.optimizers import SGD
        >>> ax = optimizer_paths({"plain": SGD(0.1)}, ax=Figure().subplots(), steps=3)
        >>> ax.lines[0].get_xydata().round(2).tolist()
        [[-9.0, 1.5], [-8.91, 0.9], [-8.82, 0.54], [-8.73, 0.32]]
    """
    with drawing("optimizer_paths", ax, style) as (ax, colours):
        paths, place = _paths("optimizer_paths", optimizers, surface, start, window, steps)
        _draw(ax, colours, paths, place)
    return ax


@public
def animate_optimizer_paths(
    to_file: str | os.PathLike[str],
    optimizers: Any = None,
    surface: str | Callable[[Any], Any] = "ravine",
    ax: "Axes | None" = None,
    style: str | None = None,
    *,
    start: Sequence[float] | None = None,
    window: Sequence[float] | None = None,
    steps: int = 100,
    frames: int = 50,
    fps: float = 15,
) -> "Axes":
    """Writes an animated GIF of the ways of optimizers down a surface.

    Args:
        to_file: the file, which ends in `.gif`.
        optimizers: as for `optimizer_paths`.
        surface: likewise.
        ax: axes to draw on; the whole of their figure is written. A new figure if not given.
        style: `"light"` or `"dark"`; the one of `use_style` if not given.
        start: as for `optimizer_paths`.
        window: likewise.
        steps: of each optimizer.
        frames: pictures in the animation, at most one for each step; the last one stays for a second.
        fps: pictures per second.

    Returns:
        The axes, as they are in the last picture.

    Raises:
        ArgumentError: as for `optimizer_paths`, and for files that do not end in `.gif`.
        FileError: if the file cannot be written.
        MissingExtraError: if matplotlib is not installed.

    Example:
        >>> import tempfile
        >>> from matplotlib.figure import Figure
        >>> path = Path(tempfile.mkdtemp(), "paths.gif")
        >>> ax = animate_optimizer_paths(path, "sgd", ax=Figure().subplots(), steps=2)
        >>> path.read_bytes()[:6]
        b'GIF89a'
    """
    owner = "animate_optimizer_paths"
    path = Path(file_path(owner, "to_file", to_file))
    if path.suffix.lower() != ".gif":
        raise ArgumentError(f"{owner}: the file must end in '.gif'. Received: to_file={str(to_file)!r}")
    with drawing(owner, ax, style) as (ax, colours):
        paths, place = _paths(owner, optimizers, surface, start, window, steps)
        lines = _draw(ax, colours, paths, place)
        shown = np.unique(np.linspace(0, steps, positive_int(owner, "frames", frames) + 1).astype(int))
        _write(path, lines, paths, shown, above_zero(owner, "fps", fps))
    return ax


def _write(path: Path, lines: "list[Line2D]", paths: dict[str, np.ndarray], shown: np.ndarray, fps: float) -> None:
    from matplotlib.animation import PillowWriter

    figure = lines[0].figure
    assert figure is not None
    writer = PillowWriter(fps=fps)  # type: ignore[arg-type]
    with tempfile.TemporaryDirectory() as folder, replacing(path) as file:
        moving = Path(folder, "paths.gif")
        with writer.saving(figure, str(moving), dpi=100):  # type: ignore[arg-type]
            for stop in [*shown, *[shown[-1]] * int(fps)]:
                for line, points in zip(lines, paths.values(), strict=True):
                    line.set_data(*points[: stop + 1].T)
                    line.set_markevery([stop])
                writer.grab_frame()
        file.write(moving.read_bytes())


def _paths(
    owner: str,
    given: Any,
    surface: str | Callable[[Any], Any],
    start: Sequence[float] | None,
    window: Sequence[float] | None,
    steps: int,
) -> tuple[dict[str, np.ndarray], Surface]:
    """The points that each optimizer comes by, `(steps + 1, 2)`, and the surface with what was asked for."""
    known = SURFACES.get(surface) if isinstance(surface, str) else None
    if known is None and not callable(surface):
        raise ArgumentError(f"{owner}: there is no surface {surface!r}.", hint=suggestion(surface, SURFACES))
    height = surface if callable(surface) else SURFACES[surface].height
    first = start if start is not None else known.start if known else None
    if first is None or np.shape(first) != (2,):
        raise ArgumentError(f"{owner}: two numbers are needed to start from. Received: start={start!r}")
    steps = positive_int(owner, "steps", steps)
    paths = {name: descend(make, height, first, steps) for name, make in _makers(given).items()}
    for name, points in paths.items():
        if not np.isfinite(points).all():
            raise ArgumentError(f"{owner}: the path of {name} runs to infinity.", hint="give it a lower learning rate.")
    ends = window or (known.window if known and start is None else _around(np.concatenate([*paths.values()])))
    left, right, low, high = map(float, ends)
    return paths, Surface(height, (float(first[0]), float(first[1])), (left, right, low, high))


def descend(make: Callable[[], Optimizer], height: Callable[[Any], Any], start: Sequence[float], steps: int) -> Any:
    """The points that an optimizer comes by, the first among them.

    Args:
        make: a new optimizer.
        height: the function to descend on.
        start: `(2,)`.
        steps: how often the optimizer is applied.

    Returns:
        `(steps + 1, 2)`.
    """
    point, slope = Variable(np.array(start, "float32"), name="point"), jax.jit(jax.grad(height))
    optimizer = make()
    points = [point.numpy()]
    for _ in range(steps):
        optimizer.apply([slope(point.value)], [point])
        points.append(point.numpy())
    return np.array(points)


def _makers(given: Any) -> dict[str, Callable[[], Optimizer]]:
    """Functions that make optimizers, since those that are given shall stay as they are."""
    if given is None:
        return _USUAL
    if not isinstance(given, Mapping):
        several = given if isinstance(given, list | tuple) else [given]
        given = {one if isinstance(one, str) else _name(one): one for one in several}
    found = {str(name): optimizer_family.get(optimizer) for name, optimizer in given.items()}
    if not found:
        raise ArgumentError("There are no optimizers to draw the paths of.", hint="pass {name: optimizer, …}.")
    return {name: lambda one=one: type(one).from_config(one.get_config()) for name, one in found.items()}


def _name(optimizer: Any) -> str:
    """What it is, and its learning rate at the start."""
    rate = getattr(optimizer, "learning_rate", None)
    return type(optimizer).__name__ + ("" if rate is None else f" {float(np.asarray(rate)):g}")


def _around(points: np.ndarray) -> tuple[float, ...]:
    low, high = points.min(axis=0), points.max(axis=0)
    margin = np.maximum(0.15 * (high - low), 0.1)
    return (low[0] - margin[0], high[0] + margin[0], low[1] - margin[1], high[1] + margin[1])


def _draw(ax: "Axes", colours: Style, paths: dict[str, np.ndarray], surface: Surface) -> "list[Line2D]":
    left, right, low, high = surface.window
    x, y = np.meshgrid(np.linspace(left, right, 120), np.linspace(low, high, 120))
    heights = np.asarray(surface.height(jnp.stack([jnp.asarray(x), jnp.asarray(y)])))
    ax.contour(x, y, heights, levels=20, colors=colours.faint, linewidths=0.8, linestyles="solid", zorder=1)
    lines = []
    for place, (name, points) in enumerate(paths.items()):
        look = {**colours.line(place), "marker": MARKERS[place % len(MARKERS)], "markevery": [len(points) - 1]}
        lines += ax.plot(*points.T, label=name, **{**look, "markersize": 7, "markeredgecolor": colours.ground})
    ax.scatter(*surface.start, marker="*", s=130, color=colours.ink, label=word("start"), zorder=3)
    ax.set(xlim=(left, right), ylim=(low, high))
    ax.grid(False)
    add_legend(ax, colours)
    return lines
