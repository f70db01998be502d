"""The variables of a model as tables of arrays by path: what every format of files holds."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lamina.core.errors import LaminaError, LoadError
from lamina.core.tracebacks import warn_user
from lamina.saving.tree import saved_objects


@dataclass(frozen=True)
class Entry:
    """What one object has in a file.

    Attributes:
        path: where the object stands; empty for the model itself.
        name: of the object, for people who look into the file.
        arrays: by the names that the object gave them, mostly numbers.
    """

    path: str
    name: str
    arrays: dict[str, np.ndarray] = field(default_factory=dict)


def entries_of(root: Any) -> list[Entry]:
    """The present variables of a model, by the object that owns them.

    Args:
        root: a model, a layer or an optimizer.
    """
    found = []
    for path, node in saved_objects(root):
        store: dict[str, Any] = {}
        node.save_own_variables(store)
        arrays = {str(key): np.asarray(value) for key, value in store.items()}
        found.append(Entry(path, str(getattr(node, "name", "")), arrays))
    return found


def restore(
    root: Any,
    read: Callable[[str], Mapping[str, Any]],
    skip_mismatch: bool = False,
    objects_to_skip: Iterable[Any] | None = None,
) -> None:
    """Puts arrays of a file into the variables of a model.

    Args:
        root: a model, a layer or an optimizer.
        read: from the path of an object to its arrays; to an empty mapping if the file has none there.
        skip_mismatch: whether to leave objects as they are whose arrays do not fit, with a warning.
        objects_to_skip: objects that are left as they are in any case.

    Raises:
        LoadError: if arrays do not fit; names all objects that it is about.
    """
    skipped = {id(item) for item in objects_to_skip or ()}
    faults: list[str] = []
    for path, node in saved_objects(root):
        if id(node) in skipped:
            continue
        store = read(path)
        try:
            node.load_own_variables(store)
        except (LaminaError, KeyError, TypeError, ValueError) as error:
            reason = error.fact if isinstance(error, LaminaError) else f"{type(error).__name__}: {error}"
            faults.append(f"{type(node).__name__} '{getattr(node, 'name', path)}' at '{path}': {reason}")
    if faults and skip_mismatch:
        warn_user(f"{_listed(faults)}\nThey were left as they were, since skip_mismatch=True.")
    elif faults:
        raise LoadError(
            _listed(faults),
            hint="build the model as the saved one was, with the same layers and input shapes; or pass "
            "skip_mismatch=True to leave what does not fit as it is.",
        )


def _listed(faults: list[str]) -> str:
    shown = "".join(f"\n- {fault}" for fault in faults[:8])
    more = f"\n- and {len(faults) - 8} more" if len(faults) > 8 else ""
    objects = "1 object" if len(faults) == 1 else f"{len(faults)} objects"
    return f"The file does not fit {objects} of the model:{shown}{more}"
