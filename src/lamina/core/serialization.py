"""Objects to configs and back, through a registry: a config never names code to import.

The form is Keras's: `{"module", "class_name", "config", "registered_name"}`, so that configs
travel between the two.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import FunctionType
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
import numpy as np

from lamina.core.errors import ArgumentError, ArgumentTypeError, UnknownNameError, UnsafeFileError, suggestion
from lamina.core.precision import POLICIES, DTypePolicy, DTypePolicyMap

T = TypeVar("T")

_builtin: dict[tuple[str, str], Any] = {}  # (Keras module, class or function name) -> object
_aliases: dict[tuple[str, str], str] = {}  # (Keras module, lower-case name) -> registered name
_module_of: dict[Any, str] = {}
_custom: dict[str, Any] = {}
_ARRAYS = {"__numpy__": np.array, "__tensor__": jnp.array}
_PARTS = ("build_config", "compile_config")  # what an object tells beside its config, and reads after it
_JAX_DTYPE = type(jnp.float32)
_scope: ContextVar[dict[str, Any] | None] = ContextVar("lamina_custom_objects", default=None)
_reading: ContextVar["Reading | None"] = ContextVar("lamina_reading", default=None)
_writing: ContextVar[dict[int, tuple[Any, int]] | None] = ContextVar("lamina_writing", default=None)
SHARED = "shared_object_id"


class Reading:
    """What is known while the configs of one file are read.

    Args:
        safe: whether code that is written in configs is refused.
    """

    def __init__(self, safe: bool) -> None:
        self.safe = safe
        self.shared: dict[Any, Any] = {}


@contextmanager
def reading_file(safe_mode: bool = True) -> Iterator[None]:
    """What is deserialized inside comes from a file: objects that it shares are shared, and it may open no others.

    Args:
        safe_mode: whether to refuse the code of lambdas.
    """
    token = _reading.set(Reading(safe_mode))
    try:
        yield
    finally:
        _reading.reset(token)


@contextmanager
def writing_file() -> Iterator[None]:
    """What is serialized inside belongs together: the records of one layer, however many, have one number."""
    token = _writing.set({})
    try:
        yield
    finally:
        _writing.reset(token)


def runs_code_of_configs() -> bool:
    """Whether the caller has said, with `safe_mode=False`, that he trusts the code in configs."""
    reading = _reading.get()
    return reading is not None and not reading.safe


def refuse_in_files(what: str) -> None:
    """Raises if it is a file that asks for this, not the user.

    Args:
        what: it asks for, such as "to read 'words.txt'".

    Raises:
        UnsafeFileError: while configs of a file are read.
    """
    if _reading.get() is not None:
        raise UnsafeFileError(
            f"A config asks {what}, and configs are not trusted with that.",
            hint="make the object yourself, and save it with what it has learnt; such a file holds all that it needs.",
        )


def builtin(module: str, *aliases: str) -> Callable[[T], T]:
    """Registers one of lamina's own classes or functions.

    Args:
        module: the Keras module that it has in configs, without `keras.`; nothing for `keras` itself.
        *aliases: further names that users may write.
    """

    def register(item: T) -> T:
        name = item.__name__  # type: ignore[attr-defined]
        place = f"keras.{module}" if module else "keras"
        _builtin[place, name] = item
        for alias in (name, *aliases):
            _aliases.setdefault((place, alias.lower()), name)
        _module_of.setdefault(item, place)
        return item

    return register


def is_builtin(item: Any) -> bool:
    """Whether a class or function is lamina's own, so that its config says all about it."""
    try:
        return item in _module_of
    except TypeError:
        return False


def builtin_names(module: str) -> dict[str, Any]:
    """lamina's own classes and functions of one module, by name."""
    return {name: item for (where, name), item in _builtin.items() if where == f"keras.{module}"}


