"""Small networks neuron by neuron, with all weights."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lamina.core.errors import ArgumentError
from lamina.core.tracebacks import public
from lamina.core.validate import at_least
from lamina.layers import Dense, Layer
from lamina.models import Model, Sequential
from lamina.plots.language import word
from lamina.plots.networks import check_model
from lamina.plots.style import Style, add_legend, drawing
from lamina.plots.values import finite_array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_THICKEST = 4.0  # of lines, points
_MANY = 60  # lines between two layers, from which on they are half as thick
_OTHERWISE = "lamina.utils.plot_model draws the layers of any model."


class Column(NamedTuple):
    """A layer in the picture.

    Attributes:
        title: below it.
        count: its units.
        kernel: `(units before, units)`, `None` for the inputs.
        bias: `(units,)` if it has one.
    """

    title: str
    count: int
    kernel: np.ndarray | None = None
    bias: np.ndarray | None = None


@public
def neurons(
    model: Any,
    ax: "Axes | None" = None,
    style: str | None = None,
    *,
    input_names: Sequence[str] | None = None,
    output_names: Sequence[str] | None = None,
    most: int = 10,
) -> "Axes":
    r"""Draws a network of dense layers neuron by neuron.

    A line is as thick as its weight is large, compared with the largest of its layer: solid if it is positive, dashed
    if it is negative. Biases are the weights of squares with a 1, which stands for their constant input.

    Args:
        model: a built one: a chain of `Dense` layers, and of others that have no weights, such as `Flatten`, which are
            not drawn.
        ax: axes to draw on; a new figure if not given.
        style: `"light"` or `"dark"`; the one of `use_style` if not given.
        input_names: a word for each input.
        output_names: a word for each output.
        most: nodes to draw of a layer. Of a wider one only its first and its last ones are drawn, with dots between.

    Returns:
        The axes.

    Raises:
        NotBuiltError: if the model has no weights yet.
        ArgumentError: if it is no chain of dense layers, or names are not as many as units.
        MissingExtraError: if matplotlib is not installed.

    Example:
        >>> import lamina
        >>> from matplotlib.figure import Figure
        >>> layers = [lamina.layers.Dense(3, "relu", name="hidden"), lamina.layers.Dense(1, name="price")]
        >>> ax = neurons(lamina.Sequential([lamina.Input((2,)), *layers]), ax=Figure().subplots())
        >>> [text.get_text().split("\n")[0] for text in ax.texts if text.get_gid() == "title"]
        ['inputs', 'hidden', 'price']
    """
    owner = "neurons"
    with drawing(owner, ax, style, (7.0, 4.6)) as (ax, colours):
        columns = _columns(owner, check_model(owner, model))
        most = at_least(owner, "most", most, 3)
        for name, given, column in (
            ("input_names", input_names, columns[0]),
            ("output_names", output_names, columns[-1]),
        ):
            if given is not None and len(given) != column.count:
                raise ArgumentError(f"{owner}: there are {len(given)} {name}, but {column.count} units.")
        ax.set_axis_off()
        places = [_heights(column.count, most) for column in columns]
        low = min(height for heights in places for height in heights.values()) - 1  # where biases stand
        for x, (column, heights) in enumerate(zip(columns, places, strict=True)):
            if column.kernel is not None:
                _draw_weights(ax, colours, x, column, places[x - 1], heights, low)
            if column.bias is not None:
                _draw_bias(ax, colours, x - 1, low)
            _draw_nodes(ax, colours, x, heights)
            where = {"ha": "center", "va": "top", "fontsize": 9, "gid": "title"}
            ax.text(x, low - 0.6, column.title, color=colours.ink, **where)
        _write_names(ax, colours, input_names, 0, places[0], "right")
        _write_names(ax, colours, output_names, len(columns) - 1, places[-1], "left")
        ax.set(xlim=(-0.4, len(columns) - 0.6), ylim=(low - 0.6, -low - 0.5))
        _explain(ax, colours)
    return ax


def _columns(owner: str, model: Model) -> list[Column]:
    layers = _chain(owner, model)
    dense = [layer for layer in layers if isinstance(layer, Dense)]
    other = next((layer for layer in layers if layer.weights and not isinstance(layer, Dense)), None)
    if other is not None or not dense:
        fault = f"'{other.name}' is a {type(other).__name__}" if other is not None else f"'{model.name}' has none"
        raise ArgumentError(f"{owner} draws Dense layers, but {fault}.", hint=_OTHERWISE)
    columns = [Column(_title(word("inputs"), dense[0].kernel.shape[0], ""), dense[0].kernel.shape[0])]
    for layer, following in zip(layers, [*layers[1:], None], strict=True):
        if not isinstance(layer, Dense):
            continue
        kernel = finite_array(owner, f"the kernel of '{layer.name}'", layer.kernel.numpy())
        bias = None
        if layer.bias is not None:
            bias = finite_array(owner, f"the bias of '{layer.name}'", layer.bias.numpy())
        if len(kernel) != columns[-1].count:
            raise ArgumentError(
                f"{owner}: '{layer.name}' takes {len(kernel)} numbers, but the layer before it has "
                f"{columns[-1].count} units.",
                hint=_OTHERWISE,
            )
        title = _title(layer.name, layer.units, _activation(layer) or _activation(following))
        columns.append(Column(title, layer.units, kernel, bias))
    return columns


def _chain(owner: str, model: Model) -> list[Layer]:
    """The layers, if data flow through one after the other."""
    if isinstance(model, Sequential):
        return list(model.layers)
    levels = model.nodes_by_depth
    layers = [node.operation for level in levels for node in level]
    alone = all(len(level) == 1 and len(level[0].inputs) <= 1 for level in levels)
    if not levels or not alone or not all(isinstance(layer, Layer) for layer in layers):
        raise ArgumentError(f"{owner} draws chains of layers, but '{model.name}' is none.", hint=_OTHERWISE)
    return layers


def _title(name: str, count: int, activation: str) -> str:
    units = word("1 unit") if count == 1 else word("{count} units").format(count=count)
    return "\n".join([name, units, *([activation] if activation else [])])


def _activation(layer: Layer | None) -> str:
    """The name of a layer's activation, unless it is linear; layers that are activations have their own."""
    function = getattr(layer, "activation", None)
    name = getattr(function, "__name__", "")
    return "" if name == "linear" else name


