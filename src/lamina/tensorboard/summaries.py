"""Values as the protocol buffers that TensorBoard's plugins show."""

import importlib
import io
import time
from collections.abc import Iterable, Mapping
from typing import Any

import jax
import numpy as np

from lamina.core.errors import ArgumentError, DataError
from lamina.core.validate import at_least
from lamina.core.variable import Variable
from lamina.ops import convert_to_numpy
from lamina.tensorboard.events import message

_MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}  # by channels
_GRAPH_OF_LAYERS = "graph_keras_model"
_LISTED = 10  # values of a hyperparameter; of more numbers only their interval is told


def scalar(tag: str, value: Any, description: str | None = None) -> Any:
    """A number.

    Raises:
        DataError: if it is none.
    """
    number = _numbers(tag, value)
    if number.size != 1:
        raise DataError(f"The summary '{tag}' must be one number. Received: {number.dtype}{list(number.shape)}")
    return _summary("scalar", tag, number.astype("float32").reshape(()), description)


def histogram(tag: str, values: Any, buckets: int | None = None, description: str | None = None) -> Any:
    """How numbers of any shape are distributed; those that are NaN or infinite are left out."""
    count = 30 if buckets is None else at_least("histogram", "buckets", buckets, 0)
    numbers = _numbers(tag, values).astype("float64").ravel()
    numbers = numbers[np.isfinite(numbers)]
    table = np.zeros((count, 3))
    if count and numbers.size:
        low, high = numbers.min(), numbers.max()
        edges = np.linspace(low, high, count + 1)
        if (edges[1:] > edges[:-1]).all():
            table[:, 2] = np.histogram(numbers, edges)[0]
            table[:, 0], table[:, 1] = edges[:-1], edges[1:]
        else:  # the plugin wants all of equal numbers in the last bucket; nothing lies between those next to each other
            table[:, :2], table[-1, 2] = low, numbers.size
    return _summary("histogram", tag, table, description)


def image(tag: str, images: Any, max_outputs: int = 3, description: str | None = None) -> Any:
    """Images.

    Args:
        tag: their name.
        images: `(images, height, width, channels)`; integers from 0 to 255, or floats from 0 to 1.
        max_outputs: how many of them are shown at most.
        description: in Markdown.

    Raises:
        DataError: for another shape.
    """
    pixels = _numbers(tag, images)
    if pixels.ndim != 4 or pixels.shape[-1] not in _MODES or not all(pixels.shape[1:]):
        raise DataError(
            f"The summary '{tag}' needs images as (images, height, width, channels), with 1 to 4 channels. "
            f"Received: {pixels.dtype}{list(pixels.shape)}",
            hint="add the missing axes: images[..., None] for grey ones, image[None] for a single one.",
        )
    shown = pixels[: at_least("image", "max_outputs", max_outputs, 0)]
    height, width = pixels.shape[1:3]
    files = [str(width).encode(), str(height).encode(), *map(_png, shown)]
    return _summary("image", tag, np.array(files, dtype=object), description)


def text(tag: str, data: Any, description: str | None = None) -> Any:
    """Text in Markdown, or a table of texts.

    Raises:
        DataError: for what is no text.
    """
    words = np.asarray(data, dtype=object)
    if not all(isinstance(word, str | bytes) for word in words.ravel()):
        raise DataError(f"The summary '{tag}' must be text, or a table of texts. Received: {_kind(data)}")
    encoded = [word if isinstance(word, bytes) else str(word).encode() for word in words.ravel().tolist()]
    return _summary("text", tag, np.array(encoded, dtype=object).reshape(words.shape), description)


def hparams(values: Mapping[str, Any], trial_id: str | None = None, start_time_secs: float | None = None) -> Any:
    """The hyperparameters of a run.

    Raises:
        ArgumentError: for a value that is no number, text or truth value.
    """
    from tensorboard.plugins.hparams.summary_v2 import hparams_pb

    if not isinstance(values, Mapping):
        raise ArgumentError(f"hparams must be a dict from names to values. Received: a {type(values).__name__}")
    plain = {getattr(key, "name", key): _plain(key, value) for key, value in values.items()}
    return hparams_pb(plain, trial_id=trial_id, start_time_secs=start_time_secs)


