"""The loaders on small made-up files, fetched from a local server."""

import gzip
import hashlib
import inspect
import io
import json
import pickle
import struct
import tarfile
from dataclasses import replace
from types import ModuleType
from typing import ClassVar

import numpy as np
import pytest

from lamina import datasets
from lamina.core.config import set_image_data_format
from lamina.core.errors import ArgumentError, DownloadError, UnexpectedArgumentError
from lamina.datasets import _files, boston_housing, california_housing, cifar10, fashion_mnist, imdb, mnist, reuters
from lamina.datasets._arrays import Form

NAMES = datasets.__all__


def npz(**arrays: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def ragged(*rows: list[int]) -> np.ndarray:
    array = np.empty(len(rows), dtype=object)
    array[:] = rows
    return array


class _Python2Pickler(pickle._Pickler):
    """Writes bytes as the strings of Python 2, as the real batches have them."""

    dispatch: ClassVar = dict(pickle._Pickler.dispatch)

    def save_string(self, text: bytes) -> None:
        self.write(pickle.BINSTRING + struct.pack("<i", len(text)) + text)

    dispatch[bytes] = save_string


def python2_pickle(contents: object) -> bytes:
    buffer = io.BytesIO()
    _Python2Pickler(buffer, protocol=2).dump(contents)
    return buffer.getvalue().replace(b"numpy._core.multiarray", b"numpy.core.multiarray")


@pytest.fixture
def publish(server, monkeypatch):
    """Makes a made-up file the published one."""

    def publish(module: ModuleType, body: bytes, constant: str = "_FILE") -> None:
        file = getattr(module, constant)
        made_up = replace(file, sha256=hashlib.sha256(body).hexdigest(), origin=server.serve(file.name, body))
        monkeypatch.setattr(module, constant, made_up)

    return publish


@pytest.mark.parametrize("name", NAMES)
def test_signatures_are_those_of_keras(keras, name):
    ours, theirs = getattr(datasets, name), getattr(keras.datasets, name)
    for function in [key for key in dir(theirs) if inspect.isfunction(getattr(theirs, key))]:
        found, expected = (inspect.signature(getattr(module, function)).parameters for module in (ours, theirs))
        # Where Keras takes any keyword, it is to refuse it later.
        assert [(p.name, p.default, p.kind) for p in found.values()] == [
            (p.name, p.default, p.kind) for p in expected.values() if p.kind is not p.VAR_KEYWORD
        ]


def test_get_file_has_the_signature_of_keras(keras):
    found, expected = (inspect.signature(f).parameters for f in (_files.get_file, keras.utils.get_file))
    assert [(p.name, p.default) for p in found.values()] == [(p.name, p.default) for p in expected.values()]


@pytest.mark.parametrize(
    ("name", "attribute"),
    [
        ("mnist", "_FILE"),
        ("cifar10", "_FILE"),
        ("imdb", "_FILE"),
        ("reuters", "_FILE"),
        ("boston_housing", "_FILE"),
        ("california_housing", "_FILE"),
    ],
)
def test_addresses_checksums_and_places_are_those_of_keras(keras, monkeypatch, name, attribute):
    """Keras is stopped where it would fetch, and asked what."""

    class Asked(Exception):
        pass

    def ask(fname: str, origin: str, file_hash: str, extract: bool = False) -> None:
        raise Asked(f"{fname}_archive" if extract else fname, origin, file_hash)

    theirs = getattr(keras.datasets, name).load_data
    monkeypatch.setattr(inspect.getmodule(theirs), "get_file", ask)
    with pytest.raises(Asked) as asked:
        theirs()
    file = getattr(getattr(datasets, name), attribute)
    assert (file.name, file.origin or _files.STORE + file.name, file.sha256) == asked.value.args


def test_mnist(publish, monkeypatch, server):
    arrays = {
        "x_train": np.arange(3 * 784, dtype=np.uint8).reshape(3, 28, 28),
        "y_train": np.array([1, 2, 3], np.uint8),
        "x_test": np.full((2, 28, 28), 7, np.uint8),
        "y_test": np.array([4, 5], np.uint8),
    }
    monkeypatch.setattr(mnist, "_FORMS", {key: Form(np.uint8, value.shape) for key, value in arrays.items()})
    publish(mnist, npz(**arrays))
    for _ in range(2):
        (x_train, y_train), (x_test, y_test) = mnist.load_data()
    for name, found in zip(arrays, (x_train, y_train, x_test, y_test), strict=True):
        np.testing.assert_array_equal(found, arrays[name], strict=True)
    assert server.requests == ["/mnist.npz"]


def test_fashion_mnist(server, home, monkeypatch):
    shapes = ((3, 28, 28), (3,), (2, 28, 28), (2,))
    expected = [np.arange(np.prod(shape), dtype=np.uint8).reshape(shape) for shape in shapes]
    files = {}
    for name, array in zip(fashion_mnist._FILES, expected, strict=True):
        header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}i", *array.shape)
        body = gzip.compress(header + array.tobytes())
        server.serve(name, body)
        files[name] = hashlib.sha256(body).hexdigest()
    monkeypatch.setattr(fashion_mnist, "_FILES", files)
    monkeypatch.setattr(fashion_mnist, "_SHAPES", shapes)
    monkeypatch.setattr(_files, "STORE", f"{server.address}/")
    (x_train, y_train), (x_test, y_test) = fashion_mnist.load_data()
    for found, array in zip((x_train, y_train, x_test, y_test), expected, strict=True):
        np.testing.assert_array_equal(found, array, strict=True)
    assert sorted(path.name for path in (home / "datasets" / "fashion-mnist").iterdir()) == sorted(files)


