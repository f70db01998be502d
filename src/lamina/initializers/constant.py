"""Initializers without chance."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina.core import config
from lamina.core.errors import ArgumentError
from lamina.core.serialization import builtin
from lamina.initializers.initializer import Initializer


@builtin("initializers", "zero")
class Zeros(Initializer):
    """All zeros.

    Example:
        >>> Zeros()((2,))
        array([0., 0.], dtype=float32)
    """

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Any:
        """The weights for a shape."""
        return np.zeros(tuple(shape), _host(dtype))


@builtin("initializers", "one")
class Ones(Initializer):
    """All ones.

    Example:
        >>> Ones()((2,))
        array([1., 1.], dtype=float32)
    """

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Any:
        """The weights for a shape."""
        return np.ones(tuple(shape), _host(dtype))


@builtin("initializers")
class Constant(Initializer):
    """One value everywhere.

    Args:
        value: a number, or an array that broadcasts to the shape.

    Example:
        >>> Constant(3.0)((2,))
        array([3., 3.], dtype=float32)
    """

    def __init__(self, value: Any = 0.0) -> None:
        self.value = value

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Any:
        """The weights for a shape."""
        return np.full(tuple(shape), self.value, _host(dtype))


@builtin("initializers", "IdentityInitializer")
class Identity(Initializer):
    """The identity matrix, times `gain`.

    Args:
        gain: a factor.

    Raises:
        ArgumentError: when called for a shape that is no matrix.

    Example:
        >>> Identity(2.0)((2, 2))
        array([[2., 0.],
               [0., 2.]], dtype=float32)
    """

    def __init__(self, gain: float = 1.0) -> None:
        self.gain = gain

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Any:
        """The weights for a shape."""
        if len(shape) != 2:
            raise ArgumentError(f"Identity makes matrices only. Received: shape={tuple(shape)}")
        return self.gain * np.eye(*shape, dtype=_host(dtype))


def _host(dtype: Any) -> Any:
    """A dtype that NumPy has; a variable converts to its own."""
    name = str(dtype or config.floatx())
    return "float32" if name == "bfloat16" else name
