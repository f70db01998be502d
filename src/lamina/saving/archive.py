"""The zip archives that `.keras` files are, opened with care."""

import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from io import BytesIO, RawIOBase
from pathlib import Path, PurePosixPath
from typing import IO, Any

from lamina.core.errors import LoadError, UnsafeFileError
from lamina.saving.hdf5 import damaged

_MEMBERS = 10_000
_TEXT_LIMIT = 1 << 25  # bytes of a JSON text, unpacked
_UNPACKED = 1 << 26  # bytes that any member may unpack to,
_RATIO = 100  # and beyond that, how many times its size in the archive
_BLOCK = 1 << 20  # bytes that stay in the processor's cache while they are summed up
_FAULTS = (zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError, ValueError, NotImplementedError)


class Archive:
    """An open archive, whose members are taken as long as they are what they claim to be.

    Args:
        file: open for reading.
        name: of the file, for messages.

    Raises:
        LoadError: if it is damaged.
        UnsafeFileError: if names or sizes of members are not what models have.
    """

    def __init__(self, file: IO[bytes], name: str) -> None:
        self._file = file
        self.name = name
        try:
            self._zip = zipfile.ZipFile(file)
        except _FAULTS as fault:
            raise damaged(name, fault) from fault
        self.members = {info.filename: info for info in self._zip.infolist()}
        self._check()

    def _check(self) -> None:
        infos = self._zip.infolist()
        if len(infos) > _MEMBERS or len(infos) != len(self.members):
            raise UnsafeFileError(f"'{self.name}' holds {len(infos):,} members, or some of them twice.")
        for info in infos:
            parts = PurePosixPath(info.filename).parts
            if info.filename.startswith(("/", "\\")) or ".." in parts or "\\" in info.filename or ":" in info.filename:
                raise UnsafeFileError(f"'{self.name}' holds the member '{info.filename}', which lies outside of it.")
            if info.flag_bits & 1 or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise UnsafeFileError(f"'{self.name}' holds the member '{info.filename}' encrypted, or packed oddly.")
            if info.file_size > max(_UNPACKED, _RATIO * info.compress_size):
                raise UnsafeFileError(
                    f"'{self.name}' holds the member '{info.filename}', which expands from {info.compress_size:,} to "
                    f"{info.file_size:,} bytes."
                )

    def read(self, member: str, limit: int = _TEXT_LIMIT) -> bytes:
        """The content of a member.

        Args:
            member: its name.
            limit: on its size, bytes.

        Raises:
            LoadError: if there is none of this name.
            UnsafeFileError: if it is larger.
        """
        info = self._info(member)
        if info.file_size > limit:
            raise UnsafeFileError(f"'{self.name}' holds the member '{member}' of {info.file_size:,} bytes.")
        try:
            with self._zip.open(info) as stream:
                content = stream.read(info.file_size + 1)
        except _FAULTS as fault:
            raise damaged(self.name, fault) from fault
        if len(content) != info.file_size:
            raise LoadError(f"'{self.name}': the member '{member}' is not as long as it claims to be.")
        return content

    @contextmanager
    def opened(self, member: str) -> Iterator[IO[bytes]]:
        """A member as a file to read and seek in; one that is stored as it is takes no memory.

        Its checksum is computed meanwhile, and compared when the member is closed.
        """
        info = self._info(member)
        if info.compress_type != zipfile.ZIP_STORED:
            yield BytesIO(self.read(member, info.file_size))
            return
        start = self._start(info)
        with ThreadPoolExecutor(1) as beside:
            checksum = beside.submit(_checksum, self._file.fileno(), start, info.file_size)
            try:
                yield Window(self._file, start, info.file_size)  # type: ignore[misc]
            finally:
                if checksum.result() != info.CRC:
                    raise damaged(self.name, f"the checksum of '{member}' does not match")

    def _info(self, member: str) -> zipfile.ZipInfo:
        if member not in self.members:
            raise LoadError(
                f"'{self.name}' is no model: it holds no '{member}'.",
                hint="a .keras file is written by model.save().",
            )
        return self.members[member]

    def _start(self, info: zipfile.ZipInfo) -> int:
        self._file.seek(info.header_offset)
        header = self._file.read(30)
        size = self._file.seek(0, os.SEEK_END)
        if len(header) < 30 or header[:4] != b"PK\x03\x04":
            raise damaged(self.name, f"the header of '{info.filename}' is missing")
        name_length, extra_length = struct.unpack("<HH", header[26:30])
        start = info.header_offset + 30 + name_length + extra_length
        if start + info.file_size > size or info.compress_size != info.file_size:
            raise damaged(self.name, f"'{info.filename}' is cut short")
        return start

    def extract(self, prefix: str, folder: Path) -> bool:
        """Writes the members right below `prefix` into a folder; whether there are any."""
        found = False
        for name in self.members:
            rest = name.removeprefix(f"{prefix}/")
            if name.endswith("/") or not name.startswith(f"{prefix}/") or "/" in rest:
                continue
            (folder / rest).write_bytes(self.read(name, _UNPACKED))
            found = True
        return found


class Window(RawIOBase):
    """A part of a file as a file of its own.

    Args:
        file: the whole file.
        start: where the part begins, bytes.
        size: of the part, bytes.
    """

    def __init__(self, file: IO[bytes], start: int, size: int) -> None:
        super().__init__()
        self._file, self._start, self._size = file, start, size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        view = view[: max(0, min(len(view), self._size - self._at))]
        self._file.seek(self._start + self._at)
        count = self._file.readinto(view)  # type: ignore[attr-defined]
        self._at += count
        return count


def _checksum(file: int, start: int, size: int) -> int:
    """The CRC of a part of a file, read apart from whoever else reads it."""
    value, at = 0, start
    while block := os.pread(file, min(_BLOCK, start + size - at), at):
        value, at = zlib.crc32(block, value), at + len(block)
    return value
