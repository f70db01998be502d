"""Records as Keras 2 wrote them, from and to those of today."""

from typing import Any

from lamina.core.errors import LoadError
from lamina.core.serialization import builtin_aliases, builtin_names, get_registered_object

_GONE = ("module", "registered_name", "build_config", "compile_config", "shared_object_id")
_OPERATIONS = "keras.src.ops"
_WRAPPED = ("MeanMetricWrapper", "SumOverBatchSizeMetricWrapper", "LossFunctionWrapper")
_CUSTOM = "Custom>"
_COMPILE_NAMES = {"sample_weight_mode", "target_tensors"}


def old_record(record: Any) -> Any:
    """The record of a model, an optimizer, a loss or a metric without what Keras 2 did not write.

    Args:
        record: as in `.keras` files.

    Example:
        >>> old_record({"module": "keras.losses", "class_name": "Huber", "config": {}, "registered_name": None})
        {'class_name': 'Huber', 'config': {}}
    """
    if isinstance(record, list | tuple):
        return [old_record(item) for item in record]
    if not isinstance(record, dict):
        return record
    if "class_name" not in record:
        return {key: old_record(item) for key, item in record.items()}
    if record["class_name"] == "function":
        return record.get("registered_name") or record["config"]
    if str(record.get("module")).startswith(_OPERATIONS):
        return record
    old = {key: item for key, item in record.items() if key not in _GONE}
    if record.get("module") is None or not str(record["module"]).startswith("keras"):
        old["class_name"] = record.get("registered_name") or record["class_name"]
    config = old.get("config")
    if isinstance(config, dict) and isinstance(config.get("layers"), list):
        old["config"] = {**config, "layers": [old_record(layer) for layer in config["layers"]]}
    return old


def full_loss_names(losses: Any) -> Any:
    """Losses whose short names are written out, since Keras 3 does not find `"mse"` when it loads this format.

    Example:
        >>> full_loss_names({"a": "mse", "b": "huber"})
        {'a': 'mean_squared_error', 'b': 'huber'}
    """
    if isinstance(losses, list):
        return [full_loss_names(loss) for loss in losses]
    if isinstance(losses, dict) and "class_name" not in losses:
        return {output: full_loss_names(loss) for output, loss in losses.items()}
    if not isinstance(losses, str):
        return losses
    found = builtin_aliases("losses").get(losses.lower())
    return losses if found is None or get_registered_object(losses) is not None else found.__name__


def modern_record(record: dict[str, Any]) -> dict[str, Any]:
    """The record of a model as `deserialize_keras_object` takes it.

    Args:
        record: as Keras 1, 2 or 3 wrote it.

    Raises:
        LoadError: if it describes nothing.
    """
    if not isinstance(record.get("class_name"), str) or "config" not in record:
        raise LoadError("The description of the model names no class, or has no config.")
    config = record["config"]
    if record["class_name"] == "Sequential" and isinstance(config, list):
        return _placed({**record, "config": {"name": None, "layers": config}})
    return _placed(record)


def _placed(record: Any) -> Any:
    """The record with the modules of its layers: a name alone could be that of an initializer, too."""
    if not isinstance(record, dict) or not isinstance(record.get("config"), dict):
        return record
    config = dict(record["config"])
    if isinstance(config.get("layers"), list):
        config["layers"] = [_placed(layer) for layer in config["layers"]]
    if isinstance(config.get("layer"), dict):
        config["layer"] = _placed(config["layer"])
    placed = {**record, "config": config}
    if "module" not in record and _is_function(record):
        placed["module"] = _OPERATIONS
    elif "module" not in record and record.get("class_name") in builtin_names("layers"):
        placed["module"] = "keras.layers"
    return placed


def _is_function(record: dict[str, Any]) -> bool:
    """Whether it is a function that a graph calls, and not a layer of the same name, such as `Add`.

    Keras 3 alone records functions, and its layers tell of which dtype they are, and whether they are trained.
    """
    nodes = record.get("inbound_nodes")
    is_of_keras_3 = isinstance(nodes, list) and bool(nodes) and all(isinstance(node, dict) for node in nodes)
    return is_of_keras_3 and not {"trainable", "dtype", "layers"} & set(record["config"])


def modern_compile_config(config: dict[str, Any]) -> dict[str, Any]:
    """The arguments of `compile` that a training config of Keras 2 or 3 tells.

    Args:
        config: with the optimizer as `optimizer_config`.
    """
    modern = {name: _modern(value) for name, value in config.items() if name not in _COMPILE_NAMES}
    modern["optimizer"] = _modern_optimizer(modern.pop("optimizer_config", "rmsprop"))
    # Keras 2 writes the metrics of a single output as a list in a list.
    for name in ("metrics", "weighted_metrics"):
        value = modern.get(name)
        if isinstance(value, list) and len(value) == 1 and isinstance(value[0], list):
            modern[name] = value[0]
    return modern


def _modern_optimizer(record: Any) -> Any:
    """Keras 2.11 and later record their own optimizers as if users had registered them."""
    name = record.get("class_name") if isinstance(record, dict) else None
    own = name.removeprefix(_CUSTOM) if isinstance(name, str) and get_registered_object(name) is None else name
    return {**record, "class_name": own} if own in builtin_names("optimizers") else record


def _modern(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_modern(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("class_name") in _WRAPPED and isinstance(value.get("config"), dict):
        return value["config"].get("fn") or value["config"].get("name")
    return {key: _modern(item) for key, item in value.items()}
