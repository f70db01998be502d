"""Data sets in two parts, such as one to train on and one to validate with."""

import random
import time
from typing import Any

import jax
import numpy as np

from lamina.core.errors import ArgumentError, ArgumentTypeError, DataError
from lamina.core.tracebacks import public, warn_user
from lamina.data.arrays import count_rows
from lamina.data.dataset import Dataset
from lamina.data.streams import IndexedStream, as_stream

_SLOW_SECONDS = 10


@public
def split_dataset(
    dataset: Any,
    left_size: float | int | None = None,
    right_size: float | int | None = None,
    shuffle: bool = False,
    seed: int | None = None,
    preferred_backend: str | None = None,
) -> tuple[Dataset, Dataset]:
    """Splits data into a left and a right part.

    Args:
        dataset: an array, a list or tuple of arrays of equal length, a dict of such, or a source of samples or of
            batches: a data set, a generator, a `PyDataset`, `tf.data`, torch's data sets. Sources are read to
            memory; batches stay batches, of the size of the first.
        left_size: the left part as a fraction of the samples, or their number; what the right part leaves when
            left out.
        right_size: likewise.
        shuffle: whether to shuffle the samples before they are split.
        seed: of the shuffle; drawn from Python's global generator when left out.
        preferred_backend: accepted as Keras does.

    Returns:
        Two data sets that `fit` takes, and that can be iterated over: of samples, or of batches if `dataset` has
        batches.

    Raises:
        ArgumentError: for sizes that are none, or leave a part empty.
        DataError: for data that are empty, differ in length, or are none.

    Example:
        >>> left, right = split_dataset(np.arange(10), left_size=0.8)
        >>> len(left), [int(x) for x in right]
        (8, [8, 9])
    """
    del preferred_backend
    if left_size is None and right_size is None:
        raise ArgumentError(
            "split_dataset needs left_size or right_size.", hint="left_size=0.8 leaves 20% to the right."
        )
    arrays, batch_size = _samples(dataset)
    total = count_rows(arrays, "the data set")
    if not total:
        raise DataError("split_dataset got an empty data set.")
    left, right = _sizes(left_size, right_size, total)
    order = list(range(total))
    if shuffle:
        random.Random(random.randint(0, 10**6) if seed is None else seed).shuffle(order)
    rows = np.array(order)
    return _part(arrays, rows[:left], batch_size), _part(arrays, rows[total - right :], batch_size)


def _part(arrays: Any, rows: np.ndarray, batch_size: int | None) -> Dataset:
    return Dataset.from_rows(
        lambda places: jax.tree.map(lambda a: a[rows[places]], arrays), len(rows), batch_size=batch_size
    )


def _samples(dataset: Any) -> tuple[Any, int | None]:
    """The data as arrays, and the rows of a batch if they come in batches."""
    if hasattr(dataset, "shape") or hasattr(dataset, "to_numpy"):
        return np.asarray(dataset), None
    if isinstance(dataset, dict):
        return {key: np.asarray(value) for key, value in dataset.items()}, None
    if isinstance(dataset, list | tuple):
        if not dataset:
            raise DataError("split_dataset got an empty list.", hint="pass one array or more.")
        wrong = next((part for part in dataset if not hasattr(part, "shape")), None)
        if wrong is not None:
            raise DataError(f"split_dataset takes a list of arrays, but got a {type(wrong).__name__} in it.")
        return tuple(np.asarray(part) for part in dataset), None
    stream = None if _is_map_style(dataset) else as_stream(dataset)
    if stream is None and not _is_map_style(dataset):
        raise ArgumentTypeError(
            f"split_dataset cannot read a {type(dataset).__name__}.",
            hint="pass an array, a list of arrays, or a source of samples or batches.",
        )
    batched = isinstance(stream, IndexedStream) or getattr(dataset, "batch_size", getattr(dataset, "_batch_size", None))
    elements = (dataset[i] for i in range(len(dataset))) if stream is None else stream.passes(False)
    return _gathered(elements, bool(batched))


def _is_map_style(dataset: Any) -> bool:
    """Whether it is one of torch's data sets, of numbered samples."""
    return hasattr(dataset, "__getitem__") and hasattr(dataset, "__len__") and not hasattr(dataset, "on_epoch_end")


def _gathered(elements: Any, batched: bool) -> tuple[Any, int | None]:
    """All elements in memory."""
    began, warned, parts = time.monotonic(), False, []
    for element in elements:
        parts.append(jax.tree.map(np.asarray, element))
        if not warned and time.monotonic() - began > _SLOW_SECONDS:
            warned = True
            warn_user("split_dataset reads all samples to memory, which takes long here.", ResourceWarning)
    if not parts:
        raise DataError("split_dataset got an empty data set.")
    for part in parts:
        shapes = [[a.shape[batched:] for a in jax.tree.leaves(p)] for p in (parts[0], part)]
        if shapes[0] != shapes[1]:
            raise DataError(f"The samples of the data set differ in shape: {shapes[0]} and {shapes[1]}.")
    joined = jax.tree.map(lambda *a: np.concatenate(a) if batched else np.stack(a), *parts)
    return joined, len(jax.tree.leaves(parts[0])[0]) if batched else None


def _sizes(left: Any, right: Any, total: int) -> tuple[int, int]:
    for name, size in (("left_size", left), ("right_size", right)):
        if size is None:
            continue
        if isinstance(size, bool) or not isinstance(size, int | float | np.integer | np.floating):
            raise ArgumentTypeError(f"{name} must be an integer, a float or None. Received: {name}={size!r}")
        limit = total if isinstance(size, int | np.integer) else 1
        if not 0 < size < limit:
            raise ArgumentError(
                f"{name} must be a fraction between 0 and 1, or an integer between 0 and the number of samples, "
                f"{total}. Received: {name}={size!r}"
            )
    if isinstance(left, float) and isinstance(right, float) and left + right > 1:
        raise ArgumentError(f"left_size and right_size together are more than all. Received: {left} and {right}")
    counts = [round(s * total) if isinstance(s, float | np.floating) else s for s in (left, right)]
    one, two = counts[0], counts[1]
    one = total - two if one is None else int(one)
    two = total - one if two is None else int(two)
    if one + two > total or not one or not two:
        raise ArgumentError(
            f"left_size={left} and right_size={right} of {total} samples are {one} and {two}: each part needs one "
            "at least, and together they cannot be more than all."
        )
    return one, two
