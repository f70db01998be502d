import itertools
import threading

import numpy as np
import pytest

import lamina
from lamina.core.errors import ArgumentError, DataError
from lamina.data.streams import IndexedStream, OnceStream, RepeatedStream, as_stream

X = np.random.default_rng(0).normal(size=(40, 3)).astype("float32")
Y = X[:, :1] * 2
PARTS = [(X[start : start + 10], Y[start : start + 10]) for start in range(0, 40, 10)]


def build(loss="mse", units=1, **compiled):
    lamina.utils.set_random_seed(1)
    model = lamina.Sequential([lamina.Input((3,)), lamina.layers.Dense(units)])
    model.compile("sgd", loss, **compiled)
    return model


def weights_after(x, y=None, **arguments):
    model = build()
    model.fit(x, y, verbose=0, **arguments)
    return model.get_weights()[0]


def expected(**arguments):
    return weights_after(X, Y, batch_size=10, shuffle=False, **arguments)


def assert_close(ours, theirs):
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-7)


class Batches(lamina.utils.PyDataset):
    def __init__(self, **arguments):
        super().__init__(**arguments)
        self.asked, self.events, self.threads = [], [], set()

    def __len__(self):
        return 4

    def __getitem__(self, index):
        self.asked.append(index)
        self.threads.add(threading.current_thread().name)
        return PARTS[index]

    def on_epoch_begin(self):
        self.events.append("begin")

    def on_epoch_end(self):
        self.events.append("end")


class Dataset:
    """Has the methods of `tf.data.Dataset` that matter."""

    def __init__(self, size=4):
        self._size = size

    def cardinality(self):
        return np.int64(self._size)

    def as_numpy_iterator(self):
        return iter(PARTS)

    def __iter__(self):
        return iter([tuple(Tensor(part) for part in parts) for parts in PARTS])


class Tensor:
    """Has the methods of a tensor of TensorFlow's or torch's that matter."""

    def __init__(self, array):
        self._array, self.shape = array, array.shape

    def __array__(self, dtype=None, copy=None):
        return self._array

    def detach(self):
        return self

    cpu = detach

    def numpy(self):
        return self._array


class DataLoader:
    """Has the methods of torch's loader that matter."""

    def __len__(self):
        return 4

    def __iter__(self):
        return iter([[Tensor(x), Tensor(y)] for x, y in PARTS])


# -- all kinds of sources ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source", [Batches, Dataset, lambda: Dataset(size=-2), DataLoader], ids=["py", "tf", "tf without size", "torch"]
)
def test_repeated_sources_train_as_their_arrays(source):
    assert_close(weights_after(source(), epochs=3, shuffle=False), expected(epochs=3))


def test_a_generator_of_one_epoch():
    model = build()
    history = model.fit((part for part in PARTS), verbose=0)
    assert history.params["steps"] is None
    assert_close(model.get_weights()[0], expected())


def test_a_generator_of_several_epochs():
    def forever():
        while True:
            yield from PARTS

    model = build()
    history = model.fit(forever(), steps_per_epoch=2, epochs=4, verbose=0)
    assert (history.params["steps"], history.epoch) == (2, [0, 1, 2, 3])
    assert_close(model.get_weights()[0], expected(epochs=2))


def test_a_source_may_use_its_arrays_again():
    def reusing():
        x, y = np.empty((10, 3), "float32"), np.empty((10, 1), "float32")
        for part in PARTS:
            x[:], y[:] = part
            yield x, y

    assert_close(weights_after(reusing()), expected())


def test_weights_in_batches():
    weights = np.linspace(0.1, 2, 40).astype("float32")
    parts = [(x, y, weights[10 * i : 10 * i + 10]) for i, (x, y) in enumerate(PARTS)]
    assert_close(weights_after(iter(parts)), expected(sample_weight=weights))


