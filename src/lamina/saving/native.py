"""`.keras` files: a zip of the model's description, its weights and its layers' assets, as Keras writes it."""

import json
import os
import tempfile
import zipfile
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from lamina.core.files import replacing
from lamina.core.variable import restoring
from lamina.saving.archive import Archive
from lamina.saving.entries import entries_of, restore
from lamina.saving.hdf5 import opened_hdf5, read_group
from lamina.saving.json_text import read_json
from lamina.saving.new_hdf5 import new_hdf5
from lamina.saving.records import describe, finish, revive
from lamina.saving.tree import saved_objects
from lamina.version import __version__

KERAS_VERSION = "3.15.1"  # whose layout the files have
MAGIC = b"PK\x03\x04"

_METADATA, _CONFIG, _WEIGHTS, _ASSETS = "metadata.json", "config.json", "model.weights.h5", "assets"


def save_native(model: Any, path: str | os.PathLike[str]) -> None:
    """Writes a model as a `.keras` file.

    Args:
        model: what to save.
        path: the file.

    Raises:
        ArgumentError: if the model cannot be described.
        FileError: if the file cannot be written; an old one stays as it is.
    """
    saved = datetime.now().strftime("%Y-%m-%d@%H:%M:%S")
    metadata = {"keras_version": KERAS_VERSION, "lamina_version": __version__, "date_saved": saved}
    config = json.dumps(describe(model))
    with replacing(path) as file, zipfile.ZipFile(file, "w") as archive:
        archive.writestr(_METADATA, json.dumps(metadata))
        archive.writestr(_CONFIG, config)
        with archive.open(_WEIGHTS, "w", force_zip64=True) as weights, new_hdf5(weights) as new:
            new.add_entries(entries_of(model))
        _add_assets(archive, model)


def _add_assets(archive: zipfile.ZipFile, model: Any) -> None:
    for path, node in saved_objects(model):
        if not hasattr(node, "save_assets"):
            continue
        with tempfile.TemporaryDirectory() as folder:
            node.save_assets(folder)
            for asset in sorted(Path(folder).rglob("*")):
                if asset.is_file():
                    place = f"{_ASSETS}/{path}".rstrip("/")
                    archive.write(asset, f"{place}/{asset.relative_to(folder).as_posix()}")


def load_native(
    file: IO[bytes], name: str, custom_objects: dict[str, Any] | None, compile: bool, safe_mode: bool
) -> Any:
    """The model of a `.keras` file.

    Args:
        file: open for reading.
        name: of the file, for messages.
        custom_objects: classes and functions by name.
        compile: whether to compile the model as the saved one was.
        safe_mode: whether to refuse the code of lambdas.

    Raises:
        LoadError: if the file is damaged, or does not fit what it describes.
        UnsafeFileError: if it asks for what files are not trusted with.
    """
    archive = Archive(file, name)
    config = read_json(archive.read(_CONFIG), name)
    with restoring() as made:
        model = revive(config, name, custom_objects, compile, safe_mode)
        restore_from(archive, model)
        finish(made, name, os.fstat(file.fileno()).st_size)
    return model


def restore_from(archive: Archive, model: Any, skip_mismatch: bool = False, objects_to_skip: Any = None) -> None:
    """Puts the weights and assets of an archive into a model."""
    with archive.opened(_WEIGHTS) as weights, opened_hdf5(weights, archive.name) as group:
        for path, node in saved_objects(model):
            if hasattr(node, "load_assets"):
                _restore_assets(archive, path, node)
        restore(model, lambda path: read_group(group, path), skip_mismatch, objects_to_skip)


def _restore_assets(archive: Archive, path: str, node: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        if archive.extract(f"{_ASSETS}/{path}".rstrip("/"), Path(folder)):
            node.load_assets(folder)
