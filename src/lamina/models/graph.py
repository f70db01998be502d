"""What a functional model computes: the calls between its symbolic inputs and outputs."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import jax

from lamina.core.errors import ArgumentError, DataError, ShapeError, UnknownNameError, suggestion
from lamina.core.masking import mask_of, set_mask
from lamina.core.naming import unique_name
from lamina.core.symbolic import Node, SymbolicTensor, symbolic_leaves
from lamina.layers.input_layer import Input
from lamina.layers.layer import Layer
from lamina.models.ordering import find_calls, is_input, order_by_depth


class Graph:
    """What a functional model computes.

    Args:
        inputs: a symbolic tensor, or nested lists, tuples or dicts of them; tensors that layers computed will do.
        outputs: likewise; computed from the inputs alone.

    Raises:
        ShapeError: if an output depends on an input that was not given, or is no symbolic tensor.
        ArgumentError: if two layers have the same name.
    """

    def __init__(self, inputs: Any, outputs: Any) -> None:
        if not all(is_input(tensor) for tensor in _tensors(inputs, "inputs")):
            inputs, outputs = _from_own_inputs(inputs, outputs)
        self.inputs = inputs
        self.outputs = outputs
        self.input_tensors: list[SymbolicTensor] = _tensors(inputs, "inputs")
        self.output_tensors: list[SymbolicTensor] = _tensors(outputs, "outputs")
        self.input_names = [_origin(tensor) for tensor in self.input_tensors]
        self.output_names = _output_names(outputs)
        self.levels = order_by_depth(find_calls(self.input_tensors, self.output_tensors), self.input_tensors)
        self.nodes = [node for level in self.levels for node in level if node.inputs]
        self.operations = list({id(node.operation): node.operation for level in self.levels for node in level}.values())
        self.layers: list[Layer] = [operation for operation in self.operations if isinstance(operation, Layer)]
        self._check_names()

    def _check_names(self) -> None:
        """Names tell the operations apart in configs and in files of weights."""
        counts = Counter(operation.name for operation in self.operations)
        name, count = counts.most_common(1)[0]
        if count > 1:
            kinds = [type(operation).__name__ for operation in self.operations if operation.name == name]
            raise ArgumentError(
                f"{count} layers of the model have the name '{name}' ({', '.join(kinds)}).",
                hint="give each layer a name of its own, or leave names out.",
            )

    def arrange(self, inputs: Any) -> Any:
        """What was given as inputs, as one array, or as a list in the order of the model's inputs.

        Raises:
            DataError: if their number differs.
            UnknownNameError: for a name that no input has; names the nearest.
        """
        names = self.input_names
        if isinstance(inputs, dict):
            inputs = self._by_name(inputs)
        inputs = _flat(inputs)
        if len(inputs) != len(names):
            raise DataError(
                f"The model has {len(names)} {'input' if len(names) == 1 else 'inputs'} "
                f"({', '.join(map(repr, names))}), but {len(inputs)} were given.",
                hint="pass a list with one array per input, or a dict by input name.",
            )
        return inputs[0] if len(inputs) == 1 else inputs

    def refuse_unnamed(self, inputs: Any) -> None:
        """Raises for a list where the model knows its inputs by names, in an order that could be taken for another.

        Raises:
            DataError: says which names there are.
        """
        named = isinstance(self.inputs, dict) and list(self.inputs) != sorted(self.inputs)
        if named and isinstance(inputs, list | tuple):
            raise DataError(
                f"The model knows its inputs by the names {', '.join(map(repr, self.inputs))}, but a list was given.",
                hint="pass a dict by input name.",
            )

    def _by_name(self, inputs: dict[str, Any]) -> Any:
        """The inputs that a dict names, in order; what else it holds is not for this model."""
        keys = sorted(self.inputs) if isinstance(self.inputs, dict) else self.input_names
        missing = [name for name in keys if name not in inputs]
        if not missing:
            return [inputs[name] for name in keys]
        unknown = next((name for name in inputs if name not in keys), None)
        if unknown is not None:
            raise UnknownNameError(
                f"There is no input {unknown!r}; the inputs of the model are {', '.join(map(repr, keys))}.",
                hint=suggestion(unknown, keys),
            )
        raise DataError(f"The input {missing[0]!r} is missing; given are {', '.join(map(repr, inputs))}.")

    def run(self, inputs: Any) -> Any:
        """The outputs for inputs, through every call."""
        return single(self.follow(self.arrange(inputs), lambda operation, *args, **kwargs: operation(*args, **kwargs)))

    def follow(self, inputs: Any, call: Callable[..., Any]) -> Any:
        """The outputs for inputs, in the structure of the graph's own.

        Args:
            inputs: arrays or symbolic tensors, in the order of the model's inputs.
            call: `(operation, *args, **kwargs)` returns the results of a call.
        """
        values = {id(tensor): value for tensor, value in zip(self.input_tensors, _flat(inputs), strict=True)}

        def fill(structure: Any) -> Any:
            return jax.tree.map(lambda leaf: values[id(leaf)] if isinstance(leaf, SymbolicTensor) else leaf, structure)

        for node in self.nodes:
            results = call(node.operation, *fill(node.args), **fill(node.kwargs))
            flat = jax.tree.leaves(results)
            values.update((id(t), r) for t, r in zip(symbolic_leaves(node.outputs), flat, strict=True))
        return fill(self.outputs)

    def structure(self) -> list[Any]:
        """The layers and how they are connected, by position."""
        place: dict[int, Any] = {id(tensor): ("input", index) for index, tensor in enumerate(self.input_tensors)}
        number_of = {id(layer): number for number, layer in enumerate(self.layers)}
        calls = []
        for number, node in enumerate(self.nodes):
            wired = jax.tree.map(lambda leaf: place.get(id(leaf), leaf), (node.args, node.kwargs))
            known = number_of.get(id(node.operation))
            calls.append([node.operation.function if known is None else known, wired])
            place.update((id(t), (number, i)) for i, t in enumerate(symbolic_leaves(node.outputs)))
        ends = jax.tree.map(lambda leaf: place[id(leaf)], self.outputs)
        return [self.layers, calls, ends]


def single(structure: Any) -> Any:
    """A list of one thing is that thing to those who call a model."""
    if isinstance(structure, list | tuple) and len(structure) == 1:
        return structure[0]
    return structure


def _flat(structure: Any) -> list[Any]:
    """What stands in nested lists, tuples and dicts, dicts by sorted keys; `None` stands for an input left out."""
    return jax.tree.leaves(structure, is_leaf=lambda item: item is None)


def _from_own_inputs(inputs: Any, outputs: Any) -> tuple[Any, Any]:
    """Draws the calls between tensors that layers computed once more, beginning with inputs of their own."""
    copies = {id(t): t if is_input(t) else _input_like(t) for t in _tensors(inputs, "inputs")}
    calls = find_calls(_tensors(inputs, "inputs"), _tensors(outputs, "outputs"))

    def swap(structure: Any) -> Any:
        return jax.tree.map(lambda leaf: copies.get(id(leaf), leaf), structure)

    for node in calls.nodes.values():
        if node.inputs:
            results = jax.tree.map(_like, node.outputs)
            node.operation.nodes.append(Node(node.operation, swap(node.args), swap(node.kwargs), results))
            for tensor, copy in zip(symbolic_leaves(node.outputs), symbolic_leaves(results), strict=True):
                copies.setdefault(id(tensor), copy)
    return swap(inputs), swap(outputs)


def _input_like(tensor: SymbolicTensor) -> SymbolicTensor:
    name = tensor.name if tensor.node is None else unique_name(f"{_origin(tensor)}_output")
    return Input(batch_shape=tensor.shape, dtype=tensor.dtype, name=name)


def _like(tensor: SymbolicTensor) -> SymbolicTensor:
    copy = SymbolicTensor(tensor.shape, tensor.dtype)
    set_mask(copy, mask_of(tensor))
    return copy


def _tensors(structure: Any, what: str) -> list[SymbolicTensor]:
    leaves = _flat(structure)
    for leaf in leaves:
        if not isinstance(leaf, SymbolicTensor):
            raise ShapeError(
                f"The {what} of a model are symbolic tensors. Received: {type(leaf).__name__}.",
                hint="start from lamina.Input(shape=...) and call layers on it.",
            )
    if not leaves:
        raise ShapeError(f"A model needs {what}. Received: {what}={structure!r}")
    return leaves


def _output_names(outputs: Any) -> list[str]:
    if isinstance(outputs, dict) and all(isinstance(tensor, SymbolicTensor) for tensor in outputs.values()):
        return sorted(outputs)
    origins = [_origin(tensor) for tensor in jax.tree.leaves(outputs)]
    # A layer that was called twice has two outputs of its name.
    repeats = [origins[:index].count(name) for index, name in enumerate(origins)]
    return [f"{name}_{count}" if count else name for name, count in zip(origins, repeats, strict=True)]


def _origin(tensor: SymbolicTensor) -> str:
    """The name of the layer that a tensor comes from."""
    return tensor.name if tensor.node is None else tensor.node.operation.name