class TestCifar10:
    @pytest.fixture
    def images(self, monkeypatch):
        monkeypatch.setattr(cifar10, "_ROWS", 2)
        return np.random.RandomState(0).randint(0, 256, (12, 3, 32, 32)).astype(np.uint8)

    def archive(self, images: np.ndarray, names: tuple[str, ...] = cifar10._BATCHES, label: int = 9) -> bytes:
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
            for index, name in enumerate(names):
                rows = images[2 * index : 2 * index + 2].reshape(2, -1)
                body = python2_pickle({b"data": rows, b"labels": [index, label], b"batch_label": b"a batch"})
                info = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
                info.size = len(body)
                tar.addfile(info, io.BytesIO(body))
        return buffer.getvalue()

    @pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
    def test_arrays(self, publish, images, home, data_format):
        # The order of the members is not that of the batches.
        order = cifar10._BATCHES[::-1]
        publish(cifar10, self.archive(images, order))
        set_image_data_format(data_format)
        try:
            (x_train, y_train), (x_test, y_test) = cifar10.load_data()
        finally:
            set_image_data_format("channels_last")
        expected = images.reshape(6, 2, 3, 32, 32)[::-1].reshape(12, 3, 32, 32)
        if data_format == "channels_last":
            expected = np.moveaxis(expected, 1, -1)
        np.testing.assert_array_equal(x_train, expected[:10], strict=True)
        np.testing.assert_array_equal(x_test, expected[10:], strict=True)
        np.testing.assert_array_equal(y_train, np.array([[5, 9, 4, 9, 3, 9, 2, 9, 1, 9]], np.uint8).T, strict=True)
        np.testing.assert_array_equal(y_test, np.array([[0], [9]], np.uint8), strict=True)
        assert x_train.flags.c_contiguous
        assert [path.name for path in (home / "datasets").iterdir()] == ["cifar-10-batches-py-target_archive"]

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"names": cifar10._BATCHES[:-1]}, "lacks test_batch"),
            ({"label": 10}, "has the label 10, expected 0 to 9"),
        ],
        ids=["a batch missing", "a label outside"],
    )
    def test_a_foreign_archive_is_not_used(self, publish, images, home, server, arguments, message):
        publish(cifar10, self.archive(images))
        (home / "datasets").mkdir(parents=True)
        (home / "datasets" / cifar10._FILE.name).write_bytes(self.archive(images, **arguments))
        with pytest.warns(UserWarning, match=message):
            cifar10.load_data()
        assert server.requests == [f"/{cifar10._FILE.name}"]


