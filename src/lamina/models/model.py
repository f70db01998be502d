"""Models: layers that can be trained."""

import inspect
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any, NoReturn

import jax
import numpy as np

from lamina.core.configurable import argument_names
from lamina.core.engine import is_traced
from lamina.core.errors import (
    ArgumentError,
    DataError,
    NotCalledError,
    ReservedNameError,
    ShapeError,
    UnknownAttributeError,
    UnknownNameError,
    suggestion,
)
from lamina.core.frame import current_frame
from lamina.core.masking import masked, set_masks
from lamina.core.naming import unique_name
from lamina.core.serialization import (
    builtin,
    custom_object_scope,
)
from lamina.core.symbolic import SymbolicTensor
from lamina.core.tracebacks import public
from lamina.layers.calling import call_signature, ensure_built, infer_call
from lamina.layers.input_spec import InputSpec, check_input, describe
from lamina.layers.layer import Layer
from lamina.models.drawn import Drawn
from lamina.models.graph import Graph, single
from lamina.models.graph_config import graph_config, read_graph
from lamina.models.layer_list import LayerList
from lamina.models.saved import Saved
from lamina.models.summary import print_summary
from lamina.training.loop import call_program, program, run_with
from lamina.training.trainer import Trainer


@builtin("", "Functional")
class Model(Trainer, Saved, Drawn, Layer):
    """A layer with `compile`, `fit`, `evaluate` and `predict`.

    Either of symbolic inputs and outputs, with whatever was called in between, or of your own:
    then it makes its layers in `__init__` and calls them in `call`.

    Args:
        *args: `inputs` and `outputs` by position.
        inputs: what `Input` returned: a symbolic tensor, or a list, tuple or dict of them.
        outputs: symbolic tensors that were computed from the inputs.
        **kwargs: `name`, `trainable` and `dtype`, as for every layer.

    Raises:
        ShapeError: if the outputs depend on an input that is not given.

    Example:
        >>> import lamina
        >>> class Halves(Model):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.output_layer = lamina.layers.Dense(1)
        ...     def call(self, x):
        ...         return self.output_layer(x) / 2
        >>> Halves()(np.ones((2, 3))).shape
        (2, 1)
        >>> wide = lamina.Input((3,))
        >>> deep = lamina.layers.Dense(4, activation="relu")(wide)
        >>> outputs = lamina.layers.Dense(1)(lamina.layers.concatenate([wide, deep]))
        >>> Model(wide, outputs).count_params()
        24
    """

    row_independent = True
    supports_masking = True
    _untracked = Trainer._untracked | {"_specs"}
    _specs: dict[Any, Any] = {}  # noqa: RUF012 - replaced, never changed in place
    graph: Graph | None = None

    def __init__(self, *args: Any, inputs: Any = None, outputs: Any = None, **kwargs: Any) -> None:
        if args:
            if len(args) > 3:
                raise ArgumentError(f"{type(self).__name__} takes inputs, outputs and name. Received: {args!r}")
            given = dict(zip(("inputs", "outputs", "name"), args, strict=False))
            inputs, outputs = given.get("inputs", inputs), given.get("outputs", outputs)
            kwargs |= {"name": given["name"]} if "name" in given else {}
        graph = None
        if inputs is not None or outputs is not None:
            if inputs is None or outputs is None:
                raise ArgumentError("A model of symbolic tensors needs both inputs and outputs.")
            graph = Graph(inputs, outputs)
            if type(self) is Model and kwargs.get("name") is None:
                kwargs["name"] = unique_name("functional")
        super().__init__(**kwargs)
        if graph is not None:
            self.graph = graph
            self.graph_layers = graph.layers
            self.built = True
            self._build_shapes = {"input_shape": shapes_of(graph.inputs)}

    @property
    def recorded_as(self) -> tuple[str, str, str] | None:
        """Keras has a class of its own for models of symbolic tensors."""
        return _FUNCTIONAL if self.graph is not None and type(self) is Model else None

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Computes the outputs; to be overridden, unless the model was made of symbolic tensors."""
        if self.graph is None:
            return super().call(inputs)
        del training
        self.check_inputs(inputs)
        with masked(inputs, mask):
            return self.graph.run(inputs)

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        """Nothing to add: the layers inside give the outputs their masks."""
        del inputs, previous_mask

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Symbolic outputs, found by tracing the model."""
        return infer_call(self, args, kwargs)

    def structure(self) -> list[Any]:
        """What a program is made of: the layers and their connections."""
        assert self.graph is not None
        return [self.graph.structure(), self.own_policy]

    def build(self, input_shape: Any) -> None:
        """Makes the weights for inputs of a shape, by calling the model on a stand-in for data.

        Args:
            input_shape: the batch first, `None` where unknown; a list or dict of shapes for several inputs.
        """
        if not self.built:
            self.built = True
            try:
                with self.being_built():
                    Layer.__call__(self, _stand_ins(input_shape, self.compute_dtype))
            except BaseException:
                self.built = False
                raise

    @property
    def defines_call(self) -> bool:
        """Whether there are outputs for inputs; a model may do all its work in a `train_step` of its own."""
        return self.graph is not None or type(self).call is not Model.call

    @property
    def is_fixed(self) -> bool:
        """Whether nothing can be added once it is built; a graph is what it is, whatever hangs beside it."""
        return self.graph is None

    # -- calling ---------------------------------------------------------------------------------------------

    @public
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The outputs for inputs; a built model is a single compiled dispatch.

        Args:
            *args: arrays, or symbolic tensors to draw a graph.
            **kwargs: `training=True` for the behaviour in training.
        """
        if self._runs_compiled(args, kwargs):
            return self.run_compiled(self.accept(args[0]), bool(kwargs.get("training")))
        return super().__call__(*args, **kwargs)

    def _runs_compiled(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
        if current_frame() is not None or not self.__dict__.get("built") or self.run_eagerly:
            return False
        if len(args) != 1 or not kwargs.keys() <= {"training"}:
            return False
        leaves = jax.tree.leaves(args[0])
        concrete = all(isinstance(a, jax.Array | np.ndarray) and not is_traced(a) for a in leaves)
        return bool(leaves) and concrete and all(a.dtype.kind in "biufV" for a in leaves)

    def run_compiled(self, x: Any, training: bool, predicting: bool = False) -> Any:
        """The outputs for a batch of arrays, in one dispatch.

        Args:
            x: accepted arrays, in the dtypes that the device has.
            training: whether layers behave as in training.
            predicting: whether `predict_step` says what the outputs are.
        """
        learner, key = self.learner("call")
        predicting = predicting and learner.defines("predict_step")
        function = program(("call", key, training, predicting), lambda: call_program(training, predicting))
        binding = learner.binding
        state = binding.gather()
        with jax.disable_jit() if self.run_eagerly else nullcontext():
            outputs, masks, changed, losses = run_with(learner, function, state, binding.hyperparameters(), x)
        if changed[0] or changed[1]:
            binding.scatter(state._replace(stats=changed[0], seeds=changed[1]))
        self._losses[:] = losses
        set_masks(outputs, masks)
        return outputs

    # -- shapes ----------------------------------------------------------------------------------------------

    @property
    def input_count(self) -> int:
        """How many input arrays the model takes."""
        return 1 if self.graph is None else len(self.graph.input_tensors)

    def output_specs(self, x: Any) -> Any:
        """Symbolic outputs for inputs of the shapes and dtypes of `x`; builds the model if need be."""
        if self.graph is not None:
            self.check_inputs(x)
            return single(self.graph.outputs)
        leaves, structure = jax.tree.flatten(x)
        if not self.built:
            first = jax.tree.unflatten(structure, [SymbolicTensor(leaf.shape, str(leaf.dtype)) for leaf in leaves])
            ensure_built(self, call_signature(type(self)), (first,), {}, first)
        shapes = tuple((tuple(leaf.shape[1:]), str(leaf.dtype)) for leaf in leaves)
        known = (shapes, str(structure), str(self.dtype_policy))
        if known not in self._specs:
            inputs = [SymbolicTensor((None, *shape), dtype, name="input") for shape, dtype in shapes]
            self._specs = {**self._specs, known: Layer.__call__(self, jax.tree.unflatten(structure, inputs))}
        return self._specs[known]

    def fit_rank(self, x: Any) -> Any:
        """`x` in the order of the inputs, with a last axis of one added or dropped where their shapes ask for it."""
        if self.graph is None:
            return x
        self.graph.refuse_unnamed(x)
        x = self.graph.arrange(x)
        if not isinstance(x, list):
            return match_rank(x, self.graph.input_tensors[0].shape)
        return [match_rank(array, tensor.shape) for array, tensor in zip(x, self.graph.input_tensors, strict=True)]

    def check_inputs(self, x: Any) -> None:
        """Raises if inputs do not fit the shape that the model was built for.

        Raises:
            ShapeError: says what was expected.
        """
        if self.graph is None:
            check_input(self, x)
            return
        x = self.graph.arrange(x)
        for tensor, array in zip(self.graph.input_tensors, x if isinstance(x, list) else [x], strict=True):
            if array is None:
                self._check_optional(tensor)
                continue
            spec = InputSpec(shape=(None, *tensor.shape[1:]))
            if (wanted := spec.fault(tuple(array.shape))) is not None:
                raise ShapeError(
                    f"{type(self).__name__} '{self.name}' was built for {wanted} at its input '{tensor.name}', but got "
                    f"{describe(array)}.",
                    hint=self._fitting_input(array),
                )

    def _fitting_input(self, array: Any) -> str | None:
        """Which other input an array would fit: perhaps two were swapped."""
        assert self.graph is not None
        for tensor in self.graph.input_tensors:
            if InputSpec(shape=(None, *tensor.shape[1:])).fault(tuple(array.shape)) is None:
                order = ", ".join(map(repr, self.graph.input_names))
                return f"it would fit the input '{tensor.name}'; the order is {order}."
        return None

    def _check_optional(self, tensor: SymbolicTensor) -> None:
        if tensor.node is None or not getattr(tensor.node.operation, "optional", False):
            raise DataError(
                f"The input '{tensor.name}' of {type(self).__name__} '{self.name}' cannot be left out, but is None.",
                hint=f"give an array, or make the input with lamina.Input(..., name='{tensor.name}', optional=True).",
            )

    def accept(self, x: Any) -> Any:
        """Inputs in the form that the model takes, checked against the shapes that it was built for.

        Raises:
            ShapeError: says what was expected.
        """
        x = self.fit_rank(x)
        self.check_inputs(x)
        return x

    @property
    def all_rows_independent(self) -> bool:
        """Whether the model and all its layers treat each row for itself."""
        return all(layer.is_row_independent for layer in self.flatten_layers())

    # -- layers ----------------------------------------------------------------------------------------------

    @property
    def layers(self) -> list[Layer]:
        """The layers, in order."""
        return LayerList(self.ordered_layers())

    @layers.setter
    def layers(self, value: Any) -> NoReturn:
        del value
        raise ReservedNameError(
            f"{type(self).__name__}.layers tells the layers of a model, and cannot be set.",
            hint="keep layers of your own under another name; use add() and pop() of a Sequential.",
        )

    def ordered_layers(self) -> list[Layer]:
        """The layers, as `layers` tells them."""
        return self._sublayers() if self.graph is None else self.graph.layers

    # -- looking in ----------------------------------------------------------------------------------------------------

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """A layer by its name or its place.

        Args:
            name: of the layer.
            index: its place in `layers`.

        Raises:
            UnknownNameError: if there is none; names the nearest.
        """
        return find_layer(self, name, index)

    @public
    def summary(
        self,
        line_length: int | None = None,
        positions: Sequence[float] | None = None,
        print_fn: Callable[..., Any] | None = None,
        expand_nested: bool = False,
        show_trainable: bool = False,
        layer_range: Any = None,
    ) -> None:
        """Prints the layers with their shapes and numbers of weights.

        Args:
            line_length: the width of the table, columns.
            positions: shares of the width for each column.
            print_fn: called with the text instead of printing it.
            expand_nested: whether to show the layers of models inside.
            show_trainable: whether to show which layers are trained.
            layer_range: the names of the first and the last layer to show.
        """
        print_summary(self, line_length, positions, print_fn, expand_nested, show_trainable, layer_range)

    def _repr_html_(self) -> str | None:
        """The diagram that notebooks show."""
        if not self.built:
            return None
        # Only notebooks ask for it.
        from lamina.models.diagram import Contents
        from lamina.models.diagram_picture import picture_of

        return f'<div style="overflow:auto">{picture_of(self, Contents(shapes=True)).svg()}</div>'

    def __getattr__(self, name: str) -> Any:
        # Only what is not there arrives here.
        if name.startswith("_") or "_build_shapes" not in self.__dict__ or hasattr(type(self), name):
            return super().__getattr__(name)

        def hint() -> str:
            return suggestion(name, [word for word in {*dir(type(self)), *self.__dict__} if not word.startswith("_")])

        raise UnknownAttributeError(f"{type(self).__name__} has no attribute {name!r}.", hint=hint)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal model: its graph, unless `__init__` draws it from other arguments."""
        config = super().get_config()
        if self.graph is None or not takes_graph(type(self)):
            return config
        del config["dtype"]
        return {**config, **graph_config(self.graph)}

    def get_build_config(self) -> dict[str, Any] | None:
        """The shapes that the model was built with; a graph knows its own."""
        return super().get_build_config() if self.graph is None else {"input_shape": None}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
        """The model with this config, with new weights.

        Args:
            config: what `get_config` returned.
            custom_objects: classes and functions by name.

        Raises:
            UnexpectedArgumentError: if the config holds what `__init__` does not take.
        """
        with custom_object_scope(custom_objects or {}):
            if takes_graph(cls) and _GRAPH_KEYS <= config.keys():
                inputs, outputs = read_graph(config)
                return cls(inputs=inputs, outputs=outputs, **{k: v for k, v in config.items() if k not in _GRAPH_KEYS})
            return _from_arguments(cls, config)


