import numpy as np
import pytest

from lamina.data import feeds
from lamina.data.feeds import ChunkedFeed, ResidentFeed, StreamFeed, table_capacity
from lamina.data.streams import OnceStream
from lamina.data.table import pack, power_of_two

X = np.arange(23, dtype="float32")[:, None]


def batches_of(feed):
    """The rows of each batch of an epoch, read back from the device."""
    found = []
    for table, start, stop in feed.epoch():
        data = np.asarray(table.data[0])[:, 0]
        for step in range(start, stop):
            if table.order is None:
                rows = data[step * table.batch : (step + 1) * table.batch]
            else:
                rows = data[np.asarray(table.order)[step]]
            found.append(rows[: max(0, table.rows - step * table.batch)].astype(int).tolist())
    return found


def joined(batches):
    return [row for batch in batches for row in batch]


def in_order(size, rows=23):
    return [list(range(start, min(start + size, rows))) for start in range(0, rows, size)]


@pytest.mark.parametrize("kind", [ResidentFeed, ChunkedFeed])
@pytest.mark.parametrize("size", [1, 4, 8, 23, 100])
def test_rows_come_in_order(kind, size):
    feed = kind((X, None, None), size)
    assert feed.num_batches == len(in_order(size))
    assert batches_of(feed) == batches_of(feed) == in_order(size)


@pytest.mark.parametrize("kind", [ResidentFeed, ChunkedFeed])
def test_shuffled_rows_come_once(kind):
    feed = kind((X, None, None), 5, True)
    first, second = batches_of(feed), batches_of(feed)
    assert [len(batch) for batch in first] == [5, 5, 5, 5, 3]
    assert sorted(joined(first)) == sorted(joined(second)) == list(range(23))
    assert first != second


@pytest.mark.parametrize("kind", [ResidentFeed, ChunkedFeed])
def test_both_kinds_shuffle_alike(kind):
    np.random.seed(4)
    wanted = np.random.permutation(23)
    np.random.seed(4)
    assert joined(batches_of(kind((X, None, None), 5, True))) == wanted.tolist()


@pytest.mark.parametrize("kind", [ResidentFeed, ChunkedFeed])
def test_shuffling_within_batches(kind):
    found = batches_of(kind((X, None, None), 8, "batch"))
    assert [sorted(batch) for batch in found] == in_order(8)
    assert found != in_order(8)


@pytest.mark.parametrize("kind", [ResidentFeed, ChunkedFeed])
def test_epochs_cut_passes(kind):
    feed = kind((X, None, None), 5, False, 2)
    epochs = [batches_of(feed) for _ in range(4)]
    assert epochs == [in_order(5)[0:2], in_order(5)[2:4], in_order(5)[4:], in_order(5)[0:2]]


def test_small_tables_give_the_same_batches():
    for capacity in (1, 2, 4):
        assert batches_of(ChunkedFeed((X, None, None), 5, capacity=capacity)) == in_order(5)


def test_all_tables_of_a_feed_run_the_same_program():
    for batch, padded in ((5, True), (1, False)):
        feed = ChunkedFeed((X, None, None), batch, capacity=2)
        assert {table.padded for table, _, _ in feed.epoch()} == {padded}


def test_kept_tables_are_made_once():
    feed = ChunkedFeed((X, None, None), 5, keep=True, capacity=2)
    assert batches_of(feed) == in_order(5)
    first, again = ([table.data[0] for table, _, _ in feed.epoch()] for _ in range(2))
    assert len(first) == 3
    assert all(one is other for one, other in zip(first, again, strict=True))


@pytest.mark.parametrize("sizes", [[5, 5, 5], [5, 5, 2], [5, 2, 5, 1, 7], [1, 2, 3, 4]])
@pytest.mark.parametrize("capacity", [None, 1])
def test_streams_keep_their_batches(sizes, capacity):
    ends = np.cumsum(sizes)
    wanted = [list(range(end - size, end)) for end, size in zip(ends, sizes, strict=True)]
    stream = OnceStream(iter([(X[rows],) for rows in wanted]))
    feed = StreamFeed(stream, capacity=capacity)
    feed.example()
    assert batches_of(feed) == wanted
    assert feed.num_batches == len(sizes)


def test_the_unused_part_of_a_table_is_zero():
    table = pack((X, None, None), [slice(1, 3), slice(3, 4)], 2, 4, padded=True)
    assert np.asarray(table.data[0])[:, 0].tolist() == [1, 2, 3, 0, 0, 0, 0, 0]
    assert (table.rows, table.steps, table.rest) == (3, 2, 1)


def test_capacities_are_few_and_fit():
    assert [power_of_two(n) for n in (1, 2, 5, 64, 65)] == [1, 2, 8, 64, 128]
    assert table_capacity((X,), 5, 5) == 8
    assert table_capacity((X,), 1, 10**6) == 64
    wide = np.broadcast_to(np.float32(0), (100, 1 << 20))
    assert table_capacity((wide,), 10, 10) == 1


def numbered_batches(count):
    for number in range(count):
        yield np.full((2, 1), number, "float32"), np.zeros((2, 1), "float32")


def test_batches_before_a_fault_are_dispatched_before_it_is_raised():
    def source():
        yield from numbered_batches(3)
        raise RuntimeError("the disk is gone")

    epoch = StreamFeed(OnceStream(source()), steps_per_epoch=10).epoch()
    assert next(epoch).stop == 3
    with pytest.raises(RuntimeError, match="the disk is gone"):
        next(epoch)


def test_a_slow_source_does_not_hold_back_what_it_gave(monkeypatch):
    steps = [d.stop for d in StreamFeed(OnceStream(numbered_batches(4)), steps_per_epoch=4).epoch()]
    assert steps == [4]
    monkeypatch.setattr(feeds, "_TABLE_SECONDS", -1.0)
    slow = list(StreamFeed(OnceStream(numbered_batches(4)), steps_per_epoch=4).epoch())
    assert [d.stop for d in slow] == [1, 1, 1, 1]
    assert len({d.table.data[0].shape for d in slow}) == 1  # one size, so one program
