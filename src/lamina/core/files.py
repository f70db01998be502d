"""Files that are whole at any moment: written beside their place, and put there by a single rename."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from lamina.core.errors import FileError, MissingFolderError


@contextmanager
def atomic_write(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Opens a file that takes the place of `path` once all is written, and is gone if anything goes wrong.

    A full disk, a kill or a power cut leaves what was there before.

    Args:
        path: the file; its folder has to exist.

    Yields:
        A binary file, open for writing and reading.

    Raises:
        MissingFolderError: if there is no such folder.
        FileError: if the file cannot be written for another reason.

    Example:
        >>> import pathlib
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "notes"
        >>> with atomic_write(path) as file:
        ...     _ = file.write(b"whole")
        >>> path.read_bytes()
        b'whole'
    """
    # A link goes on pointing to what it pointed to.
    target = os.path.realpath(path)
    folder, name = os.path.split(target)
    with file_errors(path):
        if os.path.isdir(target):
            raise IsADirectoryError(21, "there is a folder of that name")
        number, temporary = tempfile.mkstemp(prefix=f".{name}.", suffix=".part", dir=folder)
    try:
        with file_errors(path), open(number, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        with file_errors(path):
            os.chmod(temporary, _mode(target))
            os.replace(temporary, target)
            _sync_folder(folder)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


@contextmanager
def file_errors(path: str | os.PathLike[str]) -> Iterator[None]:
    """Turns what the system says about a file that cannot be written into lamina's errors.

    Args:
        path: the file, for messages.
    """
    name = os.fspath(path)
    folder = os.path.dirname(name) or "."
    try:
        yield
    except FileError:
        raise
    except FileNotFoundError:
        raise MissingFolderError(
            f"'{name}' cannot be written: there is no folder '{folder}'.",
            hint=f"create it first: os.makedirs({folder!r}).",
        ) from None
    except PermissionError:
        raise FileError(
            f"'{name}' cannot be written: the folder '{folder}' or the file is read-only for you.",
            hint="choose a folder that you may write to.",
        ) from None
    except OSError as error:
        raise FileError(f"'{name}' cannot be written: {error.strerror or error}.") from error


def _mode(target: str) -> int:
    """The permissions of the file that is there, else those that a new one gets."""
    try:
        return os.stat(target).st_mode & 0o777
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


def _sync_folder(folder: str) -> None:
    """Has the rename itself survive a power cut, where folders can be synced."""
    with contextlib.suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
