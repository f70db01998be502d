"""Array files, read with a check of their form."""

import gzip
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO, TypeAlias

import numpy as np

from lamina.core.errors import DataError
from lamina.datasets._unpickle import StoredArray, load_data_pickle

Splits: TypeAlias = tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]

_IDX_UINT8 = 8


@dataclass(frozen=True)
class Form:
    """What an array of a data set looks like.

    Args:
        dtype: its type of number, or an abstract one such as `numpy.floating`. `numpy.object_` stands for
            sequences of different lengths: an array of lists of integers.
        shape: its shape; `None` for an axis of any length.
    """

    dtype: type[np.generic]
    shape: tuple[int | None, ...]

    def check(self, name: str, array: np.ndarray) -> None:
        """Raises `DataError` if an array does not have this form."""
        if not np.issubdtype(array.dtype, self.dtype):
            raise DataError(f"its {name} is {array.dtype}, expected {self.dtype.__name__}")
        fits = len(array.shape) == len(self.shape) and all(
            expected in (None, length) for expected, length in zip(self.shape, array.shape, strict=True)
        )
        if not fits:
            raise DataError(f"its {name} has shape {array.shape}, expected {self.shape}")
        if array.dtype.hasobject and not _holds_integer_lists(array):
            raise DataError(f"its {name} must hold lists of integers")


def _holds_integer_lists(array: np.ndarray) -> bool:
    return set(map(type, array)) <= {list} and set(map(type, chain.from_iterable(array))) <= {int}


def read_npz(path: Path, forms: Mapping[str, Form]) -> dict[str, np.ndarray]:
    """Reads the named arrays of an `.npz` file without running anything that it holds.

    Args:
        path: the file.
        forms: the arrays to read, by name.

    Returns:
        The arrays by name.

    Raises:
        DataError: if an array is missing or has another form.
    """
    arrays = {}
    with zipfile.ZipFile(path) as archive:
        members = set(archive.namelist())
        for name, form in forms.items():
            if f"{name}.npy" not in members:
                raise DataError(f"it has no array {name!r}, only {', '.join(sorted(members)) or 'nothing'}")
            with archive.open(f"{name}.npy") as file:
                arrays[name] = _read_objects(file) if form.dtype is np.object_ else np.lib.format.read_array(file)
            form.check(name, arrays[name])
    return arrays


def _read_objects(file: IO[bytes]) -> np.ndarray:
    major, _ = np.lib.format.read_magic(file)
    read_header = np.lib.format.read_array_header_1_0 if major == 1 else np.lib.format.read_array_header_2_0
    _, _, dtype = read_header(file)
    if not dtype.hasobject:
        raise DataError(f"it has an array of {dtype} where lists of integers are expected")
    stored = load_data_pickle(file)
    if not isinstance(stored, StoredArray):
        raise DataError(f"it has a {type(stored).__name__} where an array is expected")
    return stored.value


def read_idx(path: Path, form: Form) -> np.ndarray:
    """Reads a gzipped IDX file of unsigned bytes, the format of MNIST and its kin.

    Args:
        path: the file.
        form: what it must hold.

    Returns:
        The array, uint8.

    Raises:
        DataError: if it is no such file or has another form.
    """
    with gzip.open(path) as file:
        magic = file.read(4)
        if len(magic) < 4 or magic[:3] != bytes([0, 0, _IDX_UINT8]):
            raise DataError("it is no IDX file of unsigned bytes")
        shape = tuple(np.frombuffer(file.read(4 * magic[3]), ">i4").tolist())
        contents = bytearray(file.read())  # a bytearray, so that the array can be written to
    if len(contents) != np.prod(shape):
        raise DataError(f"it has {len(contents)} bytes for the shape {shape}")
    array = np.frombuffer(contents, np.uint8).reshape(shape)
    form.check("array", array)
    return array
