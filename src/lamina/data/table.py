"""Tables: rows of data on the device, and how they are cut into batches."""

from typing import Any, NamedTuple

import jax
import numpy as np

from lamina.data.arrays import aligned_empty, device_dtype, fill


class Table(NamedTuple):
    """What one dispatch of the training loop runs over.

    Attributes:
        data: the structure `(x, y, sample_weight)` of device arrays, `None` for what is absent.
        order: int32 `(steps, batch)` on the host, the rows of each batch; `None` if batches lie one after the other.
        batch: rows per batch.
        rows: how many rows of all batches together are real.
        padded: whether programs have to look for rows that are not real. All tables of a feed say so if its last batch
            is short: they share one program.
    """

    data: Any
    order: Any
    batch: int
    rows: int
    padded: bool

    @property
    def steps(self) -> int:
        """The number of batches, a padded one included."""
        return -(-self.rows // self.batch)

    @property
    def rest(self) -> int:
        """The rows of a short last batch; 0 if it is a full one."""
        return self.rows % self.batch


def pack(data: Any, selections: list[Any], batch: int, capacity: int, *, padded: bool) -> Table:
    """Copies selected rows to a table of fixed size.

    Args:
        data: the structure of host arrays.
        selections: what to take, one index (slice or array of rows) per batch; only the last may be short.
        batch: rows per batch.
        capacity: batches that the table has room for; the unused part is zero.
        padded: of the table.
    """
    rows = sum(_length(selection) for selection in selections)
    # Rows of short batches lie one after the other only because the short one is last.

    def table(array: Any) -> jax.Array:
        target = aligned_empty((capacity * batch, *array.shape[1:]), device_dtype(array.dtype))
        for index, selection in enumerate(selections):
            end = (index + 1) * batch if index + 1 < len(selections) else len(target)
            fill(target[index * batch : end], array, selection)
        return jax.device_put(target)

    return Table(jax.tree.map(table, data), None, batch, rows, padded)


def _length(selection: Any) -> int:
    return selection.stop - selection.start if isinstance(selection, slice) else len(np.asarray(selection))


def power_of_two(number: int) -> int:
    """The smallest power of two that is not below `number`: shapes drawn from few sizes compile few programs.

    Example:
        >>> [power_of_two(n) for n in (1, 3, 8, 9)]
        [1, 4, 8, 16]
    """
    return 1 << max(0, number - 1).bit_length()
