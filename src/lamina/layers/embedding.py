"""Embedding: a vector that is learned for each of many integers."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lamina import constraints, initializers, regularizers
from lamina.core.engine import is_traced
from lamina.core.errors import DataError
from lamina.core.serialization import builtin
from lamina.core.validate import positive_int
from lamina.layers.layer import Layer


@builtin("layers")
class Embedding(Layer):
    """Looks up a vector for each integer, such as a word's number.

    Integers outside of `0 … input_dim - 1` are an error where the layer sees data; within a program,
    which cannot raise errors, their vectors are NaN.

    Args:
        input_dim: how many integers there are.
        output_dim: the size of each vector.
        embeddings_initializer: of the table `(input_dim, output_dim)`.
        embeddings_regularizer: a penalty on the table.
        embeddings_constraint: what the table is brought back to after each step.
        mask_zero: whether the integer 0 stands for no entry, and is masked.
        **kwargs: as for every layer; also `weights=`, the first value of the table, and Keras 2's `input_length=`,
            which is not needed.

    Raises:
        ArgumentError: if a size is not a positive integer.
        DataError: when called on integers that are not in the table, or on fractions.

    Example:
        >>> layer = Embedding(10, 3)
        >>> layer(np.array([[1, 7]])).shape
        (1, 2, 3)
    """

    row_independent = True

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        embeddings_constraint: Any = None,
        mask_zero: bool = False,
        **kwargs: Any,
    ) -> None:
        kwargs.pop("input_length", None)
        weights = kwargs.pop("weights", None)
        super().__init__(**kwargs)
        self.input_dim = positive_int("Embedding", "input_dim", input_dim)
        self.output_dim = positive_int("Embedding", "output_dim", output_dim)
        self.embeddings_initializer = initializers.get(embeddings_initializer)
        self.embeddings_regularizer = regularizers.get(embeddings_regularizer)
        self.embeddings_constraint = constraints.get(embeddings_constraint)
        self.mask_zero = mask_zero
        self.supports_masking = bool(mask_zero)
        # Large integers would not survive a cast to 16-bit floats.
        self.autocast = False
        if weights is not None:
            self.build()
            self.set_weights(weights if isinstance(weights, list) and len(weights) == 1 else [weights])

    def build(self, input_shape: Any = None) -> None:
        """Makes the table.

        Args:
            input_shape: of the inputs, which does not matter.
        """
        if not self.built:
            self.embeddings = self.add_weight(
                (self.input_dim, self.output_dim),
                self.embeddings_initializer,
                name="embeddings",
                regularizer=self.embeddings_regularizer,
                constraint=self.embeddings_constraint,
            )

    def call(self, inputs: Any) -> jax.Array:
        """`(...)` integers to `(..., output_dim)`."""
        if not is_traced(inputs):
            self.check_values(np.asarray(inputs))
        indices = inputs if inputs.dtype in (jnp.int32, jnp.int64) else inputs.astype("int32")
        return jnp.take(self.embeddings.value, indices, axis=0).astype(self.compute_dtype)

    def check_values(self, inputs: np.ndarray) -> None:
        """Raises if any entry is not in the table.

        Args:
            inputs: on the host.

        Raises:
            DataError: names the entry.
        """
        if inputs.dtype.kind not in "biu" and not np.array_equal(inputs, np.floor(inputs.astype("float64"))):
            raise DataError(
                f"Embedding '{self.name}' takes integers from 0 to {self.input_dim - 1}, but got fractions.",
                hint="round them, or use a Dense layer for numbers.",
            )
        low, high = (inputs.min(), inputs.max()) if inputs.size else (0, 0)
        if low < 0 or high >= self.input_dim:
            raise DataError(
                f"Embedding '{self.name}' has vectors for the integers 0 to {self.input_dim - 1}, but got "
                f"{int(low if low < 0 else high)}.",
                hint=f"input_dim must be larger than the largest integer: {int(high) + 1} or more here."
                if low >= 0
                else "number the entries from 0.",
            )

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """True where the integers are not 0, if `mask_zero`."""
        del previous_mask
        return inputs != 0 if self.mask_zero else None

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        """That of the inputs, and the size of a vector."""
        return (*input_shape, self.output_dim)
