"""How weights and gradients are distributed, layer by layer."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.core.errors import ArgumentError
from lamina.core.tracebacks import public
from lamina.core.variable import Variable
from lamina.plots.language import word
from lamina.plots.networks import Trial, check_model, kernels_of
from lamina.plots.style import Style, add_legend, drawing
from lamina.plots.values import finite_array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_BINS = 60
_DECADES = 8  # below the largest gradient; what is smaller stands at the end
_MOST_NAMES = 24
_HEIGHT = 1.5  # of a hill, in distances of its neighbours


@public
def weight_histograms(
    model: Any, ax: "Axes | None" = None, style: str | None = None, *, biases: bool = False
) -> "Axes":
    """Draws how the weights of each layer are distributed: a hill for each, the first layer on top.

    Args:
        model: a built one.
        ax: axes to draw on; a new figure if not given.
        style: `"light"` or `"dark"`; the one of `use_style` if not given.
        biases: whether to draw all weights, not kernels alone.

    Returns:
        The axes.

    Raises:
        NotBuiltError: if the model has no weights yet.
        ArgumentError: if there are none to draw, or they hold NaN.
        MissingExtraError: if matplotlib is not installed.

    Example:
        >>> import lamina
        >>> from matplotlib.figure import Figure
        >>> layers = [lamina.layers.Dense(4, name="hidden"), lamina.layers.Dense(1, name="price")]
        >>> ax = weight_histograms(lamina.Sequential([lamina.Input((3,)), *layers]), ax=Figure().subplots())
        >>> [label.get_text() for label in ax.get_yticklabels()]
        ['hidden', 'price']
    """
    owner = "weight_histograms"
    with drawing(owner, ax, style) as (ax, colours):
        variables = check_model(owner, model).trainable_variables
        _draw_hills(ax, colours, _chosen(owner, variables, [variable.numpy() for variable in variables], biases))
        ax.set_xlabel(word("weight"))
    return ax


@public
def gradient_histograms(
    model: Any, x: Any, y: Any, ax: "Axes | None" = None, style: str | None = None, *, biases: bool = False
) -> "Axes":
    """Draws how large the gradients of each layer's weights are, on a logarithmic axis, the first layer on top.

    Where a gradient is exactly zero, as behind dead units, it has no place there: the share of such ones is written.

    Args:
        model: a compiled one. It is not changed.
        x: inputs of one batch.
        y: targets.
        ax: axes to draw on; a new figure if not given.
        style: `"light"` or `"dark"`; the one of `use_style` if not given.
        biases: whether to draw all weights, not kernels alone.

    Returns:
        The axes.

    Raises:
        NotCompiledError: if the model has no loss.
        ArgumentError: if there are no gradients to draw, or they are NaN.
        MissingExtraError: if matplotlib is not installed.

    Example:
        >>> import lamina
        >>> from matplotlib.figure import Figure
        >>> model = lamina.Sequential([lamina.layers.Dense(4, name="hidden"), lamina.layers.Dense(1, name="price")])
        >>> model.compile(loss="mse")
        >>> ax = gradient_histograms(model, np.ones((2, 3)), np.ones((2, 1)), ax=Figure().subplots())
        >>> [label.get_text() for label in ax.get_yticklabels()]
        ['hidden', 'price']
    """
    owner = "gradient_histograms"
    with drawing(owner, ax, style) as (ax, colours):
        from matplotlib.ticker import MaxNLocator

        arrays = _gradients(owner, model, x, y, biases)
        sizes = {name: np.log10(np.abs(array[array != 0])) for name, array in arrays.items()}
        least = max((array.max() for array in sizes.values() if array.size), default=0.0) - _DECADES
        sizes = {name: np.maximum(array, least) for name, array in sizes.items()}
        _draw_hills(ax, colours, sizes)
        for place, array in enumerate(arrays.values()):
            share = float(np.mean(array == 0))
            if share:
                text = f"{word('share of zeros')} {share:.0%}"
                where = {"transform": ax.get_yaxis_transform(), "va": "bottom", "fontsize": 8, "zorder": 9 + place}
                ax.text(0.01, -place + 0.1, text, color=colours.ink, **where)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        ax.xaxis.set_major_formatter(lambda power, _: f"$10^{{{power:g}}}$")
        ax.set_xlabel(word("size of the gradient"))
    return ax


@public
def gradient_flow(
    model: Any,
    x: Any,
    y: Any,
    ax: "Axes | None" = None,
    style: str | None = None,
    *,
    label: str | None = None,
) -> "Axes":
    """Draws the mean and the largest size of the gradients of each layer's kernel, from the inputs to the outputs.

    Level lines mean that all layers learn at one pace. Lines that rise mean that gradients vanish on their way back to
    the inputs, lines that fall that they explode. A cross marks a layer that gets no gradient at all.

    Args:
        model: a compiled one. It is not changed.
        x: inputs of one batch.
        y: targets.
        ax: axes to draw on; several models may be drawn on the same. A new figure if not given.
        style: `"light"` or `"dark"`; the one of `use_style` if not given.
        label: of the model, if several are drawn.

    Returns:
        The axes.

    Raises:
        NotCompiledError: if the model has no loss.
        ArgumentError: if there are no gradients to draw, or they are NaN.
        MissingExtraError: if matplotlib is not installed.

    Example:
        >>> import lamina
        >>> from matplotlib.figure import Figure
        >>> model = lamina.Sequential([lamina.layers.Dense(4, name="hidden"), lamina.layers.Dense(1, name="price")])
        >>> model.compile(loss="mse")
        >>> ax = gradient_flow(model, np.ones((2, 3)), np.ones((2, 1)), ax=Figure().subplots())
        >>> [line.get_label() for line in ax.lines]
        ['mean', 'largest']
    """
    owner = "gradient_flow"
    with drawing(owner, ax, style) as (ax, colours):
        arrays = _gradients(owner, model, x, y, biases=False)
        drawn = sum(line.get_gid() == owner for line in ax.lines) // 2
        sizes = np.array([[np.abs(array).mean(), np.abs(array).max()] for array in arrays.values()])
        places = np.arange(1, len(sizes) + 1)
        for column, (kind, marker) in enumerate((("mean", "o"), ("largest", "^"))):
            name = word(kind) if label is None else f"{label}: {word(kind)}"
            values = np.where(sizes[:, column] > 0, sizes[:, column], np.nan)
            look = {**colours.line(drawn), "marker": marker, "markersize": 5, "markevery": 1}
            ax.plot(places, values, label=name, gid=owner, alpha=1 if column == 0 else 0.55, **look)
        dead = places[sizes[:, 1] == 0]
        if len(dead):
            at = {"transform": ax.get_xaxis_transform(), "marker": "x", "s": 50, "color": colours.wrong}
            ax.scatter(dead, np.full(len(dead), 0.03), label=word("no gradient"), **at)
        if (sizes > 0).any():
            ax.set_yscale("log")
        _name_layers(ax, list(arrays))
        ax.set_ylabel(word("size of the gradient"))
        add_legend(ax, colours)
    return ax


def _gradients(owner: str, model: Any, x: Any, y: Any, biases: bool) -> dict[str, np.ndarray]:
    trial = Trial(owner, model, x, y)
    return _chosen(owner, trial.variables, trial.gradients(), biases)


def _chosen(
    owner: str, variables: Sequence[Variable], arrays: Sequence[np.ndarray], biases: bool
) -> dict[str, np.ndarray]:
    """Arrays, one for each variable, by the names of those that are drawn."""
    places = kernels_of(variables, biases)
    if not places:
        raise ArgumentError(f"{owner}: the model has no kernels.", hint="biases=True draws weights of one axis, too.")
    return {name: finite_array(owner, f"'{name}'", arrays[place]) for name, place in places.items()}


def _draw_hills(ax: "Axes", colours: Style, arrays: dict[str, np.ndarray]) -> None:
    """A histogram for each array on one axis, each a little below the one before it and in front of it."""
    ends = [(array.min(), array.max()) for array in arrays.values() if array.size]
    low, high = (min(ends)[0], max(high for _, high in ends)) if ends else (0.0, 1.0)
    edges = np.linspace(low, high, _BINS + 1) if high > low else np.linspace(low - 0.5, high + 0.5, _BINS + 1)
    middles = np.r_[edges[0], (edges[1:] + edges[:-1]) / 2, edges[-1]]
    for place, array in enumerate(arrays.values()):
        counts = np.r_[0, np.histogram(array.reshape(-1), edges)[0], 0]
        hill = -place + _HEIGHT * counts / max(counts.max(), 1)
        colour = colours.series[0]
        ax.fill_between(middles, -place, hill, facecolor=colour, alpha=0.35, linewidth=0, zorder=2 + place)
        ax.plot(middles, hill, color=colour, linewidth=1.4, zorder=2 + place)
    names = _with_room(list(arrays))
    ax.set_yticks([-place for place in names], list(names.values()))
    ax.set_ylim(0.2 - len(arrays), _HEIGHT + 0.1)
    ax.grid(axis="y", visible=False)


def _name_layers(ax: "Axes", names: Sequence[str]) -> None:
    shown = _with_room(names)
    turned = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"} if sum(map(len, names)) > 40 else {}
    ax.set_xticks([place + 1 for place in shown], list(shown.values()), **turned)


def _with_room(names: Sequence[str]) -> dict[int, str]:
    """Names by their places; of many only some have room."""
    return {place: names[place] for place in range(0, len(names), -(-len(names) // _MOST_NAMES))}
