"""Whole models in files: what they compute, their weights, and what they were compiled with."""

import os
from pathlib import Path
from typing import Any

from lamina.core.errors import ArgumentError, LoadError, suggestion
from lamina.core.tracebacks import public, warn_user
from lamina.core.validate import file_path
from lamina.saving.legacy import load_legacy, save_legacy
from lamina.saving.native import load_native, save_native
from lamina.saving.records import warn_unregistered
from lamina.saving.weights import opened, refuse_overwriting, require_layer

_FORMATS = {".keras": ".keras", ".h5": ".h5", ".hdf5": ".h5"}
_ENDINGS = {"keras": ".keras", "h5": ".h5"}


@public
def save_model(
    model: Any,
    filepath: str | os.PathLike[str],
    overwrite: bool = True,
    zipped: bool | None = None,
    include_optimizer: bool = True,
    save_format: str | None = None,
) -> None:
    """Writes a model to a file: its description, its weights, its optimizer's state.

    Args:
        model: what to save.
        filepath: ends in `.keras`; or in `.h5` for Keras 2's format.
        overwrite: whether a file that is there is replaced.
        zipped: accepted as Keras does; `.keras` files are archives.
        include_optimizer: whether to write what the model was compiled with; for `.h5`.
        save_format: Keras 2's way to choose the format: `"keras"` or `"h5"`.

    Raises:
        ArgumentError: for another ending, or a model that cannot be described.
        FileError: if the file cannot be written; an old one stays as it is.

    Example:
        >>> import tempfile, lamina
        >>> model = lamina.Sequential([lamina.Input((3,)), lamina.layers.Dense(1)])
        >>> path = Path(tempfile.mkdtemp(), "dense.keras")
        >>> save_model(model, path)
        >>> load_model(path).count_params()
        4
    """
    require_layer("save_model", model)
    name = file_path("save_model", "filepath", filepath)
    if save_format is not None and str(save_format) not in _ENDINGS:
        raise ArgumentError(
            f"save_format must be one of {', '.join(map(repr, _ENDINGS))}. Received: save_format={save_format!r}",
            hint="leave it out: the ending of the file chooses the format.",
        )
    ending = _ENDINGS.get(str(save_format)) or _FORMATS.get(Path(name).suffix)
    if ending is None or zipped is False or name.endswith(".weights.h5"):
        given = Path(name).suffix or "no ending"
        raise ArgumentError(
            f"A model is saved to a file that ends in .keras, or in .h5 for Keras 2's format. Received: '{name}'",
            hint=suggestion(given, list(_FORMATS)) + " Weights alone are saved by model.save_weights().",
        )
    refuse_overwriting(name, overwrite)
    if not model.built:
        warn_user(f"{type(model).__name__} '{model.name}' is saved before it is built, so without weights.")
    warn_unregistered(model)
    if ending == ".keras":
        save_native(model, name)
    else:
        save_legacy(model, name, include_optimizer)


@public
def load_model(
    filepath: str | os.PathLike[str],
    custom_objects: dict[str, Any] | None = None,
    compile: bool = True,
    safe_mode: bool = True,
) -> Any:
    """Reads a model from a file that lamina or Keras wrote.

    Nothing that a file says is run or imported, and no other file is opened for it. Classes and functions of your own
    have to be registered, or given by name.

    Args:
        filepath: the file.
        custom_objects: classes and functions by name.
        compile: whether to compile the model as the saved one was, with its optimizer's state.
        safe_mode: `False` to run the code of `lambda` functions in the file. Do so only if you trust who wrote it.

    Returns:
        The model.

    Raises:
        MissingFileError: if there is no such file.
        LoadError: if it is damaged, or does not fit what it describes.
        UnsafeFileError: if it asks for what files are not trusted with.
        UnknownNameError: if it names classes or functions that are not known.
    """
    name = file_path("load_model", "filepath", filepath)
    with opened(name) as (file, kind):
        if kind == "zip":
            return load_native(file, name, custom_objects, compile, safe_mode)
        if kind == "hdf5":
            return load_legacy(file, name, custom_objects, compile, safe_mode)
    raise LoadError(
        f"'{name}' is no file of a model.",
        hint="model.save() writes .keras and .h5 files; weights alone are loaded by model.load_weights().",
    )