def experiment(hparams: Any, metrics: Iterable[Any]) -> Any:
    """What a search varies and measures, so that the HParams tab knows before there are results.

    Args:
        hparams: a dict from names to the values that they take, or TensorBoard's `HParam` objects.
        metrics: tags of scalars, or TensorBoard's `Metric` objects.

    Raises:
        ArgumentError: for values that are no number, text or truth value.
    """
    from tensorboard.plugins.hparams import summary_v2 as kinds

    if not isinstance(hparams, Iterable) or isinstance(hparams, str):
        raise ArgumentError(
            f"hparams_config needs a dict from names to the values that they take. Received: a {type(hparams).__name__}"
        )
    given = hparams.items() if isinstance(hparams, Mapping) else ((one, None) for one in hparams)
    described = [kinds.HParam(one, _domain(one, values)) if isinstance(one, str) else one for one, values in given]
    measured = [kinds.Metric(metric) if isinstance(metric, str) else metric for metric in metrics]
    return kinds.hparams_config_pb(described, measured, time_created_secs=time.time())


def _domain(name: str, values: Any) -> Any:
    """The values that a hyperparameter takes; of many numbers the least and the largest."""
    from tensorboard.plugins.hparams import summary_v2 as kinds

    single = isinstance(values, str) or not isinstance(values, Iterable)
    listed = [] if values is None else [values] if single else list(values)
    taken = {_plain(name, value) for value in listed}
    sorts = {type(value) for value in taken}
    if sorts <= {int, float}:
        if len(taken) > _LISTED:
            return kinds.RealInterval(float(min(taken)), float(max(taken)))
        taken = {float(value) for value in taken} if float in sorts else taken
    elif len(sorts) > 1:
        raise ArgumentError(
            f"The values of the hyperparameter {name!r} must be all numbers, all strings or all bools. "
            f"Received: {values!r}",
            hint="write all of them as text: str(value).",
        )
    return kinds.Discrete(list(taken)) if taken else None


def layers(tag: str, description: str) -> Any:
    """A model as JSON, for the conceptual graph."""
    metadata = message("compat.proto.summary_pb2", "SummaryMetadata")
    plugin = metadata.PluginData(plugin_name=_GRAPH_OF_LAYERS, content=b"1")
    return _of(tag, np.array(description.encode(), dtype=object), metadata(plugin_data=plugin))


def _plain(name: Any, value: Any) -> Any:
    if np.ndim(value) == 0 and np.asarray(value).dtype.kind in "biufU":
        return np.asarray(value).item()  # Python's own, which is all that the plugin knows
    raise ArgumentError(
        f"The hyperparameter {getattr(name, 'name', name)!r} must be a number, a string or a bool. Received: {value!r}",
        hint="write others as text: str(value).",
    )


def _numbers(tag: str, values: Any) -> np.ndarray:
    """Real numbers of any kind as an array; those of tensors in eager training, too.

    Raises:
        DataError: for anything else.
    """
    try:
        array = convert_to_numpy(values) if isinstance(values, jax.Array | Variable) else np.asarray(values)
    except ValueError:
        array = np.empty((), object)  # lists of different lengths
    if array.dtype.kind in "biuf":
        return array
    if not jax.numpy.issubdtype(array.dtype, np.floating):
        raise DataError(f"The summary '{tag}' must be of real numbers. Received: {_kind(values)}")
    return array.astype("float32")  # from floats that NumPy does not know, such as bfloat16


def _kind(values: Any) -> str:
    return repr(values) if isinstance(values, str | None) else f"a {type(values).__name__}"


def _png(pixels: np.ndarray) -> bytes:
    from PIL import Image  # TensorBoard needs it, too

    if pixels.dtype.kind == "f":
        pixels = np.clip(np.nan_to_num(pixels) * 255.5, 0, 255)
    elif pixels.dtype.kind == "b":
        pixels = pixels * 255
    channels = pixels.shape[-1]
    grey = pixels[..., 0] if channels == 1 else pixels
    file = io.BytesIO()
    Image.fromarray(np.clip(grey, 0, 255).astype("uint8"), _MODES[channels]).save(file, "png")
    return file.getvalue()


def _summary(plugin: str, tag: str, array: np.ndarray, description: str | None) -> Any:
    metadata = importlib.import_module(f"tensorboard.plugins.{plugin}.metadata")
    return _of(tag, array, metadata.create_summary_metadata(None, description))


def _of(tag: str, array: np.ndarray, metadata: Any) -> Any:
    from tensorboard.util.tensor_util import make_tensor_proto

    summary = message("compat.proto.summary_pb2", "Summary")
    return summary(value=[summary.Value(tag=tag, metadata=metadata, tensor=make_tensor_proto(array))])
