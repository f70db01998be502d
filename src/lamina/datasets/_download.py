"""Downloads that arrive whole or not at all."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen
from uuid import uuid4

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from lamina.core.errors import DownloadError
from lamina.datasets._checksums import Checksum
from lamina.version import __version__

TIMEOUT = 30.0  # seconds without a connection, or without a single byte, until we give up
_BLOCK = 1 << 18  # bytes
_ABANDONED = 24 * 3600  # seconds after which a partial file belongs to no living download


def download(origin: str, target: Path, checksum: Checksum | None = None) -> None:
    """Fetches `origin` to `target`.

    The bytes go to a partial file in the same folder, which takes the name of `target` only when it is complete
    and has the right checksum. Whatever goes wrong, a file that was there before is left as it was and nothing
    else is left behind. Several processes may fetch the same file at once: each writes its own partial file.

    Args:
        origin: the address.
        target: where the file is to be; folders are made as needed.
        checksum: what the file must hash to, or `None` to take any.

    Raises:
        DownloadError: if the file cannot be fetched, is cut short or has another checksum.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(target)
        part = target.with_name(f".{target.name}.{uuid4().hex}.part")
        try:
            _fetch(origin, part, target.name)
            if checksum is not None and (digest := checksum.of(part)) != checksum.digest:
                raise OSError(f"its {checksum.algorithm} is {digest}, expected {checksum.digest}; it was thrown away")
            os.replace(part, target)
        finally:
            part.unlink(missing_ok=True)
        _sync_folder(target.parent)
    except (OSError, HTTPException, ValueError) as fault:  # ValueError: an address that is none
        raise _failure(origin, target, fault) from None  # its reason is in the message


def _fetch(origin: str, part: Path, name: str) -> None:
    request = Request(origin, headers={"User-Agent": f"lamina/{__version__}"})
    with urlopen(request, timeout=TIMEOUT) as response, part.open("xb") as file:
        given = response.headers.get("Content-Length")
        length = None if given is None else int(given)
        with _progress(name, length) as advance:
            while block := response.read(_BLOCK):
                file.write(block)
                advance(len(block))
        # urllib takes a connection that closes early for the end of the file.
        if length is not None and file.tell() != length:
            raise OSError(f"the connection ended after {file.tell():,} of {length:,} bytes")
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _progress(name: str, length: int | None) -> Iterator[Callable[[int], None]]:
    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda count: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(name, total=length)
        yield lambda count: bar.advance(task, count)


def _remove_abandoned(target: Path) -> None:
    """Removes what killed processes left of this very file; no one else will."""
    for part in target.parent.glob(f".{target.name}.*.part"):
        try:
            if time.time() - part.stat().st_mtime > _ABANDONED:
                part.unlink()
        except FileNotFoundError:  # another process was faster
            continue


def _sync_folder(folder: Path) -> None:
    """Makes the rename itself survive a power cut, where the system lets folders be opened (POSIX)."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _failure(origin: str, target: Path, fault: Exception) -> DownloadError:
    held = f"the file at {target} is not it" if target.exists() else f"it is not at {target}"
    return DownloadError(
        f"{target.name!r} could not be had: {held}, and the download from {origin} failed: {_reason(fault)}.",
        hint=f"fetch {origin} by other means and save it as {target}, or let the environment variable LAMINA_HOME "
        f"name a folder that has {target.parent.name}/{target.name}.",
    )


def _reason(fault: Exception) -> str:
    if isinstance(fault, HTTPError):
        fault.close()
        return f"the server answered {fault.code} ({fault.reason})"
    if isinstance(fault, URLError) and isinstance(fault.reason, Exception):
        fault = fault.reason
    if isinstance(fault, TimeoutError):
        return f"nothing came for {TIMEOUT:g} s"
    return str(fault).rstrip(".") or type(fault).__name__
