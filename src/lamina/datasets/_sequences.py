"""Texts as lists of word ranks: what the IMDB and Reuters loaders share."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from lamina.core.errors import ArgumentError, DataError


def shift(sequences: Iterable[Sequence[int]], start_char: int | None, index_from: int | None) -> list[list[int]]:
    """Adds `index_from` to each rank and puts `start_char`, if there is one, in front."""
    head = [] if start_char is None else [start_char]
    offset = index_from or 0
    return [head + [rank + offset for rank in sequence] for sequence in sequences]


def keep_shorter(
    sequences: list[list[int]], labels: np.ndarray, maxlen: int | None
) -> tuple[list[list[int]], np.ndarray]:
    """Drops the sequences of `maxlen` and more words, with their labels.

    Raises:
        ArgumentError: if none remains.
    """
    if not maxlen:
        return sequences, labels
    kept = [row for row, sequence in enumerate(sequences) if len(sequence) < maxlen]
    if not kept:
        raise ArgumentError(
            f"no sequence is shorter than maxlen={maxlen}.",
            hint=f"the shortest has {min(map(len, sequences), default=0)} words: raise maxlen above that.",
        )
    return [sequences[row] for row in kept], labels[kept]


def vocabulary_end(sequences: Iterable[list[int]]) -> int:
    """The largest index there is.

    Keras takes it for `num_words` where none is given. As indexes must be below `num_words`, this one word counts
    as out of vocabulary.
    """
    return max((max(sequence, default=0) for sequence in sequences), default=0)


def limit(sequences: list[list[int]], num_words: int, skip_top: int, oov_char: int | None) -> np.ndarray:
    """Replaces the indexes outside `[skip_top, num_words)` by `oov_char`, or drops them if it is `None`.

    Returns:
        Object array of lists of integers.
    """
    if oov_char is None:
        limited = [[index for index in sequence if skip_top <= index < num_words] for sequence in sequences]
    else:
        limited = [[index if skip_top <= index < num_words else oov_char for index in row] for row in sequences]
    return np.array(limited, dtype=object)


def read_word_index(path: Path) -> dict[str, int]:
    """Reads a JSON file of words and their ranks.

    Raises:
        DataError: if it holds anything else.
    """
    index = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(index, dict) or set(map(type, index.values())) != {int}:
        raise DataError("it must be a JSON object of words and integer ranks")
    return index
