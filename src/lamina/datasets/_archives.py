"""Extraction of archives that nobody vouches for."""

import lzma
import os
import posixpath
import shutil
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Collection, Sequence
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
            _check_links(tar.getmembers())
            tar.extractall(folder, filter="data")
    elif "zip" in formats and zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as members:
            for name in members.namelist():
                if _escapes(name):
                    raise ValueError(f"its member {name!r} would land outside")
            members.extractall(folder)
    else:
        raise ValueError(f"it is no archive of the formats allowed ({', '.join(formats) or 'none'})")


def _check_links(members: Sequence[tarfile.TarInfo]) -> None:
    """Refuses members that are reached through links: where those lead is not known before they are there.

    The filter of `tarfile` asks the disk, and chains of links have led older versions of it outside.

    Raises:
        ValueError: names the member.
    """
    links = {_place(member.name, frozenset()) for member in members if member.issym()}
    for member in members:
        beside = posixpath.dirname(member.name) if member.issym() else ""
        ways = [member.name, posixpath.join(beside, member.linkname)] if member.linkname else [member.name]
        places = [_place(way, links) for way in ways]
        if None in places or (member.islnk() and places[1] in links):
            raise ValueError(f"its member {member.name!r} leads through a link or outside")


def _place(way: str, links: Collection[tuple[str, ...] | None]) -> tuple[str, ...] | None:
    """Where a path leads, as the most forgiving file system compares names; `None` through a link, or outside."""
    place: list[str] = []
    for part in unicodedata.normalize("NFC", way).casefold().replace("\\", "/").split("/"):
        if part in ("", "."):
            continue
        if tuple(place) in links or (part == ".." and not place):
            return None
        if part == "..":
            place.pop()
        else:
            place.append(part)
    return tuple(place)


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