def test_batches_of_changing_size():
    cuts = [0, 10, 20, 23, 39, 40]
    parts = [(X[a:b], Y[a:b]) for a, b in itertools.pairwise(cuts)]
    model = build()
    for x, y in parts:
        model.train_on_batch(x, y)
    assert_close(weights_after(iter(parts)), model.get_weights()[0])


def test_batches_of_dicts():
    class Named(lamina.Model):
        def __init__(self):
            super().__init__()
            self.last = lamina.layers.Dense(1)

        def call(self, inputs):
            return self.last(inputs["a"])

    losses = []
    for source in (iter([({"a": x}, y) for x, y in PARTS]), Dataset()):
        lamina.utils.set_random_seed(1)
        model = Named() if not isinstance(source, Dataset) else build()
        model.compile("sgd", "mse")
        losses.append(model.fit(source, verbose=0, shuffle=False).history["loss"])
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)


def test_memory_maps(tmp_path):
    np.save(tmp_path / "x.npy", X.astype("float64"))
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    assert_close(weights_after(mapped, Y, batch_size=10, shuffle=False, epochs=2), expected(epochs=2))
    assert_close(
        weights_after(mapped, Y, batch_size=7, epochs=2, validation_split=0.2),
        weights_after(X, Y, batch_size=7, epochs=2, validation_split=0.2),
    )


@pytest.mark.parametrize("method", ["evaluate", "predict"])
def test_other_methods_read_sources(method):
    model = build()
    whole = getattr(model, method)(*((X, Y) if method == "evaluate" else (X,)), verbose=0)
    for source in (iter(PARTS), Batches(), Dataset(), DataLoader()):
        assert_close(getattr(model, method)(source, verbose=0), whole)


def test_validation_reads_sources():
    histories = [
        build().fit(X, Y, epochs=3, shuffle=False, verbose=0, validation_data=data).history["val_loss"]
        for data in ((X, Y), Batches(), Dataset(), DataLoader())
    ]
    for history in histories[1:]:
        assert history == pytest.approx(histories[0], rel=1e-5)


def test_validation_begins_anew_each_time():
    model = build()
    model.optimizer.learning_rate = 0.0
    history = model.fit(X, Y, epochs=3, verbose=0, validation_data=Batches(), validation_steps=3)
    assert len(set(history.history["val_loss"])) == 1


# -- PyDataset ---------------------------------------------------------------------------------------------------------


def test_a_data_set_hears_of_epochs():
    data = Batches()
    build().fit(data, epochs=2, verbose=0, shuffle=False)
    assert data.events == ["begin", "end"] * 2
    assert data.asked[-8:] == [0, 1, 2, 3] * 2


def test_a_data_set_is_shuffled():
    data = Batches()
    build().fit(data, epochs=3, verbose=0)
    epochs = [data.asked[-4 * n : len(data.asked) - 4 * n + 4] for n in (1, 2, 3)]
    assert all(sorted(epoch) == [0, 1, 2, 3] for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) > 1


def test_workers_make_batches_ahead_in_order():
    data = Batches(workers=3, max_queue_size=2)
    assert_close(weights_after(data, epochs=2, shuffle=False), expected(epochs=2))
    assert len(data.threads) > 1


def test_passes_are_cut_by_epochs():
    data = Batches()
    build().fit(data, epochs=4, steps_per_epoch=3, verbose=0, shuffle=False)
    assert data.asked[-8:] == [0, 1, 2, 3, 0, 1, 2, 3]


def test_an_endless_data_set():
    class Endless(Batches):
        num_batches = None

        def __getitem__(self, index):
            return PARTS[index % 4]

    assert_close(weights_after(Endless(), steps_per_epoch=4, epochs=2), expected(epochs=2))


# -- sources that fail -------------------------------------------------------------------------------------------------


class Broken(Exception):
    pass


def test_an_exception_of_a_generator_survives():
    def failing():
        yield from PARTS
        raise Broken("disk on fire")

    model = build()
    with pytest.raises(Broken, match="disk on fire") as caught:
        model.fit(failing(), steps_per_epoch=3, epochs=3, verbose=0)
    assert caught.traceback[-1].name == "failing"
    assert model.history.epoch == [0]
    assert np.isfinite(model.predict(X, verbose=0)).all()
    assert np.isfinite(model.fit(X, Y, verbose=0).history["loss"]).all()


