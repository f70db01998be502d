"""Sequences of different lengths in one array."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina.core.errors import ArgumentError, DataError
from lamina.core.tracebacks import public
from lamina.core.validate import at_least, one_of


@public
def pad_sequences(
    sequences: Sequence[Any],
    maxlen: int | None = None,
    dtype: Any = "int32",
    padding: str = "pre",
    truncating: str = "pre",
    value: Any = 0.0,
) -> np.ndarray:
    """Pads and cuts sequences to one length.

    Args:
        sequences: lists or arrays, which may have further axes.
        maxlen: the length; that of the longest when left out.
        dtype: of the result; `object` for text of any length.
        padding: where short sequences are filled up: `"pre"` or `"post"`.
        truncating: where long ones are cut: `"pre"` or `"post"`.
        value: what they are filled with.

    Returns:
        `(len(sequences), maxlen, …)`

    Raises:
        ArgumentError: for other words than `"pre"` and `"post"`, and text to fill in among numbers.
        DataError: for what is no list of sequences, and for sequences whose further axes differ.

    Example:
        >>> pad_sequences([[1], [2, 3], [4, 5, 6]], maxlen=2)
        array([[0, 1],
               [2, 3],
               [5, 6]], dtype=int32)
    """
    one_of("pad_sequences", "padding", padding, ("pre", "post"))
    one_of("pad_sequences", "truncating", truncating, ("pre", "post"))
    if not hasattr(sequences, "__len__") or isinstance(sequences, str | bytes):
        raise DataError(f"pad_sequences takes a list of sequences. Received: {type(sequences).__name__}")
    single = next((item for item in sequences if not hasattr(item, "__len__") or isinstance(item, str | bytes)), None)
    if single is not None:
        raise DataError(
            f"pad_sequences takes a list of sequences, but got {single!r} in it.",
            hint="put a single sequence into a list: pad_sequences([sequence]).",
        )
    is_text = np.issubdtype(dtype, np.str_) or np.issubdtype(dtype, np.bytes_)
    if isinstance(value, str) and np.dtype(dtype) != object and not is_text:
        raise ArgumentError(
            f"pad_sequences cannot fill up with text, {value!r}, in an array of dtype {dtype}.",
            hint="pass dtype=object.",
        )
    length = max(map(len, sequences), default=0) if maxlen is None else at_least("pad_sequences", "maxlen", maxlen, 0)
    further = next((np.shape(item)[1:] for item in map(np.asarray, sequences) if len(item)), ())
    result = np.full((len(sequences), length, *further), value, dtype)
    for place, (row, item) in enumerate(zip(result, sequences, strict=True)):
        kept = _as_entries(item[max(0, len(item) - length) :] if truncating == "pre" else item[:length], dtype, place)
        if len(kept) and kept.shape[1:] != further:
            raise DataError(
                f"The sequence at position {place} has the shape {np.shape(item)}, but {('steps', *further)} "
                "is expected, as in the first."
            )
        if len(kept):
            row[slice(length - len(kept), None) if padding == "pre" else slice(len(kept))] = kept
    return result


def _as_entries(sequence: Any, dtype: Any, place: int) -> np.ndarray:
    try:
        return np.asarray(sequence, dtype)
    except (TypeError, ValueError) as error:
        raise DataError(
            f"pad_sequences makes an array of dtype {np.dtype(dtype)}, but the sequence at position {place} has other "
            f"entries: {error}.",
            hint="pass dtype=object for text.",
        ) from error
