"""`keras.ops.numpy`: NumPy's functions on arrays, variables and symbolic tensors."""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp

from lamina.core.errors import ArgumentError
from lamina.ops import (
    arithmetic,
    bits,
    comparison,
    creation,
    exponentials,
    joining,
    ordering,
    products,
    reductions,
    shaping,
    trigonometry,
)
from lamina.ops.arithmetic import *  # noqa: F403
from lamina.ops.bits import *  # noqa: F403
from lamina.ops.comparison import *  # noqa: F403
from lamina.ops.creation import *  # noqa: F403
from lamina.ops.exponentials import *  # noqa: F403
from lamina.ops.joining import *  # noqa: F403
from lamina.ops.linalg import slogdet as slogdet
from lamina.ops.ordering import *  # noqa: F403
from lamina.ops.products import *  # noqa: F403
from lamina.ops.reductions import *  # noqa: F403
from lamina.ops.shaping import *  # noqa: F403
from lamina.ops.trigonometry import *  # noqa: F403

_FAMILIES = (
    *(arithmetic, bits, comparison, exponentials, trigonometry),
    *(creation, joining, ordering, products, reductions, shaping),
)

__all__ = sorted({name for family in _FAMILIES for name in family.__all__} | {"slogdet", "vectorize"})


def vectorize(pyfunc: Callable[..., Any], *, excluded: Any = None, signature: str | None = None) -> Callable[..., Any]:
    """A function of arrays that applies `pyfunc` to each entry.

    Args:
        pyfunc: a function of scalars, or of what `signature` says.
        excluded: places or names of arguments that are handed on whole.
        signature: the shapes of the core of each argument, as in `"(n),(n)->()"`.

    Returns:
        The function.

    Raises:
        ArgumentError: if `pyfunc` is no function.

    Example:
        >>> vectorize(lambda a, b: a + b)(jnp.array([1, 2]), jnp.array([[1], [2]]))
        Array([[2, 3],
               [3, 4]], dtype=int32)
    """
    if not callable(pyfunc):
        raise ArgumentError(f"vectorize takes a function. Received: pyfunc={pyfunc!r}")
    return jnp.vectorize(pyfunc, excluded=excluded or set(), signature=signature)
