"""The table that `model.summary()` prints."""

import math
import re
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from lamina.core.errors import ArgumentError
from lamina.core.operation import FunctionOperation
from lamina.core.serialization import record_name
from lamina.models.function_config import class_name

if TYPE_CHECKING:
    from rich.table import Table

# Colours of the 256-colour palette: numbers green, unknown sizes turquoise, class names blue, frozen red.
_NUMBER, _UNKNOWN, _SYMBOL, _FROZEN = "color(34)", "color(45)", "color(33)", "color(9)"

_NARROWEST = 4  # columns of text that a column of the table needs: two spaces, a letter and an ellipsis

# A cell is a list of pieces (text, style or ""): what rich paints and wraps.
Cell = list[tuple[str, str]]

# Whatever has Keras's attributes: a model may hold layers and operations of many classes.
Model: TypeAlias = Any
Layer: TypeAlias = Any
Node: TypeAlias = Any
Weight: TypeAlias = Any
Shapes: TypeAlias = Any  # a shape, or shapes in lists, tuples and dictionaries


def print_summary(
    model: Model,
    line_length: int | None = None,
    positions: Sequence[float] | None = None,
    print_fn: Callable[[str], object] | None = None,
    expand_nested: bool = False,
    show_trainable: bool = False,
    layer_range: Sequence[str] | None = None,
) -> None:
    """Prints the layers of a model, their output shapes and parameter counts.

    Args:
        model: the model.
        line_length: width of the table, columns; fits the window if not given.
        positions: right edge of each column as a fraction of `line_length`, ascending to 1.
        print_fn: called once with the whole text; without it the text goes to the standard output, in colour on a
            terminal.
        expand_nested: whether the layers of nested models get rows of their own.
        show_trainable: whether a column tells which layers are trained.
        layer_range: names (or regular expressions) of the first and the last layer to show.

    Raises:
        ArgumentError: if `layer_range` is no pair of names of layers, or `line_length` leaves a column under 4 wide.

    Example:
        >>> import lamina
        >>> model = lamina.Sequential([lamina.Input((3,)), lamina.layers.Dense(2, name="head")], name="tiny")
        >>> print_summary(model, line_length=40, print_fn=lambda text: print(text.splitlines()[0]))
        Model: "tiny"
    """
    from rich.console import Console
    from rich.text import Text

    table = _table(model, line_length, positions, expand_nested, show_trainable, layer_range)
    console = Console(highlight=False)
    if print_fn:
        console = Console(highlight=False, force_terminal=False, color_system=None)
        console.begin_capture()
    console.print(Text(f'Model: "{model.name}"', style="bold"))
    console.print(table)
    for title, weights in _weight_groups(model):
        count, memory = sum(map(_size, weights)), format_bytes(sum(map(_bytes, weights)))
        console.print(Text.assemble((f" {title}: ", "bold"), (f"{count:,}", _NUMBER), f" ({memory})"))
    if print_fn:
        print_fn(console.end_capture())


def summary_rows(model: Model, expand_nested: bool = True) -> tuple[list[str], list[list[str]]]:
    """The table as plain text, for other kinds of pages.

    Args:
        model: the model.
        expand_nested: as for `print_summary`.

    Returns:
        The titles of the columns, and the cells of each row.

    Example:
        >>> import lamina
        >>> model = lamina.Sequential([lamina.Input((3,)), lamina.layers.Dense(2, name="head")])
        >>> summary_rows(model)
        (['Layer (type)', 'Output Shape', 'Param #'], [['head (Dense)', '(None, 2)', '8']])
    """
    graph = None if _is_chain(model) else _nodes(model)
    rows = [row for layer in _operations(model) for row in _rows(layer, expand_nested)]
    cells = [_cells(layer, depth, graph, False) for depth, layer in rows]
    titles = [column.title for column in _columns(connected=graph is not None, trainable=False)]
    return titles, [["".join(text for text, _ in cell) for cell in row] for row in cells]


def format_bytes(size: float) -> str:
    """A memory size in the unit that suits it.

    Example:
        >>> format_bytes(1066440)
        '1.02 MB'
    """
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if size < 1024:
            return f"{size:.2f} {unit}"
        size /= 1024
    return f"{size:.2f} PB"


