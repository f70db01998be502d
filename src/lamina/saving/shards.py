"""Weights in several files: a JSON text that tells which objects' arrays are where, and the files beside it."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

import h5py

from lamina.core.errors import ArgumentError, LoadError, MissingFileError, UnsafeFileError
from lamina.core.files import replacing
from lamina.core.validate import as_number
from lamina.saving.entries import Entry
from lamina.saving.hdf5 import opened_hdf5, read_group
from lamina.saving.json_text import read_json
from lamina.saving.new_hdf5 import new_hdf5

ENDING = ".weights.json"
_GIGABYTE = 1 << 30
_SHARD = ".weights.h5"


def write_shards(path: str | os.PathLike[str], entries: list[Entry], max_shard_size: Any) -> None:
    """Writes arrays in files of a largest size.

    The files of an earlier save stay until the new text that names the new files is in place.

    Args:
        path: of the JSON text.
        entries: what to write.
        max_shard_size: of each file, gigabytes.

    Raises:
        ArgumentError: for a size that is none, or one that is too small for an array.
        FileError: if a file cannot be written.
    """
    limit = as_number(max_shard_size) * _GIGABYTE
    if not limit > 0:
        raise ArgumentError(f"max_shard_size must be a positive number of gigabytes. Received: {max_shard_size!r}")
    target = Path(path)
    shards = _divided(entries, limit)
    names = _new_names(target, len(shards))
    places: dict[str, list[str]] = {}
    for name, shard in zip(names, shards, strict=True):
        with replacing(target.with_name(name)) as file, new_hdf5(file) as new:
            new.add_entries(shard)
        for entry in shard:
            if entry.arrays:
                places.setdefault(f"/{entry.path}/vars".replace("//", "/"), []).append(name)
    total = sum(array.nbytes for entry in entries for array in entry.arrays.values())
    before = _names_in(target)
    with replacing(target, "w") as text:
        json.dump({"metadata": {"total_size": total}, "weight_map": places}, text, indent=4)
    for name in before - set(names):
        with suppress(OSError):
            target.with_name(name).unlink()


def _divided(entries: list[Entry], limit: float) -> list[list[Entry]]:
    shards: list[list[Entry]] = [[]]
    free = limit
    for entry in entries:
        part = Entry(entry.path, entry.name)
        shards[-1].append(part)
        for name, array in entry.arrays.items():
            if array.nbytes > limit:
                raise ArgumentError(
                    f"max_shard_size is {limit:,.0f} bytes, but '{entry.path}' has an array of {array.nbytes:,} bytes.",
                    hint="allow larger files.",
                )
            if array.nbytes > free:
                part, free = Entry(entry.path, entry.name), limit
                shards.append([part])
            part.arrays[name] = array
            free -= array.nbytes
    return shards


def _new_names(target: Path, count: int) -> list[str]:
    """Names as Keras gives them; others where these are taken, so that no file in use is written over."""
    stem = target.name.removesuffix(ENDING)
    names = [f"{stem}_{number:05}{_SHARD}" for number in range(count)]
    if any(target.with_name(name).exists() for name in names):
        token = uuid4().hex[:8]
        names = [f"{stem}_{token}_{number:05}{_SHARD}" for number in range(count)]
    return names


def _names_in(target: Path) -> set[str]:
    """The files that the text of an earlier save names."""
    try:
        places = read_json(target.read_bytes(), target.name)["weight_map"]
        found = {name for names in places.values() for name in names}
    except (OSError, LoadError, KeyError, TypeError, AttributeError):
        return set()
    return {name for name in found if isinstance(name, str) and name == Path(name).name and name.endswith(_SHARD)}


@contextmanager
def opened_shards(file: IO[bytes], path: str | os.PathLike[str]) -> Iterator[Any]:
    """A function from the path of an object to its arrays.

    Args:
        file: the JSON text, open for reading.
        path: of the text; the other files lie beside it.

    Raises:
        LoadError: if a file is missing or damaged.
        UnsafeFileError: if the text names files elsewhere.
    """
    target = Path(path)
    text = read_json(file.read(1 << 25), target.name)
    places = text.get("weight_map")
    if not isinstance(places, dict) or not all(_is_list_of_names(names) for names in places.values()):
        raise LoadError(f"'{target.name}' names no files of weights.")
    with ExitStack() as stack:
        files: dict[str, h5py.File] = {}
        for name in dict.fromkeys(name for names in places.values() for name in names):
            files[name] = stack.enter_context(_opened(target, name))

        def read(path: str) -> Mapping[str, Any]:
            names = places.get(f"/{path}/vars".replace("//", "/"), [])
            return {key: array for name in names for key, array in read_group(files[name], path).items()}

        yield read


def _is_list_of_names(names: Any) -> bool:
    return isinstance(names, list) and all(isinstance(name, str) for name in names)


@contextmanager
def _opened(target: Path, name: str) -> Iterator[h5py.File]:
    if name != Path(name).name or "\\" in name or not name.endswith(_SHARD):
        raise UnsafeFileError(f"'{target.name}' names the file {name!r}, which is no {_SHARD} beside it.")
    place = target.with_name(name)
    if os.path.islink(place) or not os.path.isfile(place):
        raise MissingFileError(f"'{target.name}' names the file '{name}', which is not beside it.")
    with place.open("rb") as file, opened_hdf5(file, name) as group:
        yield group
