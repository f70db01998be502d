"""Which object's variables stand where in a file: by attributes, and by kind and number in lists, as in Keras.

Names that users choose, or that are counted up in a session, are no part of it, so that a file fits a model that is
built again.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from lamina.core.naming import to_snake_case
from lamina.core.serialization import record_name
from lamina.core.tracking import Trackable


def saved_objects(root: Any) -> Iterator[tuple[str, Any]]:
    """All objects below `root` that have variables or assets of their own in files, each once, with their paths.

    Args:
        root: a layer, a model or an optimizer; its own path is empty.

    Example:
        >>> import lamina
        >>> model = lamina.Sequential([lamina.layers.Dense(2, name="a"), lamina.layers.Dense(1, name="b")])
        >>> [path for path, _ in saved_objects(model)]
        ['', 'layers/dense', 'layers/dense_1']
    """
    return _visit("", root, set())


def _visit(path: str, node: Any, seen: set[int]) -> Iterator[tuple[str, Any]]:
    if id(node) in seen:
        return
    seen.add(id(node))
    yield path, node
    for name, part in node.saved_parts():
        yield from _visit_part(f"{path}/{name}".lstrip("/"), part, seen)


def _visit_part(path: str, part: Any, seen: set[int]) -> Iterator[tuple[str, Any]]:
    if _is_saved(part):
        yield from _visit(path, part, seen)
    elif isinstance(part, list | tuple | dict):
        counts: Counter[str] = Counter()
        for item in part.values() if isinstance(part, dict) else part:
            if not (_is_saved(item) or isinstance(item, list | tuple | dict)):
                continue
            name = to_snake_case(record_name(item)[1]) if _is_saved(item) else "container"
            number = counts[name]
            counts[name] += 1
            yield from _visit_part(f"{path}/{name}_{number}" if number else f"{path}/{name}", item, seen)


def _is_saved(item: Any) -> bool:
    return isinstance(item, Trackable) and hasattr(item, "save_own_variables")
