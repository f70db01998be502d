"""`keras.preprocessing.text`: words as numbers, as Keras 2 had it. `TextVectorization` came after it."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from lamina.core.configurable import refuse_unexpected
from lamina.core.errors import NotAdaptedError
from lamina.core.validate import one_of

__all__ = ["Tokenizer", "hashing_trick", "one_hot", "text_to_word_sequence", "tokenizer_from_json"]

_FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'
_MODES = ("binary", "count", "tfidf", "freq")


def text_to_word_sequence(input_text: str, filters: str = _FILTERS, lower: bool = True, split: str = " ") -> list[str]:
    """The words of a text.

    Args:
        input_text: the text.
        filters: signs that stand between words.
        lower: whether to make letters small.
        split: what words are split at.

    Example:
        >>> text_to_word_sequence("The cat, the dog.")
        ['the', 'cat', 'the', 'dog']
    """
    text = input_text.lower() if lower else input_text
    return [word for word in text.translate(str.maketrans(dict.fromkeys(filters, split))).split(split) if word]


def hashing_trick(
    text: str,
    n: int,
    hash_function: Callable[[str], int] | str | None = None,
    filters: str = _FILTERS,
    lower: bool = True,
    split: str = " ",
    analyzer: Callable[[str], list[str]] | None = None,
) -> list[int]:
    """The words of a text as numbers from 1 to `n - 1`, by their hashes.

    Args:
        text: the text.
        n: one more than the largest number.
        hash_function: `"md5"`, which is the same in every process, or a function; Python's `hash` when left out.
        filters: as for `text_to_word_sequence`.
        lower: likewise.
        split: likewise.
        analyzer: makes words of a text, instead.

    Example:
        >>> hashing_trick("the cat the dog", 100, "md5")
        [51, 3, 51, 33]
    """
    digest: Any = hash_function or hash
    if hash_function == "md5":
        digest = lambda word: int(hashlib.md5(word.encode()).hexdigest(), 16)  # noqa: E731
    words = text_to_word_sequence(text, filters, lower, split) if analyzer is None else analyzer(text)
    return [digest(word) % (n - 1) + 1 for word in words]


def one_hot(
    input_text: str,
    n: int,
    filters: str = _FILTERS,
    lower: bool = True,
    split: str = " ",
    analyzer: Callable[[str], list[str]] | None = None,
) -> list[int]:
    """The words of a text as numbers from 1 to `n - 1`, by Python's `hash`: other ones in each process."""
    return hashing_trick(input_text, n, hash, filters, lower, split, analyzer)


