"""HDF5 files, written as Keras does.

HDF5 lays the file out in memory, but for the bytes of large arrays; these go from where they are to where HDF5 left
room for them. So nothing is copied, and HDF5, which does not survive a disk that fills up, never writes to one.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import RawIOBase
from typing import IO, Any

import h5py
import numpy as np

from lamina.saving.entries import Entry
from lamina.version import __version__

_PAGE = 1 << 16  # bytes
_LARGE = 1 << 16  # bytes from which on an array is not copied


class NewFile:
    """An HDF5 file in the making.

    Attributes:
        root: the file, for groups and attributes; arrays are written by `add`.
    """

    def __init__(self) -> None:
        self._pages = _Pages()
        self._arrays: dict[int, np.ndarray] = {}  # by their places in the file
        self.root = h5py.File(self._pages, "w", libver="earliest")
        self.root.attrs["lamina_version"] = __version__

    def add(self, group: h5py.Group, name: str, array: np.ndarray) -> None:
        """Writes an array; dtypes that HDF5 does not have as plain bytes, with the dtype beside them."""
        known = array.dtype
        if known.kind == "V":  # bfloat16 and its like are extensions of NumPy's types
            array = array.view(f"V{known.itemsize}")
        if array.nbytes < _LARGE:
            data = group.create_dataset(name, data=array)
        else:
            data = group.create_dataset(name, array.shape, array.dtype, dcpl=_with_room())
            self._arrays[data.id.get_offset()] = array
        if known.kind == "V":
            data.attrs["dtype"] = str(known)

    def add_entries(self, entries: Iterable[Entry]) -> None:
        """Writes each entry as the group `<path>/vars`, as in `.weights.h5`."""
        for entry in entries:
            place = self.root.create_group(f"{entry.path}/vars".lstrip("/"))
            if entry.name:
                place.attrs["name"] = entry.name
            for name, array in entry.arrays.items():
                self.add(place, name, array)

    def write(self, file: IO[bytes]) -> None:
        """Writes what was collected to an open file, and ends."""
        self.root.close()
        at = 0
        for start, array in sorted(self._arrays.items()):
            self._pages.write_part(file, at, start)
            content: Any = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
            file.write(content)
            at = start + array.nbytes
        self._pages.write_part(file, at, self._pages.size)


def _with_room() -> Any:
    """Settings of a data set that has its place in the file before anything is written."""
    settings = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    settings.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    settings.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
    return settings


@contextmanager
def new_hdf5(file: IO[bytes]) -> Iterator[NewFile]:
    """An HDF5 file that goes to an open file when it is complete."""
    new = NewFile()
    try:
        yield new
        new.write(file)
    finally:
        new.root.close()


class _Pages(RawIOBase):
    """A file in memory that keeps the pages that were written; all others are zeros."""

    def __init__(self) -> None:
        super().__init__()
        self._pages: dict[int, bytearray] = {}
        self._at = self.size = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._at = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence] + offset
        return self._at

    def truncate(self, size: int | None = None) -> int:
        self.size = self._at if size is None else size
        return self.size

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        start, end = self._at, max(self._at, min(self._at + len(view), self.size))
        for page, first, last, done in _pieces(start, end):
            view[done : done + last - first] = self._pages.get(page, _ZEROS)[first:last]
        self._at = end
        return end - start

    def write(self, data: Any) -> int:
        view = memoryview(data).cast("B")
        for page, first, last, done in _pieces(self._at, self._at + len(view)):
            self._pages.setdefault(page, bytearray(_PAGE))[first:last] = view[done : done + last - first]
        self._at += len(view)
        self.size = max(self.size, self._at)
        return len(view)

    def write_part(self, file: IO[bytes], start: int, end: int) -> None:
        """Writes the bytes from `start` to `end` to another file."""
        for page, first, last, _ in _pieces(start, end):
            file.write(memoryview(self._pages.get(page, _ZEROS))[first:last])


_ZEROS = bytes(_PAGE)


def _pieces(start: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """The pages of a stretch: number, first and last byte in it, and how many bytes come before."""
    at = start
    while at < end:
        page, first = divmod(at, _PAGE)
        last = min(_PAGE, first + end - at)
        yield page, first, last, at - start
        at += last - first