@pytest.mark.parametrize("workers", [1, 3])
def test_an_exception_of_a_data_set_survives(workers):
    class Failing(Batches):
        def __getitem__(self, index):
            if index == 2:
                raise Broken(f"batch {index}")
            return super().__getitem__(index)

    with pytest.raises(Broken, match="batch 2") as caught:
        build().fit(Failing(workers=workers), shuffle=False, verbose=0)
    assert caught.traceback[-1].name == "__getitem__"


def test_a_generator_that_runs_dry():
    model = build()
    with pytest.raises(DataError, match="ran dry in epoch 2: it gave 1 batches there, and 3 were wanted") as caught:
        model.fit(iter(PARTS), steps_per_epoch=3, epochs=2, verbose=0)
    assert "weights and the history up to there are kept" in str(caught.value)
    assert "hint: let the generator go on for ever and pass steps_per_epoch" in str(caught.value)
    assert model.history.epoch == [0]
    assert_close(model.get_weights()[0], expected())  # every batch that it gave is trained on


def test_a_generator_is_there_once():
    with pytest.raises(DataError, match="ran dry in epoch 2: it gave 0 batches there, and there are none left"):
        build().fit(iter(PARTS), epochs=2, verbose=0)


class Empty(Batches):
    def __len__(self):
        return 0


@pytest.mark.parametrize("source", [lambda: iter([]), Empty], ids=["generator", "py"])
@pytest.mark.parametrize("method", ["fit", "evaluate", "predict"])
def test_empty_sources(source, method):
    with pytest.raises(DataError, match="The source of batches is empty"):
        getattr(build(), method)(source(), verbose=0)


@pytest.mark.parametrize(
    ("batches", "message"),
    [
        ([(X, Y, Y, Y)], "A batch has 4 parts"),
        ([(X, Y[:3])], "x of a batch has 40, y of a batch has 3"),
        ([(X[:, :2], Y)], r"inputs of shape \(None, 3\), but got float32\[40, 2\]"),
        ([(X, Y), (X[:, :2], Y)], "batches of the source differ in structure or shape"),
        ([(X, Y), (X, Y, Y[:, 0])], "batches of the source differ in structure or shape"),
        ([(X, Y), (X, np.ones((40, 2)))], "y of a batch is float64"),
        ([(X, None)], "y of a batch is missing"),
    ],
)
def test_faulty_batches(batches, message):
    with pytest.raises(ValueError, match=message):
        build().fit(iter(batches), verbose=0)


@pytest.mark.parametrize("given", [{"y": Y}, {"sample_weight": Y[:, 0]}, {"validation_split": 0.2}], ids=list)
def test_sources_bring_their_own_targets(given):
    name = next(iter(given))
    with pytest.raises(ArgumentError, match=f"{name} cannot be given beside a source of batches") as caught:
        build().fit(iter(PARTS), verbose=0, **given)
    assert "hint: yield (x, y) or (x, y, sample_weight)" in str(caught.value)


# -- parts -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        (Batches(), IndexedStream),
        (Dataset(), RepeatedStream),
        (DataLoader(), RepeatedStream),
        (iter(PARTS), OnceStream),
        (map(tuple, PARTS), OnceStream),
        (X, type(None)),
        ([X, X], type(None)),
        ({"a": X}, type(None)),
        (Tensor(X), type(None)),
    ],
)
def test_kinds_of_sources(source, kind):
    assert type(as_stream(source)) is kind


@pytest.mark.parametrize("stream", [OnceStream(iter("abc")), RepeatedStream("abc", 3)])
def test_a_sample_is_not_lost(stream):
    assert stream.sample() == "a"
    assert list(stream.passes(False)) == ["a", "b", "c"]
