"""Vocabularies: which token has which index, and how they are learnt from data."""

import heapq
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lamina.core.errors import ArgumentError, DataError
from lamina.core.serialization import refuse_in_files


class Vocabulary:
    """Tokens and their indices.

    Args:
        tokens: in the order of their indices.
        start: the index of the first.

    Example:
        >>> Vocabulary(["a", "b"], start=1).indices(["b", "z"], missing=0)
        array([2, 0])
    """

    def __init__(self, tokens: Sequence[Any], start: int) -> None:
        self.tokens = list(tokens)
        self._index = {token: index for index, token in enumerate(self.tokens, start)}

    def indices(self, tokens: Sequence[Any], missing: int) -> np.ndarray:
        """The index of each token; `missing` for those that have none."""
        get = self._index.get
        return np.fromiter((get(token, missing) for token in tokens), np.int64, len(tokens))


class Tally:
    """Counts tokens, and the documents that have them."""

    def __init__(self) -> None:
        self.counts: Counter[Any] = Counter()
        self.documents: Counter[Any] = Counter()
        self.number = 0

    def add(self, documents: Iterable[Sequence[Any]]) -> None:
        """Takes in documents, each a list of tokens."""
        for tokens in documents:
            self.counts.update(tokens)
            self.documents.update(set(tokens))
            self.number += 1

    def most_common(self, limit: int | None, *reserved: Any) -> list[Any]:
        """The tokens from the most frequent to the rarest, of equals the last in the alphabet first.

        Args:
            limit: at most so many.
            *reserved: tokens to leave out.
        """
        kept = [(count, token) for token, count in self.counts.items() if token not in reserved]
        # Few out of many need no sorting of them all.
        ranked = sorted(kept, reverse=True) if limit is None else heapq.nlargest(limit, kept)
        return [token for _, token in ranked]

    def idf_weights(self, tokens: Sequence[Any]) -> np.ndarray:
        """The inverse document frequencies of tokens, `log(1 + number / (1 + documents))`."""
        having = np.array([self.documents[token] for token in tokens], "float64")
        return np.log(1 + self.number / (1 + having)).astype("float32")


def read_vocabulary(path: str | os.PathLike[str]) -> list[str]:
    """The lines of a text file.

    Raises:
        ArgumentError: if there is no such file.
    """
    refuse_in_files(f"to read '{os.fspath(path)}'")
    if not Path(path).is_file():
        raise ArgumentError(f"The vocabulary file {os.fspath(path)!r} does not exist.")
    return Path(path).read_text("utf-8").removesuffix("\n").split("\n")


def without_special(owner: str, vocabulary: list[Any], special: list[Any], mask: Any, oov: Any) -> list[Any]:
    """The tokens of a vocabulary that may start with the special ones.

    Args:
        owner: whose it is, for messages.
        vocabulary: tokens, with all special tokens in front, or without any.
        special: the tokens in front.
        mask: the mask token, which must not be among the others.
        oov: likewise; `None` if it may.

    Raises:
        DataError: for an empty vocabulary, tokens that come twice, and special tokens in other places.
    """
    if not vocabulary:
        raise DataError(f"{owner} was given an empty vocabulary.")
    tokens = vocabulary[len(special) :] if vocabulary[: len(special)] == special else vocabulary
    repeated = [token for token, count in Counter(tokens).items() if count > 1]
    if repeated:
        shown = ", ".join(map(repr, repeated[:8])) + (", …" if len(repeated) > 8 else "")
        raise DataError(f"{owner} was given a vocabulary with repeated tokens: {shown}.", hint="keep each once.")
    for name, token in (("mask", mask), ("OOV", oov)):
        if token is not None and token in tokens:
            raise DataError(
                f"{owner} was given a vocabulary with the {name} token {token!r} at index {vocabulary.index(token)}.",
                hint=f"leave all special tokens out, or put them in front, in this order: {special}.",
            )
    return tokens
