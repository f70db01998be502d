"""HDF5 files, opened with care: such a file can point out of itself, or expand."""

import math
import mmap
import os
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any

import h5py
import jax
import jax.numpy as jnp
import numpy as np
from h5py import h5o  # type: ignore[attr-defined]

from lamina.core.engine import on_device
from lamina.core.errors import LaminaError, LoadError, UnsafeFileError

MAGIC = b"\x89HDF\r\n\x1a\n"
_HEAP = b"GCOL\1\0\0\0"  # how heaps of texts begin
_TEXT_LIMIT = 1 << 26  # bytes of one attribute
_TEXTS = ("model_config", "training_config", "layer_names", "weight_names", "dtype")  # the attributes that are read
_FAULTS = (OSError, RuntimeError, LookupError, TypeError, ValueError, ArithmeticError, MemoryError, struct.error)
_ALIGNMENT = 64  # bytes; of arrays that JAX takes as they are
_DEPTH_LIMIT = 64  # groups inside each other


@contextmanager
def opened_hdf5(file: IO[bytes], name: str) -> Iterator[h5py.File]:
    """An HDF5 file that was looked through: all of it is in it, and no larger than it is on the disk.

    Args:
        file: open for reading.
        name: of the file, for messages.

    Raises:
        LoadError: if it is damaged.
        UnsafeFileError: if it has links, filters, external or virtual data, or arrays of other things than numbers.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    try:
        with h5py.File(file, "r") as group:
            _check_texts(file, size, name, _look_through(group, size, name))
            yield group
    except LaminaError:
        raise
    except _FAULTS as fault:
        raise damaged(name, fault) from fault


def damaged(name: str, fault: object) -> LoadError:
    """The error for a file that is not what it should be."""
    reason = str(fault).strip().splitlines()[0][:200] if str(fault).strip() else type(fault).__name__
    return LoadError(
        f"'{name}' is damaged, or is no such file: {reason}.",
        hint="save it again, or take another copy of it; compare sizes if it was copied or downloaded.",
    )


def _look_through(root: h5py.Group, size: int, name: str) -> set[str]:
    """Checks all groups and data sets; the names of the attributes that hold texts of any length."""
    total, texts = 0, set()
    waiting: list[tuple[h5py.Group, int]] = [(root, 0)]
    seen: set[Any] = set()
    while waiting:
        group, depth = waiting.pop()
        address = h5o.get_info(group.id).addr
        if address in seen or depth > _DEPTH_LIMIT:
            raise UnsafeFileError(f"'{name}' holds groups that contain themselves, or lie {_DEPTH_LIMIT} deep.")
        seen.add(address)
        texts |= _check_attributes(group, size, name)
        for key in group:
            if not isinstance(group.get(key, getlink=True), h5py.HardLink):
                raise UnsafeFileError(f"'{name}' holds a link at '{key}', which may point out of the file.")
            item = group[key]
            if isinstance(item, h5py.Group):
                waiting.append((item, depth + 1))
            elif isinstance(item, h5py.Dataset):
                total += _check_dataset(item, size, name)
                texts |= _check_attributes(item, size, name)
            else:
                raise UnsafeFileError(
                    f"'{name}' holds a {type(item).__name__} at '{key}', which files of weights do not."
                )
    if total > size:
        raise UnsafeFileError(f"'{name}' claims to hold {total:,} bytes of arrays, but has only {size:,} bytes.")
    return texts


def _check_dataset(data: h5py.Dataset, size: int, name: str) -> int:
    place, plan = f"'{name}' at '{data.name}'", data.id.get_create_plist()
    if plan.get_external_count() or data.is_virtual:
        raise UnsafeFileError(f"{place} says that its data are in another file.")
    if plan.get_nfilters():
        raise UnsafeFileError(
            f"{place} is compressed, which could make it expand without limit; files of weights are not compressed.",
            hint="copy it without filters, for example with: h5repack -f NONE old.h5 new.h5",
        )
    if data.dtype.kind not in "biufV" or data.dtype.names or data.dtype.subdtype or h5py.check_dtype(ref=data.dtype):
        raise UnsafeFileError(f"{place} holds {data.dtype}, not numbers.")
    if data.shape is None:
        raise UnsafeFileError(f"{place} has no shape.")
    count = math.prod(int(length) for length in data.shape) * data.dtype.itemsize
    if count > size or count > data.id.get_storage_size():
        raise UnsafeFileError(f"{place} claims to hold {count:,} bytes, which are not in the file ({size:,} bytes).")
    return count


def _check_attributes(item: h5py.HLObject, size: int, name: str) -> set[str]:
    texts = set()
    for number in range(h5py.h5a.get_num_attrs(item.id)):
        attribute = h5py.h5a.open(item.id, index=number)
        key = attribute.name.decode("utf-8", "replace")
        claimed = math.prod(attribute.shape or ()) * attribute.dtype.itemsize
        if claimed > min(size, _TEXT_LIMIT):
            raise UnsafeFileError(f"'{name}' claims an attribute '{key}' of {claimed:,} bytes.")
        if not isinstance(attribute.get_type(), h5py.h5t.TypeIntegerID | h5py.h5t.TypeFloatID):
            texts.add(key)
    return texts


def _check_texts(file: IO[bytes], size: int, name: str, texts: set[str]) -> None:
    """Refuses texts in attributes that claim to be longer than the file: HDF5 would make room for them first."""
    keys = texts.intersection(_TEXTS)
    if not keys:
        return
    with _bytes_of(file, size) as content:
        _check_heaps(content, size, name)
        for key in (name.encode() for name in keys):
            place = content.find(key)
            while place >= 0:
                if any(length > size for length in _claimed_lengths(content, place, size)):
                    raise UnsafeFileError(f"'{name}' claims an attribute that is longer than the file.")
                place = content.find(key, place + 1)


def _check_heaps(content: Any, size: int, name: str) -> None:
    """Refuses heaps of texts whose parts lead nowhere: HDF5 would follow them for ever."""
    place = content.find(_HEAP)
    while place >= 0:
        end = min(size, place + int.from_bytes(content[place + 8 : place + 16], "little"))
        at = place + 16
        while at + 16 <= end:
            number, length = struct.unpack("<H6xQ", content[at : at + 16])
            step = 16 + -(-length // 8) * 8 if number else length  # what is left over counts its own head
            if step < 16 or at + step > end:
                raise UnsafeFileError(f"'{name}' holds a heap of texts whose parts do not lie in it.")
            at += step
        place = content.find(_HEAP, place + 1)


def _claimed_lengths(content: Any, place: int, size: int) -> Iterator[int]:
    """The lengths of the texts of the attribute whose name stands at `place`; none if it is no attribute's name.

    Before the name stand a version and the sizes of name, type and shape. Each part is filled up to eight bytes in
    version 1. A text is its length, the address of a heap, and its number there: 16 bytes.
    """
    padded = content[place - 8 : place - 7] == b"\1"
    start = place - 9 if content[place - 9 : place - 8] == b"\3" else place - 8
    if start < 0 or (not padded and content[start : start + 1] not in (b"\2", b"\3")):
        return
    sizes = struct.unpack("<HHH", content[start + 2 : start + 8])
    steps = [-(-length // 8) * 8 if padded else length for length in sizes]
    shape = place + steps[0] + steps[1]
    rank, first = content[shape + 1], shape + (8 if content[shape] == 1 else 4)
    dims = struct.unpack(f"<{rank}Q", content[first : first + 8 * rank]) if first + 8 * rank <= size else ()
    at = shape + steps[2]
    for _ in range(min(math.prod(dims), (size - at) // 16)):
        yield struct.unpack("<I", content[at : at + 4])[0]
        at += 16


@contextmanager
def _bytes_of(file: IO[bytes], size: int) -> Iterator[Any]:
    try:
        number = file.fileno()
    except OSError:
        at = file.tell()
        file.seek(0)
        yield file.read(size)
        file.seek(at)
        return
    with mmap.mmap(number, 0, access=mmap.ACCESS_READ) as content:
        yield content


class StoredArrays(Mapping[str, np.ndarray | jax.Array]):
    """The arrays of a group, each read when it is asked for.

    Args:
        group: of an open file, or `None` for a table without arrays.
    """

    def __init__(self, group: h5py.Group | None) -> None:
        self._group = group
        self._names = [] if group is None else [str(name) for name in group if isinstance(group[name], h5py.Dataset)]

    def __getitem__(self, name: str) -> np.ndarray | jax.Array:
        if name not in self._names:
            raise KeyError(name)
        assert self._group is not None
        found = self._group[name]
        assert isinstance(found, h5py.Dataset)
        return read_array(found)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def read_array(data: h5py.Dataset) -> np.ndarray | jax.Array:
    """The array that a data set holds; on the device, where JAX has its dtype."""
    room = np.empty(data.size * data.dtype.itemsize + _ALIGNMENT, np.uint8)
    start = -room.ctypes.data % _ALIGNMENT
    array = room[start : room.size - _ALIGNMENT + start].view(data.dtype).reshape(data.shape)
    if data.size:
        data.read_direct(array)
    if array.dtype.kind == "V":
        wanted = jnp.dtype(text_of(data.attrs.get("dtype", "bfloat16")))
        if wanted.itemsize != array.dtype.itemsize:
            raise LoadError(f"'{data.name}' holds {array.dtype.itemsize} bytes a number, which is no {wanted}.")
        array = array.view(wanted)
    if jax.dtypes.canonicalize_dtype(array.dtype) != array.dtype or not array.dtype.isnative:
        return array
    return on_device(array)


def read_group(group: h5py.Group, path: str) -> StoredArrays:
    """The arrays of the object at `path`; none if there is no such object."""
    place = group.get(f"{path}/vars".lstrip("/"))
    return StoredArrays(place if isinstance(place, h5py.Group) else None)


def text_of(value: Any) -> str:
    """An attribute's text."""
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)
