"""StringLookup: text as indices of a vocabulary."""

from typing import Any

import numpy as np

from lamina.core.serialization import builtin
from lamina.layers.preprocessing.host_layer import as_texts
from lamina.layers.preprocessing.index_lookup import IndexLookup


@builtin("layers")
class StringLookup(IndexLookup):
    """Turns strings into indices of a vocabulary, or indices into strings.

    It works on the host: apply it to the data, before training.

    Args:
        max_tokens: the largest size of the vocabulary, special tokens included.
        num_oov_indices: how many indices strings outside of the vocabulary share, by their hashes; 0 makes them an
            error.
        mask_token: stands for nothing: index 0, or no trace in the other modes than `"int"`.
        oov_token: what the inverse lookup gives for the OOV indices.
        vocabulary: strings, or the path of a file with one a line; otherwise call `adapt`.
        idf_weights: a weight per string, for `output_mode="tf_idf"`.
        invert: whether to turn indices into strings.
        output_mode: `"int"`, `"one_hot"`, `"multi_hot"`, `"count"` or `"tf_idf"`.
        pad_to_max_tokens: whether encodings have a length of `max_tokens` in any case.
        sparse: only `False`; accepted as Keras does.
        encoding: of bytes.
        name: chosen when left out.
        salt: one or two integers: hash with SipHash, and this key.
        **kwargs: as for every layer.

    Raises:
        ArgumentError: for arguments that do not go together.
        DataError: for a vocabulary with repeated or special tokens, and for inputs that are no text.
        NotAdaptedError: if it is called without a vocabulary.

    Example:
        >>> layer = StringLookup()
        >>> layer.adapt(["cat", "dog", "cat"])
        >>> layer.get_vocabulary()
        ['[UNK]', 'cat', 'dog']
        >>> layer(np.array([["dog", "cow"]]))
        Array([[2, 0]], dtype=int32)
        >>> StringLookup(vocabulary=layer.get_vocabulary(), invert=True)([[2, 1]])
        array([['dog', 'cat']], dtype='<U5')
    """

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: str | None = None,
        oov_token: str = "[UNK]",
        vocabulary: Any = None,
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        pad_to_max_tokens: bool = False,
        sparse: bool = False,
        encoding: str = "utf-8",
        name: str | None = None,
        salt: Any = None,
        **kwargs: Any,
    ) -> None:
        self.encoding = encoding
        super().__init__(
            *(max_tokens, num_oov_indices, mask_token, oov_token, "string", vocabulary, idf_weights, invert),
            *(output_mode, sparse, pad_to_max_tokens),
            name=name,
            salt=salt,
            **kwargs,
        )

    def as_keys(self, values: Any) -> np.ndarray:
        """Text as an array of strings."""
        return as_texts(values, f"StringLookup '{self.name}'", self.encoding)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer; a vocabulary that was learnt is not among them."""
        config = {**super().get_config(), "encoding": self.encoding}
        del config["vocabulary_dtype"]
        return config
