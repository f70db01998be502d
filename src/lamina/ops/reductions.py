"""What becomes of many entries: sums, means, extremes, quantiles, running totals; NaN counted or not."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core import config
from lamina.core.operation import operation
from lamina.ops.arrays import Axes, as_array, as_axes, as_floats, at_least_float32

__all__ = [
    *("all", "allclose", "amax", "amin", "any", "average", "corrcoef", "count_nonzero", "cumprod", "cumsum"),
    *("diff", "max", "mean", "median", "min", "nanargmax", "nanargmin", "nancumprod", "nancumsum", "nanmax"),
    *("nanmean", "nanmedian", "nanmin", "nanpercentile", "nanprod", "nanquantile", "nanstd", "nansum", "nanvar"),
    *("percentile", "prod", "ptp", "quantile", "std", "sum", "trapezoid", "var"),
]


@operation
def all(x: Any, axis: Axes = None, keepdims: bool = False) -> jax.Array:
    """Whether all entries hold.

    Example:
        >>> all([True, False])
        Array(False, dtype=bool)
    """
    return jnp.all(as_array(x), as_axes(axis), keepdims=keepdims)


@operation
def allclose(x1: Any, x2: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> jax.Array:
    """Whether all entries of `x1` are within `atol + rtol * abs(x2)` of those of `x2`.

    Example:
        >>> bool(allclose([1.0, 2.0], [1.0, 2.1]))
        False
    """
    return jnp.allclose(as_array(x1), as_array(x2), rtol, atol, equal_nan)


@operation
def amax(x: Any, axis: Axes = None, keepdims: bool = False) -> jax.Array:
    """The largest entry.

    Example:
        >>> int(amax([1, 3, 2]))
        3
    """
    return jnp.max(as_array(x), as_axes(axis), keepdims=keepdims)


@operation
def amin(x: Any, axis: Axes = None, keepdims: bool = False) -> jax.Array:
    """The smallest entry.

    Example:
        >>> int(amin([1, 3, 2]))
        1
    """
    return jnp.min(as_array(x), as_axes(axis), keepdims=keepdims)


@operation
def any(x: Any, axis: Axes = None, keepdims: bool = False) -> jax.Array:
    """Whether an entry holds.

    Example:
        >>> any([[True, False], [False, False]], axis=1)
        Array([ True, False], dtype=bool)
    """
    return jnp.any(as_array(x), as_axes(axis), keepdims=keepdims)


@operation
def average(x: Any, axis: Axes = None, weights: Any = None) -> jax.Array:
    """The mean, each entry counting as much as its weight.

    Example:
        >>> float(average([1, 4], weights=[2, 1]))
        2.0
    """
    x = as_floats(x)
    return jnp.average(x, as_axes(axis), None if weights is None else as_floats(weights))


@operation
def corrcoef(x: Any) -> jax.Array:
    """The correlations between the rows of `x`.

    Example:
        >>> corrcoef([[1.0, 2.0], [2.0, 1.0]]).round(2)
        Array([[ 1., -1.],
               [-1.,  1.]], dtype=float32)
    """
    return jnp.corrcoef(as_array(x))


@operation
def count_nonzero(x: Any, axis: Axes = None) -> jax.Array:
    """How many entries are not zero.

    Example:
        >>> int(count_nonzero([0, 3, 0, 4]))
        2
    """
    return jnp.count_nonzero(as_array(x), as_axes(axis)).astype("int32")


@operation
def cumprod(x: Any, axis: int | None = None, dtype: Any = None) -> jax.Array:
    """The products of all entries so far.

    Example:
        >>> cumprod([1, 2, 3])
        Array([1, 2, 6], dtype=int32)
    """
    return jnp.cumprod(as_array(x), axis, dtype)


@operation
def cumsum(x: Any, axis: int | None = None, dtype: Any = None) -> jax.Array:
    """The sums of all entries so far.

    Example:
        >>> cumsum([1, 2, 3])
        Array([1, 3, 6], dtype=int32)
    """
    return jnp.cumsum(as_array(x), axis, dtype)


@operation
def diff(a: Any, n: int = 1, axis: int = -1) -> jax.Array:
    """The differences of neighbours, `n` times over.

    Example:
        >>> diff([1, 4, 9])
        Array([3, 5], dtype=int32)
    """
    return jnp.diff(as_array(a), n, axis)


@operation
def max(x: Any, axis: Axes = None, keepdims: bool = False, initial: Any = None) -> jax.Array:
    """The largest entry, and no less than `initial`.

    Example:
        >>> max([[1, 3], [2, 0]], axis=1)
        Array([3, 2], dtype=int32)
    """
    return jnp.max(as_array(x), as_axes(axis), keepdims=keepdims, initial=initial)


@operation
def mean(x: Any, axis: Axes = None, keepdims: bool = False) -> jax.Array:
    """The mean, a float for integers too.

    Example:
        >>> float(mean([1, 2]))
        1.5
    """
    x = as_array(x)
    wide = at_least_float32(x.dtype)
    found = jnp.mean(x, as_axes(axis), wide, keepdims=keepdims)
    return found.astype(x.dtype) if jnp.issubdtype(x.dtype, jnp.inexact) else found


@operation
def median(x: Any, axis: Axes = None, keepdims: bool = False) -> jax.Array:
    """The middle entry, or the mean of the two in the middle.

    Example:
        >>> float(median([1, 5, 2]))
        2.0
    """
    return jnp.median(as_array(x), as_axes(axis), keepdims=keepdims)


@operation
def min(x: Any, axis: Axes = None, keepdims: bool = False, initial: Any = None) -> jax.Array:
    """The smallest entry, and no more than `initial`.

    Example:
        >>> min([[1, 3], [2, 0]], axis=1)
        Array([1, 0], dtype=int32)
    """
    return jnp.min(as_array(x), as_axes(axis), keepdims=keepdims, initial=initial)


@operation
def nanargmax(x: Any, axis: int | None = None, keepdims: bool = False) -> jax.Array:
    """The place of the largest entry that is no NaN.

    Example:
        >>> int(nanargmax([1.0, float("nan"), 3.0]))
        2
    """
    return jnp.nanargmax(as_array(x), axis, keepdims=keepdims)


@operation
def nanargmin(x: Any, axis: int | None = None, keepdims: bool = False) -> jax.Array:
    """The place of the smallest entry that is no NaN.

    Example:
        >>> int(nanargmin([float("nan"), 1.0, 3.0]))
        1
    """
    return jnp.nanargmin(as_array(x), axis, keepdims=keepdims)


@operation
def nancumprod(x: Any, axis: int | None = None, dtype: Any = None) -> jax.Array:
    """The products of all entries so far, NaN left out.

    Example:
        >>> nancumprod([2.0, float("nan"), 3.0])
        Array([2., 2., 6.], dtype=float32)
    """
    return jnp.nancumprod(as_array(x), axis, dtype)


@operation
def nancumsum(x: Any, axis: int | None = None, dtype: Any = None) -> jax.Array:
    """The sums of all entries so far, NaN left out.

    Example:
        >>> nancumsum([2.0, float("nan"), 3.0])
        Array([2., 2., 5.], dtype=float32)
    """
    return jnp.nancumsum(as_array(x), axis, dtype)


@operation
def nanmax(x: Any, axis: Axes = None, keepdims: bool = False) -> jax.Array:
    """The largest entry that is no NaN.

    Example:
        >>> float(nanmax([1.0, float("nan")]))
        1.0
    """
    return jnp.nanmax(as_array(x), as_axes(axis), keepdims=keepdims)


@operation
def nanmean(x: Any, axis: Axes = None, keepdims: bool = False) -> jax.Array:
    """The mean of the entries that are no NaN.

    Example:
        >>> float(nanmean([1.0, float("nan"), 3.0]))
        2.0
    """
    return jnp.nanmean(as_array(x), as_axes(axis), keepdims=keepdims)


@operation
def nanmedian(x: Any, axis: Axes = None, keepdims: bool = False) -> jax.Array:
    """The median of the entries that are no NaN.

    Example:
        >>> float(nanmedian([1.0, float("nan"), 3.0]))
        2.0
    """
    return jnp.nanmedian(as_array(x), as_axes(axis), keepdims=keepdims)


@operation
def nanmin(x: Any, axis: Axes = None, keepdims: bool = False) -> jax.Array:
    """The smallest entry that is no NaN.

    Example:
        >>> float(nanmin([1.0, float("nan")]))
        1.0
    """
    return jnp.nanmin(as_array(x), as_axes(axis), keepdims=keepdims)


@operation
def nanpercentile(x: Any, q: Any, axis: Axes = None, method: str = "linear", keepdims: bool = False) -> jax.Array:
    """The value below which `q` percent of the entries lie, NaN left out.

    Example:
        >>> float(nanpercentile([1.0, float("nan"), 3.0], 50))
        2.0
    """
    return jnp.nanpercentile(as_array(x), as_array(q), as_axes(axis), method=method, keepdims=keepdims)


@operation
def nanprod(x: Any, axis: Axes = None, keepdims: bool = False) -> jax.Array:
    """The product of the entries that are no NaN.

    Example:
        >>> float(nanprod([2.0, float("nan"), 3.0]))
        6.0
    """
    return jnp.nanprod(as_array(x), as_axes(axis), keepdims=keepdims)


@operation
def nanquantile(x: Any, q: Any, axis: Axes = None, method: str = "linear", keepdims: bool = False) -> jax.Array:
    """The value below which a share of `q` of the entries lies, NaN left out.

    Example:
        >>> float(nanquantile([1.0, float("nan"), 3.0], 0.5))
        2.0
    """
    return jnp.nanquantile(as_array(x), as_array(q), as_axes(axis), method=method, keepdims=keepdims)


@operation
def nanstd(x: Any, axis: Axes = None, keepdims: bool = False) -> jax.Array:
    """The standard deviation of the entries that are no NaN.

    Example:
        >>> float(nanstd([1.0, float("nan"), 3.0]))
        1.0
    """
    return jnp.nanstd(as_array(x), as_axes(axis), keepdims=keepdims)


@operation
def nansum(x: Any, axis: Axes = None, keepdims: bool = False) -> jax.Array:
    """The sum of the entries that are no NaN.

    Example:
        >>> float(nansum([1.0, float("nan"), 3.0]))
        4.0
    """
    return jnp.nansum(as_array(x), as_axes(axis), keepdims=keepdims)


@operation
def nanvar(x: Any, axis: Axes = None, keepdims: bool = False) -> jax.Array:
    """The variance of the entries that are no NaN.

    Example:
        >>> float(nanvar([1.0, float("nan"), 3.0]))
        1.0
    """
    return jnp.nanvar(as_array(x), as_axes(axis), keepdims=keepdims)


@operation
def percentile(x: Any, q: Any, axis: Axes = None, method: str = "linear", keepdims: bool = False) -> jax.Array:
    """The value below which `q` percent of the entries lie.

    Example:
        >>> float(percentile([1.0, 2.0, 3.0], 50))
        2.0
    """
    return jnp.percentile(as_array(x), as_array(q), as_axes(axis), method=method, keepdims=keepdims)


@operation
def prod(x: Any, axis: Axes = None, keepdims: bool = False, dtype: Any = None) -> jax.Array:
    """The product.

    Example:
        >>> int(prod([2, 3]))
        6
    """
    return jnp.prod(as_array(x), as_axes(axis), dtype, keepdims=keepdims)


@operation
def ptp(x: Any, axis: Axes = None, keepdims: bool = False) -> jax.Array:
    """From the smallest entry to the largest.

    Example:
        >>> int(ptp([2, 7, 3]))
        5
    """
    return jnp.ptp(as_array(x), as_axes(axis), keepdims=keepdims)


@operation
def quantile(x: Any, q: Any, axis: Axes = None, method: str = "linear", keepdims: bool = False) -> jax.Array:
    """The value below which a share of `q` of the entries lies.

    Example:
        >>> float(quantile([1.0, 2.0, 3.0], 0.5))
        2.0
    """
    return jnp.quantile(as_array(x), as_array(q), as_axes(axis), method=method, keepdims=keepdims)


@operation
def std(x: Any, axis: Axes = None, keepdims: bool = False) -> jax.Array:
    """The standard deviation, a float for integers too.

    Example:
        >>> float(std([1, 3]))
        1.0
    """
    return jnp.std(as_array(x), as_axes(axis), keepdims=keepdims)


@operation
def sum(x: Any, axis: Axes = None, keepdims: bool = False) -> jax.Array:
    """The sum.

    Example:
        >>> sum([[1, 2], [3, 4]], axis=0)
        Array([4, 6], dtype=int32)
    """
    return jnp.sum(as_array(x), as_axes(axis), keepdims=keepdims)


@operation
def trapezoid(y: Any, x: Any = None, dx: float = 1.0, axis: int = -1) -> jax.Array:
    """The area below the line through points with ordinates `y`, at `x` or `dx` apart.

    Example:
        >>> float(trapezoid([1.0, 3.0]))
        2.0
    """
    return jnp.trapezoid(as_array(y), None if x is None else as_array(x), dx, axis)


@operation
def var(x: Any, axis: Axes = None, keepdims: bool = False) -> jax.Array:
    """The variance, a float for integers too.

    Example:
        >>> float(var([1, 3]))
        1.0
    """
    x = as_array(x)
    found = jnp.var(x, as_axes(axis), at_least_float32(x.dtype), keepdims=keepdims)
    if jnp.iscomplexobj(x):
        return found
    return found.astype(x.dtype if jnp.issubdtype(x.dtype, jnp.floating) else config.floatx())
