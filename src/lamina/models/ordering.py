"""Which calls lie between inputs and outputs, and the order in which they run and are shown."""

from typing import NamedTuple

from lamina.core.errors import ShapeError
from lamina.core.symbolic import Node, SymbolicTensor
from lamina.layers.input_layer import InputLayer


class Calls(NamedTuple):
    """The calls that outputs depend on."""

    nodes: dict[int, Node]  # by identity, each behind those that it depends on
    first_seen: dict[int, int]  # from the identity of an operation to its place on the way from the outputs back


def is_input(tensor: SymbolicTensor) -> bool:
    """Whether data enter a graph here."""
    return tensor.node is not None and isinstance(tensor.node.operation, InputLayer)


def find_calls(inputs: list[SymbolicTensor], outputs: list[SymbolicTensor]) -> Calls:
    """The calls between inputs and outputs, found by going back from the outputs, depth first.

    Args:
        inputs: where to stop; those that layers computed will do.
        outputs: where to start.

    Raises:
        ShapeError: if an output depends on an input that is not given, or on itself.
    """
    given = {id(tensor) for tensor in inputs}
    nodes: dict[int, Node] = {}
    first_seen: dict[int, int] = {}
    active: dict[int, Node] = {}  # the calls on the way from an output to the present one
    waiting: list[tuple[SymbolicTensor, Node | None, bool]] = [(tensor, None, False) for tensor in reversed(outputs)]
    while waiting:
        tensor, needed_by, is_left = waiting.pop()
        node = tensor.node
        if is_left:
            assert node is not None
            nodes[id(node)] = active.pop(id(node))
            continue
        if id(tensor) in given and not is_input(tensor):
            continue
        if node is None or (is_input(tensor) and id(tensor) not in given):
            raise _disconnected(tensor, needed_by, inputs)
        if id(node) in nodes:
            continue
        if id(node) in active:
            raise _cycle(node, list(active.values()))
        active[id(node)] = node
        first_seen.setdefault(id(node.operation), len(first_seen))
        waiting.append((tensor, needed_by, True))
        waiting.extend((source, node, False) for source in reversed(node.inputs))
    return Calls(nodes, first_seen)


def order_by_depth(calls: Calls, inputs: list[SymbolicTensor]) -> list[list[Node]]:
    """The calls by their distance from the outputs, the farthest first: the order of Keras's summaries and configs.

    Args:
        calls: between the inputs and outputs of a graph.
        inputs: all inputs of the graph, those that no output depends on too.
    """
    depths = _depths(calls)
    levels: dict[int, list[Node]] = {}
    unused = {id(t.node): t.node for t in inputs if t.node is not None and id(t.node) not in calls.nodes}
    for node in (*unused.values(), *calls.nodes.values()):
        levels.setdefault(depths.get(id(node), 0), []).append(node)
    for level in levels.values():
        level.sort(key=lambda node: calls.first_seen.get(id(node.operation), -1))
    return [levels[depth] for depth in sorted(levels, reverse=True)]


def _depths(calls: Calls) -> dict[int, int]:
    """The greatest number of calls between each call and an output; no less than that of an operation's later calls."""
    depths: dict[int, int] = {}
    deepest: dict[int, int] = {}  # by operation
    for node in reversed(calls.nodes.values()):
        depth = max(depths.get(id(node), 0), deepest.get(id(node.operation), 0))
        depths[id(node)] = deepest[id(node.operation)] = depth
        for source in node.inputs:
            if id(source.node) in calls.nodes:
                depths[id(source.node)] = max(depths.get(id(source.node), 0), depth + 1)
    return depths


def _disconnected(tensor: SymbolicTensor, needed_by: Node | None, inputs: list[SymbolicTensor]) -> ShapeError:
    who = "an output" if needed_by is None else f"'{needed_by.operation.name}'"
    return ShapeError(
        f"The graph is disconnected: {who} needs the input '{tensor.name}' {tensor.shape}, which is not among the "
        f"inputs of the model ({', '.join(repr(given.name) for given in inputs)}).",
        hint="add it to inputs=, or take outputs that do not depend on it.",
    )


def _cycle(node: Node, active: list[Node]) -> ShapeError:
    start = next(place for place, other in enumerate(active) if other is node)
    names = [other.operation.name for other in [*active[start:], node]]
    return ShapeError(f"The graph has a cycle: {' <- '.join(map(repr, names))}.", hint="no layer may feed itself.")