def _table(
    model: Model,
    line_length: int | None,
    positions: Sequence[float] | None,
    expand_nested: bool,
    show_trainable: bool,
    layer_range: Sequence[str] | None,
) -> "Table":
    from rich.table import Column, Table
    from rich.text import Text

    graph = None if _is_chain(model) else _nodes(model)
    layers = _operations(model)
    first, last = _layer_bounds([layer.name for layer in layers], layer_range)
    columns = _columns(connected=graph is not None, trainable=show_trainable)
    columns = _moved(columns, positions) if positions else columns
    length = line_length or _fitting_length(columns)
    widths = _widths(columns, length)
    if min(widths) < _NARROWEST:
        raise ArgumentError(
            f"Insufficient console width to print summary: line_length={length} gives columns of {widths}.",
            hint=f"pass a larger line_length, or positions that leave each column at least {_NARROWEST}.",
        )
    headers = [Column(c.title, justify=c.justify, width=width) for c, width in zip(columns, widths, strict=True)]
    table = Table(*headers, width=length, show_lines=True)
    for layer in layers[first:last]:
        for depth, row_layer in _rows(layer, expand_nested):
            table.add_row(*(Text.assemble(*cell) for cell in _cells(row_layer, depth, graph, show_trainable)))
    return table


@dataclass(frozen=True)
class _Column:
    title: str
    justify: Literal["left", "center", "right"]
    edge: float  # the right one, as a fraction of the table's width


def _columns(connected: bool, trainable: bool) -> list[_Column]:
    edges = [0.3, 0.56, 0.74, 1.0] if connected else [0.45, 0.8, 1.0]
    if trainable:
        edges = [edge * 0.9 for edge in edges]
    columns = [
        _Column("Layer (type)", "left", edges[0]),
        _Column("Output Shape", "left", edges[1]),
        _Column("Param #", "right", edges[2]),
    ]
    if connected:
        columns.append(_Column("Connected to", "left", edges[3]))
    if trainable:
        columns.append(_Column("Trainable", "center", 1.0))
    return columns


def _moved(columns: list[_Column], positions: Sequence[float]) -> list[_Column]:
    """The columns with the edges that the caller wants; the column Trainable keeps the last tenth."""
    edges = list(positions)
    if columns[-1].title == "Trainable":
        edges = [edge * 0.9 for edge in edges] + [1.0]
    if len(edges) < len(columns):
        titles = ", ".join(column.title for column in columns)
        raise ArgumentError(f"positions must give an edge for each of the columns {titles}. Received: {positions}")
    return [replace(column, edge=edge) for column, edge in zip(columns, edges, strict=False)]


def _fitting_length(columns: list[_Column]) -> int:
    """The width that suits the window, or the next one that leaves every column a place."""
    titles = {column.title for column in columns}
    widest = 88 + 20 * ("Connected to" in titles) + 12 * ("Trainable" in titles)
    fitting = min(widest, shutil.get_terminal_size().columns - 4)
    roomy = (length for length in range(fitting, widest) if min(_widths(columns, length)) >= _NARROWEST)
    return next(roomy, widest)


def _widths(columns: list[_Column], length: int) -> list[int]:
    rights = [int(column.edge * length) for column in columns]
    return [right - left for left, right in zip([0, *rights], rights, strict=False)]


def _layer_bounds(names: list[str], layer_range: Sequence[str] | None) -> tuple[int, int]:
    """The slice of the layers that `layer_range` selects; its two ends may be given in either order."""
    if layer_range is None:
        return 0, len(names)
    if len(layer_range) != 2 or not all(isinstance(pattern, str) for pattern in layer_range):
        raise ArgumentError(f"layer_range must be a pair of layer names. Received: {layer_range}")
    lower, upper = ([i for i, name in enumerate(names) if re.match(pattern, name)] for pattern in layer_range)
    if not lower or not upper:
        raise ArgumentError(
            f"layer_range names no layer of the model. Received: {layer_range}", hint=f"its layers: {', '.join(names)}."
        )
    if min(lower) > max(upper):
        return min(upper), max(lower) + 1
    return min(lower), max(upper) + 1


def _rows(layer: Layer, expand_nested: bool, depth: int = 0) -> Iterable[tuple[int, Layer]]:
    yield depth, layer
    if expand_nested:
        for nested in getattr(layer, "layers", None) or ():
            yield from _rows(nested, expand_nested, depth + 1)


def _cells(layer: Layer, depth: int, graph: list[list[Node]] | None, show_trainable: bool) -> list[Cell]:
    indent = "   " * depth + "└ " if depth else ""
    cells: list[Cell] = [
        [(f"{indent}{layer.name} (", ""), (_kind(layer), _SYMBOL), (")", "")],
        _output_shape(layer),
        _param_count(layer),
    ]
    if graph is not None:
        cells.append(_connections(layer, graph))
    if show_trainable:
        mark = ("Y", f"bold {_NUMBER}") if getattr(layer, "trainable", False) else ("N", f"bold {_FROZEN}")
        cells.append([mark if getattr(layer, "weights", None) else ("-", "bold")])
    return cells


