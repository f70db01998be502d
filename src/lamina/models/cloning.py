"""Models once more, with new weights."""

from collections.abc import Callable
from typing import Any

import jax

from lamina.core.configurable import Configurable
from lamina.core.errors import ArgumentError, ShapeError
from lamina.core.operation import FunctionOperation
from lamina.core.serialization import custom_object_scope, deserialize_keras_object, serialize_keras_object
from lamina.core.symbolic import SymbolicTensor
from lamina.core.tracebacks import public
from lamina.layers.input_layer import Input
from lamina.layers.layer import Layer
from lamina.models.model import Model, takes_graph
from lamina.models.sequential import Sequential

CloneFunction = Callable[[Layer], Layer]


@public
def clone_model(
    model: Model,
    input_tensors: Any = None,
    clone_function: CloneFunction | None = None,
    call_function: Callable[..., Any] | None = None,
    recursive: bool = False,
) -> Model:
    """A model like another, with layers of its own, whose weights are new.

    A layer that the model calls twice is one layer in the clone, too. Copy the weights with
    `clone.set_weights(model.get_weights())`.

    Args:
        model: functional, a `Sequential`, or one of your own that has a `get_config`.
        input_tensors: what the clone is called on, in the structure of the model's inputs; new inputs when left out.
        clone_function: from each layer to the one that takes its place; a new one with its config when left out.
        call_function: `(layer, *args, **kwargs)` calls a layer in the clone's graph, or does more than that; for
            functional models.
        recursive: whether the layers of models inside go through `clone_function`, not those models as a whole.

    Returns:
        The clone, compiled as the model was, with a new optimizer.

    Raises:
        ArgumentError: for an argument that does not go with this kind of model.
        ShapeError: if `input_tensors` have another structure than the model's inputs.

    Example:
        >>> import lamina
        >>> model = Sequential([Input((3,)), lamina.layers.Dense(2)])
        >>> clone = clone_model(model)
        >>> clone.set_weights(model.get_weights())
        >>> clone.count_params()
        8
    """
    is_stack = isinstance(model, Sequential)
    if call_function is not None and (is_stack or model.graph is None):
        raise ArgumentError(
            f"call_function is for functional models. Received: the {type(model).__name__} '{model.name}'.",
            hint="a functional model is made with Model(inputs, outputs).",
        )
    if not is_stack and model.graph is None:
        return _from_config(model, input_tensors, clone_function)
    cloner = _Cloner(clone_function or _like, call_function or _call, recursive)
    return cloner.stack(model, input_tensors) if is_stack else cloner.graph(model, input_tensors)


class _Cloner:
    """One cloning: every layer is cloned once, wherever it is met."""

    def __init__(self, clone: CloneFunction, call: Callable[..., Any], recursive: bool) -> None:
        self._clone = clone
        self._call = call
        self._recursive = recursive
        self._clones: dict[int, Any] = {}

    def layer(self, layer: Any) -> Any:
        """The clone of a layer, or of a function in a graph."""
        if id(layer) not in self._clones:
            self._clones[id(layer)] = self._new(layer)
        return self._clones[id(layer)]

    def _new(self, layer: Any) -> Any:
        if isinstance(layer, FunctionOperation):
            return FunctionOperation(layer.function, layer.name)
        if self._recursive and isinstance(layer, Sequential):
            return self.stack(layer, None)
        if self._recursive and isinstance(layer, Model) and layer.graph is not None:
            return self.graph(layer, None)
        return self._clone(layer)

    def stack(self, model: Sequential, input_tensors: Any) -> Sequential:
        """The clone of a `Sequential`."""
        layers = [self.layer(layer) for layer in model.layers]
        start = _start(model, input_tensors)
        stack = layers if start is None else [start, *layers]
        return _compiled_like(model, Sequential(stack, trainable=model.trainable, name=model.name))

    def graph(self, model: Model, input_tensors: Any) -> Model:
        """The clone of a functional model."""
        graph = model.graph
        assert graph is not None
        new = input_tensors is None
        inputs = jax.tree.map(_again, graph.inputs) if new else _checked(input_tensors, graph.inputs)
        outputs = graph.follow(inputs, lambda operation, *args, **kw: self._call(self.layer(operation), *args, **kw))
        cls: Any = type(model) if takes_graph(type(model)) else Model
        return _compiled_like(model, cls(inputs=inputs, outputs=outputs, name=model.name))


def _like(layer: Layer) -> Layer:
    return type(layer).from_config(layer.get_config())


def _call(layer: Any, *args: Any, **kwargs: Any) -> Any:
    return layer(*args, **kwargs)


def _again(tensor: SymbolicTensor) -> SymbolicTensor:
    assert tensor.node is not None
    return type(tensor.node.operation).from_config(tensor.node.operation.get_config()).output


def _start(model: Sequential, input_tensors: Any) -> SymbolicTensor | None:
    """What the clone of a stack begins with, if its input shape is known."""
    if input_tensors is None:
        return None if model.inputs_symbolic is None else _again(model.inputs_symbolic)
    given = jax.tree.leaves(input_tensors)
    if len(given) != 1 or not isinstance(given[0], SymbolicTensor):
        raise ArgumentError(f"A Sequential has one input, a symbolic tensor. Received: input_tensors={input_tensors!r}")
    name = None if model.inputs_symbolic is None else model.inputs_symbolic.name
    return Input(tensor=given[0], name=name)


def _checked(input_tensors: Any, wanted: Any) -> Any:
    for leaf in jax.tree.leaves(input_tensors):
        if not isinstance(leaf, SymbolicTensor):
            raise ArgumentError(f"input_tensors are symbolic tensors. Received: {type(leaf).__name__}.")
    if jax.tree.structure(input_tensors) != jax.tree.structure(wanted):
        raise ShapeError(
            f"input_tensors have another structure than the model's inputs. Received: {input_tensors!r}",
            hint=f"give them as the model has them: {wanted!r}",
        )
    return input_tensors


def _compiled_like(model: Model, clone: Any) -> Any:
    if model.compiled and type(clone).compile is Model.compile:
        clone.compile(**jax.tree.map(_renewed, model.compile_arguments, is_leaf=_is_object))
    return clone


def _is_object(item: Any) -> bool:
    return isinstance(item, Configurable) or item is None


def _renewed(item: Any) -> Any:
    """Another object with the same config: metrics and optimizers hold state."""
    return type(item).from_config(item.get_config()) if isinstance(item, Configurable) else item


def _from_config(model: Model, input_tensors: Any, clone_function: Any) -> Model:
    if input_tensors is not None or clone_function is not None:
        raise ArgumentError(
            f"clone_function and input_tensors are for Sequential and functional models. Received: the "
            f"{type(model).__name__} '{model.name}', which computes its outputs in call().",
            hint="leave them out: the clone is made from get_config().",
        )
    with custom_object_scope({type(model).__name__: type(model)}):
        return deserialize_keras_object(serialize_keras_object(model))
