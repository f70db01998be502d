"""Functions in a graph as configs: Keras records a class for each, which lamina finds by the function's name.

The arguments that are data stay arguments of the call; all others are settings of the class.
"""

import inspect
from collections.abc import Callable
from typing import Any

from lamina import ops
from lamina.core.errors import ArgumentError
from lamina.core.operation import OPERATORS, FunctionOperation
from lamina.core.serialization import deserialize_keras_object, serialize_keras_object
from lamina.core.symbolic import Node, symbolic_leaves

_ORIGIN = "keras.src.ops"
_FACES = ("numpy", "nn", "linalg", "image", "math", "core")  # Keras implements a function in the first that names it

# What Keras's classes take when they are called, and not when they are made.
_DATA = frozenset(
    """
    a abs_ angle b beta bias bins condition condlist choicelist constant_values coordinates data default elements
    end_points fill_value gamma images images1 images2 indices inputs kernel key mask mean offset operands output
    pointwise_kernel q query rtol atol scale segment_ids sorted_sequence start start_indices start_points step stop
    target target_length targets output_length tensor transform updates value values variance weights x x1 x2 xs y
    """.split()
)
# Functions for which some of these are settings.
_SETTINGS = {
    **{"allclose": {"rtol", "atol"}, "bincount": {"weights"}, "diagonal": {"offset"}, "histogram": {"bins"}},
    **{"squareplus": {"b"}, "trace": {"offset"}, "trapezoid": {"x"}, "unique": {"fill_value"}},
    **{"affine_transform": {"fill_value"}, "elastic_transform": {"fill_value"}, "map_coordinates": {"fill_value"}},
    **{"perspective_transform": {"fill_value"}, "resize": {"fill_value"}},
}
# Classes that are not named as their functions are.
_CLASS_NAMES = {
    **{"allclose": "AllClose", "isin": "IsIn", "searchsorted": "SearchSorted", "ctc_loss": "CTCLoss"},
    **{"ctc_decode": "CTCDecode", "psnr": "PSNR", "cdist": "CDist", "fft": "FFT", "fft2": "FFT2", "ifft2": "IFFT2"},
    **{"rfft": "RFFT", "irfft": "IRFFT", "stft": "STFT", "istft": "ISTFT", "svd": "SVD", "jvp": "JVP", "ssim": "SSIM"},
    **{"rms_normalization": "RMSNorm", "layer_normalization": "LayerNorm", "batch_normalization": "BatchNorm"},
    **{"abs": "Absolute", "conj": "Conjugate"},
    **{"rgb_to_grayscale": "RGBToGrayscale", "rgb_to_hsv": "RGBToHSV", "hsv_to_rgb": "HSVToRGB"},
}
_FUNCTION_NAMES = {class_name: name for name, class_name in _CLASS_NAMES.items()}


def class_name(operation: FunctionOperation) -> str:
    """The name of Keras's class for a function.

    Example:
        >>> class_name(FunctionOperation(ops.log_softmax))
        'LogSoftmax'
    """
    name = operation.function.__name__
    return _CLASS_NAMES.get(name) or "".join(word.capitalize() for word in name.split("_"))


def function_record(operation: FunctionOperation, call: Node) -> dict[str, Any]:
    """The record of a function in a graph.

    Args:
        operation: the function.
        call: its call, which tells its settings.

    Raises:
        ArgumentError: if it is none of `lamina.ops`.
    """
    name = class_name(operation)
    return {
        "module": f"{_ORIGIN}.{_face_of(operation)}",
        "class_name": name,
        "config": serialize_keras_object({"name": operation.name, **_sorted_arguments(operation, call)[0]}),
        "registered_name": name,
    }


def function_arguments(operation: FunctionOperation, call: Node) -> list[Any]:
    """The data among the arguments of a function's call."""
    return _sorted_arguments(operation, call)[1]


def read_function(record: dict[str, Any]) -> Callable[..., Any] | None:
    """The function that a record describes, with its settings; `None` if it describes something else.

    Raises:
        ArgumentError: if lamina has no such function.
    """
    if not str(record.get("module")).startswith(_ORIGIN):
        return None
    function = _find(record["class_name"])
    if function is None:
        raise ArgumentError(
            f"The config names the function {record['class_name']!r} of {record['module']}, which lamina.ops lacks."
        )
    settings = {name: _as_tuple(value) for name, value in deserialize_keras_object(record["config"]).items()}
    operation = FunctionOperation(inspect.unwrap(function), settings.pop("name"))

    def call(*data: Any, **kwargs: Any) -> Any:
        if not symbolic_leaves((data, kwargs)):
            raise ArgumentError(f"The config calls the function {record['class_name']!r} on no tensor of the graph.")
        bound = _with_settings(function, data, settings)
        return operation(*bound.args, **bound.kwargs, **kwargs)

    return call


def _sorted_arguments(operation: FunctionOperation, call: Node) -> tuple[dict[str, Any], list[Any]]:
    """The settings among the arguments of a call, and the data."""
    name = operation.function.__name__
    bound = inspect.signature(_find(name) or operation.function).bind(*call.args, **call.kwargs)
    bound.apply_defaults()
    settings: dict[str, Any] = {}
    data: list[Any] = []
    for parameter, value in bound.arguments.items():
        kind = bound.signature.parameters[parameter].kind
        if kind is inspect.Parameter.VAR_POSITIONAL:
            data.extend(value)
        elif kind is inspect.Parameter.VAR_KEYWORD:
            settings.update(value)
        elif parameter in _DATA - _SETTINGS.get(name, frozenset()) or symbolic_leaves(value):
            data.append(value)
        else:
            settings[parameter] = value
    return settings, data


def _with_settings(
    function: Callable[..., Any], data: tuple[Any, ...], settings: dict[str, Any]
) -> inspect.BoundArguments:
    """The arguments of a call, in the order of the function's parameters."""
    signature = inspect.signature(function)
    remaining = list(data)
    arguments: dict[str, Any] = {}
    for name, parameter in signature.parameters.items():
        if name in settings:
            arguments[name] = settings[name]
        elif parameter.kind is inspect.Parameter.VAR_POSITIONAL:
            arguments[name], remaining = tuple(remaining), []
        elif remaining:
            arguments[name] = remaining.pop(0)
    return inspect.BoundArguments(signature, arguments)  # type: ignore[arg-type]


def _face_of(operation: FunctionOperation) -> str:
    name = operation.function.__name__
    face = next((face for face in _FACES if hasattr(getattr(ops, face, None), name)), None)
    if face is not None:
        return face
    raise ArgumentError(
        f"The graph holds the function {name!r}, which is none of lamina.ops, so a config cannot tell of it.",
        hint="put it into a layer: one of your own, or lamina.layers.Lambda.",
    )


def _find(name: str) -> Callable[..., Any] | None:
    """A public function of `lamina.ops`, or an operator, by its name or that of Keras's class."""
    name = _FUNCTION_NAMES.get(name, name)
    wanted = name.replace("_", "").lower()
    for table in ({key: getattr(ops, key) for key in ops.__all__}, OPERATORS):
        found = name if name in table else next((key for key in table if key.replace("_", "") == wanted), None)
        if found is not None and inspect.isfunction(table[found]):
            return table[found]
    return None


def _as_tuple(value: Any) -> Any:
    """Shapes and axes come back from JSON as lists."""
    return tuple(_as_tuple(item) for item in value) if isinstance(value, list) else value
