"""Graphs as configs, in Keras's form: the layers, how each was called, and what are inputs and outputs.

A call is recorded with its arguments; a symbolic tensor among them as `[name of the layer, number
of its call, place among the results]`.
"""

from collections.abc import Callable, Iterator
from typing import Any

import jax

from lamina.core.errors import UnknownNameError, suggestion
from lamina.core.operation import FunctionOperation
from lamina.core.serialization import deserialize_keras_object, serialize_keras_object
from lamina.core.symbolic import Node, SymbolicTensor, symbolic_leaves
from lamina.layers.calling import call_signature
from lamina.layers.layer import Layer
from lamina.models.function_config import function_arguments, function_record, read_function
from lamina.models.graph import Graph

_TENSOR = "__keras_tensor__"
History = list[Any]  # [name of the layer, number of its call, place among the results]


def graph_config(graph: Graph) -> dict[str, Any]:
    """What a graph is made of.

    Args:
        graph: of a functional model.

    Returns:
        `layers`, `input_layers` and `output_layers`, as in the configs of Keras's functional models.

    Raises:
        ArgumentError: if a layer, or an argument of a call, cannot be described.
    """
    used = {id(node) for level in graph.levels for node in level}
    calls = {id(op): [node for node in op.nodes if id(node) in used] for op in graph.operations}
    history: dict[int, History] = {}
    for operation in graph.operations:
        for number, node in enumerate(calls[id(operation)]):
            for index, tensor in enumerate(symbolic_leaves(node.outputs)):
                history[id(tensor)] = [operation.name, number, index]

    def end(tensor: SymbolicTensor) -> History:
        name, number, index = history[id(tensor)]
        assert tensor.node is not None
        return [name, number + _first_call(tensor.node.operation), index]

    return {
        "layers": [_operation_record(operation, calls[id(operation)], history) for operation in graph.operations],
        "input_layers": jax.tree.map(end, graph.inputs),
        "output_layers": jax.tree.map(end, graph.outputs),
    }


def _first_call(operation: Any) -> int:
    """Where Keras begins to count calls, as far as the ends of a graph are concerned: functional models at one."""
    return 1 if getattr(operation, "graph", None) is not None else 0


def _operation_record(operation: Any, calls: list[Node], history: dict[int, History]) -> dict[str, Any]:
    is_function = isinstance(operation, FunctionOperation)
    record = function_record(operation, calls[0]) if is_function else serialize_keras_object(operation)
    nodes = []
    for node in calls:
        if node.inputs:
            args, kwargs = _arguments(node)
            nodes.append({"args": _described(args, history), "kwargs": _described(kwargs, history)})
    return {**record, "name": operation.name, "inbound_nodes": nodes}


def _arguments(node: Node) -> tuple[list[Any], dict[str, Any]]:
    """The arguments of a call as Keras would record them."""
    if isinstance(node.operation, FunctionOperation):
        return function_arguments(node.operation, node), {}
    return list(node.args), {**_implied(node), **node.kwargs}


def _implied(node: Node) -> dict[str, Any]:
    """What Keras decides on when it calls a layer on one input, and records: `training` and masks.

    It does so only where it takes the input as it is.
    """
    layer, inputs = node.operation, node.args[0] if node.args else None
    taken_as_is = _first_call(layer) or (isinstance(inputs, SymbolicTensor) and inputs.dtype == layer.compute_dtype)
    if len(node.args) != 1 or node.kwargs or not taken_as_is:
        return {}
    signature = call_signature(type(layer))
    implied: dict[str, Any] = {} if signature.training_default is None else {"training": signature.training_default}
    if "mask" in signature.parameters:
        implied["mask"] = jax.tree.map(lambda _: None, inputs)
    return implied


def _described(arguments: Any, history: dict[int, History]) -> Any:
    def describe(leaf: Any) -> Any:
        if not isinstance(leaf, SymbolicTensor):
            return leaf
        config = {"shape": leaf.shape, "dtype": leaf.dtype, "keras_history": history[id(leaf)]}
        return {"class_name": _TENSOR, "config": config}

    return serialize_keras_object(jax.tree.map(describe, arguments))


def read_graph(config: dict[str, Any]) -> tuple[Any, Any]:
    """The inputs and outputs of a graph that is drawn anew, with new layers.

    Args:
        config: with `layers`, `input_layers` and `output_layers`.

    Returns:
        The symbolic inputs, and the symbolic outputs.

    Raises:
        UnknownNameError: for a layer that the config does not hold, or that lamina does not know.
    """
    reader = _Reader(config["layers"])
    return reader.ends(config["input_layers"]), reader.ends(config["output_layers"])


