"""Files that are written whole or not at all."""

import errno
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

from lamina.core.errors import FileError, MissingFolderError

_ABANDONED = 24 * 3600  # seconds after which a partial file belongs to no living process


@contextmanager
def replacing(path: str | os.PathLike[str], mode: str = "w+b", **options: Any) -> Iterator[IO[Any]]:
    r"""A file to write to that takes the place of `path` when the block ends without an error.

    The bytes go to a partial file in the same folder. Only when it is complete and on the disk, it is renamed. So
    whatever happens, a full disk, a kill, a power cut, there is the old file or the new one, and each is whole.

    Args:
        path: where the file is to be.
        mode: in which to open it.
        **options: as for `open`.

    Raises:
        MissingFolderError: if the folder does not exist.
        FileError: if the file cannot be written; the old one is as it was.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp(), "log.csv")
        >>> with replacing(path, "w", newline="") as file:
        ...     _ = file.write("epoch,loss\n")
        >>> path.read_text(), len(list(path.parent.iterdir()))
        ('epoch,loss\n', 1)
    """
    target = _checked(path)
    part = part_of(target)
    try:
        remove_abandoned(target)
        with open(part, mode.replace("w", "x"), **options) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, part)
        os.replace(part, target)
        sync_folder(target.parent)
    except FileError:
        raise
    except OSError as fault:
        raise failure(target, fault) from fault
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def part_of(target: Path) -> Path:
    """The name of a new partial file beside `target`."""
    return target.with_name(f".{target.name}.{uuid4().hex}.part")


def remove_abandoned(target: Path) -> None:
    """Removes what killed processes left of this very file; no one else will."""
    for part in target.parent.glob(f".{_escaped(target.name)}.*.part"):
        with suppress(FileNotFoundError):  # another process was faster
            if time.time() - part.stat().st_mtime > _ABANDONED:
                part.unlink()


def sync_folder(folder: Path) -> None:
    """Makes a rename itself survive a power cut, where the system lets folders be opened (POSIX)."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def failure(target: Path, fault: OSError) -> FileError:
    """The error for a file that could not be written."""
    kept = "The file that was there before is as it was." if target.exists() else "Nothing was left behind."
    hints = {
        errno.ENOSPC: "make room on the disk, or save to another one.",
        errno.EDQUOT: "make room, or ask for a larger quota.",
        errno.EFBIG: "save to a file system, or under a limit, that allows larger files.",
        errno.EACCES: f"save to a folder that you may write to; this one is {target.parent}.",
        errno.EPERM: f"save to a folder that you may write to; this one is {target.parent}.",
        errno.EROFS: "save to a folder that is not on a read-only file system.",
    }
    code = fault.errno or 0
    error = FileError(f"'{target}' could not be written: {fault.strerror or fault}. {kept}", hint=hints.get(code))
    error.errno = fault.errno
    return error


def _checked(path: str | os.PathLike[str]) -> Path:
    target = Path(os.path.realpath(path))  # what a symbolic link points to is replaced, not the link
    if target.is_dir() or os.fspath(path).endswith(os.sep):
        raise FileError(f"'{path}' is a folder, so no file can be written there.", hint="add the name of a file.")
    if not target.parent.is_dir():
        raise MissingFolderError(
            f"'{path}' cannot be written: there is no folder '{target.parent}'.",
            hint=f"make it first: os.makedirs({str(Path(path).parent)!r}, exist_ok=True).",
        )
    return target


def _escaped(name: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)
