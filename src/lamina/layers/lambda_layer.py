"""Lambda: any function as a layer."""

import base64
import builtins
import inspect
import marshal
from collections.abc import Callable
from types import CellType, FunctionType
from typing import Any

import jax

from lamina.core.errors import ArgumentError, UnsafeFileError
from lamina.core.serialization import (
    builtin,
    deserialize_keras_object,
    runs_code_of_configs,
    serialize_keras_object,
)
from lamina.core.symbolic import SymbolicTensor
from lamina.layers.calling import infer_call
from lamina.layers.layer import Layer

_LAMBDA = "__lambda__"


@builtin("layers")
class Lambda(Layer):
    """Makes a layer of a function.

    A function with a name, made known with `lamina.utils.register_keras_serializable`, can be saved and loaded.
    A `lambda` can be saved in Keras's form, but is loaded only with `safe_mode=False`: that runs code from the file.

    Args:
        function: of the inputs; it may also take `training` and `mask`.
        output_shape: that of the outputs without the batch, or a function of the inputs' shape; found out when
            left out.
        mask: the mask of the outputs, or a function `(inputs, mask)` that computes it; no masks when left out.
        arguments: more keyword arguments of the function.
        **kwargs: as for every layer.

    Raises:
        ArgumentError: if `function` cannot be called.

    Example:
        >>> import jax.numpy as jnp
        >>> Lambda(lambda x, power: x**power, arguments={"power": 2})(jnp.array([3.0]))
        Array([9.], dtype=float32)
    """

    def __init__(
        self,
        function: Callable[..., Any],
        output_shape: Any = None,
        mask: Any = None,
        arguments: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not callable(function):
            raise ArgumentError(f"Lambda: function must be a function. Received: function={function!r}")
        self.function = function
        self.output_shape = tuple(output_shape) if isinstance(output_shape, list) else output_shape
        self.mask = mask
        self.arguments = dict(arguments or {})
        self.supports_masking = mask is not None
        self.built = True

    def call(self, inputs: Any, mask: Any = None, training: bool | None = None) -> Any:
        """The function of the inputs."""
        given = {"mask": mask, "training": training}
        wanted = {name: value for name, value in given.items() if name in _parameters(self.function)}
        return self.function(inputs, **self.arguments, **wanted)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """The mask of the outputs, as it was given or as the function says."""
        return self.mask(inputs, previous_mask) if callable(self.mask) else self.mask

    def compute_output_shape(self, input_shape: Any) -> Any:
        """As it was given; else what comes out for tensors without values."""
        if self.output_shape is None:
            return super().compute_output_shape(input_shape)
        if callable(self.output_shape):
            shape: Any = self.output_shape(input_shape)
            return tuple(shape)
        first = jax.tree.leaves(input_shape, is_leaf=lambda n: n is None)[0]
        return (first, *(self.output_shape if isinstance(self.output_shape, tuple) else (self.output_shape,)))

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Symbolic tensors with the shapes and dtypes of the outputs."""
        if self.output_shape is None:
            return infer_call(self, args, kwargs)
        inputs = args[0] if args else kwargs["inputs"]
        shape = jax.tree.map(lambda tensor: tensor.shape, inputs)
        return SymbolicTensor(self.compute_output_shape(shape), self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, in Keras's form."""
        config = {"name": self.name, "trainable": self.trainable, "dtype": serialize_keras_object(self.dtype_policy)}
        config["function"] = _described(self.function)
        for name in ("output_shape", "mask"):
            value = getattr(self, name)
            if value is not None:
                config[name] = _described(value) if callable(value) else serialize_keras_object(value)
        return {**config, "arguments": serialize_keras_object(self.arguments)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Lambda":
        """The layer with this config.

        Raises:
            ArgumentError: if it holds the code of a `lambda`.
        """
        config = dict(config)
        for name in ("function", "output_shape", "mask", "arguments"):
            value = config.get(name)
            if isinstance(value, dict) and value.get("class_name") == _LAMBDA:
                config[name] = _revived_code(str(config.get("name")), name, value["config"])
            elif value is not None:
                config[name] = deserialize_keras_object(value)
        return super().from_config(config)


def _revived_code(layer: str, name: str, config: dict[str, Any]) -> Callable[..., Any]:
    """The function of marshalled code, if the user said that it may be run."""
    if not runs_code_of_configs():
        raise UnsafeFileError(
            f"Lambda '{layer}': its {name} was written as the code of a Python lambda, and lamina does not run code "
            "from configs and files.",
            hint="give the function a name with def, and register it with lamina.utils.register_keras_serializable, "
            "before the layer is made. If you trust who wrote the file, pass safe_mode=False.",
        )
    try:
        code = marshal.loads(base64.b64decode(config["code"]))
        closure = tuple(CellType(value) for value in config.get("closure") or ()) or None
        defaults = config.get("defaults")
        return FunctionType(code, {"__builtins__": builtins}, "<lambda>", defaults and tuple(defaults), closure)
    except (KeyError, TypeError, ValueError, EOFError) as error:
        raise ArgumentError(
            f"Lambda '{layer}': the code of its {name} cannot be read: {error}.",
            hint="it was written by another version of Python; load it with that version.",
        ) from error


def _parameters(function: Callable[..., Any]) -> list[str]:
    try:
        return list(inspect.signature(function).parameters)
    except (TypeError, ValueError):  # functions written in C do not tell
        return []


def _described(function: Any) -> Any:
    """A function as Keras writes it: its registered name, or the code of a lambda."""
    if getattr(function, "__name__", None) != "<lambda>":
        return serialize_keras_object(function)
    try:
        values = tuple(cell.cell_contents for cell in function.__closure__ or ()) or None
        marshal.dumps((function.__defaults__, values))
        code = base64.b64encode(marshal.dumps(function.__code__)).decode("ascii")
    except ValueError as error:
        raise ArgumentError(
            "Lambda: a lambda that uses other objects than numbers and strings cannot be described in a config.",
            hint="give the function a name with def, and register it with lamina.utils.register_keras_serializable.",
        ) from error
    return {"class_name": _LAMBDA, "config": {"code": code, "defaults": function.__defaults__, "closure": values}}
