"""The folder of downloaded files: what is in it, and how files get there.

It is laid out as Keras lays it out, so that each finds what the other has fetched.
"""

import os
import posixpath
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from lamina.core.config import home
from lamina.core.errors import ArgumentError, suggestion
from lamina.core.tracebacks import warn_user
from lamina.datasets._archives import extract as extract_archive
from lamina.datasets._checksums import Checksum

STORE = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
_FORMATS = ("tar", "zip")

T = TypeVar("T")


@dataclass(frozen=True)
class DataFile:
    """A published file of a data set.

    Args:
        name: its name in the cache.
        sha256: its checksum, in hexadecimal digits.
        origin: its address; by default its name in the store that Keras uses.
        folder: where it is kept, relative to `lamina.core.config.home()`.
    """

    name: str
    sha256: str
    origin: str = ""
    folder: str = "datasets"

    def load(self, read: Callable[[Path], T], name: str | os.PathLike[str] | None = None) -> T:
        """Reads the file, fetching it first where the cache has no usable one.

        A cached file with another checksum may still be the data set: saved anew, it has other time stamps. If
        `read` accepts it, it is used, with a warning; if not, it is replaced by the published one. So `read` must
        check what it reads, and must be safe on any bytes.

        Args:
            read: turns the file at a path into the result; raises if it is not what it should be.
            name: another name for it in the cache.

        Returns:
            What `read` returns.

        Raises:
            DownloadError: if it has to be fetched and cannot be.
        """
        path = cached_path(name or self.name, self.folder)
        checksum = Checksum.parse(self.sha256)
        if path.exists():
            published = checksum.matches(path)
            try:
                contents = read(path)
            except Exception as fault:  # foreign bytes can make a reader raise anything
                if published:
                    raise
                warn_user(f"{path} is not the published file ({fault}). It is downloaded anew.")
            else:
                if not published:
                    warn_user(
                        f"{path} is not the published file (another SHA-256), but has the same form, and is used. "
                        "Delete it to download the published one."
                    )
                return contents
        _download(self.origin or STORE + self.name, path, checksum)
        return read(path)


def get_file(
    fname: str | os.PathLike[str] | None = None,
    origin: str | None = None,
    untar: bool = False,
    md5_hash: str | None = None,
    file_hash: str | None = None,
    cache_subdir: str = "datasets",
    hash_algorithm: str = "auto",
    extract: bool = False,
    archive_format: str | Sequence[str] | None = "auto",
    cache_dir: str | os.PathLike[str] | None = None,
    force_download: bool = False,
) -> str:
    """Fetches a file, unless the cache has it, and extracts it if asked.

    Args:
        fname: its name in the cache; by default the last part of `origin`. With `extract`, a name with a dot names
            the archive (extracted to `NAME_extracted`), a name without one the folder.
        origin: its address.
        untar: older form of `extract=True, archive_format="tar"`.
        md5_hash: older form of `file_hash`, an MD5.
        file_hash: what the file must hash to. A cached file with another value is fetched anew.
        cache_subdir: folder below `cache_dir`, or an absolute path.
        hash_algorithm: `"sha256"`, `"md5"` or `"auto"`.
        extract: whether to extract the file as an archive. A folder that is there is used as it is, unless the
            archive had to be fetched.
        archive_format: `"tar"`, `"zip"`, a list of these, or `"auto"` for both.
        cache_dir: the cache; by default `LAMINA_HOME`, `KERAS_HOME` or `~/.keras`.
        force_download: whether to fetch it even if the cache has it.

    Returns:
        The path of the file, or of the folder that it was extracted to.

    Raises:
        ArgumentError: if `origin` is missing, or a name or format is none.
        DownloadError: if the file cannot be fetched, has another checksum or cannot be extracted.

    Example:
        >>> import pathlib, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     source = pathlib.Path(folder, "numbers.csv")
        ...     _ = source.write_text("1,2,3")
        ...     path = get_file(origin=source.as_uri(), cache_dir=folder)
        ...     pathlib.Path(path).relative_to(folder).as_posix()
        'datasets/numbers.csv'
    """
    if not isinstance(origin, str):
        raise ArgumentError(
            f"get_file needs the address of the file. Received: origin={origin!r}", hint="pass origin='https://…'."
        )
    if file_hash is None and md5_hash is not None:
        file_hash, hash_algorithm = md5_hash, "md5"
    checksum = None if file_hash is None else Checksum.parse(file_hash, hash_algorithm)
    name = os.fspath(fname) if fname else posixpath.basename(urlsplit(origin).path)
    if not (extract or untar):
        target = cached_path(name, cache_subdir, cache_dir)
        _ensure(origin, target, checksum, force_download)
        return str(target)
    formats = _formats("tar" if untar else archive_format)
    if fname and "." in name:
        archive, folder = name, f"{name.partition('.')[0]}_extracted"
    else:
        archive, folder = f"{name}_archive", name
    target = cached_path(archive, cache_subdir, cache_dir)
    extracted = cached_path(folder, cache_subdir, cache_dir)
    fetched = _ensure(origin, target, checksum, force_download)
    if fetched or not extracted.exists():
        extract_archive(target, extracted, formats)
    return str(extracted)


def cached_path(
    name: str | os.PathLike[str], folder: str = "datasets", cache_dir: str | os.PathLike[str] | None = None
) -> Path:
    """Where a file is, or would be, in the cache.

    Raises:
        ArgumentError: if `name` is empty or has folders in it.
    """
    name = os.fspath(name)
    if name in ("", ".", "..") or "/" in name or "\\" in name:
        raise ArgumentError(
            f"a file in the cache needs a name without folders. Received: {name!r}",
            hint="name the folder with cache_dir and cache_subdir, or with the environment variable LAMINA_HOME.",
        )
    base = home() if cache_dir is None else Path(cache_dir).expanduser()
    return base / folder / name


def _ensure(origin: str, target: Path, checksum: Checksum | None, force: bool) -> bool:
    """Makes `target` the right file; returns whether it had to be fetched."""
    if not force and target.exists():
        if checksum is None or checksum.matches(target):
            return False
        warn_user(f"{target} has another {checksum.algorithm} than {checksum.digest}. It is downloaded anew.")
    _download(origin, target, checksum)
    return True


def _download(origin: str, target: Path, checksum: Checksum | None) -> None:
    # urllib and rich take 0.1 s to import, and a file that is there needs neither.
    from lamina.datasets._download import download

    download(origin, target, checksum)


def _formats(archive_format: str | Sequence[str] | None) -> Sequence[str]:
    if archive_format == "auto":
        return _FORMATS
    formats = [archive_format] if isinstance(archive_format, str) else list(archive_format or ())
    for name in formats:
        if name not in _FORMATS:
            raise ArgumentError(
                f"archive_format must be 'auto', 'tar', 'zip' or a list of these. Received: {name!r}",
                hint=suggestion(name, _FORMATS),
            )
    return formats
