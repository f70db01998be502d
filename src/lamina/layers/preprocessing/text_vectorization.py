"""TextVectorization: texts as rows of word numbers, or as counts of words."""

import os
import re
import string
from collections.abc import Callable
from typing import Any

import numpy as np

from lamina.core.errors import ArgumentError, ShapeError
from lamina.core.serialization import builtin, deserialize_keras_object, serialize_keras_object
from lamina.core.validate import at_least, one_of
from lamina.layers.preprocessing.batches import rows_of
from lamina.layers.preprocessing.category_encoding import refuse_sparse
from lamina.layers.preprocessing.encoding import DROPPED
from lamina.layers.preprocessing.host_layer import HostLayer, as_texts
from lamina.layers.preprocessing.index_lookup import as_list
from lamina.layers.preprocessing.string_lookup import StringLookup

_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_STRIP = dict.fromkeys(map(ord, string.punctuation))
# Letters beyond ASCII, and white space beyond it, are left as they are, as TensorFlow leaves them.
_STANDARDIZE = {
    "lower": _LOWER,
    "strip_punctuation": _STRIP,
    "lower_and_strip_punctuation": {**_LOWER, **_STRIP},
}
_SPLIT: dict[str, Callable[[str], list[str]]] = {
    "whitespace": re.compile(r"[^ \t\n\v\f\r]+").findall,
    "character": list,
}


