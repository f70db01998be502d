"""The loss around the weights that training has found."""

from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.core.errors import ArgumentError
from lamina.core.tracebacks import public
from lamina.core.validate import above_zero, at_least, one_of
from lamina.plots.language import word
from lamina.plots.networks import Trial
from lamina.plots.style import Style, add_legend, drawing

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@public
def loss_surface(
    model: Any,
    x: Any,
    y: Any,
    ax: "Axes | None" = None,
    style: str | None = None,
    *,
    dimensions: int = 2,
    reach: float = 1.0,
    points: int = 31,
    seed: int = 0,
) -> "Axes":
    """Draws the loss for weights around those of a model, in one or two random directions.

    Directions are filter-normalized: the part that belongs to a unit is as long as the unit's weights, so that
    pictures of different networks can be compared. Biases and other weights of one axis stay as they are. The model
    is not changed.

    Args:
        model: a compiled one.
        x: inputs, taken as one batch.
        y: targets.
        ax: axes to draw on; a new figure if not given.
        style: `"light"` or `"dark"`; the one of `use_style` if not given.
        dimensions: 1 for a curve, 2 for a map.
        reach: how far to go each way, 1 being as far as the weights are from zero.
        points: along each direction.
        seed: of the directions.

    Returns:
        The axes.

    Raises:
        NotCompiledError: if the model has no loss.
        ArgumentError: if the loss at the weights themselves is NaN, or an argument is out of range.
        MissingExtraError: if matplotlib is not installed.

    Example:
        >>> import lamina
        >>> from matplotlib.figure import Figure
        >>> model = lamina.Sequential([lamina.layers.Dense(1, kernel_initializer="ones")])
        >>> model.compile(loss="mse")
        >>> x = np.eye(2)
        >>> ax = loss_surface(model, x, np.ones((2, 1)), dimensions=1, points=3, ax=Figure().subplots())
        >>> ax.lines[0].get_xydata().round(3).tolist()
        [[-1.0, 1.0], [0.0, 0.0], [1.0, 1.0]]

    Reference:
        Li et al., "Visualizing the Loss Landscape of Neural Nets", NeurIPS 2018, section 4.
    """
    owner = "loss_surface"
    with drawing(owner, ax, style, (5.8, 4.8)) as (ax, colours):
        one_of(owner, "dimensions", dimensions, (1, 2))
        reach, points = above_zero(owner, "reach", reach), at_least(owner, "points", points, 3)
        trial = Trial(owner, model, x, y)
        weights = [variable.numpy() for variable in trial.variables]
        generator = np.random.default_rng(seed)
        ways = [[direction(generator, array) for array in weights] for _ in range(dimensions)]
        places = np.linspace(-reach, reach, points, dtype="float32")
        grid = np.meshgrid(*[places] * dimensions)

        def weights_at(*steps: Any) -> list[Any]:
            return [
                array + sum(step * way for step, way in zip(steps, moves, strict=True))
                for array, *moves in zip(weights, *ways, strict=True)
            ]

        losses = trial.losses(weights_at, *(axis.reshape(-1) for axis in grid)).reshape(grid[0].shape)
        centre = float(trial.losses(weights_at, *np.zeros((dimensions, 1), "float32"))[0])
        if not np.isfinite(centre):
            raise ArgumentError(f"{owner}: the loss at the model's weights is {centre}.", hint="look at its weights.")
        (_draw_curve if dimensions == 1 else _draw_map)(ax, colours, places, losses, centre)
    return ax


def direction(generator: np.random.Generator, weights: np.ndarray) -> np.ndarray:
    """A random direction that is as long as the weights, unit by unit; zero for weights of one axis.

    Args:
        generator: of numbers.
        weights: of a layer, units last.

    Example:
        >>> way = direction(np.random.default_rng(0), np.array([[3.0, 0.0], [4.0, 0.0]]))
        >>> np.linalg.norm(way, axis=0).round(6).tolist()
        [5.0, 0.0]
    """
    if weights.ndim < 2:
        return np.zeros_like(weights)
    axes = tuple(range(weights.ndim - 1))
    drawn = generator.normal(size=weights.shape)
    lengths = [np.sqrt(np.sum(np.square(array), axis=axes, keepdims=True)) for array in (weights, drawn)]
    return (drawn * lengths[0] / lengths[1]).astype(weights.dtype)


def _draw_curve(ax: "Axes", colours: Style, places: np.ndarray, losses: np.ndarray, centre: float) -> None:
    ax.plot(places, losses, **colours.line(0))
    ax.plot([0], [centre], "*", color=colours.series[1], markersize=12, label=word("trained"))
    ax.set(xlabel=word("direction {number}").format(number=1), ylabel=word("loss"))
    ax.set_xticks(np.linspace(places[0], places[-1], 5))
    add_legend(ax, colours)


def _draw_map(ax: "Axes", colours: Style, places: np.ndarray, losses: np.ndarray, centre: float) -> None:
    from matplotlib.colors import LogNorm, Normalize

    finite = losses[np.isfinite(losses)]
    low, high = float(finite.min()), float(max(finite.max(), finite.min() + 1e-9))
    steep = low > 0 and high / low > 20
    levels = np.geomspace(low, high, 15) if steep else np.linspace(low, high, 15)
    shade = LogNorm(low, high) if steep else Normalize(low, high)
    ax.contourf(places, places, losses, levels=levels, norm=shade, cmap=colours.shades())
    lines = ax.contour(places, places, losses, levels=levels[1:-1:2], colors=colours.ink, linewidths=0.7)
    ax.clabel(lines, fmt="%.2g", fontsize=8)
    label = f"{word('trained')}: {centre:.3g}"
    ax.scatter([0], [0], marker="*", s=150, color=colours.series[1], edgecolors=colours.ink, label=label, zorder=3)
    ax.set(xlabel=word("direction {number}").format(number=1), ylabel=word("direction {number}").format(number=2))
    ax.set(xticks=np.linspace(places[0], places[-1], 5), yticks=np.linspace(places[0], places[-1], 5))
    ax.grid(False)
    add_legend(ax, colours)
