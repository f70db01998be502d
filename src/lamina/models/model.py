"""Models: layers that can be trained."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

import jax
import numpy as np

from lamina.core.engine import is_traced
from lamina.core.errors import ArgumentError, NotBuiltError, UnknownAttributeError, UnknownNameError, suggestion
from lamina.core.frame import current_frame
from lamina.core.serialization import builtin
from lamina.core.symbolic import SymbolicTensor
from lamina.core.tracebacks import public
from lamina.layers.calling import call_signature, ensure_built
from lamina.layers.input_spec import check_input
from lamina.layers.layer import Layer
from lamina.models.summary import print_summary
from lamina.training.loop import call_program, program, run_with
from lamina.training.trainer import Trainer


@builtin("models")
class Model(Trainer, Layer):
    """A layer with `compile`, `fit`, `evaluate` and `predict`.

    A model of your own makes its layers in `__init__` and calls them in `call`.

    Args:
        **kwargs: `name`, `trainable` and `dtype`, as for every layer.

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
    """

    _untracked = Trainer._untracked | {"_specs"}
    _specs: dict[Any, Any] = {}  # noqa: RUF012 - replaced, never changed in place

    def build(self, input_shape: Any) -> None:
        """Makes the weights for inputs of a shape, by calling the model on a stand-in for data.

        Args:
            input_shape: the batch first, `None` where unknown; a list or dict of shapes for several inputs.
        """
        if not self.built:
            self.built = True
            try:
                Layer.__call__(self, _stand_ins(input_shape, self.compute_dtype))
            except BaseException:
                self.built = False
                raise

    # -- calling ---------------------------------------------------------------------------------------------

    @public
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The outputs for inputs; a built model is a single compiled dispatch.

        Args:
            *args: arrays, or symbolic tensors to draw a graph.
            **kwargs: `training=True` for the behaviour in training.
        """
        if self._runs_compiled(args, kwargs):
            return self.run_compiled(self.fit_rank(args[0]), bool(kwargs.get("training")))
        return super().__call__(*args, **kwargs)

    def _runs_compiled(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
        if current_frame() is not None or not self.__dict__.get("built") or self.run_eagerly:
            return False
        if len(args) != 1 or not kwargs.keys() <= {"training"}:
            return False
        leaves = jax.tree.leaves(args[0])
        concrete = all(isinstance(a, jax.Array | np.ndarray) and not is_traced(a) for a in leaves)
        return bool(leaves) and concrete and all(a.dtype.kind in "biufV" for a in leaves)

    def run_compiled(self, x: Any, training: bool) -> Any:
        """The outputs for a batch of arrays, in one dispatch.

        Args:
            x: arrays in the dtypes that the device has.
            training: whether layers behave as in training.
        """
        self.check_inputs(x)
        learner, key = self.learner("call")
        function = program(("call", key, training), lambda: call_program(training))
        binding = learner.binding
        state = binding.gather()
        with jax.disable_jit() if self.run_eagerly else nullcontext():
            outputs, changed, losses = run_with(learner, function, state, binding.hyperparameters(), x)
        if changed[0] or changed[1]:
            binding.scatter(state._replace(stats=changed[0], seeds=changed[1]))
        self._losses[:] = losses
        return outputs

    # -- shapes ----------------------------------------------------------------------------------------------

    @property
    def input_count(self) -> int:
        """How many input arrays the model takes."""
        return 1

    def output_specs(self, x: Any) -> Any:
        """Symbolic outputs for inputs of the shapes and dtypes of `x`; builds the model if need be."""
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
        """`x` with a last axis of one added or dropped, where the model's input shape asks for it."""
        return x

    def check_inputs(self, x: Any) -> None:
        """Raises if inputs do not fit the shape that the model was built for.

        Raises:
            ShapeError: says what was expected.
        """
        check_input(self, x)

    @property
    def all_rows_independent(self) -> bool:
        """Whether the model and all its layers treat each row for itself."""
        return all(layer.is_row_independent for layer in self.flatten_layers())

    # -- layers ----------------------------------------------------------------------------------------------

    @property
    def layers(self) -> list[Layer]:
        """The layers, in order."""
        return self._sublayers()

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

    def __getattr__(self, name: str) -> Any:
        # Only what is not there arrives here.
        if name.startswith("_") or "_build_shapes" not in self.__dict__:
            return super().__getattr__(name)

        def hint() -> str:
            return suggestion(name, [word for word in {*dir(type(self)), *self.__dict__} if not word.startswith("_")])

        raise UnknownAttributeError(f"{type(self).__name__} has no attribute {name!r}.", hint=hint)

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
        """The model with this config.

        Args:
            config: what `get_config` returned.
            custom_objects: classes and functions by name.
        """
        del custom_objects
        return cls(**config)


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


def _stand_ins(shape: Any, dtype: str) -> Any:
    if isinstance(shape, dict):
        return {key: _stand_ins(item, dtype) for key, item in shape.items()}
    if shape and isinstance(shape[0], list | tuple):
        return [_stand_ins(item, dtype) for item in shape]
    return SymbolicTensor(shape, dtype, name="input")


def require_built(model: Any, what: str) -> None:
    """Raises unless the model has its weights.

    Raises:
        NotBuiltError: says how to build it.
    """
    if not model.built:
        raise NotBuiltError(
            f"{type(model).__name__} '{model.name}' is not built yet, so it has no {what}.",
            hint="give it an input shape: put lamina.Input(shape=...) first, call build(input_shape), or fit it.",
        )
