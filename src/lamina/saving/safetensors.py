"""Weights as safetensors: eight bytes of length, a JSON header, then the bytes of all arrays."""

import json
import math
import os
import struct
from collections.abc import Mapping
from typing import IO, Any

import jax.numpy as jnp
import numpy as np

from lamina.core.errors import ArgumentError, LoadError, UnsafeFileError
from lamina.core.files import replacing
from lamina.saving.entries import Entry
from lamina.saving.hdf5 import damaged
from lamina.saving.json_text import read_json
from lamina.version import __version__

_HEADER_LIMIT = 100_000_000  # bytes, as in the format's own reader
_METADATA = "__metadata__"
_DTYPES = {
    **{"F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16", "BOOL": "bool"},
    **{f"I{bits}": f"int{bits}" for bits in (8, 16, 32, 64)},
    **{f"U{bits}": f"uint{bits}" for bits in (8, 16, 32, 64)},
}
_NAMES = {dtype: name for name, dtype in _DTYPES.items()}


def write_safetensors(path: str | os.PathLike[str], entries: list[Entry]) -> None:
    """Writes arrays under the names `<path>/vars/<name>`.

    Args:
        path: the file.
        entries: what to write.

    Raises:
        ArgumentError: for a dtype that the format does not have.
        FileError: if the file cannot be written.
    """
    header: dict[str, Any] = {_METADATA: {"format": "lamina", "lamina_version": __version__}}
    arrays: list[np.ndarray] = []
    end = 0
    for entry in entries:
        for name, array in entry.arrays.items():
            if str(array.dtype) not in _NAMES:
                raise ArgumentError(f"safetensors files hold no {array.dtype}, but '{entry.path}' has one.")
            begin, end = end, end + array.nbytes
            place = f"{entry.path}/vars/{name}".lstrip("/")
            header[place] = {"dtype": _NAMES[str(array.dtype)], "shape": array.shape, "data_offsets": [begin, end]}
            arrays.append(array)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with replacing(path) as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for array in arrays:
            file.write(np.ascontiguousarray(array).tobytes())


def read_safetensors(file: IO[bytes], name: str) -> dict[str, Mapping[str, np.ndarray]]:
    """The arrays of a file, by the path of their object and their name.

    Args:
        file: open for reading.
        name: of the file, for messages.

    Raises:
        LoadError: if it is damaged.
        UnsafeFileError: if arrays claim to be what they are not.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    start = file.read(8)
    length = struct.unpack("<Q", start)[0] if len(start) == 8 else size
    if length > min(_HEADER_LIMIT, size - 8):
        raise damaged(name, "its header is cut short")
    header = read_json(file.read(length), name)
    header.pop(_METADATA, None)
    tables: dict[str, dict[str, np.ndarray]] = {}
    total = 0
    for place, record in header.items():
        array = _read_array(file, 8 + length, size, place, record, name)
        total += array.nbytes
        if total > size:
            raise UnsafeFileError(f"'{name}' holds arrays that lie over each other.")
        path, _, key = place.rpartition("/")
        tables.setdefault(path.removesuffix("vars").rstrip("/"), {})[key] = array
    return dict(tables)


def _read_array(file: IO[bytes], start: int, size: int, place: str, record: Any, name: str) -> np.ndarray:
    try:
        dtype, shape = jnp.dtype(_DTYPES[record["dtype"]]), [int(n) for n in record["shape"]]
        begin, end = (int(n) for n in record["data_offsets"])
    except (KeyError, TypeError, ValueError, OverflowError) as fault:
        raise damaged(name, f"its header does not describe '{place}'") from fault
    fits = min([begin, *shape]) >= 0 and end - begin == math.prod(shape) * dtype.itemsize
    if not fits or start + end > size:
        raise UnsafeFileError(f"'{name}' claims to hold '{place}' of shape {shape}, which is not in the file.")
    file.seek(start + begin)
    content = file.read(end - begin)
    if len(content) != end - begin:
        raise LoadError(f"'{name}' is cut short at '{place}'.")
    return np.frombuffer(content, dtype).reshape(shape)
