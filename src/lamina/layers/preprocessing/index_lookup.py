"""What StringLookup and IntegerLookup share: tokens to indices, and back."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lamina.core import config
from lamina.core.errors import ArgumentError, DataError, NotAdaptedError
from lamina.core.serialization import serialize_keras_object
from lamina.core.validate import at_least, one_of
from lamina.layers.preprocessing.batches import is_array, rows_of
from lamina.layers.preprocessing.category_encoding import refuse_sparse
from lamina.layers.preprocessing.encoding import DROPPED, encode, output_shape
from lamina.layers.preprocessing.hashing import check_salt, hash_bins
from lamina.layers.preprocessing.host_layer import HostLayer, as_host_array
from lamina.layers.preprocessing.vocabulary import Tally, Vocabulary, read_vocabulary, without_special

_MODES = ("int", "one_hot", "multi_hot", "count", "tf_idf")
_OLD_MODES = {"binary": "multi_hot", "tf-idf": "tf_idf"}
_MISSING = -2


class IndexLookup(HostLayer):
    """Base of the layers that look values up in a vocabulary.

    Indices are laid out as mask token (in the mode `"int"` only), OOV indices, vocabulary.

    Args:
        max_tokens: the largest size of the vocabulary, special tokens included.
        num_oov_indices: how many indices values outside of the vocabulary share; 0 makes them an error.
        mask_token: stands for nothing: index 0, or no trace in the other modes than `"int"`.
        oov_token: what the inverse lookup gives for the OOV indices.
        vocabulary: tokens, or the path of a file with one a line.
        vocabulary_dtype: `"string"` or `"int64"`.
        idf_weights: a weight per token, for `output_mode="tf_idf"`.
        invert: whether to turn indices into tokens.
        output_mode: `"int"`, `"one_hot"`, `"multi_hot"`, `"count"` or `"tf_idf"`.
        sparse: only `False`; accepted as Keras does.
        pad_to_max_tokens: whether encodings have a length of `max_tokens` in any case.
        oov_method: how integers choose among several OOV indices: `"floormod"` or `"farmhash"`.
        salt: one or two integers; hashes for OOV indices are then SipHash's.
        name: chosen when left out.
        **kwargs: what Keras writes in configs.
    """

    def __init__(
        self,
        max_tokens: int | None,
        num_oov_indices: int,
        mask_token: Any,
        oov_token: Any,
        vocabulary_dtype: str,
        vocabulary: Any = None,
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        sparse: bool = False,
        pad_to_max_tokens: bool = False,
        oov_method: str = "floormod",
        name: str | None = None,
        salt: Any = None,
        **kwargs: Any,
    ) -> None:
        owner = type(self).__name__
        self._vocabulary_size = kwargs.pop("vocabulary_size", None)
        fixed = kwargs.pop("has_input_vocabulary", vocabulary is not None)
        super().__init__(name=name, **{key: kwargs[key] for key in kwargs if key not in ("trainable", "dtype")})
        refuse_sparse(self, sparse)
        self.max_tokens = None if max_tokens is None else at_least(owner, "max_tokens", max_tokens, 2)
        self.num_oov_indices = at_least(owner, "num_oov_indices", num_oov_indices, 0)
        self.output_mode = one_of(owner, "output_mode", _OLD_MODES.get(output_mode, output_mode), _MODES)
        self.oov_method = one_of(owner, "oov_method", oov_method, ("floormod", "farmhash"))
        self.vocabulary_dtype = vocabulary_dtype
        self.salt = check_salt(owner, salt)
        self.mask_token, self.oov_token = mask_token, oov_token
        self.invert, self.sparse, self.pad_to_max_tokens = invert, sparse, pad_to_max_tokens
        self._refuse_combinations(owner, idf_weights)
        self.input_vocabulary = None if isinstance(vocabulary, str | os.PathLike) else vocabulary
        self.input_idf_weights = idf_weights
        self.idf_weights: np.ndarray | None = None
        self.has_input_vocabulary = fixed
        self._table: Vocabulary | None = None
        self._tally = Tally()
        if vocabulary is not None:
            self.set_vocabulary(vocabulary, idf_weights)

    def _refuse_combinations(self, owner: str, idf_weights: Any) -> None:
        if self.pad_to_max_tokens and self.max_tokens is None:
            raise ArgumentError(f"{owner}: pad_to_max_tokens=True needs max_tokens.")
        if self.invert and self.output_mode != "int":
            raise ArgumentError(f"{owner}: invert=True needs output_mode='int'. Received: {self.output_mode!r}")
        if self.salt is not None and self.vocabulary_dtype != "string" and self.oov_method != "farmhash":
            raise ArgumentError(f"{owner}: salt needs oov_method='farmhash'. Received: {self.oov_method!r}")
        if idf_weights is not None and self.output_mode != "tf_idf":
            raise ArgumentError(f"{owner}: idf_weights need output_mode='tf_idf'. Received: {self.output_mode!r}")

    # -- what the kinds of tokens differ in ----------------------------------------------------------------------

    def as_keys(self, values: Any) -> np.ndarray:
        """The values as an array of tokens."""
        raise NotImplementedError

    # -- the vocabulary ------------------------------------------------------------------------------------------

    @property
    def _special_tokens(self) -> list[Any]:
        masks = 1 if self.mask_token is not None and self.output_mode == "int" else 0
        return [self.mask_token] * masks + [self.oov_token] * self.num_oov_indices

    @property
    def _tokens(self) -> list[Any]:
        return [] if self._table is None else self._table.tokens

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[Any]:
        """The tokens, in the order of their indices.

        Args:
            include_special_tokens: whether to begin with mask and OOV tokens.
        """
        return [*self._special_tokens, *self._tokens] if include_special_tokens else list(self._tokens)

    def vocabulary_size(self) -> int:
        """The number of indices, those of mask and OOV tokens included."""
        return len(self._special_tokens) + len(self._tokens)

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Replaces the vocabulary.

        Args:
            vocabulary: tokens, or the path of a file with one a line.
            idf_weights: a weight per token; with `output_mode="tf_idf"`, and only then.

        Raises:
            DataError: for a vocabulary that is empty, too large, or has tokens twice or special tokens inside.
            ArgumentError: for a file that does not exist, and for weights that are missing or too many.
        """
        title = f"{type(self).__name__} '{self.name}'"
        if (idf_weights is None) == (self.output_mode == "tf_idf"):
            raise ArgumentError(
                f"{title}: idf_weights belong to output_mode='tf_idf', and are needed there. "
                f"Received: output_mode={self.output_mode!r}, idf_weights={'None' if idf_weights is None else 'given'}"
            )
        if isinstance(vocabulary, str | os.PathLike):
            vocabulary = read_vocabulary(vocabulary)
        given = self.as_keys(vocabulary)
        if given.ndim != 1:
            raise DataError(f"{title} takes a vocabulary of one axis, but got the shape {given.shape}.")
        oov = self.oov_token if self.invert else None
        tokens = without_special(title, given.tolist(), self._special_tokens, self.mask_token, oov)
        size = len(self._special_tokens) + len(tokens)
        if self.max_tokens is not None and size > self.max_tokens:
            raise DataError(
                f"{title} was given a vocabulary of {size} tokens, special ones included, but max_tokens is "
                f"{self.max_tokens}."
            )
        self._keep(tokens)
        if idf_weights is not None:
            self._set_weights(title, np.asarray(idf_weights, "float64"), len(given) > len(tokens), len(given))

    def _set_weights(self, title: str, weights: np.ndarray, complete: bool, count: int) -> None:
        if weights.shape != (count,):
            raise ArgumentError(
                f"{title} needs one of idf_weights for each of {count} tokens. Received: the shape {weights.shape}"
            )
        self._pad_weights(weights if complete else np.pad(weights, (self.num_oov_indices, 0), mode="mean"))

    def _pad_weights(self, weights: np.ndarray) -> None:
        room = (self.max_tokens or 0) - len(weights) if self.pad_to_max_tokens else 0
        self.idf_weights = np.pad(weights, (0, room)).astype(config.floatx())

    def _keep(self, tokens: Sequence[Any]) -> None:
        self._table = Vocabulary(tokens, start=len(self._special_tokens))
        self._vocabulary_size = self.vocabulary_size()

    # -- learning it -----------------------------------------------------------------------------------------------

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Learns the vocabulary: all tokens, the most frequent first.

        Args:
            data: rows, as an array, or an iterable of batches of rows.
            steps: at most so many batches of an iterable.

        Raises:
            ArgumentError: if the layer was made with a vocabulary.
            DataError: if there are no tokens.
        """
        self.reset_state()
        for batch in rows_of(data, steps):
            keys = self.as_keys(batch)
            # Each value of a vector is a document; a batch with one axis is one document.
            self.update_state(keys[:, None] if keys.ndim == 1 and is_array(data) else keys)
        self.finalize_state()

    def reset_state(self) -> None:
        """Forgets the tokens that were seen."""
        self._tally = Tally()

    def update_state(self, data: Any) -> None:
        """Takes in a batch of rows, each a document."""
        keys = self.as_keys(data)
        self.count([row.ravel().tolist() for row in keys] if keys.ndim > 1 else [keys.ravel().tolist()])

    def count(self, documents: list[list[Any]]) -> None:
        """Takes in documents, each a list of tokens."""
        if self.has_input_vocabulary:
            raise ArgumentError(
                f"{type(self).__name__} '{self.name}' was made with a vocabulary, so it cannot adapt.",
                hint="leave vocabulary= out, or call set_vocabulary().",
            )
        self._tally.add(documents)

    def finalize_state(self) -> None:
        """Makes a vocabulary of the tokens that were seen."""
        if not self._tally.counts:
            raise DataError(f"{type(self).__name__} '{self.name}' cannot adapt to an empty data set.")
        special = len(self._special_tokens)
        limit = None if self.max_tokens is None else max(0, self.max_tokens - special)
        tokens = self._tally.most_common(limit, self.mask_token, self.oov_token)
        self._keep(tokens)
        if self.output_mode == "tf_idf":
            weights = self._tally.idf_weights(tokens)
            self._pad_weights(np.pad(weights, (special, 0), mode="mean") if len(weights) else np.zeros(special))
        self.reset_state()

    # -- looking up --------------------------------------------------------------------------------------------

    def call(self, inputs: Any) -> np.ndarray:
        """The indices of values, in the output mode; or the tokens at indices.

        Args:
            inputs: values, or indices if `invert`, of any shape.

        Raises:
            NotAdaptedError: if there is no vocabulary yet.
            DataError: for a value outside of the vocabulary, with `num_oov_indices=0`.
        """
        if self.invert:
            return self._tokens_at(as_host_array(inputs, self.name).astype("int64"))
        keys = self.as_keys(inputs)
        return self.encoded(self.indices(keys.ravel().tolist()).reshape(keys.shape))

    def encoded(self, indices: np.ndarray) -> np.ndarray:
        """Indices, in the output mode."""
        if self.output_mode == "int":
            return indices.astype("int32")
        depth = int(self.max_tokens or 0) if self.pad_to_max_tokens else self.vocabulary_size()
        if self.output_mode == "tf_idf":
            return encode(indices, "count", depth, config.floatx()) * self.idf_weights
        return encode(indices, self.output_mode, depth, "int32")

    def indices(self, keys: list[Any]) -> np.ndarray:
        """The indices of tokens, int64; `DROPPED` for a mask that is to leave no trace."""
        found = self._known().indices(keys, _MISSING)
        missing = np.flatnonzero(found == _MISSING)
        if self.mask_token is not None and len(missing):
            masked = np.array([keys[place] == self.mask_token for place in missing])
            found[missing[masked]] = 0 if self.output_mode == "int" else DROPPED
            missing = missing[~masked]
        if len(missing):
            found[missing] = self._oov_indices([keys[place] for place in missing])
        return found

    def _oov_indices(self, keys: list[Any]) -> Any:
        first = len(self._special_tokens) - self.num_oov_indices
        if self.num_oov_indices == 0:
            raise DataError(
                f"{type(self).__name__} '{self.name}' got {keys[0]!r}, which is not in its vocabulary of "
                f"{len(self._tokens)} tokens.",
                hint="num_oov_indices=1 gives such values an index of their own.",
            )
        if self.num_oov_indices == 1:
            return first
        if self.vocabulary_dtype != "string" and self.oov_method == "floormod":
            return first + np.array(keys) % self.num_oov_indices
        return first + hash_bins([str(key).encode() for key in keys], self.num_oov_indices, self.salt)

    def _tokens_at(self, indices: np.ndarray) -> np.ndarray:
        known = self._known()
        special = self._special_tokens
        # One place more, behind all, for indices that are none.
        tokens = np.array([*special, *known.tokens, self.oov_token])
        inside = (indices >= 0) & (indices < len(tokens) - 1)
        return tokens[np.where(inside, indices, len(tokens) - 1)]

    def _known(self) -> Vocabulary:
        if self._table is None:
            raise NotAdaptedError(
                f"{type(self).__name__} '{self.name}' has no vocabulary yet.",
                hint="call layer.adapt(data) first, or pass vocabulary=.",
            )
        return self._table

    # -- config and files ------------------------------------------------------------------------------------------

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The inputs' shape, with the vocabulary as the last axis if indices are encoded."""
        depth = self.max_tokens if self.pad_to_max_tokens else self._vocabulary_size
        return output_shape(input_shape, "count" if self.output_mode == "tf_idf" else self.output_mode, depth)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer; a vocabulary that was learnt is not among them."""
        names = ("invert", "max_tokens", "num_oov_indices", "oov_token", "mask_token", "output_mode", "sparse")
        names += ("pad_to_max_tokens", "vocabulary_dtype", "oov_method", "salt")
        return {
            "name": self.name,
            "trainable": self.trainable,
            "dtype": serialize_keras_object(self.dtype_policy),
            **{name: getattr(self, name) for name in names},
            "idf_weights": as_list(self.input_idf_weights),
            "vocabulary": as_list(self.input_vocabulary),
            "vocabulary_size": self._vocabulary_size,
        }

    def save_own_variables(self, store: dict[str, Any]) -> None:
        """Writes the weights of the tokens."""
        if self.output_mode == "tf_idf" and self.idf_weights is not None:
            store["idf_weights"] = self.idf_weights

    def load_own_variables(self, store: dict[str, Any]) -> None:
        """Reads the weights of the tokens."""
        if self.output_mode == "tf_idf":
            self.idf_weights = np.asarray(store["idf_weights"])

    def save_assets(self, dir_path: str | os.PathLike[str]) -> None:
        """Writes a vocabulary that the config does not have to a folder."""
        if self.input_vocabulary is None:
            lines = "\n".join(str(token) for token in self.get_vocabulary())
            Path(dir_path, "vocabulary.txt").write_text(lines, "utf-8")

    def load_assets(self, dir_path: str | os.PathLike[str]) -> None:
        """Reads what `save_assets` wrote."""
        if self.input_vocabulary is None:
            tokens = read_vocabulary(Path(dir_path, "vocabulary.txt"))
            while tokens and not tokens[-1]:
                tokens.pop()
            self._keep(self.as_keys(tokens).tolist()[len(self._special_tokens) :])


def as_list(values: Any) -> Any:
    """Arrays as lists, for configs."""
    return np.asarray(values).tolist() if hasattr(values, "shape") or hasattr(values, "to_numpy") else values
