"""IntegerLookup: integers with gaps as indices without."""

from typing import Any

import numpy as np

from lamina.core.errors import ArgumentError, DataError
from lamina.core.serialization import builtin
from lamina.layers.preprocessing.host_layer import as_host_array
from lamina.layers.preprocessing.index_lookup import IndexLookup


@builtin("layers")
class IntegerLookup(IndexLookup):
    """Turns integers into indices of a vocabulary, or indices into integers.

    It works on the host, with 64 bits: apply it to the data, before training.

    Args:
        max_tokens: the largest size of the vocabulary, special tokens included.
        num_oov_indices: how many indices integers outside of the vocabulary share; 0 makes them an error.
        mask_token: stands for nothing: index 0, or no trace in the other modes than `"int"`.
        oov_token: what the inverse lookup gives for the OOV indices.
        vocabulary: integers, or the path of a file with one a line; otherwise call `adapt`.
        vocabulary_dtype: only `"int64"`.
        idf_weights: a weight per integer, for `output_mode="tf_idf"`.
        invert: whether to turn indices into integers.
        output_mode: `"int"`, `"one_hot"`, `"multi_hot"`, `"count"` or `"tf_idf"`.
        sparse: only `False`; accepted as Keras does.
        pad_to_max_tokens: whether encodings have a length of `max_tokens` in any case.
        oov_method: how to choose among several OOV indices: `"floormod"`, the remainder, or `"farmhash"`.
        salt: one or two integers, with `oov_method="farmhash"`: hash with SipHash, and this key.
        name: chosen when left out.
        **kwargs: as for every layer.

    Raises:
        ArgumentError: for arguments that do not go together.
        DataError: for a vocabulary with repeated or special tokens, and for inputs that are no numbers.
        NotAdaptedError: if it is called without a vocabulary.

    Example:
        >>> IntegerLookup(vocabulary=[12, 36, 1138])(np.array([[36, 12], [1138, 7]]))
        Array([[2, 1],
               [3, 0]], dtype=int32)
    """

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: int | None = None,
        oov_token: int = -1,
        vocabulary: Any = None,
        vocabulary_dtype: str = "int64",
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        sparse: bool = False,
        pad_to_max_tokens: bool = False,
        oov_method: str = "floormod",
        salt: Any = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        if vocabulary_dtype != "int64":
            raise ArgumentError(f"IntegerLookup: vocabulary_dtype must be 'int64'. Received: {vocabulary_dtype!r}")
        mask, oov = (token if token is None else int(token) for token in (mask_token, oov_token))
        super().__init__(
            *(max_tokens, num_oov_indices, mask, oov, vocabulary_dtype, vocabulary, idf_weights, invert),
            *(output_mode, sparse, pad_to_max_tokens, oov_method, name, salt),
            **kwargs,
        )

    def as_keys(self, values: Any) -> np.ndarray:
        """Numbers as integers, cut at the point."""
        array = as_host_array(values, f"IntegerLookup '{self.name}'")
        try:
            return array.astype("int64")
        except (TypeError, ValueError) as error:
            raise DataError(
                f"IntegerLookup '{self.name}' takes integers, but got an array of dtype {array.dtype}.",
                hint="use StringLookup for text.",
            ) from error
