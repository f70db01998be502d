"""CIFAR-10: 60,000 small colour pictures of ten things."""

import tarfile
from pathlib import Path

import numpy as np

from lamina.core.config import image_data_format
from lamina.core.errors import DataError
from lamina.core.tracebacks import public
from lamina.datasets._arrays import Form, Splits
from lamina.datasets._files import DataFile
from lamina.datasets._unpickle import StoredArray, load_data_pickle

class_names = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)

# The name under which Keras keeps the archive; it is read as it is, without being extracted.
_FILE = DataFile(
    "cifar-10-batches-py-target_archive",
    "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
    origin="https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
)
_BATCHES = ("data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch")
_ROWS = 10000  # a batch


@public
def load_data() -> Splits:
    """Loads the pictures. The words for the labels are in `class_names`.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: images uint8 `(50000, 32, 32, 3)` and `(10000, 32, 32, 3)`, from 0 to
        255 (the channels come second if `image_data_format()` is `"channels_first"`), and labels uint8
        `(50000, 1)` and `(10000, 1)`, 0 to 9.

    Raises:
        DownloadError: if the archive is not in the cache and cannot be fetched.

    Example:
        >>> (x_train, y_train), (x_test, y_test) = load_data()  # doctest: +SKIP
        >>> x_train.shape  # doctest: +SKIP
        (50000, 32, 32, 3)

    Reference:
        A. Krizhevsky, Learning multiple layers of features from tiny images, 2009.
    """
    batches = _FILE.load(_read)
    images, labels = zip(*(batches[name] for name in _BATCHES), strict=True)
    return (
        (np.concatenate(images[:-1]), np.concatenate(labels[:-1])),
        (images[-1], labels[-1]),
    )


def _read(path: Path) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    batches = {}
    with tarfile.open(path, "r:gz") as archive:
        for member in archive:  # in the order of the file: going back would decompress it again
            name = member.name.rpartition("/")[2]
            if name in _BATCHES and (file := archive.extractfile(member)) is not None:
                batches[name] = _unpack(name, load_data_pickle(file, encoding="bytes"))
    missing = [name for name in _BATCHES if name not in batches]
    if missing:
        raise DataError(f"the archive lacks {', '.join(missing)}")
    return batches


def _unpack(name: str, batch: object) -> tuple[np.ndarray, np.ndarray]:
    if not isinstance(batch, dict) or not isinstance(stored := batch.get(b"data"), StoredArray):
        raise DataError(f"its {name} has no array b'data'")
    Form(np.uint8, (_ROWS, 3 * 32 * 32)).check(name, stored.value)
    labels = np.array(batch.get(b"labels"), dtype=np.uint8).reshape(_ROWS, 1)
    if labels.max() >= len(class_names):
        raise DataError(f"its {name} has the label {labels.max()}, expected 0 to {len(class_names) - 1}")
    images = stored.value.reshape(_ROWS, 3, 32, 32)
    if image_data_format() == "channels_last":
        images = images.transpose(0, 2, 3, 1)
    return images.copy(order="C"), labels
