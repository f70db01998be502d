"""Feeds: an epoch as a row of dispatches, each a table on the device and a range of its steps."""

import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, Protocol

import jax
import numpy as np

from lamina.core.errors import DataError
from lamina.core.generators import random_state, set_random_state
from lamina.data.arrays import aligned_empty, count_rows, device_dtype, to_device
from lamina.data.streams import Stream, unpack_batch
from lamina.data.table import Table, pack, power_of_two
from lamina.data.trail import Trail

_TABLE_BYTES = 1 << 25
_TABLE_STEPS = 64
_TABLE_SECONDS = 0.1


class Dispatch(NamedTuple):
    """A range of the steps of a table."""

    table: Table
    start: int
    stop: int


class Feed(Protocol):
    """The data of `fit` or `evaluate`.

    Attributes:
        num_batches: in an epoch, `None` if it will be known only after the first.
        takes_time: whether the host works to make the next dispatch, so that it should do so while
            the device works on the last one.
    """

    num_batches: int | None
    takes_time: bool

    @property
    def remembers(self) -> bool:
        """Whether it is to take down what `position` tells; set before the first epoch."""
        ...

    @remembers.setter
    def remembers(self, value: bool) -> None: ...

    def example(self) -> Any:
        """`(x, y, sample_weight)` arrays with the shapes and dtypes of a batch."""
        ...

    def epoch(self) -> Iterator[Dispatch]:
        """The dispatches of the next epoch."""
        ...

    def position(self, done: int) -> dict[str, Any]:
        """Where it stands, in plain values: so many steps of the running epoch are done, or none between epochs."""
        ...

    def go_to(self, position: dict[str, Any]) -> None:
        """Has the next epoch go on from a position, in a feed of the same data that has given nothing yet.

        Python's and NumPy's generators are left as they were there.
        """
        ...

    def describe(self) -> dict[str, Any]:
        """What has to be equal for a position to mean the same."""
        ...


def draw_order(rows: int, batch: int, shuffle: Any, permutation: Callable[[int], np.ndarray]) -> np.ndarray | None:
    """The order of rows for a pass, as Keras draws it; `None` for that in which they lie.

    Args:
        rows: how many.
        batch: rows per batch.
        shuffle: whether to have a new order; `"batch"` for rows within batches only.
        permutation: what draws, NumPy's global generator or another of the same algorithm.
    """
    if shuffle == "batch":
        starts = range(0, rows, batch)
        return np.concatenate([permutation(min(batch, rows - start)) + start for start in starts])
    return permutation(rows) if shuffle else None


