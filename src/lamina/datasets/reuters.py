"""Reuters: 11,228 newswires on 46 topics, as lists of word ranks."""

from functools import partial

import numpy as np

from lamina.core.tracebacks import public
from lamina.datasets._arrays import Form, Splits, read_npz
from lamina.datasets._files import DataFile
from lamina.datasets._sequences import keep_shorter, limit, read_word_index, shift, vocabulary_end
from lamina.datasets._splits import check_test_split, shuffled, split

_FILE = DataFile("reuters.npz", "d6586e694ee56d7a4e65172e12b3e987c03096cb01eab99753921ef915959916")
_INDEX = DataFile("reuters_word_index.json", "9b56000edc4b34a32e89fd5a23b2605594682c74efcf7d8f4e2a5514b771e633")
_FORMS = {"x": Form(np.object_, (None,)), "y": Form(np.integer, (None,))}

# The name of label i stands at i.
_LABEL_NAMES = tuple(
    """
    cocoa grain veg-oil earn acq wheat copper housing money-supply coffee sugar trade reserves ship cotton carcass
    crude nat-gas cpi money-fx interest gnp meal-feed alum oilseed gold tin strategic-metal livestock retail ipi
    iron-steel rubber heat jobs lei bop zinc orange pet-chem dlr gas silver wpi hog lead
    """.split()
)


@public
def load_data(
    path: str = "reuters.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    test_split: float = 0.2,
    seed: int | None = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int = 3,
) -> Splits:
    """Loads the newswires, shuffled.

    A word is the number of its rank (1 is the most frequent) plus `index_from`; 0 is free for padding.

    Args:
        path: name of the file in the cache folder.
        num_words: indexes from here on become `oov_char`; `None` keeps all but the very last.
        skip_top: indexes below become `oov_char`.
        maxlen: only newswires shorter than this many words, the start mark included, are kept.
        test_split: fraction of the newswires for testing, in `[0, 1)`.
        seed: of the shuffle before the split.
        start_char: mark in front of each newswire; `None` for none.
        oov_char: what stands for a word left out; `None` to drop such words.
        index_from: added to each rank.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: object arrays `(8982,)` and `(2246,)` of lists of integers, and
        labels int64, 0 to 45, named by `get_label_names`.

    Raises:
        ArgumentError: if `maxlen` leaves no newswire or `test_split` is outside `[0, 1)`.
        DownloadError: if the file is not in the cache and cannot be fetched.

    Example:
        >>> (x_train, y_train), (x_test, y_test) = load_data(num_words=10000)  # doctest: +SKIP
        >>> get_label_names()[y_train[0]]  # doctest: +SKIP
        'earn'

    Reference:
        D. D. Lewis, Reuters-21578 text categorization test collection, distribution 1.0, 1997.
    """
    check_test_split(test_split)
    arrays = _FILE.load(partial(read_npz, forms=_FORMS), path)
    x, labels = shuffled(np.random.RandomState(seed), arrays["x"], arrays["y"])
    sequences, labels = keep_shorter(shift(x, start_char, index_from), labels, maxlen)
    end = num_words or vocabulary_end(sequences)
    return split(limit(sequences, end, skip_top, oov_char), labels, test_split)


@public
def get_word_index(path: str = "reuters_word_index.json") -> dict[str, int]:
    """The rank of each word; add `index_from` to find it in the newswires.

    Args:
        path: name of the file in the cache folder.

    Returns:
        30,979 words and their ranks, from 1.

    Raises:
        DownloadError: if the file is not in the cache and cannot be fetched.

    Example:
        >>> get_word_index()["the"]  # doctest: +SKIP
        1
    """
    return _INDEX.load(read_word_index, path)


@public
def get_label_names() -> tuple[str, ...]:
    """The names of the 46 topics, in the order of their labels.

    Example:
        >>> get_label_names()[3]
        'earn'
    """
    return _LABEL_NAMES
