"""The states of Python's and NumPy's global generators, which decide shuffles, as plain values."""

import random
from typing import Any

import numpy as np


def random_state() -> dict[str, Any]:
    """What both generators draw from next.

    Example:
        >>> state = random_state()
        >>> drawn = random.random(), np.random.rand()
        >>> set_random_state(state)
        >>> drawn == (random.random(), np.random.rand())
        True
    """
    version, words, gauss = random.getstate()
    # NumPy hands out its own array.
    return {
        "python": {"version": version, "words": np.array(words, np.uint32), "gauss": gauss},
        "numpy": _copied(np.random.get_state(legacy=False)),
    }


def set_random_state(state: dict[str, Any]) -> None:
    """Has both generators go on from a state.

    Args:
        state: what `random_state` returned.
    """
    python = state["python"]
    random.setstate((python["version"], tuple(python["words"].tolist()), python["gauss"]))
    np.random.set_state(_copied(state["numpy"]))


def same_random_state(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether nothing was drawn between the two."""
    pairs = [(one["python"], other["python"]), (one["numpy"]["state"], other["numpy"]["state"])]
    return all(np.array_equal(a[key], b[key]) for a, b in pairs for key in a if a[key] is not None)


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    return value.copy() if isinstance(value, np.ndarray) else value
