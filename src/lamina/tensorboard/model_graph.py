"""A model's graph of layers, in the JSON that TensorBoard's graph plugin draws."""

import json
from typing import Any

from lamina.core.operation import FunctionOperation
from lamina.core.serialization import record_name
from lamina.core.symbolic import Node
from lamina.models.function_config import class_name
from lamina.models.model import Model
from lamina.models.sequential import Sequential


def conceptual_graph(model: Model) -> str | None:
    """The layers of a model and the calls between them.

    It has the form of a model's config. Of that the plugin reads names, classes, dtypes and
    connections, so nothing else is written: layers whose configs are not JSON can be drawn, too.

    Args:
        model: the model.

    Returns:
        JSON; `None` for a model that is neither a chain nor a graph.

    Example:
        >>> import lamina
        >>> model = lamina.Sequential([lamina.Input((3,), name="x"), lamina.layers.Dense(2, name="y")], name="tiny")
        >>> [layer["config"]["name"] for layer in json.loads(conceptual_graph(model))["config"]["layers"]]
        ['x', 'y']
    """
    return json.dumps(_operation(model)) if _is_drawn(model) else None


def _is_drawn(operation: Any) -> bool:
    return isinstance(operation, Sequential) or (isinstance(operation, Model) and operation.graph is not None)


def _operation(operation: Any) -> dict[str, Any]:
    config: dict[str, Any] = {"name": operation.name}
    if _is_drawn(operation):
        config.update(_chain(operation) if isinstance(operation, Sequential) else _graph(operation))
    elif not isinstance(operation, FunctionOperation):
        config["dtype"] = operation.compute_dtype
    is_function = isinstance(operation, FunctionOperation)
    return {"class_name": class_name(operation) if is_function else record_name(operation)[1], "config": config}


def _chain(model: Sequential) -> dict[str, Any]:
    """Layers without calls are connected in their order."""
    entries = [tensor.node.operation for tensor in model.inputs if tensor.node] if model.built else []
    return {"layers": [_operation(layer) for layer in (*entries, *model.layers)]}


def _graph(model: Model) -> dict[str, Any]:
    nodes = [node for level in model.nodes_by_depth for node in level]
    operations = dict.fromkeys(node.operation for node in nodes)
    calls = {op: [_call(node) for node in nodes if node.operation is op and node.inputs] for op in operations}
    return {
        "layers": [{**_operation(op), "inbound_nodes": calls[op]} for op in operations],
        "input_layers": [tensor.node.operation.name for tensor in model.inputs],
        "output_layers": [_end(tensor) for tensor in model.outputs],
    }


def _call(node: Node) -> dict[str, Any]:
    return {"args": [{"config": {"keras_history": _end(tensor)}} for tensor in node.inputs]}


def _end(tensor: Any) -> list[Any]:
    return [tensor.node.operation.name, 0, tensor.index]
