"""IMDB: 50,000 film reviews, good or bad, as lists of word ranks."""

from functools import partial

import numpy as np

from lamina.core.tracebacks import public
from lamina.datasets._arrays import Form, Splits, read_npz
from lamina.datasets._files import DataFile
from lamina.datasets._sequences import keep_shorter, limit, read_word_index, shift, vocabulary_end
from lamina.datasets._splits import shuffled

_FILE = DataFile("imdb.npz", "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f")
_INDEX = DataFile("imdb_word_index.json", "027313fe9a320280f3bf0fac5baf58c4a683cf39a7ed9c3d3d3912bde4284cf6")
_FORMS = {
    "x_train": Form(np.object_, (None,)),
    "y_train": Form(np.integer, (None,)),
    "x_test": Form(np.object_, (None,)),
    "y_test": Form(np.integer, (None,)),
}


@public
def load_data(
    path: str = "imdb.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    seed: int | None = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int = 3,
) -> Splits:
    """Loads the reviews, shuffled.

    A word is the number of its rank (1 is the most frequent) plus `index_from`; 0 is free for padding.

    Args:
        path: name of the file in the cache folder.
        num_words: indexes from here on become `oov_char`; `None` keeps all but the very last.
        skip_top: indexes below become `oov_char`.
        maxlen: only reviews shorter than this many words, the start mark included, are kept.
        seed: of the shuffle.
        start_char: mark in front of each review; `None` for none.
        oov_char: what stands for a word left out; `None` to drop such words.
        index_from: added to each rank.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: object arrays `(25000,)` of lists of integers, and labels int64,
        1 for a good review.

    Raises:
        ArgumentError: if `maxlen` leaves no review.
        DownloadError: if the file is not in the cache and cannot be fetched.
        UnexpectedArgumentError: for an argument that does not exist.

    Example:
        >>> (x_train, y_train), (x_test, y_test) = load_data(num_words=10000)  # doctest: +SKIP
        >>> x_train[0][:5]  # doctest: +SKIP
        [1, 14, 22, 16, 43]

    Reference:
        A. L. Maas et al., Learning word vectors for sentiment analysis, 2011.
    """
    arrays = _FILE.load(partial(read_npz, forms=_FORMS), path)
    generator = np.random.RandomState(seed)
    splits = []
    for part in ("train", "test"):
        x, y = shuffled(generator, arrays[f"x_{part}"], arrays[f"y_{part}"])
        splits.append(keep_shorter(shift(x, start_char, index_from), y, maxlen))
    (x_train, y_train), (x_test, y_test) = splits
    end = num_words or max(vocabulary_end(x_train), vocabulary_end(x_test))
    return (limit(x_train, end, skip_top, oov_char), y_train), (limit(x_test, end, skip_top, oov_char), y_test)


@public
def get_word_index(path: str = "imdb_word_index.json") -> dict[str, int]:
    """The rank of each word; add `index_from` to find it in the reviews.

    Args:
        path: name of the file in the cache folder.

    Returns:
        88,584 words and their ranks, from 1.

    Raises:
        DownloadError: if the file is not in the cache and cannot be fetched.

    Example:
        >>> get_word_index()["the"]  # doctest: +SKIP
        1
    """
    return _INDEX.load(read_word_index, path)
