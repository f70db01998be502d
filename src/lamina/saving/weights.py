"""The weights of a model in a file of any format."""

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from lamina.core.errors import ArgumentError, ArgumentTypeError, FileError, MissingFileError, NotBuiltError, suggestion
from lamina.core.files import replacing
from lamina.core.tracebacks import public
from lamina.core.validate import file_path
from lamina.layers.layer import Layer
from lamina.saving import legacy, native, shards
from lamina.saving.archive import Archive
from lamina.saving.entries import entries_of, restore
from lamina.saving.hdf5 import MAGIC, opened_hdf5, read_group
from lamina.saving.new_hdf5 import new_hdf5
from lamina.saving.safetensors import read_safetensors, write_safetensors

_log = logging.getLogger("lamina")
_told: set[str] = set()
_HDF5 = ".weights.h5"
_LEGACY = (".h5", ".hdf5")


@public
def save_weights(
    model: Any, filepath: str | os.PathLike[str], overwrite: bool = True, max_shard_size: float | None = None
) -> None:
    """Writes the weights of a model, and the state of its optimizer, to a file.

    The ending chooses the format: `.weights.h5` for Keras 3's, `.weights.json` for the same in several files, `.h5` for
    Keras 2's (without the optimizer), `.safetensors`; any other ending gets the first, which is told once.

    Args:
        model: built.
        filepath: the file.
        overwrite: whether a file that is there is replaced.
        max_shard_size: the largest size of each of several files, gigabytes; for `.weights.json`, which `.weights.h5`
            becomes.

    Raises:
        NotBuiltError: if there are no weights yet.
        ArgumentError: if `max_shard_size` does not go with the ending.
        FileError: if the file cannot be written; an old one stays as it is.

    Example:
        >>> import tempfile, lamina
        >>> model = lamina.Sequential([lamina.Input((3,)), lamina.layers.Dense(1)])
        >>> path = Path(tempfile.mkdtemp(), "dense.weights.h5")
        >>> save_weights(model, path)
        >>> load_weights(model, path)
    """
    require_layer("save_weights", model)
    name = file_path("save_weights", "filepath", filepath)
    if not model.built:
        raise NotBuiltError(
            f"{type(model).__name__} '{model.name}' has no weights yet, so they cannot be saved.",
            hint="build it first: call it on data, call build(input_shape), or fit it.",
        )
    if max_shard_size is not None and name.endswith(_HDF5):
        name = name.removesuffix(_HDF5) + shards.ENDING
        _tell(name, "several files, since max_shard_size is given")
    if (max_shard_size is not None) != name.endswith(shards.ENDING):
        raise ArgumentError(
            f"max_shard_size goes with files that end in {shards.ENDING}. Received: filepath='{name}', "
            f"max_shard_size={max_shard_size!r}"
        )
    refuse_overwriting(name, overwrite)
    if max_shard_size is not None:
        shards.write_shards(name, entries_of(model), max_shard_size)
    elif name.endswith(".safetensors"):
        write_safetensors(name, entries_of(model))
    elif name.endswith(_LEGACY) and not name.endswith(_HDF5):
        _tell(name, "Keras 2's HDF5 format, layer by layer and without the optimizer's state")
        legacy.save_legacy_weights(model, name)
    else:
        if not name.endswith(_HDF5):
            _tell(name, "the format of .weights.h5 files")
        with replacing(name) as file, new_hdf5(file) as new:
            new.add_entries(entries_of(model))


