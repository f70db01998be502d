"""The operations of a model's compiled program, in the form that TensorBoard's graph plugin draws."""

from collections.abc import Mapping
from typing import Any

import jax
from jax.extend.core import Literal

from lamina.core.errors import ArgumentTypeError
from lamina.export.inference import inference_of
from lamina.layers.layer import Layer
from lamina.tensorboard.events import message


def program_graph(model: Any) -> bytes:
    """The operations between a model's inputs and outputs.

    Args:
        model: a built one.

    Returns:
        A serialized `GraphDef`.

    Raises:
        ArgumentTypeError: if it is no model.
        NotBuiltError: if the model is not built.
    """
    if not isinstance(model, Layer):
        raise ArgumentTypeError(f"A graph shows a model. Received: a {type(model).__name__}")
    inference = inference_of(model)
    program = jax.make_jaxpr(inference.function)(inference.state, *inference.inputs).jaxpr
    graph = message("compat.proto.graph_pb2", "GraphDef")()
    names = [f"variables/{path}" for path in inference.paths]
    names += [f"inputs/{name}" for name in inference.input_names]
    sources: dict[Any, str] = {}
    for variable, name in zip(program.invars, names, strict=True):
        sources[variable] = _add(graph, name, "Variable" if name.startswith("variables/") else "Input", [], variable)
    _walk(graph, program, sources, "")
    for number, result in enumerate(program.outvars):
        _add(graph, f"outputs/{number}", "Output", _inputs([result], sources), result)
    return graph.SerializeToString()


def _walk(graph: Any, program: Any, sources: dict[Any, str], scope: str) -> None:
    """Adds the operations of a program; those of functions that it calls stand in a scope of their name."""
    for number, equation in enumerate(program.eqns):
        name = f"{scope}{equation.params.get('name', equation.primitive.name)}_{number}"
        inner = _called(equation.params)
        if inner is None:
            _add(graph, name, equation.primitive.name, _inputs(equation.invars, sources), equation.outvars[0])
            sources.update(dict.fromkeys(equation.outvars, name))
            continue
        known = {
            mine: sources[given]
            for mine, given in zip(inner.invars, equation.invars, strict=True)
            if not isinstance(given, Literal) and given in sources
        }
        _walk(graph, inner, known, f"{name}/")
        for outer, result in zip(equation.outvars, inner.outvars, strict=True):
            for source in _inputs([result], known):
                sources[outer] = source


def _called(parameters: Mapping[str, Any]) -> Any:
    """The program of a function that is called, and not repeated or chosen."""
    program = parameters.get("jaxpr" if "name" in parameters else "call_jaxpr")
    return getattr(program, "jaxpr", program)


def _inputs(variables: Any, sources: dict[Any, str]) -> list[str]:
    found = [sources[v] for v in variables if not isinstance(v, Literal) and v in sources]
    return list(dict.fromkeys(found))


def _add(graph: Any, name: str, kind: str, inputs: list[str], result: Any) -> str:
    node = graph.node.add(name=name, op=kind, input=inputs)
    shape = node.attr["_output_shapes"].list.shape.add()
    for size in result.aval.shape:
        shape.dim.add(size=size if isinstance(size, int) else -1)
    return name
