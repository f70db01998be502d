"""Windows that slide over a series."""

from typing import Any

import numpy as np

from lamina.core.errors import ArgumentError, DataError
from lamina.core.tracebacks import public
from lamina.core.validate import at_least, integer, one_of, positive_int
from lamina.data.dataset import Dataset


@public
def timeseries_dataset_from_array(
    data: Any,
    targets: Any,
    sequence_length: int,
    sequence_stride: int = 1,
    sampling_rate: int = 1,
    batch_size: int | None = 128,
    shuffle: bool = False,
    seed: int | None = None,
    start_index: int | None = None,
    end_index: int | None = None,
    format: str = "tf",
) -> Dataset:
    """Makes batches of windows that slide over a series.

    Args:
        data: `(steps, …)`, the series.
        targets: what belongs to the window that starts at each step; `None` for windows alone.
        sequence_length: steps per window.
        sequence_stride: steps from the start of a window to that of the next.
        sampling_rate: steps from one taken into a window to the next.
        batch_size: windows per batch; `None` for single windows.
        shuffle: whether each pass has an order of its own.
        seed: of these orders.
        start_index: steps before this one are not used.
        end_index: nor is this one, nor those after it.
        format: accepted as Keras does.

    Returns:
        A data set of batches `(windows, targets)`, windows `(batch, sequence_length, …)`, or of windows alone.

    Raises:
        ArgumentError: for numbers that do not fit the series.
        DataError: for data that are no series.

    Example:
        >>> windows = timeseries_dataset_from_array(np.arange(6), np.arange(10, 16), sequence_length=3)
        >>> x, y = next(iter(windows))
        >>> x.tolist(), y.tolist()
        ([[0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5]], [10, 11, 12, 13])
    """
    series = np.asarray(data)
    owner = "timeseries_dataset_from_array"
    if series.ndim == 0:
        raise DataError(f"{owner} takes an array with an axis of steps. Received: data={data!r}")
    if seed is not None:
        at_least(owner, "seed", seed, 0)
    one_of(owner, "format", format, ("tf", "grain"))
    start, end = _range(owner, len(series), start_index, end_index)
    positive_int(owner, "sequence_length", sequence_length)
    for name, value in (("sampling_rate", sampling_rate), ("sequence_stride", sequence_stride)):
        if positive_int(owner, name, value) >= len(series):
            raise ArgumentError(f"{owner}: {name} must be below the {len(series)} steps. Received: {name}={value}")
    count = end - start - (sequence_length - 1) * sampling_rate
    goals = None if targets is None else np.asarray(targets)
    if goals is not None:
        count = min(count, len(goals))
    if count < 1:
        raise ArgumentError(
            f"{owner}: {end - start} steps have no window of {sequence_length} with sampling_rate={sampling_rate}."
        )
    first = start + np.arange(0, count, sequence_stride)
    if goals is not None:
        first = first[first < len(goals)]
    offsets = np.arange(sequence_length) * sampling_rate

    def fetch(rows: np.ndarray) -> Any:
        windows = series[first[rows][:, None] + offsets]
        return windows if goals is None else (windows, goals[first[rows]])

    return Dataset.from_rows(fetch, len(first), batch_size, shuffle, seed).prefetch()


def _range(owner: str, steps: int, start: int | None, end: int | None) -> tuple[int, int]:
    first = integer(owner, "start_index", start or 0)
    last = steps if end is None else integer(owner, "end_index", end)
    if not 0 <= first < max(steps, 1):
        raise ArgumentError(f"{owner}: start_index must be from 0 to {steps - 1}. Received: start_index={start}")
    if end is not None and not first < last < steps:
        raise ArgumentError(
            f"{owner}: end_index must be above start_index={first} and below the {steps} steps. "
            f"Received: end_index={end}"
        )
    return first, last