@public
def load_weights(
    model: Any,
    filepath: str | os.PathLike[str],
    skip_mismatch: bool = False,
    objects_to_skip: Any = None,
    by_name: bool = False,
) -> None:
    """Reads the weights of a model from a file, and the state of its optimizer, if both have one.

    The content tells the format, not the ending: all that `save_weights` writes, and whole models too.

    Args:
        model: built as the saved one was.
        filepath: the file.
        skip_mismatch: whether to leave layers as they are whose weights do not fit, with a warning.
        objects_to_skip: layers that are left as they are.
        by_name: whether layers find each other by their names; for files of Keras 2's format.

    Raises:
        MissingFileError: if there is no such file.
        LoadError: if the weights do not fit, or the file is damaged.
        UnsafeFileError: if it asks for what files are not trusted with.
    """
    require_layer("load_weights", model)
    name = file_path("load_weights", "filepath", filepath)
    if not model.built:
        raise NotBuiltError(
            f"{type(model).__name__} '{model.name}' is not built yet, so weights cannot be loaded into it.",
            hint="build it first: call it on data, call build(input_shape), or put an Input first.",
        )
    if getattr(model, "optimizer", None) is not None and not model.optimizer.built:
        model.optimizer.build(model.trained_variables())
    with opened(name) as (file, kind):
        if by_name and kind != "hdf5":
            raise ArgumentError(f"by_name=True goes with files of Keras 2's HDF5 format. Received: '{name}'")
        if kind == "zip":
            native.restore_from(Archive(file, name), model, skip_mismatch, objects_to_skip)
            return
        if kind == "hdf5":
            _load_hdf5(file, name, model, skip_mismatch, objects_to_skip, by_name)
            return
        if kind == "json":
            with shards.opened_shards(file, name) as read:
                restore(model, read, skip_mismatch, objects_to_skip)
            return
        tables: Mapping[str, Any] = read_safetensors(file, name)
        restore(model, lambda path: tables.get(path, {}), skip_mismatch, objects_to_skip)


def _load_hdf5(file: IO[bytes], name: str, model: Any, skip: bool, objects: Any, by_name: bool) -> None:
    with opened_hdf5(file, name) as group:
        if legacy.is_legacy(group):
            legacy.load_layers(group, model, name, by_name, skip)
        elif by_name:
            raise ArgumentError(f"by_name=True goes with files of Keras 2's HDF5 format. Received: '{name}'")
        else:
            restore(model, lambda path: read_group(group, path), skip, objects)


@contextmanager
def opened(name: str) -> Iterator[tuple[IO[bytes], str]]:
    """A file to load, and what its first bytes say it is: `"zip"`, `"hdf5"`, `"json"` or `"safetensors"`.

    Raises:
        MissingFileError: if there is none; names the nearest in its folder.
        FileError: if it cannot be read.
    """
    path = Path(name)
    if not path.exists():
        beside = [item.name for item in path.parent.iterdir()] if path.parent.is_dir() else []
        hint = suggestion(path.name, beside) if beside else f"there is no folder '{path.parent}', or nothing is in it."
        raise MissingFileError(f"There is no file '{name}'.", hint=hint)
    if not path.is_file():
        raise FileError(f"'{name}' is a folder, or no file to read.", hint="give the name of a file.")
    try:
        file = path.open("rb")
    except OSError as fault:
        raise FileError(f"'{name}' cannot be read: {fault.strerror or fault}.") from fault
    with file:
        first = file.read(16)
        file.seek(0)
        if first.startswith(MAGIC):
            kind = "hdf5"
        elif first.startswith(native.MAGIC):
            kind = "zip"
        else:
            kind = "json" if first.lstrip()[:1] == b"{" else "safetensors"
        yield file, kind


def require_layer(owner: str, model: Any) -> None:
    """Raises unless `model` is one, or a layer.

    Raises:
        ArgumentTypeError: says what it is.
    """
    if not isinstance(model, Layer):
        raise ArgumentTypeError(
            f"{owner}: model must be a model or a layer. Received: model={model!r}",
            hint=f"the model comes first, then the path: {owner}(model, filepath).",
        )


def refuse_overwriting(name: str, overwrite: bool) -> None:
    """Raises if a file is there that must not be replaced.

    Raises:
        FileError: says so.
    """
    if not overwrite and os.path.exists(name):
        raise FileError(f"'{name}' exists, and overwrite=False.", hint="choose another name, or pass overwrite=True.")


def _tell(name: str, choice: str) -> None:
    ending = Path(name).suffix
    if ending not in _told:
        _told.add(ending)
        _log.warning("lamina writes '%s' in %s.", name, choice)
