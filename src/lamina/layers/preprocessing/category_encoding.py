"""CategoryEncoding: integers as one-hot rows or counts."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.errors import ArgumentError, DataError
from lamina.core.serialization import builtin
from lamina.core.validate import one_of, positive_int
from lamina.layers.layer import Layer
from lamina.layers.preprocessing.encoding import encode, first_outside, output_shape
from lamina.layers.preprocessing.preparation_layer import PreparationLayer

_MODES = ("multi_hot", "one_hot", "count")


@builtin("layers")
class CategoryEncoding(PreparationLayer):
    """Encodes integers that stand for categories; works in models, too.

    Args:
        num_tokens: how many categories there are; values are in `[0, num_tokens)`.
        output_mode: `"multi_hot"` for a row per sample with ones where a category occurs, `"one_hot"` for a row
            per value, `"count"` for how often each occurs in a sample.
        sparse: only `False`; accepted as Keras does.
        **kwargs: as for every layer.

    Raises:
        ArgumentError: for other arguments, and for `count_weights` in another mode than `"count"`.
        DataError: for values outside of the range. In a compiled step, where values are not known, they leave no
            trace, as in Keras on JAX.

    Example:
        >>> CategoryEncoding(4, output_mode="multi_hot")(jnp.array([[0, 2], [3, 3]]))
        Array([[1., 0., 1., 0.],
               [0., 0., 0., 1.]], dtype=float32)
    """

    row_independent = True

    def __init__(
        self, num_tokens: int | None = None, output_mode: str = "multi_hot", sparse: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if num_tokens is None:
            raise ArgumentError(
                "CategoryEncoding needs num_tokens, the number of categories.",
                hint="if it is not known, use IntegerLookup, which finds it with adapt().",
            )
        refuse_sparse(self, sparse)
        self.num_tokens = positive_int("CategoryEncoding", "num_tokens", num_tokens)
        mode = "multi_hot" if output_mode == "binary" else output_mode
        self.output_mode = one_of("CategoryEncoding", "output_mode", mode, _MODES)
        self.sparse = sparse

    def call(self, inputs: Any, count_weights: Any = None) -> jax.Array:
        """The encoded integers.

        Args:
            inputs: integers; samples along axis 1, if there is one.
            count_weights: what each value counts, of the shape of `inputs`; with `output_mode="count"` only.
        """
        if count_weights is not None and self.output_mode != "count":
            raise ArgumentError(
                f"CategoryEncoding '{self.name}' takes count_weights only with output_mode='count'. "
                f"Received: output_mode={self.output_mode!r}"
            )
        if (wrong := first_outside(inputs, self.num_tokens)) is not None:
            raise DataError(
                f"CategoryEncoding '{self.name}' encodes integers from 0 to {self.num_tokens - 1}, but got {wrong}.",
                hint="num_tokens is the number of categories; IntegerLookup numbers values that have gaps.",
            )
        indices = jnp.asarray(inputs).astype("int32")
        if count_weights is None:
            return encode(indices, self.output_mode, self.num_tokens, self.dtype)
        weights = jnp.asarray(count_weights, self.compute_dtype)
        return encode(indices, self.output_mode, self.num_tokens, self.compute_dtype, weights)

    def output_dtype(self, inputs: Any) -> str:
        """The dtype of weights: encoded categories are not computed with."""
        del inputs
        return self.dtype

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The inputs' shape, with the categories as the last axis."""
        return output_shape(input_shape, self.output_mode, self.num_tokens)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer."""
        return {name: value for name, value in super().get_config().items() if name != "sparse"}


def refuse_sparse(layer: Layer, sparse: bool) -> None:
    """Raises if a layer is asked for sparse tensors, which JAX programs do not take."""
    if sparse:
        raise ArgumentError(
            f"{type(layer).__name__}: sparse=True is not supported.", hint="leave it out: the outputs are dense arrays."
        )
