"""A penalty on weights that say the same."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.errors import ShapeError
from lamina.core.hyperparameter import Hyperparameter
from lamina.core.serialization import builtin
from lamina.core.validate import not_negative, one_of
from lamina.ops.arrays import as_floats
from lamina.ops.normalization import normalize
from lamina.regularizers.regularizer import Regularizer


@builtin("regularizers", "orthogonal_regularizer")
class OrthogonalRegularizer(Regularizer):
    """`factor` times the mean absolute cosine between the rows of a matrix, or between its columns.

    Args:
        factor: of the penalty.
        mode: `"rows"` or `"columns"`.

    Raises:
        ArgumentError: for a factor that is negative or not finite, or another mode.
        ShapeError: when called on what is no matrix.

    Example:
        >>> float(OrthogonalRegularizer(0.5)(jnp.array([[1.0, 0.0], [2.0, 0.0]])))
        0.5
    """

    factor = Hyperparameter()

    def __init__(self, factor: float = 0.01, mode: str = "rows") -> None:
        self.factor = not_negative("OrthogonalRegularizer", "factor", factor)
        self.mode = one_of("OrthogonalRegularizer", "mode", mode, ("rows", "columns"))

    def __call__(self, x: Any) -> jax.Array:
        """The penalty on a matrix."""
        x = as_floats(x)
        if x.ndim != 2:
            raise ShapeError(f"OrthogonalRegularizer is for matrices, but got weights of shape {x.shape}.")
        vectors = normalize(x if self.mode == "rows" else x.T, axis=1)
        count = len(vectors)
        cosines = jnp.abs(vectors @ vectors.T) * (1 - jnp.eye(count, dtype=x.dtype))
        pairs = max(count * (count - 1) / 2, 1)  # a single vector is orthogonal to all others
        return self.factor * 0.5 * jnp.sum(cosines) / pairs