_FUNCTIONAL = ("keras.src.models.functional", "Functional", "Functional")
_GRAPH_KEYS = frozenset({"layers", "input_layers", "output_layers"})
_EVERY_LAYER = frozenset({"name", "trainable", "dtype"})


def takes_graph(cls: type) -> bool:
    """Whether a class of models is made of inputs and outputs, and not of arguments of its own."""
    parameters = inspect.signature(cls.__init__).parameters  # type: ignore[misc]
    kinds = {parameter.kind for parameter in parameters.values()}
    hands_on = kinds >= {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}
    return {"inputs", "outputs"} <= parameters.keys() or hands_on


def _from_arguments(cls: type, config: dict[str, Any]) -> Any:
    """The model with these arguments; its name and whether it is trained are set if `__init__` does not take them."""
    taken = argument_names(cls)
    model = cls(**{name: value for name, value in config.items() if name in taken or name not in _EVERY_LAYER})
    if "name" in config and "name" not in taken:
        model.name = config["name"]
    if not config.get("trainable", True) and "trainable" not in taken:
        model.trainable = False
    return model


def find_layer(model: Any, name: str | None, index: int | None) -> Layer:
    """A layer of a model by its name or its place."""
    layers = model.layers
    if (name is None) == (index is None):
        raise ArgumentError(f"get_layer takes a name or an index. Received: name={name!r}, index={index!r}")
    if index is not None:
        if not -len(layers) <= index < len(layers):
            raise ArgumentError(f"There is no layer number {index}: the model has {len(layers)} layers.")
        return layers[index]
    for layer in layers:
        if layer.name == name:
            return layer
    names = [layer.name for layer in layers]
    raise UnknownNameError(
        f"There is no layer {name!r} in {type(model).__name__} '{model.name}'.", hint=suggestion(name, names)
    )