@builtin("layers")
class TextVectorization(HostLayer):
    """Turns texts into rows of word numbers, or into counts of words.

    Each text is standardized, split into words, joined into n-grams if wanted, and looked up in a vocabulary. It
    works on the host: apply it to the data, before training.

    Args:
        max_tokens: the largest size of the vocabulary, special tokens included.
        standardize: `"lower_and_strip_punctuation"`, `"lower"`, `"strip_punctuation"`, `None`, or a function of an
            array of strings.
        split: `"whitespace"`, `"character"`, `None`, or a function from an array of strings to lists of words.
        ngrams: join up to so many words; or a tuple of the numbers of words to join.
        output_mode: `"int"`, or `"multi_hot"`, `"count"`, `"tf_idf"` for one row over the vocabulary per text.
        output_sequence_length: words per text, cut or padded with 0; as many as the longest has when left out.
        pad_to_max_tokens: whether encodings have a length of `max_tokens` in any case.
        vocabulary: words, or the path of a file with one a line; otherwise call `adapt`.
        idf_weights: a weight per word, for `output_mode="tf_idf"`.
        sparse: only `False`; accepted as Keras does.
        ragged: likewise.
        encoding: of bytes.
        name: chosen when left out.
        **kwargs: as for every layer.

    Raises:
        ArgumentError: for arguments that do not go together.
        DataError: for a vocabulary with repeated or special tokens, and for inputs that are no text.
        NotAdaptedError: if it is called without a vocabulary.

    Example:
        >>> layer = TextVectorization(output_sequence_length=4)
        >>> layer.adapt(["The cat, the dog.", "A cat!"])
        >>> layer.get_vocabulary()
        ['', '[UNK]', 'the', 'cat', 'dog', 'a']
        >>> layer(["the cat sat", "Dog!"])
        Array([[2, 3, 1, 0],
               [4, 0, 0, 0]], dtype=int32)
    """

    def __init__(
        self,
        max_tokens: int | None = None,
        standardize: str | Callable[..., Any] | None = "lower_and_strip_punctuation",
        split: str | Callable[..., Any] | None = "whitespace",
        ngrams: int | tuple[int, ...] | None = None,
        output_mode: str = "int",
        output_sequence_length: int | None = None,
        pad_to_max_tokens: bool = False,
        vocabulary: Any = None,
        idf_weights: Any = None,
        sparse: bool = False,
        ragged: bool = False,
        encoding: str = "utf-8",
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        hidden = {key: kwargs.pop(key) for key in ("has_input_vocabulary", "vocabulary_size") if key in kwargs}
        super().__init__(name=name, **kwargs)
        refuse_sparse(self, sparse)
        if ragged:
            raise ArgumentError(
                "TextVectorization: ragged=True is not supported.", hint="leave it out: rows are padded with 0."
            )
        self.standardize = _name_or_function("standardize", standardize, _STANDARDIZE)
        self.split = _name_or_function("split", split, _SPLIT)
        self.ngrams = _check_ngrams(ngrams)
        self._lookup_layer = StringLookup(
            max_tokens=max_tokens,
            vocabulary=vocabulary,
            idf_weights=idf_weights,
            pad_to_max_tokens=pad_to_max_tokens,
            mask_token="",
            output_mode=output_mode,
            encoding=encoding,
            **hidden,
        )
        self.output_mode = self._lookup_layer.output_mode
        if output_sequence_length is not None:
            if self.output_mode != "int":
                raise ArgumentError(
                    "TextVectorization: output_sequence_length needs output_mode='int'. "
                    f"Received: output_mode={output_mode!r}"
                )
            at_least("TextVectorization", "output_sequence_length", output_sequence_length, 0)
        self.output_sequence_length = output_sequence_length
        self.encoding = encoding

    # -- texts to words --------------------------------------------------------------------------------------------

    def words(self, inputs: Any) -> tuple[list[list[str]], tuple[int, ...]]:
        """The words of each text, and the shape of the array of texts."""
        texts = as_texts(inputs, f"TextVectorization '{self.name}'", self.encoding)
        if self.split is not None and texts.ndim > 1:
            if texts.shape[-1] != 1:
                raise ShapeError(
                    f"TextVectorization '{self.name}' splits texts of shape (batch,) or (batch, 1), but got "
                    f"{texts.shape}.",
                    hint="join the texts of a row, or pass split=None if they are words already.",
                )
            texts = texts[..., 0]
        texts = self._standardized(texts)
        documents, shape = self._split(texts)
        if self.ngrams is not None:
            widths = range(1, self.ngrams + 1) if isinstance(self.ngrams, int) else self.ngrams
            documents = [_ngrams(words, widths) for words in documents]
        return documents, shape

    def _standardized(self, texts: np.ndarray) -> np.ndarray:
        if self.standardize is None:
            return texts
        if callable(self.standardize):
            return as_texts(self.standardize(texts.astype(str)), "the result of standardize")
        table = _STANDARDIZE[self.standardize]
        result = np.empty(texts.size, object)
        result[:] = [text.translate(table) for text in texts.ravel().tolist()]
        return result.reshape(texts.shape)

    def _split(self, texts: np.ndarray) -> tuple[list[list[str]], tuple[int, ...]]:
        if self.split is None:
            shape = texts.shape[:-1]
            return texts.reshape(int(np.prod(shape)), *(texts.shape[-1:] or (1,))).tolist(), shape
        if callable(self.split):
            parts: Any = self.split(texts.ravel().astype(str))
            return [as_texts(list(part), "the result of split").tolist() for part in parts], texts.shape
        split = _SPLIT[self.split]
        return [split(text) for text in texts.ravel().tolist()], texts.shape

    # -- words to numbers ----------------------------------------------------------------------------------------

    def call(self, inputs: Any) -> np.ndarray:
        """The numbers of the words of each text, or how often each word occurs in it.

        Args:
            inputs: a text, or texts of shape `(batch,)` or `(batch, 1)`; any shape with `split=None`.
        """
        documents, shape = self.words(inputs)
        counts = self.output_mode != "int"
        longest = max(map(len, documents), default=0)
        length = longest if self.output_sequence_length is None else self.output_sequence_length
        flat = self._lookup_layer.indices([word for words in documents for word in words])
        rows = np.full((len(documents), length), DROPPED if counts else 0)
        start = 0
        for row, words in zip(rows, documents, strict=True):
            kept = min(length, len(words))
            row[:kept] = flat[start : start + kept]
            start += len(words)
        if not counts or self.output_mode == "one_hot":
            return self._lookup_layer.encoded(rows.reshape(*shape, length))
        encoded = self._lookup_layer.encoded(rows)
        return encoded.reshape(*shape, encoded.shape[-1])

    def compute_output_shape(self, input_shape: Any) -> Any:
        """`(batch, output_sequence_length)`, or a row over the vocabulary per text."""
        if self.output_mode == "int":
            return (input_shape[0], self.output_sequence_length)
        per_text = tuple(input_shape) if self.split is None and len(input_shape) > 1 else (*input_shape[:1], None)
        return self._lookup_layer.compute_output_shape(per_text)

    # -- the vocabulary ------------------------------------------------------------------------------------------

    def adapt(self, data: Any, batch_size: int | None = None, steps: int | None = None) -> None:
        """Learns the vocabulary: all words, the most frequent first.

        Args:
            data: texts, as a list or an array, or an iterable of batches of texts.
            batch_size: accepted as Keras does; an array is read at once.
            steps: at most so many batches of an iterable.

        Raises:
            ArgumentError: if the layer was made with a vocabulary.
            DataError: if there are no words.
        """
        del batch_size
        self.reset_state()
        for batch in rows_of(data, steps):
            self.update_state(batch)
        self.finalize_state()

    def reset_state(self) -> None:
        """Forgets the words that were seen."""
        self._lookup_layer.reset_state()

    def update_state(self, data: Any) -> None:
        """Takes in a batch of texts."""
        self._lookup_layer.count(self.words(data)[0])

    def finalize_state(self) -> None:
        """Makes a vocabulary of the words that were seen."""
        self._lookup_layer.finalize_state()

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[str]:
        """The words, in the order of their numbers.

        Args:
            include_special_tokens: whether to begin with those for padding and for unknown words.
        """
        return self._lookup_layer.get_vocabulary(include_special_tokens)

    def vocabulary_size(self) -> int:
        """The number of words, the special ones included."""
        return self._lookup_layer.vocabulary_size()

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Replaces the vocabulary.

        Args:
            vocabulary: words, or the path of a file with one a line.
            idf_weights: a weight per word; with `output_mode="tf_idf"`, and only then.
        """
        self._lookup_layer.set_vocabulary(vocabulary, idf_weights)

    # -- config and files ------------------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer; a vocabulary that was learnt is not among them."""
        lookup = self._lookup_layer
        names = ("name", "trainable", "standardize", "split", "ngrams", "output_mode", "output_sequence_length")
        return {
            **{name: getattr(self, name) for name in (*names, "encoding")},
            **{name: getattr(lookup, name) for name in ("max_tokens", "pad_to_max_tokens", "sparse")},
            "dtype": serialize_keras_object(self.dtype_policy),
            "ragged": False,
            "vocabulary": as_list(lookup.input_vocabulary),
            "idf_weights": as_list(lookup.input_idf_weights),
            "vocabulary_size": self.vocabulary_size(),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "TextVectorization":
        """The layer with this config."""
        ngrams = config.get("ngrams")
        functions = {name: deserialize_keras_object(config.get(name)) for name in ("standardize", "split")}
        return cls(**{**config, **functions, "ngrams": tuple(ngrams) if isinstance(ngrams, list) else ngrams})

    def save_own_variables(self, store: dict[str, Any]) -> None:
        """Writes the weights of the words."""
        self._lookup_layer.save_own_variables(store)

    def load_own_variables(self, store: dict[str, Any]) -> None:
        """Reads the weights of the words."""
        self._lookup_layer.load_own_variables(store)

    def save_assets(self, dir_path: str | os.PathLike[str]) -> None:
        """Writes a vocabulary that the config does not have to a folder."""
        self._lookup_layer.save_assets(dir_path)

    def load_assets(self, dir_path: str | os.PathLike[str]) -> None:
        """Reads what `save_assets` wrote."""
        self._lookup_layer.load_assets(dir_path)


def _name_or_function(name: str, value: Any, known: dict[str, Any]) -> Any:
    return value if value is None or callable(value) else one_of("TextVectorization", name, value, tuple(known))


def _check_ngrams(ngrams: Any) -> Any:
    widths = (ngrams,) if isinstance(ngrams, int) else ngrams
    if widths is not None and not (isinstance(widths, tuple) and all(isinstance(n, int) and n > 0 for n in widths)):
        raise ArgumentError(
            f"TextVectorization: ngrams must be a positive integer, a tuple of such, or None. Received: {ngrams!r}"
        )
    return ngrams


def _ngrams(words: list[str], widths: Any) -> list[str]:
    return [" ".join(words[at : at + n]) for n in widths for at in range(len(words) - n + 1)]
