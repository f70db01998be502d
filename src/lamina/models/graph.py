"""The calls between symbolic inputs and outputs, in an order in which they can run."""

from typing import Any

import jax

from lamina.core.errors import DataError, ShapeError, UnknownNameError, suggestion
from lamina.core.symbolic import Node, SymbolicTensor, symbolic_leaves
from lamina.layers.input_layer import InputLayer
from lamina.layers.layer import Layer


class Graph:
    """What a functional model computes.

    Args:
        inputs: a symbolic tensor, or a list, tuple or dict of them.
        outputs: likewise; computed from the inputs alone.

    Raises:
        ShapeError: if an output depends on an input that was not given, or on none.
    """

    def __init__(self, inputs: Any, outputs: Any) -> None:
        self.inputs = _single(inputs)
        self.outputs = _single(outputs)
        self.input_tensors: list[SymbolicTensor] = _tensors(self.inputs, "inputs")
        self.output_tensors: list[SymbolicTensor] = _tensors(self.outputs, "outputs")
        self.input_names = [_origin(tensor) for tensor in self.input_tensors]
        self.output_names = _output_names(self.outputs)
        self.levels = self._levels()
        self.nodes = [node for level in self.levels for node in level if not self._is_input(node)]

    def _is_input(self, node: Node) -> bool:
        return any(tensor.node is node for tensor in self.input_tensors)

    def _levels(self) -> list[list[Node]]:
        """The calls by their distance from the outputs, the farthest first: the order of Keras's summaries."""
        visited: dict[int, Node] = {}  # by identity, each behind those that it depends on
        first_seen: dict[int, int] = {}
        active: set[int] = set()

        def visit(tensor: SymbolicTensor) -> None:
            node = tensor.node
            if any(tensor is given for given in self.input_tensors):
                if node is not None:
                    first_seen.setdefault(id(node.operation), len(first_seen))
                    visited.setdefault(id(node), node)
                return
            if node is None or isinstance(node.operation, InputLayer):
                raise ShapeError(
                    f"The graph is disconnected: it needs the input '{tensor.name}' {tensor.shape}, which is not among "
                    f"the inputs of the model ({', '.join(repr(name) for name in self.input_names)}).",
                    hint="add it to inputs=, or take outputs that do not depend on it.",
                )
            if id(node) in visited:
                return
            if id(node) in active:
                raise ShapeError(f"The graph has a cycle through '{node.operation.name}'.")
            active.add(id(node))
            first_seen.setdefault(id(node.operation), len(first_seen))
            for source in node.inputs:
                visit(source)
            active.discard(id(node))
            visited[id(node)] = node

        for tensor in self.output_tensors:
            visit(tensor)
        depth: dict[int, int] = {}
        deepest: dict[int, int] = {}
        for node in reversed(visited.values()):
            depth[id(node)] = max(depth.get(id(node), 0), deepest.get(id(node.operation), 0))
            deepest[id(node.operation)] = depth[id(node)]
            for source in node.inputs if not self._is_input(node) else ():
                if source.node is not None:
                    depth[id(source.node)] = max(depth.get(id(source.node), 0), depth[id(node)] + 1)
        for tensor in self.input_tensors:
            if tensor.node is not None and id(tensor.node) not in visited:
                visited[id(tensor.node)] = tensor.node
                depth[id(tensor.node)] = 0
                first_seen.setdefault(id(tensor.node.operation), len(first_seen))
        levels: dict[int, list[Node]] = {}
        for node in visited.values():
            levels.setdefault(depth[id(node)], []).append(node)
        for level in levels.values():
            level.sort(key=lambda node: first_seen[id(node.operation)])
        return [levels[n] for n in sorted(levels, reverse=True)]

    @property
    def layers(self) -> list[Layer]:
        """The layers, each once, in the order of the levels."""
        found = {id(node.operation): node.operation for level in self.levels for node in level}
        return [operation for operation in found.values() if isinstance(operation, Layer)]

    def arrange(self, inputs: Any) -> Any:
        """What was given as inputs, as one array, or as a list in the order of the model's inputs.

        Raises:
            DataError: if their number differs.
            UnknownNameError: for a name that no input has; names the nearest.
        """
        names = self.input_names
        if isinstance(inputs, dict):
            keys = self._keys()
            for name in inputs:
                if name not in keys:
                    raise UnknownNameError(
                        f"There is no input {name!r}; the inputs of the model are {', '.join(map(repr, keys))}.",
                        hint=suggestion(name, keys),
                    )
            missing = [name for name in keys if name not in inputs]
            if missing:
                raise DataError(f"The input {missing[0]!r} is missing; given are {', '.join(map(repr, inputs))}.")
            inputs = [inputs[name] for name in keys]
        inputs = list(inputs) if isinstance(inputs, list | tuple) else [inputs]
        if len(inputs) != len(names):
            raise DataError(
                f"The model has {len(names)} {'input' if len(names) == 1 else 'inputs'} "
                f"({', '.join(map(repr, names))}), but {len(inputs)} were given.",
                hint="pass a list with one array per input, or a dict by input name.",
            )
        return inputs[0] if len(inputs) == 1 else inputs

    def _keys(self) -> list[str]:
        return list(self.inputs) if isinstance(self.inputs, dict) else self.input_names

    def run(self, inputs: Any) -> Any:
        """The outputs for inputs, through every call."""
        arranged = self.arrange(inputs)
        arrays = arranged if isinstance(arranged, list) else [arranged]
        values = {id(tensor): array for tensor, array in zip(self.input_tensors, arrays, strict=True)}

        def fill(structure: Any) -> Any:
            return jax.tree.map(lambda leaf: values[id(leaf)] if isinstance(leaf, SymbolicTensor) else leaf, structure)

        for node in self.nodes:
            results = node.operation(*fill(node.args), **fill(node.kwargs))
            flat = jax.tree.leaves(results)
            values.update((id(t), r) for t, r in zip(symbolic_leaves(node.outputs), flat, strict=True))
        return fill(self.outputs)

    def structure(self) -> list[Any]:
        """The layers and how they are connected, by position."""
        layers = self.layers
        place: dict[int, Any] = {id(tensor): ("input", index) for index, tensor in enumerate(self.input_tensors)}
        calls = []
        for number, node in enumerate(self.nodes):
            operation = node.operation
            known = next((i for i, layer in enumerate(layers) if layer is operation), None)
            wired = jax.tree.map(lambda leaf: place.get(id(leaf), leaf), (node.args, node.kwargs))
            calls.append([known if known is not None else operation.function, wired])
            place.update((id(t), (number, i)) for i, t in enumerate(symbolic_leaves(node.outputs)))
        ends = jax.tree.map(lambda leaf: place[id(leaf)], self.outputs)
        return [layers, calls, ends]


def _single(structure: Any) -> Any:
    """A list of one tensor is that tensor to its users."""
    if isinstance(structure, list | tuple) and len(structure) == 1:
        return structure[0]
    return structure


def _tensors(structure: Any, what: str) -> list[SymbolicTensor]:
    leaves = list(structure.values()) if isinstance(structure, dict) else jax.tree.leaves(structure)
    for leaf in leaves:
        if not isinstance(leaf, SymbolicTensor):
            raise ShapeError(
                f"The {what} of a model are symbolic tensors. Received: {type(leaf).__name__}.",
                hint="start from lamina.Input(shape=...) and call layers on it.",
            )
    return leaves


def _output_names(outputs: Any) -> list[str]:
    if isinstance(outputs, dict):
        return list(outputs)
    origins = [_origin(tensor) for tensor in jax.tree.leaves(outputs)]
    # A layer that was called twice has two outputs of its name.
    repeats = [origins[:index].count(name) for index, name in enumerate(origins)]
    return [f"{name}_{count}" if count else name for name, count in zip(origins, repeats, strict=True)]


def _origin(tensor: SymbolicTensor) -> str:
    """The name of the layer that a tensor comes from."""
    return tensor.name if tensor.node is None else tensor.node.operation.name