def match_rank(array: Any, wanted: tuple[int | None, ...]) -> Any:
    """An array with a last axis of one added or dropped, where that makes its rank the wanted one."""
    if array is None:
        return None
    if len(array.shape) == len(wanted) - 1 and wanted[-1] == 1:
        return array[..., None]
    if len(array.shape) == len(wanted) + 1 and array.shape[-1] == 1:
        return array[..., 0]
    return array


def shapes_of(structure: Any) -> Any:
    """The shapes of symbolic tensors, in the same structure."""
    return jax.tree.map(lambda tensor: tensor.shape, structure)


def _stand_ins(shape: Any, dtype: str) -> Any:
    if isinstance(shape, dict):
        return {key: _stand_ins(item, dtype) for key, item in shape.items()}
    if shape and isinstance(shape[0], list | tuple):
        return [_stand_ins(item, dtype) for item in shape]
    return SymbolicTensor(shape, dtype, name="input")


def require_built(model: Any, what: str) -> None:
    """Raises unless the model has its weights.

    Raises:
        NotCalledError: says how to build it.
    """
    if not model.built:
        raise NotCalledError(
            f"{type(model).__name__} '{model.name}' is not built yet, so it has no {what}.",
            hint="give it an input shape: put lamina.Input(shape=...) first, call build(input_shape), or fit it.",
        )
