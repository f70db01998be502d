"""What a diagram of a model shows: boxes for layers, and the ways of the data between them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from lamina.core.errors import ArgumentTypeError, NotBuiltError
from lamina.core.operation import FunctionOperation
from lamina.core.serialization import record_name
from lamina.core.symbolic import Node, SymbolicTensor
from lamina.layers.layer import Layer
from lamina.models.function_config import class_name


@dataclass(frozen=True)
class Contents:
    """What is shown of layers.

    Attributes:
        shapes: of inputs and outputs.
        dtype: of the outputs.
        names: of the layers.
        activations: of layers that have one.
        trainable: whether training changes the weights.
        nested: whether models inside are opened.
    """

    shapes: bool = False
    dtype: bool = False
    names: bool = True
    activations: bool = False
    trainable: bool = False
    nested: bool = False


@dataclass
class Box:
    """A layer, or a model that is opened.

    Attributes:
        title: in bold.
        remark: behind the title.
        rows: words and values below.
        trainable: whether training changes its weights; `None` if that is not shown.
        inner: what is inside a model that is opened.
    """

    title: str
    remark: str = ""
    rows: list[tuple[str, str]] = field(default_factory=list)
    trainable: bool | None = None
    inner: "Chart | None" = None


class Edge(NamedTuple):
    """A way of data.

    Attributes:
        source: the place of the box that it comes from.
        target: the place of the box that it goes to.
        leaves: which output of the source it is, if that is opened.
        enters: which input of the target it is, if that is opened.
    """

    source: int
    target: int
    leaves: int = 0
    enters: int = 0


@dataclass
class Chart:
    """The boxes of a model and the edges between them.

    Attributes:
        name: of the model.
        boxes: in the order of their calls: an edge that leads back is part of a cycle, of a layer called again.
        edges: each once.
        entries: the place of the box that takes each input, and which input of it that is, if it is opened.
        exits: the place of the box that each output comes from, and which output of it that is, likewise.
    """

    name: str
    boxes: list[Box]
    edges: list[Edge]
    entries: list[tuple[int, int]]
    exits: list[tuple[int, int]]


def chart_of(model: Any, contents: Contents) -> Chart:
    """The diagram of a model.

    Args:
        model: a built one.
        contents: what is shown.

    Raises:
        ArgumentTypeError: if it is no model.
        NotBuiltError: if it is not built.

    Example:
        >>> import lamina
        >>> model = lamina.Sequential([lamina.Input((3,)), lamina.layers.Dense(2, name="a")])
        >>> chart_of(model, Contents(shapes=True)).boxes[0].rows
        [('Input shape', '(None, 3)'), ('Output shape', '(None, 2)')]
    """
    if not isinstance(model, Layer):
        raise ArgumentTypeError(f"A diagram shows a model. Received: a {type(model).__name__}")
    if not model.built:
        raise NotBuiltError(
            f"{type(model).__name__} '{model.name}' is not built yet, so it has no diagram.",
            hint="give it an input shape: put lamina.Input(shape=...) first, call build(input_shape), or fit it.",
        )
    if _is_chain(model):
        return _chain(model, contents)
    if not getattr(model, "nodes_by_depth", None):
        return Chart(model.name, [_box(model, model.nodes, contents)], [], [(0, 0)], [(0, 0)])
    return _graph(model, contents)


def _chain(model: Any, contents: Contents) -> Chart:
    boxes = [_box(layer, getattr(layer, "nodes", []), contents) for layer in model.layers]
    edges = [Edge(place, place + 1) for place in range(len(boxes) - 1)]
    return Chart(model.name, boxes, edges, [(0, 0)], [(len(boxes) - 1, 0)])


def _graph(model: Any, contents: Contents) -> Chart:
    nodes = [node for level in model.nodes_by_depth for node in level]
    operations = _in_order(nodes)
    place = {id(operation): number for number, operation in enumerate(operations)}
    boxes = [_box(op, [node for node in nodes if node.operation is op], contents) for op in operations]

    def end(tensor: Any) -> tuple[int, int]:
        source = place[id(tensor.node.operation)]
        return source, tensor.index if boxes[source].inner else 0

    edges: dict[Edge, None] = {}
    for node in nodes:
        target = place[id(node.operation)]
        for number, tensor in enumerate(node.inputs):
            source, leaves = end(tensor)
            edges[Edge(source, target, leaves, number if boxes[target].inner else 0)] = None
    return Chart(model.name, boxes, [*edges], [*map(end, model.inputs)], [*map(end, model.outputs)])


def _in_order(nodes: list[Node]) -> list[Any]:
    """The operations, each behind those that its calls depend on; in a cycle the one that is called first leads."""
    needs: dict[Any, set[Any]] = {node.operation: set() for node in nodes}
    for node in nodes:
        needs[node.operation].update(tensor.node.operation for tensor in node.inputs if tensor.node)
    waiting, ordered = list(needs), []
    while waiting:
        ready = (op for op in waiting if needs[op] <= {op})
        chosen = next(ready, waiting[0])
        ordered.append(chosen)
        waiting.remove(chosen)
        for rest in needs.values():
            rest.discard(chosen)
    return ordered


def _box(layer: Any, calls: list[Node], contents: Contents) -> Box:
    if (
        contents.nested
        and getattr(layer, "built", False)
        and (_is_chain(layer) or getattr(layer, "nodes_by_depth", None))
    ):
        return Box(layer.name, inner=chart_of(layer, contents))
    kind = class_name(layer) if isinstance(layer, FunctionOperation) else record_name(layer)[1]
    title, remark = (layer.name, f" ({kind})") if contents.names else (kind, "")
    call = calls[0] if calls else None
    box = Box(title, remark, [*_rows(layer, kind, call, contents)])
    if contents.trainable and getattr(layer, "weights", None):
        box.trainable = bool(getattr(layer, "trainable", False))
    return box


def _is_chain(model: Any) -> bool:
    """Whether a model is a stack of layers."""
    return bool(getattr(model, "stack", None))


def _rows(layer: Any, kind: str, call: Node | None, contents: Contents) -> Iterable[tuple[str, str]]:
    activation = getattr(layer, "activation", None)
    if contents.activations and activation is not None:
        yield "Activation", getattr(activation, "name", None) or getattr(activation, "__name__", str(activation))
    if contents.shapes:
        if kind != "InputLayer":
            yield "Input shape", _together(call.inputs if call else [], "shape")
        yield "Output shape", _together(call.outputs if call else [], "shape")
    if contents.dtype:
        yield "Output dtype", _together(call.outputs if call else [], "dtype")


def _together(tensors: Any, what: str) -> str:
    """Shapes or dtypes in words."""
    if isinstance(tensors, SymbolicTensor):
        return str(getattr(tensors, what))
    if isinstance(tensors, dict):
        return ", ".join(f"{name}: {_together(tensor, what)}" for name, tensor in tensors.items())
    words = [_together(tensor, what) for tensor in tensors]
    return f"[{', '.join(words)}]" if len(words) > 1 else "".join(words) or "?"
