"""Extraction of archives that nobody vouches for."""

import lzma
import os
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath
from uuid import uuid4

from lamina.core.errors import DownloadError

_FAULTS = (
    OSError,
    EOFError,
    RuntimeError,
    ValueError,
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
)


def extract(archive: Path, folder: Path, formats: Sequence[str]) -> None:
    """Extracts a tar or zip archive into `folder`.

    The members are first written to a folder of their own beside it, so that `folder` appears complete or not at
    all. Where it exists already, the members replace files of the same names and all others stay.

    Args:
        archive: the file; tar archives may be compressed.
        folder: where the members go.
        formats: which of `"tar"` and `"zip"` it may be.

    Raises:
        DownloadError: if it is no such archive, is broken, or has a member that would land outside `folder`.
    """
    scratch = folder.with_name(f".{folder.name}.{uuid4().hex}.part")
    try:
        scratch.mkdir()
        _unpack(archive, scratch, formats)
        _move(scratch, folder)
    except _FAULTS as fault:
        raise DownloadError(
            f"{archive} could not be extracted to {folder}: {fault}",
            hint="fetch the archive anew with force_download=True.",
        ) from fault
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _unpack(archive: Path, folder: Path, formats: Sequence[str]) -> None:
    if "tar" in formats and tarfile.is_tarfile(archive):
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="data")
    elif "zip" in formats and zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as members:
            for name in members.namelist():
                if _escapes(name):
                    raise ValueError(f"its member {name!r} would land outside")
            members.extractall(folder)
    else:
        raise ValueError(f"it is no archive of the formats allowed ({', '.join(formats) or 'none'})")


def _escapes(name: str) -> bool:
    windows = PureWindowsPath(name)
    return bool(windows.anchor) or PurePosixPath(name).is_absolute() or ".." in windows.parts


def _move(scratch: Path, folder: Path) -> None:
    try:
        os.rename(scratch, folder)
    except OSError:  # the folder exists and is not empty
        for member in sorted(scratch.rglob("*")):
            place = folder / member.relative_to(scratch)
            if member.is_dir() and not member.is_symlink():
                place.mkdir(parents=True, exist_ok=True)
            else:
                os.replace(member, place)