class _Reader:
    """Calls the layers of a config, each as soon as what it is called on is there."""

    def __init__(self, records: list[dict[str, Any]]) -> None:
        self.operations = {record["name"]: _read_operation(record) for record in records}
        self.results: dict[str, list[list[SymbolicTensor]]] = {
            name: [symbolic_leaves(node.outputs) for node in getattr(operation, "nodes", ()) if not node.inputs]
            for name, operation in self.operations.items()
        }
        waiting = {record["name"]: list(record["inbound_nodes"]) for record in records}
        while any(waiting.values()):
            if not [name for name, calls in waiting.items() if self._advance(name, calls)]:
                stuck = [name for name, calls in waiting.items() if calls]
                raise UnknownNameError(
                    f"The config holds a graph that cannot be drawn: the layers {', '.join(map(repr, stuck))} wait for "
                    "calls of each other, or for calls that it does not record."
                )

    def _advance(self, name: str, calls: list[Any]) -> bool:
        """Draws the calls of a layer, in order, for as long as their inputs are there; whether there were any."""
        before = len(calls)
        while calls and all(self._is_there(history) for history in _histories(calls[0])):
            args, kwargs = self._read_call(calls.pop(0))
            kwargs = _without_implied(self.operations[name], kwargs)
            self.results[name].append(symbolic_leaves(self.operations[name](*args, **kwargs)))
        return len(calls) < before

    def _is_there(self, history: History) -> bool:
        name, number = history[0], history[1]
        if name not in self.results:
            raise UnknownNameError(
                f"The config names a layer {name!r} that it does not hold.", hint=suggestion(name, self.results)
            )
        return number < len(self.results[name])

    def _tensor(self, history: History) -> SymbolicTensor:
        name, number, index = history[:3]
        return self.results[name][number][index]

    def _read_call(self, call: Any) -> tuple[Any, dict[str, Any]]:
        if isinstance(call, dict):
            return self._revived(call["args"]), self._revived(call["kwargs"])
        # Keras 2 records a list of tensors, each with the keywords of the call.
        tensors = [self._tensor(history) for history in call]
        kwargs = call[0][3] if len(call[0]) > 3 else {}
        return [tensors[0] if len(tensors) == 1 else tensors], self._revived(kwargs)

    def _revived(self, item: Any) -> Any:
        if isinstance(item, list | tuple):
            return [self._revived(part) for part in item]
        if isinstance(item, dict) and item.get("class_name") == _TENSOR:
            return self._tensor(item["config"]["keras_history"])
        if isinstance(item, dict) and "class_name" not in item:
            return {key: self._revived(part) for key, part in item.items()}
        return deserialize_keras_object(item)

    def ends(self, structure: Any) -> Any:
        """The tensors that a structure of histories names."""
        return _map_histories(self._end, structure)

    def _end(self, history: History) -> SymbolicTensor:
        self._is_there([history[0], 0])
        first = _first_call(self.operations[history[0]])
        return self._tensor([history[0], history[1] - first, history[2]])


def _read_operation(record: dict[str, Any]) -> Any:
    return read_function(record) or deserialize_keras_object(record)


def _without_implied(operation: Any, kwargs: dict[str, Any]) -> dict[str, Any]:
    """A call's keywords without a `training` that is only recorded because it is the default: `fit` decides on it."""
    if isinstance(operation, Layer) and kwargs.get("training") == call_signature(type(operation)).training_default:
        return {name: value for name, value in kwargs.items() if name != "training"}
    return kwargs


def _is_history(item: Any) -> bool:
    return isinstance(item, list | tuple) and len(item) >= 3 and isinstance(item[0], str) and isinstance(item[1], int)


def _map_histories(function: Callable[[History], Any], structure: Any) -> Any:
    if _is_history(structure):
        return function(structure)
    if isinstance(structure, dict):
        return {key: _map_histories(function, part) for key, part in structure.items()}
    return type(structure)(_map_histories(function, part) for part in structure)


def _histories(call: Any) -> Iterator[History]:
    """Which results a recorded call needs."""
    if isinstance(call, dict) and call.get("class_name") == _TENSOR:
        yield call["config"]["keras_history"]
    elif isinstance(call, list) and _is_history(call):
        yield call
    elif isinstance(call, dict | list | tuple):
        for part in call.values() if isinstance(call, dict) else call:
            yield from _histories(part)