def _heights(count: int, most: int) -> dict[int, float]:
    """From the units that are drawn to their heights, around zero; dots take the room of one."""
    if count <= most:
        return {unit: (count - 1) / 2 - unit for unit in range(count)}
    shown = [*range(most - 1 - most // 3), *range(count - most // 3, count)]
    rows = [row if unit == row else row + 1 for row, unit in enumerate(shown)]
    return {unit: (most - 1) / 2 - row for unit, row in zip(shown, rows, strict=True)}


def _draw_weights(
    ax: "Axes", colours: Style, x: int, column: Column, before: dict[int, float], heights: dict[int, float], low: float
) -> None:
    """Lines from the units before, and from their bias, to each unit."""
    from matplotlib.collections import LineCollection

    assert column.kernel is not None
    ends = [((x - 1, y), (x, z), column.kernel[unit, to]) for unit, y in before.items() for to, z in heights.items()]
    if column.bias is not None:
        ends += [((x - 1, low), (x, z), column.bias[to]) for to, z in heights.items()]
    most = max((abs(weight) for _, _, weight in ends), default=0) or 1
    thickest = _THICKEST if len(ends) < _MANY else _THICKEST / 2
    lines = LineCollection(
        [(start, end) for start, end, _ in ends],
        linewidths=[thickest * abs(weight) / most for _, _, weight in ends],
        linestyles=["-" if weight >= 0 else (0, (2.2, 1.4)) for _, _, weight in ends],
        colors=[colours.series[0] if weight >= 0 else colours.series[1] for _, _, weight in ends],
        alpha=0.85,
        zorder=1,
    )
    ax.add_collection(lines)


def _draw_nodes(ax: "Axes", colours: Style, x: int, heights: dict[int, float]) -> None:
    look = {"s": 190, "facecolors": colours.ground, "edgecolors": colours.ink, "linewidths": 1.4, "zorder": 2}
    ax.scatter([x] * len(heights), list(heights.values()), **look)
    units = list(heights)
    gap = next((place for place in range(1, len(units)) if units[place] != units[place - 1] + 1), None)
    if gap is not None:
        middle = (heights[units[gap]] + heights[units[gap - 1]]) / 2
        ax.text(x, middle, "⋮", ha="center", va="center", fontsize=15, color=colours.ink, gid="dots")


def _draw_bias(ax: "Axes", colours: Style, x: int, low: float) -> None:
    look = {"s": 150, "marker": "s", "facecolors": colours.ground, "edgecolors": colours.ink, "linewidths": 1.4}
    ax.scatter([x], [low], zorder=2, **look)
    ax.text(x, low, "1", ha="center", va="center_baseline", fontsize=8, color=colours.ink, zorder=3, gid="bias")


def _write_names(
    ax: "Axes", colours: Style, names: Sequence[str] | None, x: int, heights: dict[int, float], side: str
) -> None:
    for unit, height in heights.items() if names is not None else ():
        assert names is not None
        where = {"xytext": (-12 if side == "right" else 12, 0), "textcoords": "offset points", "gid": "name"}
        ax.annotate(str(names[unit]), (x, height), ha=side, va="center", fontsize=9, color=colours.ink, **where)


def _explain(ax: "Axes", colours: Style) -> None:
    for name, index, dash in (("positive", 0, "-"), ("negative", 1, (0, (2.2, 1.4)))):
        ax.plot([], [], color=colours.series[index], linestyle=dash, linewidth=2.2, label=word(name))
    add_legend(ax, colours, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, title=word("weight"))
