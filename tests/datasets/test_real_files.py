"""The loaders on the real files, against Keras on the same ones."""

import inspect
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from lamina import datasets
from lamina.core import config

# Some of the files beside the repository were zipped anew, so that their checksums are not the published ones.
pytestmark = pytest.mark.filterwarnings("ignore:.*is not the published file:UserWarning")


@pytest.fixture
def compare(keras: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Loads with both and compares; Keras is handed the cached file without its check of the checksum."""

    def cached(fname: str, origin: str, file_hash: str | None = None, cache_subdir: str = "datasets") -> str:
        return str(config.home() / cache_subdir / fname)

    def compare(name: str, **arguments: object) -> None:
        theirs = getattr(keras.datasets, name).load_data
        monkeypatch.setattr(inspect.getmodule(theirs), "get_file", cached)
        found = getattr(datasets, name).load_data(**arguments)
        for ours, keras_array in zip(flat(found), flat(theirs(**arguments)), strict=True):
            assert type(ours) is np.ndarray
            assert (ours.dtype, ours.shape) == (keras_array.dtype, keras_array.shape)
            assert ours.tolist() == keras_array.tolist() if ours.dtype == object else (ours == keras_array).all()

    return compare


def flat(splits: tuple) -> Iterator[np.ndarray]:
    for split in splits:
        yield from split


def lists(flat_file: Path, every: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """The reviews of a flat file as the published archive holds them."""
    with np.load(flat_file) as arrays:
        texts = np.split(arrays["x"], np.cumsum(arrays["x_len"])[:-1])[::every]
        labels = arrays["y"][::every].astype(np.int64)
    x = np.empty(len(texts), dtype=object)
    x[:] = [text.tolist() for text in texts]
    return x, labels


@pytest.fixture(scope="module")
def few_texts(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache with every 25th text: enough for all arguments."""
    home = tmp_path_factory.mktemp("few")
    (home / "datasets").mkdir()
    x_train, y_train = lists(shared_data / "imdb_train.npz", every=25)
    x_test, y_test = lists(shared_data / "imdb_test.npz", every=25)
    np.savez(home / "datasets" / "imdb.npz", x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)
    with np.load(shared_data / "reuters.npz", allow_pickle=True) as arrays:
        np.savez(home / "datasets" / "reuters.npz", x=arrays["x"][::25], y=arrays["y"][::25])
    return home


def test_mnist(place, compare):
    place("mnist.npz")
    compare("mnist")


def test_fashion_mnist_needs_no_warning(place, compare):
    place("fashion-mnist")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        compare("fashion_mnist")


@pytest.mark.parametrize("arguments", [{}, {"test_split": 0.33, "seed": 7}, {"test_split": 0}], ids=str)
def test_boston_housing(place, compare, arguments):
    place("boston_housing.npz")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        compare("boston_housing", **arguments)


@pytest.mark.parametrize(
    "arguments", [{}, {"version": "small"}, {"version": "large", "test_split": 0.1, "seed": 3}], ids=str
)
def test_california_housing(place, compare, arguments):
    place("california_housing.npz")
    compare("california_housing", **arguments)


TEXT_ARGUMENTS = [
    {},
    {"num_words": 1000},
    {"num_words": 1000, "skip_top": 20},
    {"num_words": 500, "maxlen": 150, "seed": 5},
    {"num_words": 1000, "oov_char": None},
    {"start_char": None, "index_from": 0, "oov_char": 0},
    {"start_char": None, "index_from": 5},
    {"start_char": 9, "oov_char": 8, "index_from": 10, "skip_top": 12},
]


@pytest.mark.parametrize("arguments", TEXT_ARGUMENTS, ids=str)
@pytest.mark.parametrize("name", ["imdb", "reuters"])
def test_texts(few_texts, monkeypatch, compare, name, arguments):
    monkeypatch.setenv("LAMINA_HOME", str(few_texts))
    compare(name, **arguments)


def test_reuters_whole(place, compare):
    place("reuters.npz")
    compare("reuters", test_split=0.3)


def test_imdb_whole(shared_data, home):
    """The first reviews of the shuffled set, as any tutorial prints them."""
    x, y = lists(shared_data / "imdb_train.npz")
    (home / "datasets").mkdir(parents=True)
    np.savez(home / "datasets" / "imdb.npz", x_train=x, y_train=y, x_test=x[:10], y_test=y[:10])
    (x_train, y_train), _ = datasets.imdb.load_data(num_words=10000)
    assert x_train.shape == (25000,)
    assert x_train[0][:10] == [1, 14, 22, 16, 43, 530, 973, 1622, 1385, 65]
    assert y_train[:5].tolist() == [1, 0, 0, 1, 0]
    assert max(map(max, x_train)) == 9999


@pytest.mark.parametrize("name", ["imdb", "reuters"])
def test_word_index(place, keras, home, monkeypatch, name):
    place(f"{name}_word_index.json")
    theirs = getattr(keras.datasets, name).get_word_index
    monkeypatch.setattr(inspect.getmodule(theirs), "get_file", lambda fname, **_: str(home / "datasets" / fname))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = getattr(datasets, name).get_word_index()
    assert list(found.items()) == list(theirs().items())


def test_files_with_other_time_stamps_are_used_with_one_warning(place):
    place("mnist.npz")
    with pytest.warns(UserWarning, match=r"mnist\.npz is not the published file") as caught:
        datasets.mnist.load_data()
    assert [warning.filename for warning in caught] == [__file__]
