"""Where batches come from when they are not arrays: one small face for each kind of source."""

import itertools
import random
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Protocol

from lamina.core.errors import DataError
from lamina.data.arrays import host_arrays
from lamina.data.dataset import Dataset
from lamina.data.py_dataset import PyDataset


class Stream(Protocol):
    """Batches, pass after pass.

    Attributes:
        num_batches: in a pass, `None` if unknown.
        repeats: whether a pass can follow another.
    """

    num_batches: int | None
    repeats: bool

    def sample(self) -> Any:
        """A batch to learn shapes from, `None` if there is none; no batch of a pass is lost."""
        ...

    def passes(self, shuffle: Any, start: int = 0) -> Iterator[Any]:
        """The batches of one more pass over the data, but for the first `start`."""
        ...

    def skip(self, count: int) -> None:
        """Leaves out a pass, of which so many batches had been asked for, as far as later ones depend on it."""
        ...

    def spend_order(self, shuffle: Any) -> None:
        """Draws an order as a pass does, and drops it."""
        ...

    def epoch_begins(self) -> None:
        """Told before each epoch."""
        ...

    def epoch_ends(self) -> None:
        """Told after each epoch."""
        ...


def as_stream(source: Any) -> Stream | None:
    """The stream behind a source of batches, or `None` if it is not one."""
    if isinstance(source, Dataset):
        batches = source.batches()
        return RepeatedStream(batches, _known_size(batches))
    if isinstance(source, PyDataset) or _is_indexed(source):
        return IndexedStream(source)
    if hasattr(source, "shape") or isinstance(source, list | tuple | dict | str) or hasattr(source, "to_numpy"):
        return None
    if hasattr(source, "as_numpy_iterator"):
        return RepeatedStream(source, _known_size(source))
    if hasattr(source, "__next__"):
        return OnceStream(source)
    if hasattr(source, "__iter__"):
        return RepeatedStream(source, _known_size(source))
    return None


def _is_indexed(source: Any) -> bool:
    """Sequences of Keras's own, and other classes of the same form."""
    return hasattr(source, "on_epoch_end") and hasattr(source, "__getitem__") and hasattr(source, "__len__")


def _known_size(source: Any) -> int | None:
    size = source.cardinality() if hasattr(source, "cardinality") else len(source) if hasattr(source, "__len__") else -1
    size = int(size)
    return size if size >= 0 else None


def unpack_batch(batch: Any) -> tuple[Any, Any, Any]:
    """`x`, `(x,)`, `(x, y)` or `(x, y, sample_weight)` as three structures of arrays.

    Raises:
        DataError: for anything else.
    """
    if not isinstance(batch, tuple | list):
        batch = (batch,)
    if not 1 <= len(batch) <= 3:
        raise DataError(f"A batch has {len(batch)} parts.", hint="yield x, (x, y) or (x, y, sample_weight).")
    parts = (*batch, None, None)[:3]
    x, y, weights = (host_arrays(part, name) for part, name in zip(parts, ("x", "y", "sample_weight"), strict=True))
    return x, y, weights


class RepeatedStream:
    """An iterable that starts anew for each pass: `tf.data.Dataset`, torch's `DataLoader`.

    Args:
        iterable: of batches.
        num_batches: in a pass, if it is known.
    """

    repeats = True

    def __init__(self, iterable: Iterable[Any], num_batches: int | None) -> None:
        self.num_batches = num_batches
        self._iterable = iterable
        self._begun: Iterator[Any] | None = None

    def sample(self) -> Any:
        """The first batch of the pass that comes next."""
        begun = self.passes(False)
        batch = next(begun, None)
        self._begun = begun if batch is None else itertools.chain([batch], begun)
        return batch

    def passes(self, shuffle: Any, start: int = 0) -> Iterator[Any]:
        """One pass."""
        del shuffle
        begun, self._begun = self._begun, None
        begun = iter(self._iterable) if begun is None else begun
        for _ in range(start):
            next(begun, None)
        return begun

    def skip(self, count: int) -> None:
        """Begins a pass, since that may draw its order."""
        self.passes(False, min(count, 1))

    def spend_order(self, shuffle: Any) -> None:
        """The source has an order of its own."""

    def epoch_begins(self) -> None:
        """Nothing to do."""

    def epoch_ends(self) -> None:
        """Nothing to do."""


class OnceStream(RepeatedStream):
    """A generator: it goes on where it stopped, and ends for good.

    Args:
        iterator: yields batches.
    """

    repeats = False

    def __init__(self, iterator: Iterator[Any]) -> None:
        super().__init__(iterator, None)

    def skip(self, count: int) -> None:
        """Drops what was used before."""
        self.passes(False, count)


class IndexedStream:
    """A `PyDataset`, in shuffled order if wanted.

    Args:
        dataset: gives batch number `i`.
    """

    repeats = True

    def __init__(self, dataset: Any) -> None:
        self._dataset = dataset
        self.num_batches = dataset.num_batches if hasattr(dataset, "num_batches") else len(dataset)

    def sample(self) -> Any:
        """Batch number 0."""
        return None if self.num_batches == 0 else self._dataset[0]

    def passes(self, shuffle: Any, start: int = 0) -> Iterator[Any]:
        """One pass, made by threads ahead of time if the data set has several workers."""
        return self._made(itertools.islice(self._order(shuffle), start, None))

    def skip(self, count: int) -> None:
        """Nothing to do: batches have numbers."""

    def _made(self, numbers: Iterable[int]) -> Iterator[Any]:
        several = getattr(self._dataset, "workers", 1) > 1
        yield from self._made_ahead(numbers) if several else map(self._dataset.__getitem__, numbers)

    def spend_order(self, shuffle: Any) -> None:
        """Draws from Python's global generator."""
        self._order(shuffle)

    def _order(self, shuffle: Any) -> Iterable[int]:
        if self.num_batches is None:
            return itertools.count()
        numbers = list(range(self.num_batches))
        if shuffle:
            random.shuffle(numbers)
        return numbers

    def epoch_begins(self) -> None:
        """Tells the data set."""
        if hasattr(self._dataset, "on_epoch_begin"):
            self._dataset.on_epoch_begin()

    def epoch_ends(self) -> None:
        """Tells the data set."""
        if hasattr(self._dataset, "on_epoch_end"):
            self._dataset.on_epoch_end()

    def _made_ahead(self, numbers: Iterable[int]) -> Iterator[Any]:
        queue: deque[Future[Any]] = deque()
        pool = ThreadPoolExecutor(self._dataset.workers)
        try:
            for number in numbers:
                queue.append(pool.submit(self._dataset.__getitem__, number))
                if len(queue) >= self._dataset.max_queue_size:
                    yield queue.popleft().result()
            while queue:
                yield queue.popleft().result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