class _ArrayFeed:
    """What feeds from arrays share: the order of rows, and passes that epochs may cut anywhere.

    Args:
        data: the structure `(x, y, sample_weight)` of host or device arrays of equal length.
        batch: rows per batch.
        shuffle: whether each pass has a new order; `"batch"` for rows within batches only.
        steps_per_epoch: batches per epoch; a whole pass when left out.
    """

    takes_time = False
    remembers = False

    def __init__(self, data: Any, batch: int, shuffle: Any = False, steps_per_epoch: int | None = None) -> None:
        self.data = data
        self.rows = count_rows(data, "the data")
        self.batch = min(batch, self.rows)
        self.shuffle = shuffle
        self.pass_steps = -(-self.rows // self.batch)
        self.num_batches: int | None = steps_per_epoch or self.pass_steps
        self._per_epoch = steps_per_epoch
        self._seen = 0  # steps of the pass before the next epoch
        self._began = 0  # and before the last one
        self._skipped = 0
        self._drawn_at: dict[str, Any] | None = None

    def example(self) -> Any:
        """The arrays, cut to one batch."""
        return jax.tree.map(lambda a: a[: self.batch], self.data)

    @property
    def has_rest(self) -> bool:
        """Whether the last batch of a pass is short."""
        return self.rows % self.batch != 0

    def permutation(self) -> np.ndarray | None:
        """The order of rows for a pass: draws from NumPy's global generator as Keras does."""
        return draw_order(self.rows, self.batch, self.shuffle, np.random.permutation)

    def next_range(self) -> tuple[int, int]:
        """The steps of the current pass that the next epoch covers; a new pass has its order drawn."""
        start = self._began = self._seen
        stop = self.pass_steps if self._per_epoch is None else min(start + self._per_epoch, self.pass_steps)
        self._seen = 0 if stop == self.pass_steps else stop
        skipped, self._skipped = self._skipped, 0
        if start + skipped == 0:
            self._begin_pass()
        return start + skipped, stop

    def _begin_pass(self) -> None:
        self._drawn_at = random_state() if self.remembers and self.shuffle else None
        self.take_order(self.permutation())

    def take_order(self, order: np.ndarray | None) -> None:
        """Has the steps of this pass take rows in an order."""
        raise NotImplementedError

    def position(self, done: int) -> dict[str, Any]:
        """The place in the pass, and the state of the generator that its order was drawn from."""
        began = self._began if done else self._seen
        drawn_at = self._drawn_at if began + done else None
        return {"began": began, "done": done, "drawn_at": drawn_at, "random": random_state()}

    def go_to(self, position: dict[str, Any]) -> None:
        """Draws the order of a pass again."""
        self._seen, self._skipped = position["began"], position["done"]
        if self._seen + self._skipped:
            if position["drawn_at"] is not None:
                set_random_state(position["drawn_at"])
            self._begin_pass()
        set_random_state(position["random"])

    def describe(self) -> dict[str, Any]:
        """Rows, and how they are cut."""
        parts = {"rows": self.rows, "rows per batch": self.batch, "shuffle": self.shuffle}
        return {**parts, "steps per epoch": self.num_batches, "shapes of the data": _form(self.data)}


class ResidentFeed(_ArrayFeed):
    """Arrays that lie on the device for the whole of `fit`; each pass only sends a new order of rows."""

    def __init__(self, data: Any, batch: int, shuffle: Any = False, steps_per_epoch: int | None = None) -> None:
        super().__init__(data, batch, shuffle, steps_per_epoch)
        self._table = Table(jax.tree.map(to_device, data), None, self.batch, self.rows, self.has_rest)

    def epoch(self) -> Iterator[Dispatch]:
        """One dispatch."""
        start, stop = self.next_range()
        if start < stop:
            yield Dispatch(self._table, start, stop)

    def take_order(self, order: np.ndarray | None) -> None:
        """Has it ready; a program takes it along when it is called, which is quicker than sending it by itself."""
        table = np.zeros((self.pass_steps, self.batch), np.int32)
        table.ravel()[: self.rows] = np.arange(self.rows) if order is None else order
        self._table = self._table._replace(order=table)


class ChunkedFeed(_ArrayFeed):
    """Arrays that go to the device in tables of some batches: memory maps, and data to be seen only once.

    All tables have one of few sizes, so that data sets of any length run the same program.

    Args:
        data: as for `ResidentFeed`.
        batch: likewise.
        shuffle: likewise.
        steps_per_epoch: likewise.
        keep: whether to keep the tables on the device for the next epoch.
        capacity: batches per table; chosen by their size when left out.
    """

    def __init__(
        self,
        data: Any,
        batch: int,
        shuffle: Any = False,
        steps_per_epoch: int | None = None,
        *,
        keep: bool = False,
        capacity: int | None = None,
    ) -> None:
        super().__init__(data, batch, shuffle, steps_per_epoch)
        if not shuffle:
            self.batch = batch  # a short batch is padded rather than compiled for
        self._capacity = capacity or table_capacity(data, self.batch, self.pass_steps)
        self._kept: list[Table] | None = None
        self._keep = keep and not shuffle
        self.takes_time = not self._keep
        self._index: np.ndarray | None = None

    def epoch(self) -> Iterator[Dispatch]:
        """A dispatch for each table that the epoch touches."""
        start, stop = self.next_range()
        if self._keep and self._kept is None:
            self._kept = [self._table(first) for first in range(0, self.pass_steps, self._capacity)]
        for first in range(0, self.pass_steps, self._capacity):
            begin, end = max(start, first), min(stop, first + self._capacity)
            if begin < end:
                table = self._kept[first // self._capacity] if self._kept is not None else self._table(first)
                yield Dispatch(table, begin - first, end - first)

    def take_order(self, order: np.ndarray | None) -> None:
        """Keeps it for the tables."""
        self._index = order

    def _table(self, first: int) -> Table:
        last = min(first + self._capacity, self.pass_steps)
        bounds = [(step * self.batch, min((step + 1) * self.batch, self.rows)) for step in range(first, last)]
        take = [slice(a, b) if self._index is None else self._index[a:b] for a, b in bounds]
        return pack(self.data, take, self.batch, self._capacity, padded=self.has_rest)


class StreamFeed:
    """Batches that come one after the other: the next table is filled while the device works on this one.

    Args:
        stream: the source.
        shuffle: passed on to it.
        steps_per_epoch: batches per epoch; a whole pass when left out.
        transform: applied to each batch `(x, y, sample_weight)`.
        capacity: at most so many batches per table.
    """

    takes_time = True

    def __init__(
        self,
        stream: Stream,
        shuffle: Any = False,
        steps_per_epoch: int | None = None,
        transform: Any = None,
        capacity: int | None = None,
    ) -> None:
        self.num_batches = steps_per_epoch or stream.num_batches
        self._stream = stream
        self._shuffle = shuffle
        self._per_epoch = steps_per_epoch
        self._transform = transform
        self._limit = capacity
        self._epochs = 0
        self._size = 0
        self._afresh = False
        self._running: Iterator[Any] | None = None
        self._sample: Any = None
        self._trail = Trail()
        self._skipped = 0

    def configured(
        self, shuffle: Any, steps_per_epoch: int | None, capacity: int | None, *, afresh: bool = False
    ) -> "StreamFeed":
        """This feed, with what is known only after its first batch was looked at.

        Args:
            shuffle: as for the class.
            steps_per_epoch: likewise.
            capacity: likewise.
            afresh: whether each epoch begins a new pass.
        """
        self._shuffle, self._per_epoch, self._limit, self._afresh = shuffle, steps_per_epoch, capacity, afresh
        self.num_batches = steps_per_epoch or self._stream.num_batches
        return self

    def example(self) -> Any:
        """A batch; it is not lost to the epoch."""
        if self._sample is None:
            batch = self._stream.sample()
            if batch is None:
                raise DataError("The source of batches is empty.", hint="it has to yield at least one batch.")
            self._sample = self._unpacked(batch)
        return self._sample

    def _unpacked(self, batch: Any) -> Any:
        batch = unpack_batch(batch)
        return self._transform(*batch) if self._transform is not None else batch

    def _batches(self) -> Iterator[Any]:
        """The batches of one epoch; a pass may span several, and the last of them may be shorter."""
        if self._afresh and not self._skipped:
            self._running = None
        count, self._skipped = self._skipped, 0
        while self._per_epoch is None or count < self._per_epoch:
            new = self._running is None
            if self._running is None:
                self._trail.begin_pass()
                self._running = self._stream.passes(self._shuffle)
            self._trail.pull(count, True)
            batch = next(self._running, None)
            if batch is not None:
                count += 1
                self._trail.pulled()
                yield self._unpacked(batch)
                continue
            self._running = None
            if new or count:  # otherwise the last pass had ended with the last epoch
                break
        if not count or (self._per_epoch is not None and count < self._per_epoch and not self._stream.repeats):
            raise self._dry(count)

    def _dry(self, count: int) -> DataError:
        wanted = f"{self._per_epoch} were wanted" if self._per_epoch is not None else "there are none left"
        return DataError(
            f"The source of batches ran dry in epoch {self._epochs + 1}: it gave {count} batches there, and {wanted}. "
            "The weights and the history up to there are kept.",
            hint="let the generator go on for ever and pass steps_per_epoch, or pass a PyDataset, which starts anew.",
        )

    def epoch(self) -> Iterator[Dispatch]:
        """A dispatch for each table of batches; a slow source does not hold back those that it has given."""
        seen = self._skipped
        if not seen:
            self._trail.call(self._stream.epoch_begins)
        batches = self._batches()
        filling: _Filling | None = None
        fault: Exception | None = None
        while True:
            try:
                batch = next(batches, None)
            except Exception as error:  # raised again below, once what came before it is trained on
                batch, fault = None, error
            if batch is None:
                break
            rows = count_rows(batch, "a batch")
            seen += 1
            if filling is not None and not filling.takes(rows):
                yield filling.dispatch()
                filling = None
            filling = filling or self._empty_table(batch, rows)
            filling.add(batch, rows)
            if filling.age > _TABLE_SECONDS:
                yield filling.dispatch()
                filling = None
        if filling is not None:
            yield filling.dispatch()
        if fault is not None:
            raise fault
        self._trail.call(self._stream.epoch_ends)
        self._epochs += 1
        if self._per_epoch is None and self.num_batches is None:
            self.num_batches = seen

    @property
    def remembers(self) -> bool:
        """Whether states of random generators are taken down."""
        return self._trail.is_kept

    @remembers.setter
    def remembers(self, value: bool) -> None:
        self._trail.is_kept = value

    def position(self, done: int) -> dict[str, Any]:
        """The trail of the stream, and what was found out on it."""
        trail = self._trail.position(done, self._running is not None)
        known = {"epochs": self._epochs, "size": self._size, "num_batches": self.num_batches}
        return {**trail, **known, "done": done}

    def go_to(self, position: dict[str, Any]) -> None:
        """Brings the stream there; what sources have to give again is dropped."""
        self._running = self._trail.walk(self._stream, position, self._shuffle)
        self._skipped, self._epochs, self._size = (position[name] for name in ("done", "epochs", "size"))
        self.num_batches = position["num_batches"]

    def describe(self) -> dict[str, Any]:
        """The batches of an epoch, and their shapes."""
        parts = {"steps per epoch": self._per_epoch, "batches of the source": self._stream.num_batches}
        return {**parts, "shuffle": self._shuffle, "shapes of the data": _form(self.example())}

    def _empty_table(self, batch: Any, rows: int) -> "_Filling":
        """Room for batches of the largest size so far; a shorter one can only be the last of a table."""
        self._size = max(rows, self._size)
        steps = self.num_batches or _TABLE_STEPS
        capacity = min(self._limit or _TABLE_STEPS, table_capacity(batch, self._size, steps, rows))
        return _Filling(batch, self._size, capacity)


class _Filling:
    """A table in the making: batches are copied as they come, since a source may use its arrays again.

    Args:
        batch: the first batch, for shapes and dtypes.
        size: rows per batch.
        capacity: batches that it has room for.
    """

    def __init__(self, batch: Any, size: int, capacity: int) -> None:
        shape = lambda a: (capacity * size, *a.shape[1:])  # noqa: E731
        self._tables = jax.tree.map(lambda a: aligned_empty(shape(a), device_dtype(a.dtype)), batch)
        self._form = _form(batch)
        self._size, self._capacity = size, capacity
        self._steps = self._rows = 0
        self._began = time.monotonic()

    @property
    def age(self) -> float:
        """Seconds since it was begun."""
        return time.monotonic() - self._began

    def takes(self, rows: int) -> bool:
        """Whether there is room for a batch of so many rows; a short one was the last."""
        return self._steps < self._capacity and rows <= self._size and self._rows == self._steps * self._size

    def add(self, batch: Any, rows: int) -> None:
        """Copies a batch."""
        if (form := _form(batch)) != self._form:
            raise DataError(f"The batches of the source differ in structure or shape: {self._form} and {form}.")
        place = slice(self._rows, self._rows + rows)
        jax.tree.map(lambda table, part: table.__setitem__(place, np.asarray(part)), self._tables, batch)
        self._rows += rows
        self._steps += 1

    def dispatch(self) -> Dispatch:
        """All steps of the table; what is left of it is zero."""
        jax.tree.map(lambda table: table[self._rows :].fill(0), self._tables)
        data, padded = jax.tree.map(jax.device_put, self._tables), self._rows % self._size != 0
        return Dispatch(Table(data, None, self._size, self._rows, padded), 0, self._steps)


def _form(batch: Any) -> str:
    return str(jax.tree.map(lambda a: (a.shape[1:], str(a.dtype)), batch))


def table_capacity(data: Any, batch: int, steps: int, rows: int | None = None) -> int:
    """Batches per table: a power of two, within some megabytes and no more than there are.

    Args:
        data: the structure of arrays.
        batch: rows per batch.
        steps: batches in all.
        rows: in `data`, if its arrays tell something else.
    """
    leaves = jax.tree.leaves(data)
    row_bytes = sum(leaf.nbytes // max(1, rows or len(leaf)) for leaf in leaves)
    fitting = max(1, _TABLE_BYTES // max(1, row_bytes * batch))
    capacity = min(power_of_two(max(1, steps)), _TABLE_STEPS)
    while capacity > fitting:
        capacity //= 2
    return capacity
