"""A home folder with small data sets, in the formats of the real ones, for the course's scripts.

Where the real files lie beside the repository, the small ones are cut from them; elsewhere they are drawn at random.
"""

import gzip
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from lamina.datasets import fashion_mnist, mnist
from lamina.datasets._arrays import Form

REAL = Path(__file__).resolve().parents[3] / "shared" / "data"
HELD_OUT = 64  # rows the scripts keep for validation, in place of thousands
TRAIN, TEST, REVIEWS, PER_TOPIC, HOUSES = 448 + HELD_OUT, 96, 192, 8, 480
TOPICS = 46
MNIST_SHAPES = {"x_train": (TRAIN, 28, 28), "y_train": (TRAIN,), "x_test": (TEST, 28, 28), "y_test": (TEST,)}

collect_ignore_glob = ["*/*.py"]  # the scripts are no test modules: test_course.py runs them
rng = np.random.default_rng(0)


def idx(array: np.ndarray) -> bytes:
    """An array of bytes as an IDX file."""
    return bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes() + array.tobytes()


def images(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Grey images of ten classes, each class with its own bright rows."""
    labels = (np.arange(count) % 10).astype("uint8")
    pixels = rng.integers(0, 128, size=(count, 28, 28), dtype="uint8")
    pixels[np.arange(count), 2 * labels] += 127
    return pixels, labels


def sequences(labels: np.ndarray, words: int) -> np.ndarray:
    """Sequences of word ranks, as an object array of lists."""
    result = np.empty(len(labels), dtype=object)
    result[:] = [rng.integers(1, words, size=rng.integers(20, 60)).tolist() for _ in labels]
    return result


def write_fashion(folder: Path) -> None:
    """The four files of Fashion-MNIST."""
    folder.mkdir()
    for part, rows in (("train", TRAIN), ("t10k", TEST)):
        pixels, labels = images(rows)
        names = [f"{part}-images-idx3-ubyte.gz", f"{part}-labels-idx1-ubyte.gz"]
        if all((REAL / "fashion-mnist" / name).exists() for name in names):
            raw = [gzip.open(REAL / "fashion-mnist" / name) for name in names]
            with raw[0], raw[1]:
                pixels = np.frombuffer(raw[0].read(16 + rows * 784)[16:], np.uint8).reshape(rows, 28, 28)
                labels = np.frombuffer(raw[1].read(8 + rows)[8:], np.uint8)
        for name, array in zip(names, (pixels, labels), strict=True):
            (folder / name).write_bytes(gzip.compress(idx(array), compresslevel=1))


def write_mnist(path: Path) -> None:
    """The digits."""
    arrays = {}
    for part, rows in (("train", TRAIN), ("test", TEST)):
        arrays[f"x_{part}"], arrays[f"y_{part}"] = images(rows)
        if (REAL / "mnist.npz").exists():
            with np.load(REAL / "mnist.npz") as real:
                arrays |= {name: real[name][:rows] for name in (f"x_{part}", f"y_{part}")}
    np.savez(path, **arrays)


def write_imdb(path: Path) -> None:
    """Reviews: all the positive ones first, as in the real file."""
    labels = np.repeat([1, 0], REVIEWS // 2)
    reviews = sequences(labels, 20_000)
    if (REAL / "imdb_train.npz").exists():
        with np.load(REAL / "imdb_train.npz") as real:
            ends, ranks, every = np.cumsum(real["x_len"]), real["x"], real["y"].astype("int64")
        rows = np.linspace(0, len(ends) - 1, REVIEWS).astype(int)
        parts, labels = np.split(ranks, ends[:-1]), every[rows]
        reviews[:] = [parts[row].tolist() for row in rows]
    np.savez(path, x_train=reviews, y_train=labels, x_test=reviews[::2], y_test=labels[::2])


def write_reuters(folder: Path) -> None:
    """Newswires of every topic, and the word index."""
    labels = np.tile(np.arange(TOPICS), PER_TOPIC)
    wires = sequences(labels, 20_000)
    index = {f"word{rank}": rank for rank in range(1, 20_000)}
    if (REAL / "reuters.npz").exists():
        with np.load(REAL / "reuters.npz", allow_pickle=True) as real:
            rows = np.concatenate([np.flatnonzero(real["y"] == topic)[:PER_TOPIC] for topic in range(TOPICS)])
            wires, labels = real["x"][rows], real["y"][rows]
        index = json.loads((REAL / "reuters_word_index.json").read_text())
    np.savez(folder / "reuters.npz", x=wires, y=labels)
    (folder / "reuters_word_index.json").write_text(json.dumps(index))


def write_boston(path: Path) -> None:
    """Houses of Boston."""
    if (REAL / path.name).exists():
        shutil.copy(REAL / path.name, path)
    else:
        np.savez(path, x=rng.uniform(0, 100, size=(506, 13)), y=rng.uniform(5, 50, size=506))


def write_california(path: Path) -> None:
    """Districts of California, in the form that scikit-learn keeps in its cache."""
    joblib = pytest.importorskip("joblib")
    # columns: value, income, age, rooms, bedrooms, population, households, latitude, longitude
    low = np.array([2e4, 0.5, 1, 200, 40, 100, 40, 32, -124])
    high = np.array([5e5, 15, 52, 9000, 1800, 4000, 1700, 42, -114])
    districts = rng.uniform(low, high, size=(HOUSES, len(low)))
    if (REAL / path.name).exists():
        real = joblib.load(REAL / path.name)
        districts = real[np.linspace(0, len(real) - 1, HOUSES).astype(int)]
    joblib.dump(districts, path, compress=1)


@pytest.fixture(scope="session")
def course_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder with every data set that the course loads."""
    home = tmp_path_factory.mktemp("home")
    folder = home / "datasets"
    folder.mkdir()
    write_fashion(folder / "fashion-mnist")
    write_mnist(folder / "mnist.npz")
    write_imdb(folder / "imdb.npz")
    write_reuters(folder)
    write_boston(folder / "boston_housing.npz")
    write_california(home / "cal_housing_py3.pkz")
    return home


@pytest.fixture
def course_environment(course_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Points the loaders to the small data, whose size they would refuse, and keeps figures off the screen."""
    plt = pytest.importorskip("matplotlib.pyplot")
    monkeypatch.setenv("LAMINA_HOME", str(course_home))
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(course_home))
    monkeypatch.setenv("COURSE_HELD_OUT", str(HELD_OUT))
    monkeypatch.setattr(fashion_mnist, "_SHAPES", ((TRAIN, 28, 28), (TRAIN,), (TEST, 28, 28), (TEST,)))
    monkeypatch.setattr(mnist, "_FORMS", {name: Form(np.uint8, shape) for name, shape in MNIST_SHAPES.items()})
    monkeypatch.setattr(plt, "show", lambda: plt.close("all"))
    plt.switch_backend("Agg")
    yield
    plt.close("all")
