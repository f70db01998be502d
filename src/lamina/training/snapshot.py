"""Snapshots: nested plain values and arrays in one file, without pickles and without code."""

import io
import json
import os
import zipfile
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lamina.core.errors import ArgumentError, FileError
from lamina.core.files import replacing

FORMAT = "lamina-snapshot"
VERSION = 1
_RECORD = "record"
_PLAIN = "biufc"  # kinds of dtypes that NumPy's files know


def encode_snapshot(values: dict[str, Any]) -> dict[str, np.ndarray]:
    """The arrays of a file: those among the values, and a record in JSON that says where each stands.

    Args:
        values: dicts, lists, strings, numbers, `None` and arrays.

    Raises:
        ArgumentError: for anything else, by its place.
    """
    arrays: dict[str, np.ndarray] = {}
    body = _encoded(values, "snapshot", arrays)
    text = json.dumps({"format": FORMAT, "version": VERSION, "values": body})
    return {_RECORD: np.frombuffer(text.encode(), np.uint8), **arrays}


def write_snapshot(path: str | os.PathLike[str], arrays: dict[str, np.ndarray]) -> None:
    """Writes what `encode_snapshot` returned; the old file stays until the new one is whole.

    Args:
        path: the file; its folder has to exist.
        arrays: by name.

    Raises:
        FileError: if it cannot be written.
    """
    with replacing(path) as file:
        np.savez(file, allow_pickle=False, **arrays)  # type: ignore[arg-type]


def read_snapshot(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The values in a file.

    Args:
        path: the file.

    Raises:
        FileError: if it cannot be read, or is no snapshot that this version of lamina understands.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "values"
        >>> write_snapshot(path, encode_snapshot({"epoch": 3, "best": [np.ones(2), None]}))
        >>> read_snapshot(path)
        {'epoch': 3, 'best': [array([1., 1.]), None]}
    """
    name = os.fspath(path)
    try:
        with open(path, "rb") as file:
            _refuse_bombs(file, name)
            with np.load(file, allow_pickle=False) as arrays:
                record = json.loads(arrays[_RECORD].tobytes())
                kind, version = record["format"], record["version"]
                if kind == FORMAT and version == VERSION:
                    return _decoded(record["values"], arrays)
    except FileError:
        raise
    except Exception as error:  # a damaged archive may fail anywhere
        raise FileError(f"'{name}' is no whole snapshot of a training: {type(error).__name__}: {error}") from None
    raise FileError(
        f"'{name}' is a {kind} of version {version}, but version {VERSION} of a {FORMAT} is expected.",
        hint="go on with the version of lamina that wrote it, or delete the file to start anew.",
    )


def _refuse_bombs(file: io.BufferedReader, name: str) -> None:
    """Entries are stored as they are, so none is longer than the file."""
    size = os.fstat(file.fileno()).st_size
    with zipfile.ZipFile(file) as archive:
        if any(entry.file_size > size or entry.compress_type != zipfile.ZIP_STORED for entry in archive.infolist()):
            raise FileError(f"'{name}' is no snapshot of a training: its entries are compressed.")
        for entry in archive.infolist():
            with archive.open(entry) as part:
                _check_size(part, entry, name)
    file.seek(0)


def _check_size(part: Any, entry: zipfile.ZipInfo, name: str) -> None:
    version = np.lib.format.read_magic(part)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = read(part)
    if int(np.prod(shape, dtype=object)) * dtype.itemsize > entry.file_size:
        raise FileError(f"'{name}' is no whole snapshot of a training: {entry.filename} is shorter than it says.")


def _encoded(value: Any, place: str, arrays: dict[str, np.ndarray]) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, dict):
        return {"dict": [[_encoded(k, place, arrays), _encoded(v, f"{place}/{k}", arrays)] for k, v in value.items()]}
    if isinstance(value, list | tuple):
        return [_encoded(item, f"{place}/{index}", arrays) for index, item in enumerate(value)]
    if isinstance(value, np.ndarray | np.generic | jax.Array):
        array = np.asarray(value)
        name = str(len(arrays))
        if array.dtype.kind in _PLAIN:
            arrays[name] = array
            return {"array": name}
        if array.dtype.kind == "V" and array.dtype.isbuiltin == 2:  # bfloat16 and its like
            arrays[name] = array.view(f"u{array.dtype.itemsize}")
            return {"array": name, "dtype": str(array.dtype)}
    raise ArgumentError(
        f"A snapshot cannot hold {place}: it is a {type(value).__name__}.",
        hint="get_state() of a callback has to return numbers, strings, arrays, and lists and dicts of these.",
    )


def _decoded(value: Any, arrays: Any) -> Any:
    if isinstance(value, list):
        return [_decoded(item, arrays) for item in value]
    if not isinstance(value, dict):
        return value
    if "dict" in value:
        return {_decoded(key, arrays): _decoded(item, arrays) for key, item in value["dict"]}
    array = arrays[value["array"]]
    return array.view(jnp.dtype(value["dtype"])) if "dtype" in value else array
