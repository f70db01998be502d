"""The contract of initializers."""

from collections.abc import Sequence
from typing import Any

from lamina.core.configurable import Configurable


class Initializer(Configurable):
    """Makes the first value of a variable: a callable `(shape, dtype) -> array`.

    Example:
        >>> class Tens(Initializer):
        ...     def __call__(self, shape, dtype=None):
        ...         return 10 * jnp.ones(shape, dtype)
        >>> import jax.numpy as jnp
        >>> Tens()((2,), "float32")
        Array([10., 10.], dtype=float32)
    """

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Any:
        """The first value for a variable of this shape and dtype."""
        raise NotImplementedError(f"{type(self).__name__} has to define __call__(self, shape, dtype=None).")

    def clone(self) -> "Initializer":
        """An equal initializer."""
        return type(self).from_config(self.get_config())
