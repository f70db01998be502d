"""The contract of layers."""

import functools
import inspect
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lamina import constraints, initializers, regularizers
from lamina.core.configurable import argument_names, refuse_unexpected
from lamina.core.errors import NotBuiltError, ShapeError, UnknownAttributeError
from lamina.core.frame import current_frame
from lamina.core.functional import purify
from lamina.core.naming import auto_name
from lamina.core.precision import DTypePolicy, as_policy
from lamina.core.seeds import SeedGenerator
from lamina.core.serialization import is_builtin, serialize_keras_object
from lamina.core.state import Binding, State, hyperparameter_owners
from lamina.core.symbolic import Node, SymbolicTensor, infer
from lamina.core.tracebacks import short_traceback
from lamina.core.tracking import Trackable
from lamina.core.variable import Variable
from lamina.layers.calling import call_layer, infer_call
from lamina.metrics.metric import Metric

_INITIALIZE = "call super().__init__() in its __init__, before layers or weights are set."
_INPUT_KEYWORDS = ("input_shape", "input_dim", "batch_input_shape", "batch_shape", "batch_size", "input_dtype")


class Layer(Trackable):
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

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
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
        self.name = auto_name(self) if name is None else str(name)
        self.dtype_policy: DTypePolicy = as_policy(dtype)
        self.activity_regularizer = regularizers.get(activity_regularizer)
        self.autocast = autocast
        self.built = False
        self.input_spec: Any = None
        self.supports_masking = False
        self._trainable = bool(trainable)
        self._build_shapes: dict[str, Any] | None = None
        self._prepare()

    def _prepare(self) -> None:
        """What must exist even if a subclass sets attributes before it calls `super().__init__()`."""
        for name, make in (("_weights", list), ("_losses", list), ("nodes", list)):
            if name not in self.__dict__:
                object.__setattr__(self, name, make())

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

    def __getattr__(self, name: str) -> Any:
        # Only what is not there arrives here.
        if "_build_shapes" not in self.__dict__ and not name.startswith("_"):
            raise UnknownAttributeError(
                f"{type(self).__name__} has no attribute {name!r}: it was not initialized.", hint=_INITIALIZE
            )
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def _check_initialized(self) -> None:
        if "_build_shapes" not in self.__dict__:
            raise NotBuiltError(
                f"{type(self).__name__} was used before it was initialized.",
                hint=_INITIALIZE,
            )

    # -- weights -------------------------------------------------------------------------------------------

    def add_weight(
        self,
        shape: Sequence[int] | None = None,
        initializer: Any = None,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        aggregation: str = "none",
        overwrite_with_gradient: bool = False,
        name: str | None = None,
    ) -> Variable:
        """Makes a weight and keeps it.

        Args:
            shape: a scalar when left out.
            initializer: by name or as an object; Glorot-uniform for floats when left out, else zeros.
            dtype: the layer's variable dtype when left out.
            trainable: whether training may change it.
            autocast: whether the layer sees it in its compute dtype.
            regularizer: a penalty on it.
            constraint: what it is brought back to after each step.
            aggregation: kept for Keras's sake.
            overwrite_with_gradient: kept for Keras's sake.
            name: shown in summaries.

        Returns:
            The variable.
        """
        self._check_initialized()
        shape = () if shape is None else (shape,) if isinstance(shape, int) else tuple(shape)
        dtype = str(dtype or self.variable_dtype)
        floating = jnp.issubdtype(jnp.dtype(dtype), jnp.floating)
        chosen = initializers.get(initializer) or initializers.get("glorot_uniform" if floating else "zeros")
        name = name or f"variable{f'_{len(self._weights)}' if self._weights else ''}"
        variable = Variable(
            chosen, shape=shape, dtype=dtype, trainable=trainable, autocast=autocast, aggregation=aggregation, name=name
        )
        variable.path = f"{self.name}/{name}"
        variable.regularizer = regularizers.get(regularizer)
        variable.constraint = constraints.get(constraint)
        variable.overwrite_with_gradient = overwrite_with_gradient
        variable.trainable = trainable and self._trainable
        self._weights.append(variable)
        return variable

    def children(self) -> Iterator[tuple[str, Any]]:
        """The layer's own weights, then what its attributes hold."""
        self._prepare()
        for variable in self._weights:
            yield variable.name, variable
            for name in ("regularizer", "constraint"):
                if isinstance(getattr(variable, name), Trackable):
                    yield f"{variable.name}_{name}", getattr(variable, name)
        yield from super().children()

    def _direct(self, kind: type | tuple[type, ...]) -> list[Any]:
        """The children of a kind, each once."""
        return list({id(child): child for _, child in self.children() if isinstance(child, kind)}.values())

    def _own_variables(self) -> list[Variable]:
        own = self._direct(Variable)
        return [v for v in own if v.made_trainable] + [v for v in own if not v.made_trainable]

    def _sublayers(self) -> list["Layer"]:
        return self._direct(Layer)

    def flatten_layers(self) -> list["Layer"]:
        """This layer and all below it, each once."""
        return [node for _, node in self.walk() if isinstance(node, Layer)]

    @property
    def variables(self) -> list[Variable]:
        """All variables: weights and the states of seed generators."""
        seeds = [generator.state for generator in self._direct(SeedGenerator)]
        below = [variable for layer in self._sublayers() for variable in layer.variables]
        return _unique([*self._own_variables(), *seeds, *below])

    @property
    def weights(self) -> list[Variable]:
        """The weights, the layer's own first, then those of its sublayers."""
        below = [variable for layer in self._sublayers() for variable in layer.weights]
        return _unique([*self._own_variables(), *below])

    @property
    def trainable_variables(self) -> list[Variable]:
        """The variables that training changes."""
        return [variable for variable in self.variables if variable.trainable] if self.trainable else []

    @property
    def non_trainable_variables(self) -> list[Variable]:
        """The variables that it does not."""
        changed = {id(variable) for variable in self.trainable_variables}
        return [variable for variable in self.variables if id(variable) not in changed]

    @property
    def trainable_weights(self) -> list[Variable]:
        """The weights that training changes."""
        return [variable for variable in self.weights if variable.trainable] if self.trainable else []

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The weights that it does not."""
        changed = {id(variable) for variable in self.trainable_weights}
        return [variable for variable in self.weights if id(variable) not in changed]

    @property
    def trainable(self) -> bool:
        """Whether training may change the weights; takes effect at the next `compile`."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = bool(value)
        for variable in self._own_variables():
            variable.trainable = bool(value) and variable.made_trainable
        for layer in self._sublayers():
            layer.trainable = value

    def get_weights(self) -> list[np.ndarray]:
        """Copies of all weights, as NumPy arrays."""
        return [variable.numpy() for variable in self.weights]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Replaces all weights.

        Args:
            weights: arrays of the same number, order and shapes as `get_weights` returns.

        Raises:
            ShapeError: if number or shapes differ.
        """
        own = self.weights
        if len(own) != len(weights):
            raise ShapeError(
                f"{type(self).__name__} '{self.name}' has {len(own)} weights, but {len(weights)} were given.",
                hint=None if own else "build the model first, by giving it an input shape or calling it once.",
            )
        for variable, value in zip(own, weights, strict=True):
            if tuple(np.shape(value)) != variable.shape:
                raise ShapeError(
                    f"Weight '{variable.path}' has shape {variable.shape}, but was given one of {np.shape(value)}."
                )
        for variable, value in zip(own, weights, strict=True):
            variable.assign(value)

    def count_params(self) -> int:
        """The number of entries in all weights.

        Raises:
            NotBuiltError: if there are none yet.
        """
        if not self.built:
            raise NotBuiltError(
                f"{type(self).__name__} '{self.name}' has no weights yet, so they cannot be counted.",
                hint="call it on data, or call build(input_shape).",
            )
        return sum(variable.size for variable in self.weights)

    # -- losses and metrics --------------------------------------------------------------------------------

    def add_loss(self, loss: Any) -> None:
        """Adds to the loss of the model; to be called inside `call`.

        Args:
            loss: a scalar, or a list of them.
        """
        values = [jnp.mean(jnp.asarray(value)) for value in (loss if isinstance(loss, list | tuple) else [loss])]
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

    # -- dtypes ----------------------------------------------------------------------------------------------

    @property
    def dtype(self) -> str:
        """The dtype of the weights."""
        return self.dtype_policy.variable_dtype

    @property
    def variable_dtype(self) -> str:
        """The dtype of the weights."""
        return self.dtype_policy.variable_dtype

    @property
    def compute_dtype(self) -> str:
        """The dtype of the computation and of the outputs."""
        return self.dtype_policy.compute_dtype

    @property
    def autocast_dtype(self) -> str | None:
        """The dtype in which `call` sees the weights, if it is not their own."""
        policy = self.dtype_policy
        return policy.compute_dtype if self.autocast and policy.compute_dtype != policy.variable_dtype else None

    # -- the graph -----------------------------------------------------------------------------------------

    @property
    def input(self) -> Any:
        """The symbolic inputs of the only call of this layer in a graph."""
        args = self._only_node().args
        return args[0]

    @property
    def output(self) -> Any:
        """The symbolic outputs of the only call of this layer in a graph."""
        return self._only_node().outputs

    def _only_node(self) -> Node:
        if not self.nodes:
            raise NotBuiltError(
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
        return [self._trainable, self.dtype_policy, self.activity_regularizer, *(getattr(self, name) for name in names)]

    def get_build_config(self) -> dict[str, Any] | None:
        """The shapes that the layer was built with."""
        return self._build_shapes

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Builds the layer with the shapes of `get_build_config`."""
        if config and not self.built:
            self.build(**{name: _as_shape(shape) for name, shape in config.items()})

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.__dict__.get('name')}, built={self.__dict__.get('built', False)}>"


