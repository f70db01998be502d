"""Sequential: one layer after the other."""

from collections.abc import Iterable
from typing import Any

import jax

from lamina.core.errors import ArgumentError, UnknownNameError
from lamina.core.masking import masked
from lamina.core.naming import count_name
from lamina.core.serialization import builtin, deserialize_keras_object, serialize_keras_object
from lamina.core.symbolic import SymbolicTensor, symbolic_leaves
from lamina.core.tracebacks import public
from lamina.layers.input_layer import InputLayer
from lamina.layers.input_spec import InputSpec
from lamina.layers.layer import Layer
from lamina.models.graph import single
from lamina.models.model import Model, match_rank, require_built


@builtin("")
class Sequential(Model):
    """A stack of layers, each fed by the one before.

    Args:
        layers: the layers, in order; an `Input` may come first. More can be added.
        trainable: whether training may change the weights.
        name: chosen when left out.

    Raises:
        ArgumentError: for something that is no layer, or two layers of one name.

    Example:
        >>> from lamina.layers import Dense
        >>> model = Sequential([Dense(2, activation="relu", input_shape=(3,)), Dense(1)])
        >>> model.count_params(), model.output_shape
        (11, (None, 1))
    """

    @public
    def __init__(self, layers: Iterable[Any] | None = None, trainable: bool = True, name: str | None = None) -> None:
        super().__init__(trainable=trainable, name=name)
        self.stack: list[Layer] = []
        self.inputs_symbolic: SymbolicTensor | None = None
        self.outputs_symbolic: Any = None
        if layers is not None and not isinstance(layers, list | tuple):
            layers = [layers]
        for layer in layers or ():
            self.add(layer, rebuild=False)
        self._count_graph()

    _untracked = Model._untracked | {"inputs_symbolic", "outputs_symbolic"}

    # -- the stack -------------------------------------------------------------------------------------------

    @public
    def add(self, layer: Any, rebuild: bool = True) -> None:
        """Puts a layer on top.

        Args:
            layer: a layer, or what `Input` returns.
            rebuild: `False` if more will follow.

        Raises:
            ArgumentError: for something that is no layer, or a name that is taken.
        """
        if isinstance(layer, SymbolicTensor) and layer.node is not None:
            layer = layer.node.operation
        if isinstance(layer, type) and issubclass(layer, Layer):
            raise ArgumentError(
                f"{layer.__name__} is a class, not a layer.", hint=f"add {layer.__name__}(...) instead."
            )
        if not isinstance(layer, Layer):
            if not callable(layer):
                raise ArgumentError(f"Sequential takes layers only. Received: {layer!r}")
            raise ArgumentError(
                f"Sequential takes layers only. Received the function {layer!r}.",
                hint="use lamina.layers.Activation for activation functions.",
            )
        if any(other.name == layer.name for other in self.stack):
            raise ArgumentError(
                f"There is a layer named '{layer.name}' in Sequential '{self.name}' already.",
                hint="give each layer a name of its own, or leave names out.",
            )
        if isinstance(layer, InputLayer):
            if self.stack:
                raise ArgumentError(
                    f"Sequential '{self.name}' has layers already, so an input cannot be added.", hint="put it first."
                )
            self._start(layer.output)
            return
        if not self.stack and self.inputs_symbolic is None and (shape := _declared_shape(layer)) is not None:
            self._start(InputLayer(batch_shape=shape, dtype=layer.input_dtype).output)
        if self.outputs_symbolic is not None:
            self.outputs_symbolic = layer(self.outputs_symbolic)
        self._stacked([*self.stack, layer])
        if rebuild:
            self._count_graph()

    @public
    def pop(self, rebuild: bool = True) -> Layer:
        """Takes the top layer off, and returns it.

        Args:
            rebuild: `False` if more will follow.

        Raises:
            ArgumentError: if there is none.
        """
        if not self.stack:
            raise ArgumentError(f"Sequential '{self.name}' has no layers, so none can be taken off.")
        layer = self.stack[-1]
        if self.outputs_symbolic is not None and layer.nodes:
            self.outputs_symbolic = layer.nodes[-1].args[0]
        self._stacked(self.stack[:-1])
        if rebuild:
            self._count_graph()
        return layer

    def _start(self, tensor: SymbolicTensor) -> None:
        self.inputs_symbolic = self.outputs_symbolic = tensor
        self.input_spec = InputSpec(shape=(None, *tensor.shape[1:]))

    def _stacked(self, layers: list[Layer]) -> None:
        self.stack = layers
        if self.objective is not None:
            # What was fixed at compile was fixed for other layers.
            self.objective.resolved = False
            self._trained_since_compile = None
        self.built = self.outputs_symbolic is not None and bool(layers)
        self._specs = {}
        if self.built:
            assert self.inputs_symbolic is not None
            self._build_shapes = {"input_shape": self.inputs_symbolic.shape}

    def _count_graph(self) -> None:
        """Keras makes a functional model of the stack each time it is built, which takes a name."""
        if self.built:
            count_name("functional")

    def ordered_layers(self) -> list[Layer]:
        """The stack."""
        return self.stack

    @property
    def is_fixed(self) -> bool:
        """Never: layers can be added at any time."""
        return False

    # -- building and calling ----------------------------------------------------------------------------------

    def build(self, input_shape: Any = None) -> None:
        """Makes the weights of all layers.

        Args:
            input_shape: the batch first, `None` where unknown.

        Raises:
            ArgumentError: if the shape is not known from anywhere, or there are no layers.
        """
        if not self.stack:
            raise ArgumentError(
                f"Sequential '{self.name}' cannot be built: it has no layers.", hint="add layers first."
            )
        if self.inputs_symbolic is not None:
            return
        if input_shape is None:
            raise ArgumentError(
                f"Sequential '{self.name}' cannot be built: its input shape is unknown.",
                hint="call build((None, features)), or give the first layer an input_shape.",
            )
        self._draw(SymbolicTensor(input_shape, self.compute_dtype, name="input"))

    def _draw(self, tensor: SymbolicTensor) -> None:
        self._start(InputLayer(input_tensor=tensor).output)
        for layer in self.stack:
            self.outputs_symbolic = layer(self.outputs_symbolic)
        self._stacked(self.stack)
        self._count_graph()

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Feeds the inputs through the stack."""
        del training
        inputs = self._only_input(inputs)
        with masked(inputs, mask):
            for layer in self.stack:
                inputs = layer(inputs)
        return inputs

    def _only_input(self, inputs: Any) -> Any:
        """What the stack begins with: of a dict, the entry with the name of its input."""
        if self.inputs_symbolic is None or not isinstance(inputs, dict):
            return inputs
        if (name := self.inputs_symbolic.name) not in inputs:
            raise UnknownNameError(
                f"Sequential '{self.name}' has the one input {name!r}, but got a dict of "
                f"{', '.join(map(repr, inputs)) or 'nothing'}.",
                hint="pass the array itself.",
            )
        return inputs[name]

    def output_specs(self, x: Any) -> Any:
        """Symbolic outputs for inputs like `x`; builds the model if need be."""
        leaves = jax.tree.leaves(x)
        if not self.built and len(leaves) == 1:
            if not self.stack:
                self.build()
            self._draw(SymbolicTensor(leaves[0].shape, str(leaves[0].dtype), name="input"))
        self.check_inputs(self._only_input(x))
        return self.outputs_symbolic

    def fit_rank(self, x: Any) -> Any:
        """`x` with a last axis of one added or dropped, where the input shape asks for it."""
        if self.inputs_symbolic is None or not hasattr(x, "shape"):
            return x
        return match_rank(x, self.inputs_symbolic.shape)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the outputs for inputs of a shape."""
        for layer in self.stack:
            input_shape = layer.compute_output_shape(input_shape)
        return input_shape

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Symbolic outputs, through every layer's own."""
        return self.call(*args, **{name: value for name, value in kwargs.items() if name in ("training", "mask")})

    # -- shapes --------------------------------------------------------------------------------------------------

    @property
    def input(self) -> Any:
        """The symbolic input: of the stack's first call as a layer, or else its own."""
        return Layer.input.fget(self) if self.nodes else self.inputs[0]  # type: ignore[attr-defined]

    @property
    def output(self) -> Any:
        """The symbolic output: of the stack's first call as a layer, or else its own."""
        return Layer.output.fget(self) if self.nodes else single(self.outputs)  # type: ignore[attr-defined]

    @property
    def inputs(self) -> list[SymbolicTensor]:
        """The stack's own symbolic input, in a list."""
        require_built(self, "input")
        return symbolic_leaves(self.inputs_symbolic)

    @property
    def outputs(self) -> list[Any]:
        """The stack's own symbolic output, in a list."""
        require_built(self, "output")
        return symbolic_leaves(self.outputs_symbolic)

    @property
    def output_names(self) -> list[str]:
        """The name of the last layer."""
        return [self.stack[-1].name] if self.stack else []

    # -- config --------------------------------------------------------------------------------------------------

    def structure(self) -> list[Any]:
        """The layers, and the shape that they start from."""
        return [self.stack, self.own_policy]

    def get_config(self) -> dict[str, Any]:
        """The description of the stack, without its weights."""
        first = [] if self.inputs_symbolic is None else [self.inputs_symbolic.node.operation]  # type: ignore[union-attr]
        config = {
            "name": self.name,
            "trainable": self.trainable,
            "dtype": serialize_keras_object(self.dtype_policy),
            "layers": [serialize_keras_object(layer) for layer in [*first, *self.stack]],
        }
        return config if self.inputs_symbolic is None else {**config, "build_input_shape": self.inputs_symbolic.shape}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> "Sequential":
        """The stack with this config, with new weights.

        Args:
            config: what `get_config` returned.
            custom_objects: classes and functions by name.
        """
        model = cls(trainable=config.get("trainable", True), name=config.get("name"))
        for layer in config["layers"]:
            model.add(deserialize_keras_object(layer, custom_objects))
        if not model.built and config.get("build_input_shape"):
            model.build(tuple(config["build_input_shape"]))
        return model


def _declared_shape(layer: Layer) -> tuple[int | None, ...] | None:
    """The input shape that a first layer brings along, or a built model's."""
    if layer.first_input_shape is not None:
        return layer.first_input_shape
    if isinstance(layer, Model) and layer.built and (layer.graph is not None or isinstance(layer, Sequential)):
        return layer.input_shape if len(layer.inputs) == 1 else None
    return None