def _weight_groups(model: Model) -> Iterable[tuple[str, list[Weight]]]:
    """The lines below the table: what is counted, and the variables in it."""
    optimizer = getattr(model, "optimizer", None)
    slots = list(optimizer.variables) if optimizer and optimizer.built else []
    trainable, frozen = list(model.trainable_weights), list(model.non_trainable_weights)
    yield "Total params", trainable + frozen + slots
    yield "Trainable params", trainable
    yield "Non-trainable params", frozen
    if optimizer and optimizer.built:
        yield "Optimizer params", slots


def _size(weight: Weight) -> int:
    return math.prod(weight.shape)


def _bytes(weight: Weight) -> int:
    return _size(weight) * np.dtype(weight.dtype).itemsize


# From here on: all that this file knows of the insides of layers and models.


def _kind(layer: Layer) -> str:
    """The class of a layer, or what a function in the graph does, as configs name it."""
    if isinstance(layer, FunctionOperation):
        return class_name(layer)
    return record_name(layer)[1]


def _nodes(model: Model) -> list[list[Node]]:
    """The calls of a functional model, level by level from the inputs; none for other models."""
    return [list(level) for level in getattr(model, "nodes_by_depth", ())]


def _operations(model: Model) -> list[Layer]:
    """The layers, and for a functional model the functions among them, in the order of their first calls."""
    calls = [node.operation for level in _nodes(model) for node in level]
    return list(dict.fromkeys(calls)) or list(model.layers)


def _is_chain(model: Model) -> bool:
    """Whether the rows, read from top to bottom, tell the way of the data: no branches, no layer called twice."""
    levels = _nodes(model)
    if any(len(level) > 1 or len(level[0].inputs) > 1 for level in levels):
        return False
    return len(levels) == len({id(level[0].operation) for level in levels})


def _output_shape(layer: Layer) -> Cell:
    """The shape that the layer's latest symbolic call returned, else what it says it would return, else "?"."""
    if nodes := getattr(layer, "nodes", None):
        shapes = _shapes_of(nodes[-1].outputs)
    elif build_shapes := getattr(layer, "_build_shapes", None):
        try:
            shapes = layer.compute_output_shape(**build_shapes)
        except (NotImplementedError, TypeError):  # build may take names that compute_output_shape does not know
            return [("?", "")]
    else:
        return [("?", "")]
    return _shape_cell(shapes[0] if isinstance(shapes, list) and len(shapes) == 1 else shapes)


def _shapes_of(outputs: Any) -> Shapes:
    if isinstance(outputs, dict):
        return {name: _shapes_of(output) for name, output in outputs.items()}
    if isinstance(outputs, list | tuple):
        return type(outputs)(_shapes_of(output) for output in outputs)
    return outputs.shape


def _shape_cell(shapes: Shapes) -> Cell:
    if isinstance(shapes, dict):
        items = [[(f"{name}: ", ""), *_shape_cell(shape)] for name, shape in shapes.items()]
        return _enclosed("{", items, "}")
    if isinstance(shapes, list) or (shapes and not isinstance(shapes[0], int | None)):
        opening, closing = ("[", "]") if isinstance(shapes, list) else ("(", ")")
        return _enclosed(opening, [_shape_cell(shape) for shape in shapes], closing)
    return _enclosed("(", [[(str(size), _UNKNOWN if size is None else _NUMBER)] for size in shapes], ")")


def _enclosed(opening: str, items: list[Cell], closing: str) -> Cell:
    cell: Cell = [(opening, "")]
    for index, item in enumerate(items):
        cell += [*([(", ", "")] if index else []), *item]
    return [*cell, (closing, "")]


def _param_count(layer: Layer) -> Cell:
    if not hasattr(layer, "built"):
        return [("0", _NUMBER)]
    if not layer.built:
        return [("0", _NUMBER), (" (unbuilt)", "")]
    return [(f"{layer.count_params():,}", _NUMBER)]


def _connections(layer: Layer, graph: list[list[Node]]) -> Cell:
    """Where the inputs of the layer come from: layer[call][output]."""
    calls = [node for level in graph for node in level if node.operation is layer]
    cell: Cell = []
    for tensor in (tensor for node in calls for tensor in node.inputs):
        source, separator = tensor.node.operation, ", " if cell else ""
        call = source.nodes.index(tensor.node)
        cell += [(f"{separator}{source.name}[", ""), (str(call), _NUMBER), ("][", "")]
        cell += [(str(tensor.index), _NUMBER), ("]", "")]
    return cell or [("-", "")]