_BASE_ARGUMENTS = ("activity_regularizer", "trainable", "dtype", "autocast", "name")


def _own_arguments(cls: type) -> list[str]:
    return [name for name in argument_names(cls) if name not in _BASE_ARGUMENTS]


def _layer_config(layer: Layer) -> dict[str, Any]:
    """The arguments beyond those of every layer."""
    config = {}
    for name in _own_arguments(type(layer)):
        if hasattr(layer, name):
            config[name] = serialize_keras_object(getattr(layer, name))
        elif type(layer).get_config is Layer.get_config:
            raise NotImplementedError(
                f"{type(layer).__name__} takes the argument {name!r} but keeps no attribute of that name. "
                f"Set self.{name} in __init__, or override get_config()."
            )
    if layer.activity_regularizer is not None:
        config["activity_regularizer"] = serialize_keras_object(layer.activity_regularizer)
    return config


def _marks_built(build: Callable[..., None]) -> Callable[..., None]:
    names = list(inspect.signature(build).parameters)[1:]

    @functools.wraps(build)
    def wrapper(self: Layer, *args: Any, **kwargs: Any) -> None:
        build(self, *args, **kwargs)
        self.built = True
        self._build_shapes = {**dict(zip(names, args, strict=False)), **kwargs}

    return wrapper


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


def _unique(variables: list[Variable]) -> list[Variable]:
    return list({id(variable): variable for variable in variables}.values())


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