def builtin_aliases(module: str) -> dict[str, Any]:
    """lamina's own classes and functions of one module, by all lower-case names that users may write."""
    where = f"keras.{module}"
    return {alias: _builtin[where, name] for (place, alias), name in _aliases.items() if place == where}


def register_keras_serializable(package: str = "Custom", name: str | None = None) -> Callable[[T], T]:
    """Makes a class or function of yours known to saving and loading.

    Args:
        package: a prefix that keeps equal names apart.
        name: the name in files; the class's own when left out.

    Raises:
        ArgumentError: for a class without `get_config`.

    Example:
        >>> @register_keras_serializable("docs")
        ... def halve(x):
        ...     return x / 2
        >>> get_registered_name(halve)
        'docs>halve'
    """

    def register(item: T) -> T:
        if isinstance(item, type) and not hasattr(item, "get_config"):
            raise ArgumentError(
                f"Cannot register the class {item.__name__}: it has no get_config().",
                hint="add a get_config() that returns the arguments of __init__ as a dict.",
            )
        registered = f"{package}>{name or item.__name__}"  # type: ignore[attr-defined]
        _custom[registered] = item
        return item

    return register


def get_registered_name(item: Any) -> str:
    """The name under which a class or function was registered, else its own.

    Raises:
        ArgumentTypeError: for what has no name.
    """
    for name, registered in _custom.items():
        if registered is item:
            return name
    if not hasattr(item, "__name__"):
        raise ArgumentTypeError(f"get_registered_name takes a class or a function. Received: {item!r}")
    return item.__name__


def get_registered_object(
    name: str, custom_objects: dict[str, Any] | None = None, module_objects: dict[str, Any] | None = None
) -> Any:
    """What is registered under `name`, or `None`."""
    for table in (_scope.get(), custom_objects, _custom, module_objects):
        if table and isinstance(name, str) and name in table:
            return table[name]
    return None


def get_custom_objects() -> dict[str, Any]:
    """The registry of custom objects itself: add to it, or clear it."""
    return _custom


@contextmanager
def custom_object_scope(objects: Mapping[str, Any]) -> Iterator[None]:
    """Makes `objects` known, by name, to what is deserialized inside.

    Args:
        objects: from the names in configs to classes and functions.

    Raises:
        ArgumentTypeError: if it is no dict.
    """
    if not isinstance(objects, Mapping):
        raise ArgumentTypeError(
            f"custom_objects must be a dict from names to classes and functions. Received: {objects!r}",
            hint="name them as they are in the config: custom_objects={'MyLayer': MyLayer}.",
        )
    token = _scope.set({**(_scope.get() or {}), **objects})
    try:
        yield
    finally:
        _scope.reset(token)


def serialize_keras_object(obj: Any) -> Any:
    """A JSON-ready description of `obj`.

    Args:
        obj: a plain value, a container, an array, a registered function, or an object with `get_config`.

    Raises:
        ArgumentError: for anything else.

    Example:
        >>> serialize_keras_object({"sizes": (1, 2.0), "means": np.ones(2)})["means"]["config"]
        {'value': [1.0, 1.0], 'dtype': 'float64'}
    """
    if obj is None or isinstance(obj, bool | int | float | str):
        return obj
    if isinstance(obj, np.integer | np.floating | np.bool_):
        return obj.item()
    if isinstance(obj, list | tuple):
        items = [serialize_keras_object(item) for item in obj]
        return items if isinstance(obj, list) else tuple(items)
    if isinstance(obj, dict):
        return {key: serialize_keras_object(value) for key, value in obj.items()}
    if isinstance(obj, np.ndarray):
        if obj.ndim == 0:
            return obj.item()
        return {"class_name": "__numpy__", "config": {"value": obj.tolist(), "dtype": str(obj.dtype)}}
    if isinstance(obj, jax.Array):
        return {"class_name": "__tensor__", "config": {"value": np.asarray(obj).tolist(), "dtype": str(obj.dtype)}}
    if isinstance(obj, DTypePolicy):
        place = "keras.dtype_policies" if isinstance(obj, DTypePolicyMap) else "keras"
        return _record(place, type(obj).__name__, serialize_keras_object(obj.get_config()), None)
    if isinstance(obj, slice):
        return {"class_name": "__slice__", "config": {name: getattr(obj, name) for name in ("start", "stop", "step")}}
    if obj is Ellipsis:
        return {"class_name": "__ellipsis__", "config": {}}
    if isinstance(obj, np.dtype | _JAX_DTYPE) or (isinstance(obj, type) and issubclass(obj, np.generic)):
        return str(jnp.dtype(obj))
    if isinstance(obj, FunctionType) or not hasattr(obj, "get_config"):
        return _serialize_function(obj)
    module, class_name, registered_name = record_name(obj)
    record = _record(module, class_name, serialize_keras_object(obj.get_config()), registered_name)
    for part in _PARTS:
        if hasattr(obj, f"get_{part}") and (config := getattr(obj, f"get_{part}")()) is not None:
            record[part] = serialize_keras_object(config)
    _mark_shared(obj, record)
    return record


