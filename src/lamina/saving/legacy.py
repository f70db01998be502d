"""Whole models in a single HDF5 file, the format of Keras 2, as Keras 3 still writes and reads it."""

import json
import os
from collections.abc import Iterable, Sequence
from typing import IO, Any

import h5py
import numpy as np

from lamina.core.errors import LaminaError, LoadError
from lamina.core.files import replacing
from lamina.core.serialization import custom_object_scope, reading_file
from lamina.core.tracebacks import warn_user
from lamina.core.variable import Variable, restoring
from lamina.optimizers.slots import has_not_begun
from lamina.saving.hdf5 import opened_hdf5, read_array, text_of
from lamina.saving.json_text import read_json
from lamina.saving.legacy_records import full_loss_names, modern_compile_config, modern_record, old_record
from lamina.saving.new_hdf5 import NewFile, new_hdf5
from lamina.saving.records import describe, finish, reading, revive
from lamina.version import __version__

_TOP = "top_level_model_weights"
_ATTRIBUTE_LIMIT = 64_000  # bytes: longer lists of names are cut into several attributes
KERAS_VERSION = "3.15.1"


def save_legacy(model: Any, path: str | os.PathLike[str], include_optimizer: bool = True) -> None:
    """Writes a model, with its optimizer's state, as one HDF5 file.

    Args:
        model: what to save.
        path: the file.
        include_optimizer: whether to write what the model was compiled with.

    Raises:
        ArgumentError: if the model cannot be described.
        FileError: if the file cannot be written; an old one stays as it is.
    """
    record = describe(model)
    compiled = record.pop("compile_config", None)
    with replacing(path) as file, new_hdf5(file) as new:
        group = new.root
        _sign(group)
        group.attrs["model_config"] = json.dumps(old_record(record))
        _write_layers(new, group.create_group("model_weights"), model)
        if include_optimizer and compiled:
            optimizer = compiled.pop("optimizer")
            compiled = {name: old_record(value) for name, value in compiled.items()}
            compiled["loss"] = full_loss_names(compiled.get("loss"))
            group.attrs["training_config"] = json.dumps({**compiled, "optimizer_config": old_record(optimizer)})
            _write_weights(new, group.create_group("optimizer_weights"), model.optimizer.variables)


def save_legacy_weights(model: Any, path: str | os.PathLike[str]) -> None:
    """Writes the weights alone, layer by layer, as Keras 2 did."""
    with replacing(path) as file, new_hdf5(file) as new:
        _write_layers(new, new.root, model)


def _write_layers(new: NewFile, group: h5py.Group, model: Any) -> None:
    """Writes the weights of each layer under its name."""
    _sign(group)
    _write_names(group, "layer_names", [layer.name for layer in model.layers])
    for layer in model.layers:
        _write_weights(new, group.create_group(layer.name), _weights_of(layer))
    _write_weights(new, group.create_group(_TOP), model.own_weights())


def _sign(group: h5py.Group) -> None:
    group.attrs["keras_version"], group.attrs["backend"] = KERAS_VERSION, "jax"
    group.attrs["lamina_version"] = __version__


def _write_weights(new: NewFile, group: h5py.Group, variables: Sequence[Variable]) -> None:
    names: list[str] = []
    for variable in variables:
        name = variable.path
        while name in names:
            name += "_1"
        names.append(name)
        new.add(group, name, np.asarray(variable.stored))
    _write_names(group, "weight_names", names)


