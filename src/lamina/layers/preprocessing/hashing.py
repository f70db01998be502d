"""Hashing: values of any kind as one of a number of bins."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina.core import config
from lamina.core.errors import ArgumentError, DataError
from lamina.core.serialization import builtin
from lamina.core.validate import one_of, positive_int
from lamina.layers.preprocessing.category_encoding import refuse_sparse
from lamina.layers.preprocessing.encoding import encode, output_shape
from lamina.layers.preprocessing.fingerprints import fingerprint64, siphash64
from lamina.layers.preprocessing.host_layer import HostLayer, as_host_array, as_texts


@builtin("layers")
class Hashing(HostLayer):
    """Puts text or integers into bins by their hashes: no vocabulary is needed, but values may share a bin.

    Args:
        num_bins: how many bins there are, that of `mask_value` included.
        mask_value: the value that has bin 0 for itself.
        salt: one or two integers; then the hash is SipHash with this key, otherwise FarmHash.
        output_mode: `"int"` for bin numbers, or `"one_hot"`, `"multi_hot"`, `"count"` as for `CategoryEncoding`.
        sparse: only `False`; accepted as Keras does.
        **kwargs: as for every layer.

    Raises:
        ArgumentError: for numbers, salts and modes that are none.
        DataError: if it is called inside a model.

    Example:
        >>> Hashing(num_bins=3)(np.array([["A"], ["B"], ["C"]]))
        Array([[1],
               [0],
               [1]], dtype=int32)
    """

    def __init__(
        self,
        num_bins: int,
        mask_value: Any = None,
        salt: Any = None,
        output_mode: str = "int",
        sparse: bool = False,
        **kwargs: Any,
    ) -> None:
        modes = ("int", "one_hot", "multi_hot", "count")
        self.output_mode = one_of("Hashing", "output_mode", output_mode, modes)
        if kwargs.get("dtype") is None:
            kwargs["dtype"] = "int64" if output_mode == "int" else config.floatx()
        super().__init__(**kwargs)
        refuse_sparse(self, sparse)
        self.num_bins = positive_int("Hashing", "num_bins", num_bins)
        if output_mode == "int" and self.compute_dtype not in ("int32", "int64"):
            raise ArgumentError(
                f"Hashing with output_mode='int' needs the dtype 'int32' or 'int64'. Received: {self.compute_dtype!r}"
            )
        self.mask_value = mask_value
        self.salt = check_salt("Hashing", salt)
        self.sparse = sparse

    def call(self, inputs: Any) -> np.ndarray:
        """The bins, in the output mode.

        Args:
            inputs: text or numbers, of any shape; numbers are cut to integers.
        """
        values = as_host_array(inputs, self.name)
        masked = None if self.mask_value is None else values == self.mask_value
        if values.dtype.kind in "biuf":
            whole = values.astype("int64") if values.dtype.kind == "f" else values
            texts = [str(value).lower().encode() for value in whole.ravel().tolist()]  # True is b"true"
        elif values.dtype.kind in "SUOT":
            words = as_texts(values, f"Hashing '{self.name}'")
            texts = [text.encode() for text in words.ravel().tolist()]
            masked = None if masked is None else words == self.mask_value
        else:
            raise DataError(f"Hashing '{self.name}' takes text or integers, but got dtype {values.dtype}.")
        if masked is None or self.num_bins == 1:
            bins = hash_bins(texts, self.num_bins, self.salt).reshape(values.shape)
        else:
            bins = np.where(masked, 0, 1 + hash_bins(texts, self.num_bins - 1, self.salt).reshape(values.shape))
        return encode(bins, self.output_mode, self.num_bins, np.dtype(self.compute_dtype))

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The inputs' shape, with the bins as the last axis if they are encoded."""
        return output_shape(input_shape, self.output_mode, self.num_bins)


def hash_bins(texts: Sequence[bytes], bins: int, salt: Sequence[int] | None = None) -> np.ndarray:
    """The bins of texts, int64.

    Example:
        >>> hash_bins([b"A", b"B"], 3)
        array([1, 0])
    """
    hashes = fingerprint64(texts) if salt is None else siphash64(texts, salt)
    return (hashes % np.uint64(bins)).astype("int64")


def check_salt(owner: str, salt: Any) -> list[int] | None:
    """The salt as two integers.

    Raises:
        ArgumentError: if it is neither one integer nor two.
    """
    if salt is None:
        return None
    parts = list(salt) if isinstance(salt, tuple | list) else [salt, salt]
    if len(parts) != 2 or not all(isinstance(part, int) and not isinstance(part, bool) for part in parts):
        raise ArgumentError(f"{owner}: salt must be one integer or two. Received: salt={salt!r}")
    return parts