class Tokenizer:
    """Numbers words by how frequent they are: 1 is the most frequent, 0 is free for padding.

    Args:
        num_words: only numbers below this are given out.
        filters: as for `text_to_word_sequence`.
        lower: likewise.
        split: likewise.
        char_level: whether each sign is a word.
        oov_token: stands for unknown words, with the number 1; they are left out when it is `None`.
        analyzer: makes words of a text, instead.
        **kwargs: `document_count`, from a config.

    Raises:
        UnexpectedArgumentError: for an argument that does not exist.

    Example:
        >>> tokenizer = Tokenizer(oov_token="?")
        >>> tokenizer.fit_on_texts(["The cat, the dog."])
        >>> tokenizer.texts_to_sequences(["the cat sat"])
        [[2, 3, 1]]
    """

    def __init__(
        self,
        num_words: int | None = None,
        filters: str = _FILTERS,
        lower: bool = True,
        split: str = " ",
        char_level: bool = False,
        oov_token: str | None = None,
        analyzer: Callable[[str], list[str]] | None = None,
        **kwargs: Any,
    ) -> None:
        self.document_count = kwargs.pop("document_count", 0)
        refuse_unexpected(self, kwargs)
        self.num_words, self.filters, self.lower, self.split = num_words, filters, lower, split
        self.char_level, self.oov_token, self.analyzer = char_level, oov_token, analyzer
        self.word_counts: dict[str, int] = {}
        self.word_docs: dict[str, int] = defaultdict(int)
        self.index_docs: dict[int, int] = defaultdict(int)
        self.word_index: dict[str, int] = {}
        self.index_word: dict[int, str] = {}

    def _words(self, text: str | list[str]) -> Sequence[str]:
        if isinstance(text, list):
            return [word.lower() for word in text] if self.lower else text
        if self.char_level:
            return text.lower() if self.lower else text
        if self.analyzer is not None:
            return self.analyzer(text)
        return text_to_word_sequence(text, self.filters, self.lower, self.split)

    def fit_on_texts(self, texts: Iterable[str | list[str]]) -> None:
        """Learns the words of texts, or of lists of words; may be called again."""
        for text in texts:
            self.document_count += 1
            words = self._words(text)
            for word in words:
                self.word_counts[word] = self.word_counts.get(word, 0) + 1
            for word in set(words):
                self.word_docs[word] += 1
        ranked = sorted(self.word_counts, key=lambda word: -self.word_counts[word])
        special = [] if self.oov_token is None else [self.oov_token]
        self.word_index = {word: number for number, word in enumerate([*special, *ranked], 1)}
        self.index_word = {number: word for word, number in self.word_index.items()}
        for word, count in self.word_docs.items():
            self.index_docs[self.word_index[word]] = count

    def fit_on_sequences(self, sequences: Sequence[Sequence[int]]) -> None:
        """Counts in how many sequences each number is."""
        self.document_count += len(sequences)
        for sequence in sequences:
            for number in set(sequence):
                self.index_docs[number] += 1

    def _known(self, number: int | None) -> bool:
        return number is not None and not (self.num_words and number >= self.num_words)

    def texts_to_sequences(self, texts: Iterable[str | list[str]]) -> list[list[int]]:
        """The numbers of the words of each text."""
        oov = self.word_index.get(self.oov_token) if self.oov_token is not None else None
        rows = [[self.word_index.get(word) for word in self._words(text)] for text in texts]
        found = [[number if self._known(number) else oov for number in row] for row in rows]
        return [[number for number in row if number is not None] for row in found]

    def sequences_to_texts(self, sequences: Iterable[Sequence[int]]) -> list[str]:
        """The words with some numbers, as texts."""
        rows = [[self.index_word.get(n) if self._known(n) else self.oov_token for n in row] for row in sequences]
        texts = [[self.oov_token if word is None else word for word in row] for row in rows]
        return [" ".join(word for word in row if word is not None) for row in texts]

    def texts_to_matrix(self, texts: Iterable[str | list[str]], mode: str = "binary") -> np.ndarray:
        """A row over the words for each text.

        Args:
            texts: the texts.
            mode: `"binary"`, `"count"`, `"freq"` or `"tfidf"`.
        """
        return self.sequences_to_matrix(self.texts_to_sequences(texts), mode)

    def sequences_to_matrix(self, sequences: Sequence[Sequence[int]], mode: str = "binary") -> np.ndarray:
        """A row over the words for each sequence, `(len(sequences), num_words)`.

        Args:
            sequences: numbers of words.
            mode: `"binary"`, `"count"`, `"freq"` or `"tfidf"`.

        Raises:
            NotAdaptedError: if the tokenizer has seen no texts.
            ArgumentError: for another mode.
        """
        one_of("Tokenizer", "mode", mode, _MODES)
        if not self.num_words and not self.word_index:
            raise NotAdaptedError("The Tokenizer has seen no texts.", hint="call fit_on_texts, or pass num_words=.")
        if mode == "tfidf" and not self.document_count:
            raise NotAdaptedError("The Tokenizer has seen no texts.", hint="call fit_on_texts before mode='tfidf'.")
        size = self.num_words or len(self.word_index) + 1
        matrix = np.zeros((len(sequences), size))
        for row, sequence in zip(matrix, sequences, strict=True):
            for number, count in Counter(n for n in sequence if n < size).items():
                row[number] = self._weight(mode, number, count, len(sequence))
        return matrix

    def _weight(self, mode: str, number: int, count: int, length: int) -> float:
        if mode == "tfidf":
            documents = self.index_docs.get(number, 0)
            return (1 + np.log(count)) * np.log(1 + self.document_count / (1 + documents))
        return {"count": count, "freq": count / length, "binary": 1}[mode]

    def get_config(self) -> dict[str, Any]:
        """The arguments and what was learnt, the latter as JSON."""
        names = ("num_words", "filters", "lower", "split", "char_level", "oov_token", "document_count")
        learnt = ("word_counts", "word_docs", "index_docs", "index_word", "word_index")
        return {
            **{name: getattr(self, name) for name in names},
            **{name: json.dumps(getattr(self, name)) for name in learnt},
        }

    def to_json(self, **kwargs: Any) -> str:
        """The tokenizer as JSON, for `tokenizer_from_json`.

        Args:
            **kwargs: as for `json.dumps`.
        """
        return json.dumps({"class_name": "Tokenizer", "config": self.get_config()}, **kwargs)


def tokenizer_from_json(json_string: str) -> Tokenizer:
    """The tokenizer that `to_json` described."""
    config = json.loads(json_string)["config"]
    by_word = {name: json.loads(config.pop(name)) for name in ("word_counts", "word_docs", "word_index")}
    by_number = {name: json.loads(config.pop(name)) for name in ("index_docs", "index_word")}
    tokenizer = Tokenizer(**config)
    for name, table in by_word.items():
        setattr(tokenizer, name, table)
    for name, table in by_number.items():
        setattr(tokenizer, name, {int(number): value for number, value in table.items()})
    return tokenizer