def _write_names(group: h5py.Group, key: str, names: list[str]) -> None:
    size = sum(len(name.encode()) + 16 for name in names)
    if size <= _ATTRIBUTE_LIMIT:
        group.attrs[key] = names
        return
    parts = -(-size // _ATTRIBUTE_LIMIT) * 2
    for number, part in enumerate(np.array_split(np.array(names, object), parts)):
        group.attrs[f"{key}{number}"] = list(part)


# -- reading ---------------------------------------------------------------------------------------------------------


def is_legacy(group: h5py.Group) -> bool:
    """Whether a file has its weights layer by layer, by the layers' names."""
    return (
        any(key in group.attrs for key in ("layer_names", "layer_names0", "model_config")) or "model_weights" in group
    )


def load_legacy(
    file: IO[bytes], name: str, custom_objects: dict[str, Any] | None, compile: bool, safe_mode: bool
) -> Any:
    """The model of a file of Keras 2's format, written by Keras 2, Keras 3 or lamina.

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
    with opened_hdf5(file, name) as group, restoring() as made:
        if "model_config" not in group.attrs:
            raise LoadError(
                f"'{name}' holds weights alone, no model.",
                hint="build the model, then call model.load_weights() on it.",
            )
        with reading(name):
            record = modern_record(read_json(text_of(group.attrs["model_config"]), name))
        model = revive(record, name, custom_objects, False, safe_mode)
        if "model_weights" in group:
            load_layers(group, model, name)
        if compile and "training_config" in group.attrs:
            with reading(name), custom_object_scope(custom_objects or {}), reading_file(safe_mode):
                text = read_json(text_of(group.attrs["training_config"]), name)
                model.compile_from_config(modern_compile_config(text))
            _load_optimizer(group, model, name)
        finish(made, name, os.fstat(file.fileno()).st_size)
    return model


def load_layers(group: h5py.Group, model: Any, name: str, by_name: bool = False, skip_mismatch: bool = False) -> None:
    """Puts the weights of a file into the layers of a model.

    Args:
        group: what holds the layers.
        model: built as the saved one was.
        name: of the file, for messages.
        by_name: whether layers find each other by their names, and not by their order.
        skip_mismatch: whether to leave layers as they are whose weights do not fit, with a warning.

    Raises:
        LoadError: if weights do not fit.
    """
    inner = group.get("model_weights", group)
    if not isinstance(inner, h5py.Group):
        raise LoadError(f"'{name}' holds no group of weights.")
    group = inner
    stored = {layer: _arrays(group, layer, name) for layer in _read_names(group, "layer_names")}
    if by_name:
        pairs = [(layer, stored[layer.name]) for layer in model.layers if layer.name in stored]
    else:
        layers = [layer for layer in model.layers if _weights_of(layer)]
        filled = [arrays for arrays in stored.values() if arrays]
        if len(layers) != len(filled):
            raise LoadError(
                f"'{name}' holds the weights of {len(filled)} layers, but {type(model).__name__} '{model.name}' has "
                f"{len(layers)} layers with weights.",
                hint="build the model as the saved one was; or pass by_name=True to load the layers of equal names.",
            )
        pairs = list(zip(layers, filled, strict=True))
    faults = [fault for layer, arrays in pairs if (fault := _assign(_weights_of(layer), arrays, layer.name))]
    if _TOP in group and not by_name:
        faults += filter(None, [_assign(model.own_weights(), _arrays(group, _TOP, name), model.name)])
    if faults and not skip_mismatch:
        raise LoadError(f"'{name}' does not fit the model: {'; '.join(faults)}.", hint="or pass skip_mismatch=True.")
    if faults:
        warn_user(f"Layers were left as they were, since skip_mismatch=True: {'; '.join(faults)}.")


def _weights_of(layer: Any) -> list[Variable]:
    return [*layer.trainable_weights, *layer.non_trainable_weights]


def _assign(variables: Sequence[Variable], arrays: Sequence[Any], owner: str) -> str | None:
    """Assigns all, or none and tells why."""
    wanted, given = [v.shape for v in variables], [a.shape for a in arrays]
    if wanted != given:
        return f"'{owner}' has weights of the shapes {wanted}, but those in the file have {given}"
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)
    return None


def _arrays(group: h5py.Group, layer: str, name: str) -> list[Any]:
    place = group.get(layer)
    if not isinstance(place, h5py.Group):
        raise LoadError(f"'{name}' names the layer '{layer}', but does not hold it.")
    names = _read_names(place, "weight_names")
    found = [data for weight in names if isinstance(data := place.get(weight), h5py.Dataset)]
    if len(found) != len(names):
        raise LoadError(f"'{name}' does not hold all weights that it names for '{layer}'.")
    return [read_array(data) for data in found]


def _read_names(group: h5py.Group, key: str) -> list[str]:
    if key in group.attrs:
        values: Iterable[Any] = np.ravel(np.asarray(group.attrs[key]))
    else:
        numbers = range(sum(name.startswith(key) for name in group.attrs))
        values = [item for number in numbers for item in np.ravel(np.asarray(group.attrs.get(f"{key}{number}", [])))]
    return [text_of(value) for value in values]


def _load_optimizer(group: h5py.Group, model: Any, name: str) -> None:
    place = group.get("optimizer_weights")
    if not isinstance(place, h5py.Group) or not getattr(model, "built", False):
        return
    try:
        found: list[Any] = [place[weight] for weight in _read_names(place, "weight_names")]
        arrays = [read_array(data) for data in found]
        fitted = _fitted(arrays, model.optimizer.variables)
    except (LaminaError, KeyError, TypeError, AttributeError) as fault:
        raise LoadError(f"'{name}' names a state of the optimizer that it does not hold: {fault}.") from fault
    if fitted is None and not has_not_begun(arrays):
        warn_user(
            f"The state of the optimizer in '{name}' does not fit {type(model.optimizer).__name__}; training goes on "
            "with a new state."
        )
    for variable, array in fitted or ():
        variable.assign(array)


def _fitted(arrays: list[Any], variables: list[Variable]) -> list[tuple[Variable, Any]] | None:
    """Which array is whose: of Keras 3; of Keras 2, which keeps no rate, and slots variable by variable or in rows."""
    without_rate = [variable for variable in variables if not variable.path.endswith("/learning_rate")]
    slots = without_rate[1:]
    orders = [variables, without_rate]
    for count in (2, 3):
        orders.append([*without_rate[:1], *(slot for first in range(count) for slot in slots[first::count])])
    for order in orders:
        if [v.shape for v in order] == [a.shape for a in arrays]:
            return list(zip(order, arrays, strict=True))
    return None
