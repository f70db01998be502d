"""Data sets that are read when they are needed: samples or batches, one after the other, as often as wanted."""

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import jax
import numpy as np

from lamina.core.errors import ArgumentError
from lamina.core.validate import at_least, positive_int

# Rows per batch where neither they nor the number of batches are given.
DEFAULT_BATCH = 32
# Elements that are made ahead of time while others are worked on.
_AHEAD = 2


class Dataset:
    """Elements that can be iterated over again and again, and are made anew each time.

    What `keras.utils` makes of folders and arrays. `fit`, `evaluate` and `predict` take it.

    Args:
        make: begins a pass: returns an iterator of elements, each `x`, or a tuple `(x, y)`.
        length: how many elements there are in a pass.
        batch_size: rows per element; `None` if each is a single sample.

    Attributes:
        class_names: the names of the classes, where there are any.
        file_paths: where the samples come from, where they are files.

    Example:
        >>> numbers = Dataset.from_rows(lambda rows: rows, 5).map(lambda x: 10 * x)
        >>> [int(x) for x in numbers]
        [0, 10, 20, 30, 40]
        >>> [x.tolist() for x in numbers.batch(2)]
        [[0, 10], [20, 30], [40]]
    """

    def __init__(
        self, make: Callable[[], Iterator[Any]], length: int | None = None, batch_size: int | None = None
    ) -> None:
        self._make = make
        self._length = length
        self.batch_size = batch_size
        self.class_names: list[str] | None = None
        self.file_paths: list[str] | None = None

    @classmethod
    def from_rows(
        cls,
        fetch: Callable[[np.ndarray], Any],
        count: int,
        batch_size: int | None = None,
        shuffle: bool = False,
        seed: int | None = None,
    ) -> "Dataset":
        """The data set of numbered rows.

        Args:
            fetch: returns the batch of the rows with some numbers: arrays of equal length, in any structure.
            count: how many rows there are.
            batch_size: rows per element; `None` for single ones.
            shuffle: whether each pass has an order of its own.
            seed: of these orders; drawn from NumPy's global generator when left out.
        """
        if batch_size is not None:
            positive_int("A data set", "batch_size", batch_size)
        generator = np.random.RandomState(np.random.randint(10**6) if shuffle and seed is None else seed or 0)

        def make() -> Iterator[Any]:
            order = generator.permutation(count) if shuffle else np.arange(count)
            if batch_size is None:
                return (jax.tree.map(lambda a: a[0], fetch(order[place : place + 1])) for place in range(count))
            return (fetch(order[start : start + batch_size]) for start in range(0, count, batch_size))

        return cls(make, -(-count // (batch_size or 1)), batch_size)

    def __iter__(self) -> Iterator[Any]:
        """Begins a pass."""
        return self._make()

    def __len__(self) -> int:
        """The number of elements in a pass."""
        if self._length is None:
            raise TypeError("How many elements this data set has shows only when it is read.")
        return self._length

    def cardinality(self) -> int:
        """The number of elements in a pass; -2 if it is not known."""
        return -2 if self._length is None else self._length

    def __repr__(self) -> str:
        return f"<Dataset of {self.cardinality()} {'samples' if self.batch_size is None else 'batches'}>"

    def _like(self, make: Callable[[], Iterator[Any]], length: int | None, batch_size: int | None = None) -> "Dataset":
        made = Dataset(make, length, batch_size)
        made.class_names, made.file_paths = self.class_names, self.file_paths
        return made

    def map(self, function: Callable[..., Any], num_parallel_calls: Any = None) -> "Dataset":
        """The data set of what a function makes of each element.

        Args:
            function: takes `x`, or the parts of a tuple: `lambda x, y: (layer(x), y)`.
            num_parallel_calls: accepted as TensorFlow does.
        """
        del num_parallel_calls
        call = lambda element: function(*element) if isinstance(element, tuple) else function(element)  # noqa: E731
        return self._like(lambda: map(call, self), self._length, self.batch_size)

    def take(self, count: int) -> "Dataset":
        """The data set of the first elements of each pass."""
        at_least("take", "count", count, 0)
        length = None if self._length is None else min(count, self._length)
        return self._like(lambda: itertools.islice(self, count), length, self.batch_size)

    def skip(self, count: int) -> "Dataset":
        """The data set without the first elements of each pass."""
        at_least("skip", "count", count, 0)
        length = None if self._length is None else max(0, self._length - count)
        return self._like(lambda: itertools.islice(self, count, None), length, self.batch_size)

    def batch(self, batch_size: int, drop_remainder: bool = False) -> "Dataset":
        """The data set of batches of these samples.

        Args:
            batch_size: samples per batch.
            drop_remainder: whether to leave out a last batch that is smaller.

        Raises:
            ArgumentError: if these are batches already.
        """
        positive_int("batch", "batch_size", batch_size)
        if self.batch_size is not None:
            raise ArgumentError(
                f"The elements of this data set are batches of {self.batch_size} already.",
                hint="pass batch_size= to the function that made it; unbatch() gives single samples.",
            )

        def make() -> Iterator[Any]:
            samples = iter(self)
            while group := list(itertools.islice(samples, batch_size)):
                if len(group) == batch_size or not drop_remainder:
                    yield jax.tree.map(lambda *parts: np.stack([np.asarray(part) for part in parts]), *group)

        whole, rest = divmod(self._length or 0, batch_size)
        length = None if self._length is None else whole + (rest > 0 and not drop_remainder)
        return self._like(make, length, batch_size)

    def unbatch(self) -> "Dataset":
        """The data set of the single samples of these batches."""

        def make() -> Iterator[Any]:
            for batch in self:
                for row in range(len(jax.tree.leaves(batch)[0])):
                    yield jax.tree.map(lambda a, row=row: a[row], batch)

        return self._like(make, None)

    def prefetch(self, buffer_size: int | None = None) -> "Dataset":
        """The data set whose elements are made ahead, by a thread, while earlier ones are worked on.

        Args:
            buffer_size: how many are made ahead; chosen when left out or negative.
        """
        ahead = _AHEAD if buffer_size is None or buffer_size < 1 else buffer_size
        return self._like(lambda: made_ahead(self, ahead), self._length, self.batch_size)

    def batches(self) -> "Dataset":
        """These elements if they are batches, else batches of them: what is trained on."""
        return self if self.batch_size is not None else self.batch(DEFAULT_BATCH)

    def as_numpy_iterator(self) -> Iterator[Any]:
        """A pass."""
        return iter(self)


def made_ahead(elements: Iterable[Any], ahead: int) -> Iterator[Any]:
    """The elements, made by a thread of its own before they are asked for.

    Args:
        elements: made one at a time, in order.
        ahead: how many at most wait to be taken.
    """
    source = iter(elements)
    end = object()
    waiting: deque[Future[Any]] = deque()
    pool = ThreadPoolExecutor(1)
    try:
        waiting.extend(pool.submit(next, source, end) for _ in range(ahead))
        while (element := waiting.popleft().result()) is not end:
            waiting.append(pool.submit(next, source, end))
            yield element
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
