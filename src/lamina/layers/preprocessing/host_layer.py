"""Layers that work on the host, on data that no device takes: text, and integers of 64 bits."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lamina.core.engine import is_traced
from lamina.core.errors import DataError
from lamina.core.symbolic import symbolic_leaves
from lamina.core.tracebacks import short_traceback
from lamina.layers.layer import Layer


class HostLayer(Layer):
    """Base of layers that prepare data before they are trained on.

    They are called on NumPy arrays, lists, data frames or tensors, never inside a model. Numbers come out as
    arrays of JAX, text as NumPy arrays.
    """

    @short_traceback
    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """The inputs, prepared.

        Args:
            inputs: data on the host.
            *args: more arguments of `call`.
            **kwargs: likewise; `training` makes no difference.

        Raises:
            DataError: if it is called inside a model, or on data that it cannot prepare.
        """
        self._check_initialized()
        leaves = jax.tree.leaves(inputs)
        if symbolic_leaves(inputs) or is_traced(*leaves):
            raise DataError(
                f"{type(self).__name__} '{self.name}' prepares data on the host, so it cannot be a part of a model.",
                hint="apply it to the data first: x = layer(x), or dataset.map(lambda x, y: (layer(x), y)).",
            )
        kwargs.pop("training", None)
        self.built = True
        outputs = self.call(inputs, *args, **kwargs)
        return jax.tree.map(lambda a: a if a.dtype.kind in "OU" else jnp.asarray(a), outputs)

    def build(self, input_shape: Any = None) -> None:
        """There are no weights."""

    def get_build_config(self) -> dict[str, Any] | None:
        """There is nothing to build."""
        return {}

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Does nothing."""


def as_texts(values: Any, owner: str, encoding: str = "utf-8") -> np.ndarray:
    """Text of any form as an object array of `str`.

    Args:
        values: a string or bytes, or nested lists, arrays or data frames of such.
        owner: whose inputs they are, for messages.
        encoding: of bytes.

    Raises:
        DataError: if there is anything but text, or rows differ in length.

    Example:
        >>> as_texts([["a"], [b"b"]], "inputs")
        array([['a'],
               ['b']], dtype=object)
    """
    array = as_host_array(values, owner)
    if array.dtype.kind == "U":
        return array.astype(object)
    if array.size == 0:
        return np.empty(array.shape, object)
    if array.dtype.kind not in "SOT":
        raise DataError(
            f"{owner} takes text, but got an array of dtype {array.dtype}.", hint="convert it with x.astype(str)."
        )
    texts = np.empty(array.size, object)
    for place, value in enumerate(array.ravel().tolist()):
        if isinstance(value, bytes):
            value = _decoded(value, owner, encoding)
        elif not isinstance(value, str):
            raise DataError(f"{owner} takes text, but got {value!r} of type {type(value).__name__} among it.")
        texts[place] = value
    return texts.reshape(array.shape)


def _decoded(value: bytes, owner: str, encoding: str) -> str:
    try:
        return value.decode(encoding)
    except UnicodeDecodeError as error:
        raise DataError(f"{owner} got bytes that are no text in {encoding}: {error}") from error


def as_host_array(values: Any, owner: str) -> np.ndarray:
    """Anything like an array as one of NumPy.

    Raises:
        DataError: if its rows differ in length.
    """
    try:
        return np.asarray(values.to_numpy() if hasattr(values, "to_numpy") else values)
    except ValueError as error:
        raise DataError(
            f"{owner} got rows that differ in length.", hint="pad them to one length, or call it on each."
        ) from error