def _mark_shared(obj: Any, record: dict[str, Any]) -> None:
    """Gives the records of one layer one number."""
    if (written := _writing.get()) is not None and hasattr(obj, "build_from_config"):
        record[SHARED] = written.setdefault(id(obj), (obj, len(written) + 1))[1]


def record_name(obj: Any) -> tuple[str, str, str | None]:
    """The module, the class and the registered name under which an object is recorded.

    An object whose class has another name in Keras says so: its attribute `recorded_as` is not `None`.
    """
    if (other := getattr(obj, "recorded_as", None)) is not None:
        return other
    cls = type(obj)
    return _module_of.get(cls, cls.__module__), cls.__name__, None if is_builtin(cls) else get_registered_name(cls)


def deserialize_keras_object(config: Any, custom_objects: dict[str, Any] | None = None, safe_mode: bool = True) -> Any:
    """What `serialize_keras_object` described.

    Args:
        config: the description; it is trusted no more than one in a file.
        custom_objects: classes and functions by name, beside the registered ones.
        safe_mode: whether to refuse the code of lambdas; other code in configs is never run, whatever its value.

    Raises:
        UnknownNameError: for a class that is neither lamina's nor registered.
        UnsafeFileError: if it asks for what files are not trusted with.
    """
    if _reading.get() is None or (not safe_mode and not runs_code_of_configs()):
        with reading_file(safe_mode):
            return deserialize_keras_object(config, custom_objects, safe_mode)
    if custom_objects:
        with custom_object_scope(custom_objects):
            return deserialize_keras_object(config)
    if isinstance(config, list | tuple):
        items = [deserialize_keras_object(item) for item in config]
        return items if isinstance(config, list) else tuple(items)
    if not isinstance(config, dict):
        return config
    if "class_name" not in config:
        return {key: deserialize_keras_object(value) for key, value in config.items()}
    name, inner = config["class_name"], config.get("config", {})
    if name in _ARRAYS:
        return revive_arrays(config)
    if name == "__slice__":
        return slice(inner["start"], inner["stop"], inner["step"])
    if name == "__ellipsis__":
        return Ellipsis
    if name in POLICIES:
        return POLICIES[name].from_config(inner)
    if name == "function":
        return _lookup(config.get("registered_name") or inner, inner, config.get("module"))
    reading = _reading.get()
    if reading is not None and config.get(SHARED) in reading.shared:
        return reading.shared[config[SHARED]]
    cls = _lookup(config.get("registered_name") or name, name, config.get("module"))
    instance = cls.from_config(inner)
    if reading is not None and SHARED in config:
        reading.shared[config[SHARED]] = instance
    for part in _PARTS:
        read = getattr(instance, part.replace("_config", "_from_config"), None)
        if config.get(part) and read is not None:
            read(config[part])
    return instance


