"""Automatic names: the first `Dense` is `dense`, the next `dense_1`."""

import re
from collections import Counter

_counts: Counter[str] = Counter()


def to_snake_case(name: str) -> str:
    """The class name as layers are named after it.

    Example:
        >>> to_snake_case("BatchNormalization"), to_snake_case("LSTMCell")
        ('batch_normalization', 'lstm_cell')
    """
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def count_name(prefix: str) -> int:
    """How often `prefix` was given out before; counts this time, too."""
    _counts[prefix] += 1
    return _counts[prefix] - 1


def unique_name(prefix: str) -> str:
    """`prefix`, with a number behind it if it was given out before."""
    number = count_name(prefix)
    return f"{prefix}_{number}" if number else prefix


def auto_name(owner: object) -> str:
    """The next automatic name for an object of this class."""
    return unique_name(to_snake_case(type(owner).__name__))


def reset_names() -> None:
    """Starts counting anew, as `clear_session` promises."""
    _counts.clear()
