"""The contract of layers."""

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from lamina import regularizers
from lamina.core.configurable import argument_names, refuse_unexpected
from lamina.core.errors import ArgumentError, NotCalledError
from lamina.core.frame import current_frame
from lamina.core.functional import purify
from lamina.core.naming import auto_name
from lamina.core.serialization import is_builtin, serialize_keras_object
from lamina.core.state import Binding, State, hyperparameter_owners
from lamina.core.symbolic import Node, SymbolicTensor, infer, symbolic_leaves
from lamina.core.tracebacks import short_traceback
from lamina.layers.calling import call_layer, infer_call
from lamina.layers.weights import WeightOwner
from lamina.metrics.metric import Metric

_INPUT_KEYWORDS = ("input_shape", "input_dim", "batch_input_shape", "batch_shape", "batch_size", "input_dtype")


class Layer(WeightOwner):
    """Base of all layers: weights, and a computation with them.

    A layer of your own makes its weights in `build`, or its sublayers in `__init__`, and computes
    in `call`, with `lamina.ops` or `jax.numpy`.

    Args:
        activity_regularizer: a penalty on the outputs.
        trainable: whether training may change the weights.
        dtype: a dtype or a dtype policy.
        autocast: whether float inputs are cast to the compute dtype.
        name: chosen when left out.
        **kwargs: `input_shape=` or `input_dim=` on the first layer of a model.

    Example:
        >>> class Scale(Layer):
        ...     def build(self, input_shape):
        ...         self.factor = self.add_weight(shape=(input_shape[-1],), initializer="ones")
        ...     def call(self, x):
        ...         return self.factor * x
        >>> layer = Scale()
        >>> layer(jnp.array([[1.0, 2.0]]))
        Array([[1., 2.]], dtype=float32)
        >>> [tuple(w.shape) for w in layer.weights]
        [(2,)]
    """

    # Whether each row of the outputs depends on the same row of the inputs alone, in training too.
    # Then a short last batch can be trained at full shape; only lamina's own classes are trusted.
    row_independent = False

    # Whether masks go on to the outputs. True for classes that say so, or that define compute_mask.
    supports_masking = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "compute_mask" in vars(cls) and "supports_masking" not in vars(cls):
            cls.supports_masking = True
        if "build" in vars(cls):
            cls.build = _marks_built(cls.build)  # type: ignore[method-assign]

    def __init__(
        self,
        *,
        activity_regularizer: Any = None,
        trainable: bool = True,
        dtype: Any = None,
        autocast: bool = True,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        self.first_input_shape, self.input_dtype = _input_keywords(kwargs)
        refuse_unexpected(self, kwargs, *_INPUT_KEYWORDS)
        self.name = auto_name(self) if name is None else _checked_name(self, name)
        self.dtype_policy = dtype
        self.activity_regularizer = regularizers.get(activity_regularizer)
        self.autocast = autocast
        self.built = False
        self.input_spec: Any = None
        self._trainable = bool(trainable)
        self._build_shapes: dict[str, Any] | None = None
        self._prepare()

    # -- to be overridden ------------------------------------------------------------------------------

    def build(self, input_shape: Any) -> None:
        """Makes the weights, now that the shape of the inputs is known.

        Args:
            input_shape: the batch first, `None` where unknown; a list or dict of shapes for several inputs.
        """
        self.built = True
        self._build_shapes = {"input_shape": input_shape}

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Computes the outputs.

        Args:
            *args: the inputs.
            **kwargs: more of them; `training` tells whether the model is being trained.
        """
        raise NotImplementedError(f"{type(self).__name__} has to define call(self, inputs).")

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        """The masks of the outputs, if `supports_masking`: those of the inputs, unless overridden.

        Args:
            inputs: of the call.
            previous_mask: the masks of the inputs, in the same structure, or `None`.
        """
        del inputs
        return previous_mask

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the outputs for inputs of a shape."""
        outputs = infer(self, *_as_symbolic(input_shape, self.compute_dtype))
        return jax.tree.map(lambda t: t.shape, outputs, is_leaf=lambda t: isinstance(t, SymbolicTensor))

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Symbolic tensors with the shapes and dtypes of the outputs."""
        if is_builtin(type(self)) and type(self).compute_output_shape is not Layer.compute_output_shape:
            return SymbolicTensor(self.compute_output_shape(args[0].shape), self.output_dtype(args[0]))
        return infer_call(self, args, kwargs)

    def as_floats(self, inputs: Any) -> Any:
        """Integers in the compute dtype, as the outputs are; floats as they are."""
        return inputs if jnp.issubdtype(inputs.dtype, jnp.inexact) else jnp.asarray(inputs, self.compute_dtype)

    def output_dtype(self, inputs: Any) -> str:
        """The dtype of the outputs, where `compute_output_shape` tells their shape."""
        del inputs
        return self.compute_dtype

    # -- calling -------------------------------------------------------------------------------------------

    @short_traceback
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Builds the layer if need be, and computes its outputs.

        Args:
            *args: arrays, or symbolic tensors to draw a graph.
            **kwargs: `training=True` for the behaviour in training, and the layer's own.
        """
        self._check_initialized()
        return call_layer(self, args, kwargs)

    # -- losses and metrics --------------------------------------------------------------------------------

    def add_loss(self, loss: Any) -> None:
        """Adds to the loss of the model; to be called inside `call`.

        Args:
            loss: a scalar, or a list of them.
        """
        values = [jnp.sum(jnp.asarray(value)) for value in (loss if isinstance(loss, list | tuple) else [loss])]
        frame = current_frame()
        (self._losses if frame is None else frame.losses).extend(values)

    def clear_losses(self) -> None:
        """Forgets the losses of earlier calls."""
        for layer in self.flatten_layers():
            if layer.__dict__.get("_losses"):
                layer._losses.clear()

    @property
    def losses(self) -> list[Any]:
        """The losses that the last call added, and the penalties on the weights."""
        frame = current_frame()
        if frame is not None:
            return [*frame.losses, *self.weight_penalties()]
        added = [value for layer in self.flatten_layers() for value in layer.__dict__.get("_losses", ())]
        return [*added, *self.weight_penalties()]

    def weight_penalties(self) -> list[Any]:
        """The penalties of the regularizers of all trainable weights."""
        return [v.regularizer(v.value) for v in self.trainable_weights if v.regularizer is not None]

    def own_metrics(self) -> list[Metric]:
        """The metrics that this layer keeps as attributes."""
        return self._direct(Metric)

    @property
    def metrics(self) -> list[Any]:
        """The metrics that this layer and its sublayers keep as attributes."""
        return [metric for layer in self.flatten_layers() for metric in layer.own_metrics()]

    @property
    def is_row_independent(self) -> bool:
        """Whether this layer, apart from those inside it, treats each row for itself."""
        activation = vars(self).get("activation")
        trusted = is_builtin(type(self)) and (activation is None or is_builtin(activation))
        return trusted and self.row_independent and self.activity_regularizer is None

    # -- pure use ------------------------------------------------------------------------------------------

    def stateless_call(
        self,
        trainable_variables: Sequence[Any],
        non_trainable_variables: Sequence[Any],
        *args: Any,
        return_losses: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Calls the layer as a pure function of its variables, for `jax.grad` and loops of one's own.

        Args:
            trainable_variables: values for `trainable_variables`, in order.
            non_trainable_variables: values for `non_trainable_variables`, in order.
            *args: as for a call.
            return_losses: whether to return the losses that layers added, too.
            **kwargs: as for a call.

        Returns:
            The outputs and the new values of `non_trainable_variables`; then the losses.

        Example:
            >>> layer = Layer.from_config({"name": "identity"})
            >>> layer.call = lambda x: x
            >>> layer.stateless_call([], [], 3.0)
            (3.0, [])
        """
        groups = State(params=tuple(self.trainable_variables), stats=tuple(self.non_trainable_variables))
        state = State(params=tuple(trainable_variables), stats=tuple(non_trainable_variables))
        binding = Binding(groups, hyperparameter_owners([self]))
        numbers = binding.hyperparameters()
        outputs, new, losses = purify(self, binding)(state, numbers, *args, **kwargs)
        if return_losses:
            penalties = purify(self.weight_penalties, binding)(state, numbers)[0]
            return outputs, list(new.stats), [*losses, *penalties]
        return outputs, list(new.stats)

    # -- the graph -----------------------------------------------------------------------------------------

    @property
    def input(self) -> Any:
        """The symbolic input of the first call of this layer in a graph; a list if there are several."""
        inputs = self._first_node().inputs
        return inputs[0] if len(inputs) == 1 else inputs

    @property
    def output(self) -> Any:
        """The symbolic output of the first call of this layer in a graph; a list if there are several."""
        outputs = symbolic_leaves(self._first_node().outputs)
        return outputs[0] if len(outputs) == 1 else outputs

    def _first_node(self) -> Node:
        if not self.nodes:
            raise NotCalledError(
                f"{type(self).__name__} '{self.name}' has not been called on a symbolic tensor, so it has no "
                "input or output.",
                hint="give the model an input shape, with lamina.Input or input_shape=.",
            )
        return self.nodes[0]

    # -- config ----------------------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, without its weights."""
        base = {"name": self.name, "trainable": self.trainable, "dtype": serialize_keras_object(self.dtype_policy)}
        config = _layer_config(self)
        return {**base, **config}

    def structure(self) -> list[Any]:
        """The arguments that are part of a program."""
        hidden = {*_BASE_ARGUMENTS, *self.__dict__.get("_numbers", {}), "seed"}
        names = [n for n in _own_arguments(type(self)) if n not in hidden and not n.endswith("_initializer")]
        return [self._trainable, self.own_policy, self.activity_regularizer, *(getattr(self, name) for name in names)]

    def get_build_config(self) -> dict[str, Any] | None:
        """The shapes that the layer was built with: `input_shape`, or `shapes_dict` for several arguments."""
        shapes = self._build_shapes
        if shapes is None or len(shapes) != 1:
            return shapes and {"shapes_dict": shapes}
        return {"input_shape": next(iter(shapes.values()))}

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Builds the layer with the shapes of `get_build_config`."""
        if not config or self.built:
            return
        if "input_shape" in config:
            self.build(_as_shape(config["input_shape"]))
        else:
            self.build(**{name: _as_shape(shape) for name, shape in config.get("shapes_dict", config).items()})

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.__dict__.get('name')}, built={self.__dict__.get('built', False)}>"


# Those of models are no part of configs: a graph has a config of its own.
_BASE_ARGUMENTS = ("activity_regularizer", "trainable", "dtype", "autocast", "name", "inputs", "outputs")


def _own_arguments(cls: type) -> list[str]:
    return [name for name in argument_names(cls) if name not in _BASE_ARGUMENTS]


def _layer_config(layer: Layer) -> dict[str, Any]:
    """The arguments beyond those of every layer."""
    config = {}
    for name in _own_arguments(type(layer)):
        if hasattr(layer, name):
            config[name] = serialize_keras_object(getattr(layer, name))
        elif _inherits_config(type(layer)):
            raise NotImplementedError(
                f"{type(layer).__name__} takes the argument {name!r} but keeps no attribute of that name. "
                f"Set self.{name} in __init__, or override get_config()."
            )
    if layer.activity_regularizer is not None:
        config["activity_regularizer"] = serialize_keras_object(layer.activity_regularizer)
    return config


def _inherits_config(cls: type) -> bool:
    """Whether it is left to lamina to tell the arguments of a class."""
    owner = next(base for base in cls.__mro__ if "get_config" in vars(base))
    return owner is Layer or (owner is not cls and is_builtin(owner))


def _marks_built(build: Callable[..., None]) -> Callable[..., None]:
    names = list(inspect.signature(build).parameters)[1:]

    @functools.wraps(build)
    def wrapper(self: Layer, *args: Any, **kwargs: Any) -> None:
        with self.being_built():
            build(self, *args, **kwargs)
        self.built = True
        self._build_shapes = {**dict(zip(names, args, strict=False)), **kwargs}

    return wrapper


def _checked_name(layer: Layer, name: Any) -> str:
    if not isinstance(name, str) or "/" in name:
        raise ArgumentError(
            f"The name of a {type(layer).__name__} is a string without a slash, since slashes part the names in the "
            f"paths of weights. Received: name={name!r}"
        )
    return name


def _input_keywords(kwargs: dict[str, Any]) -> tuple[tuple[int | None, ...] | None, Any]:
    """Takes Keras 2's ways of naming the input's shape out of the keywords; the batch comes first in the result."""
    dtype = kwargs.pop("input_dtype", None)
    batch_size = kwargs.pop("batch_size", None)
    full = kwargs.pop("batch_input_shape", None) or kwargs.pop("batch_shape", None)
    if full is not None:
        return tuple(full), dtype
    shape = kwargs.pop("input_shape", None)
    features = kwargs.pop("input_dim", None)
    if shape is None and features is None:
        return None, dtype
    shape = (features,) if shape is None else (shape,) if isinstance(shape, int) else tuple(shape)
    return (batch_size, *shape), dtype


def _as_shape(shape: Any) -> Any:
    """Shapes come back from JSON as lists."""
    if isinstance(shape, list) and all(n is None or isinstance(n, int) for n in shape):
        return tuple(shape)
    if isinstance(shape, list):
        return [_as_shape(item) for item in shape]
    return {key: _as_shape(item) for key, item in shape.items()} if isinstance(shape, dict) else shape


def _as_symbolic(shape: Any, dtype: str) -> list[Any]:
    if isinstance(shape, dict):
        return [{key: SymbolicTensor(item, dtype) for key, item in shape.items()}]
    if shape and isinstance(shape[0], list | tuple):
        return [[SymbolicTensor(item, dtype) for item in shape]]
    return [SymbolicTensor(shape, dtype)]