@pytest.mark.parametrize("module", [boston_housing, california_housing])
def test_housing(publish, monkeypatch, module):
    x, y = np.arange(40, dtype=np.float32).reshape(20, 2), np.arange(20, dtype=np.float32)
    monkeypatch.setattr(module, "_FORMS", {"x": Form(np.floating, x.shape), "y": Form(np.floating, y.shape)})
    publish(module, npz(x=x, y=y))
    (x_train, y_train), (x_test, y_test) = module.load_data(test_split=0.25, seed=0)
    assert x_train.shape == (15, 2)
    assert x_test.shape == (5, 2)
    np.testing.assert_array_equal(x_train[:, 0], 2 * y_train, strict=True)
    np.testing.assert_array_equal(np.sort(np.concatenate([y_train, y_test])), y, strict=True)
    assert not np.array_equal(y_train, y[:15])


@pytest.mark.parametrize("module", [boston_housing, california_housing, reuters])
@pytest.mark.parametrize("test_split", [-0.1, 1, 1.5, float("nan")])
def test_bad_splits(module, test_split):
    with pytest.raises(ArgumentError, match="test_split must be in"):
        module.load_data(test_split=test_split)


def test_bad_version():
    with pytest.raises(ArgumentError, match=r"(?s)version='smal'.*did you mean small"):
        california_housing.load_data(version="smal")


def test_imdb_misspelt_argument():
    with pytest.raises(UnexpectedArgumentError, match=r"(?s)no argument 'num_word'.*did you mean num_words"):
        imdb.load_data(num_word=10)


@pytest.mark.parametrize("name", NAMES)
def test_every_loader_checks_its_keywords(name):
    module = getattr(datasets, name)
    for function in {"load_data", "get_word_index"} & set(vars(module)):
        with pytest.raises(UnexpectedArgumentError, match=f"{function}.. has no argument 'no_such_one'"):
            getattr(module, function)(no_such_one=1)


@pytest.fixture
def texts(publish):
    x, y = ragged([1, 2, 3, 4], [1], [2, 2]), np.array([0, 1, 0])
    publish(imdb, npz(x_train=x, y_train=y, x_test=x[:2], y_test=y[:2]))
    publish(reuters, npz(x=x, y=y))


@pytest.mark.parametrize("module", [imdb, reuters])
def test_texts(texts, module):
    (x_train, y_train), (x_test, y_test) = module.load_data(num_words=6)
    by_length = {len(text): (text, label) for text, label in zip([*x_train, *x_test], [*y_train, *y_test], strict=True)}
    assert by_length == {5: ([1, 4, 5, 2, 2], 0), 2: ([1, 4], 1)} | ({} if len(by_length) < 3 else {3: ([1, 5, 5], 0)})
    assert x_train.dtype == object
    assert y_train.dtype == np.int64


@pytest.mark.parametrize("module", [imdb, reuters])
def test_maxlen_that_leaves_nothing(texts, module):
    with pytest.raises(ArgumentError, match=r"(?s)no sequence is shorter than maxlen=2\..*the shortest has 2 words"):
        module.load_data(maxlen=2)


@pytest.mark.parametrize("module", [imdb, reuters])
def test_word_index(publish, module):
    publish(module, json.dumps({"the": 1, "café": 2}, ensure_ascii=False).encode(), "_INDEX")
    assert module.get_word_index() == {"the": 1, "café": 2}


def test_label_names(keras):
    assert reuters.get_label_names() == keras.datasets.reuters.get_label_names()


@pytest.mark.parametrize("name", NAMES)
def test_offline_every_loader_names_its_file(name, monkeypatch, home):
    monkeypatch.setattr("urllib.request.OpenerDirector.open", refuse)
    with pytest.raises(DownloadError, match="nobody is there") as caught:
        getattr(datasets, name).load_data()
    assert str(home / "datasets") in caught.value.fact
    assert "https://" in caught.value.fact
    assert "save it as" in caught.value.hint


def refuse(*_: object, **__: object) -> None:
    raise OSError("nobody is there")
