"""The parts of a batch, for training steps of one's own."""

from typing import Any

from lamina.core.errors import DataError


def unpack_x_y_sample_weight(data: Any) -> tuple[Any, Any, Any]:
    """A batch as three parts, `None` for those that it does not have.

    Args:
        data: `x`, `(x,)`, `(x, y)` or `(x, y, sample_weight)`.

    Raises:
        DataError: for more parts.

    Example:
        >>> unpack_x_y_sample_weight(("x", "y"))
        ('x', 'y', None)
    """
    parts = tuple(data) if isinstance(data, tuple | list) else (data,)
    if not 1 <= len(parts) <= 3:
        raise DataError(f"A batch has {len(parts)} parts.", hint="pass x, (x,), (x, y) or (x, y, sample_weight).")
    x, y, sample_weight = (*parts, None, None)[:3]
    return x, y, sample_weight


def pack_x_y_sample_weight(x: Any, y: Any = None, sample_weight: Any = None) -> Any:
    """The parts of a batch in the form that `fit` takes.

    Args:
        x: inputs.
        y: targets, or `None`.
        sample_weight: weights, or `None`.

    Example:
        >>> pack_x_y_sample_weight("x"), pack_x_y_sample_weight("x", "y")
        ('x', ('x', 'y'))
    """
    if y is None:
        return (x,) if isinstance(x, tuple | list) else x
    return (x, y) if sample_weight is None else (x, y, sample_weight)