def revive_arrays(config: Any) -> Any:
    """The array that a record in a config describes; anything else as it is.

    Example:
        >>> revive_arrays({"class_name": "__numpy__", "config": {"value": [1, 2], "dtype": "int32"}})
        array([1, 2], dtype=int32)
    """
    if isinstance(config, dict) and config.get("class_name") in _ARRAYS:
        inner = config["config"]
        return _ARRAYS[config["class_name"]](inner["value"], dtype=inner["dtype"])
    return config


def resolve(identifier: Any, module: str, kind: str) -> Any:
    """What a user means by a name, a config, a class or an object, in one of lamina's families.

    Args:
        identifier: `"relu"`, `{"class_name": …}`, a class, or anything callable.
        module: the family, as in `keras.<module>`.
        kind: the word for messages, with its article: "an activation".

    Returns:
        The registered function for the name of a function; an instance for a config, a class or
        its name; any other object as it is.

    Raises:
        UnknownNameError: for a string that names nothing.
        ArgumentError: for an object that cannot be called.
    """
    if isinstance(identifier, dict):
        if "module" in identifier or "registered_name" in identifier:
            return deserialize_keras_object(identifier)
        found = _named(identifier["class_name"], module, kind)
        if isinstance(found, type):
            return found.from_config(identifier.get("config", {}))
        # A function has no arguments; a config that has some means the layer of the same name.
        return deserialize_keras_object(identifier) if identifier.get("config") else found
    found = _named(identifier, module, kind) if isinstance(identifier, str) else identifier
    if isinstance(found, type):
        return found()
    if callable(found):
        return found
    raise ArgumentError(f"Cannot make sense of {found!r} as {kind}: give a name, a function or an object.")


def _named(name: str, module: str, kind: str) -> Any:
    names = builtin_names(module)
    if (found := get_registered_object(name, module_objects=names)) is not None:
        return found
    aliases = builtin_aliases(module)
    if name.lower() in aliases:
        return aliases[name.lower()]
    raise UnknownNameError(
        f"{name!r} is not the name of {kind}.",
        hint=suggestion(name, {*names, *aliases}) + " Your own can be passed as an object.",
    )


def _record(module: str, class_name: str, config: Any, registered_name: str | None) -> dict[str, Any]:
    return {"module": module, "class_name": class_name, "config": config, "registered_name": registered_name}


def _serialize_function(item: Any) -> Any:
    name = getattr(item, "__name__", None)
    if name is None or name == "<lambda>":
        raise ArgumentError(
            f"Cannot describe {item!r} in a config.",
            hint="give it a name with def, and register it with lamina.utils.register_keras_serializable.",
        )
    if is_builtin(item):
        return name
    return _record("builtins", "function", name, get_registered_name(item))


def _lookup(registered_name: Any, name: Any, module: str | None) -> Any:
    found = get_registered_object(str(registered_name)) or get_registered_object(str(name))
    if found is None:
        places = _places(module)
        own = [(place, str(name)) for place in places]
        meant = [(place, _aliases.get((place, str(name).lower()), "")) for place in places]
        found = next((_builtin[pair] for pair in (*own, *meant) if pair in _builtin), None)
    if found is None:
        raise UnknownNameError(
            f"The config names {name!r} (registered as {registered_name!r}), which lamina does not know.",
            hint="register it with lamina.utils.register_keras_serializable, or pass it in custom_objects.",
        )
    return found


def _places(module: str | None) -> list[str]:
    """Where to look for what a config says is in `module`."""
    if module in (None, "builtins"):  # so Keras records functions, and Keras 2 everything
        return list(dict.fromkeys(place for place, _ in _builtin))
    # Keras may write where a class is implemented, as in keras.src.layers.core.dense.
    path = [part for part in module.split(".") if part != "src"]
    return [module, ".".join(path[:2]), path[0]]
