"""Random draws from explicit keys: `keras.random`, equal to JAX's own draws bit for bit.

JAX lowers its generator to a rolled loop on CPU. The same twenty rounds of Threefry-2x32
(Salmon et al., 2011, "Parallel random numbers: as easy as 1, 2, 3") written out as plain array
operations fuse into one kernel, and run on NumPy as well: weights are drawn on the host, without
compiling anything.
"""

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lamina.core import config
from lamina.core.engine import is_traced, on_device, wide_types
from lamina.core.errors import ArgumentError, ShapeError
from lamina.core.operation import operation
from lamina.core.seeds import as_key
from lamina.core.validate import fraction
from lamina.ops.arrays import as_array, as_shape

__all__ = [
    *("beta", "binomial", "categorical", "dropout", "gamma", "normal", "randint"),
    *("shuffle", "truncated_normal", "uniform"),
]

_ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
_PARITY = np.uint32(0x1BD11BDA)
# On the host a draw takes some 100 passes over its numbers; from here on compiling pays.
_HOST_LIMIT = 1 << 20


def threefry_bits(key: Any, shape: Sequence[int], xp: Any = jnp) -> Any:
    """Random words of 32 bits.

    Args:
        key: uint32 `(2,)`.
        shape: how many words.
        xp: `jax.numpy`, or `numpy` to draw on the host.

    Returns:
        uint32 of this shape: for each counter `(0, i)`, row by row, the two words of the cipher, combined by xor.
    """
    low = _counters(shape) if xp is jnp else np.arange(math.prod(shape), dtype=np.uint32)
    schedule = (key[0], key[1], key[0] ^ key[1] ^ _PARITY)
    a, b = xp.zeros_like(low) + schedule[0], low + schedule[1]
    for group in range(5):
        for r in _ROTATIONS[group % 2]:
            a = a + b
            b = a ^ ((b << np.uint32(r)) | (b >> np.uint32(32 - r)))
        a = a + schedule[(group + 1) % 3]
        b = b + schedule[(group + 2) % 3] + np.uint32(group + 1)
    words = a ^ b
    return words if xp is jnp else words.reshape(tuple(shape))


def _counters(shape: Sequence[int]) -> jax.Array:
    """The numbers from 0 on, row by row. Made along each axis, so that an axis may have a symbol for its size."""
    total, stride = jnp.zeros(tuple(shape), np.uint32), 1
    for axis in reversed(range(len(shape))):
        total = total + jax.lax.broadcasted_iota(np.uint32, tuple(shape), axis) * jnp.asarray(stride).astype(np.uint32)
        stride = stride * shape[axis]
    return total


def unit_floats(key: Any, shape: Sequence[int], xp: Any = jnp) -> Any:
    """float32 draws from [0, 1) of the given shape: 23 random bits behind an exponent of zero."""
    bits = threefry_bits(key, shape, xp)
    return ((bits >> np.uint32(9)) | np.uint32(0x3F800000)).view(np.float32) - np.float32(1)


def _between(key: Any, shape: Sequence[int], low: Any, high: Any, xp: Any = jnp) -> Any:
    low, span = np.float32(low), np.float32(high) - np.float32(low)
    if xp is np:
        # XLA multiplies and adds with a single rounding; double precision comes to the same.
        floats = unit_floats(key, shape, np) * np.float64(span) + np.float64(low)
        return np.maximum(low, floats.astype(np.float32))
    return jnp.maximum(low, unit_floats(key, shape) * span + low)


def _on_host(key: Any, shape: Sequence[int], *bounds: Any) -> bool:
    return not is_traced(key, *bounds) and math.prod(shape) <= _HOST_LIMIT


@functools.partial(jax.jit, static_argnums=(1, 2, 3))
def _compiled_uniform(key: jax.Array, shape: tuple[int, ...], low: float, high: float) -> jax.Array:
    return _between(key, shape, low, high)


def _uniform32(key: Any, shape: tuple[int, ...], low: Any, high: Any) -> Any:
    """float32 draws from [low, high), on the host where nothing is traced and the draw is small."""
    if _on_host(key, shape, low, high):
        return _between(np.asarray(key), shape, low, high, np)
    if is_traced(low, high):
        return jnp.maximum(low, unit_floats(key, shape) * (high - low) + low)
    if is_traced(key):
        return _between(key, shape, low, high)
    return _compiled_uniform(jnp.asarray(key), shape, float(low), float(high))


@jax.jit
def _gaussian(unit: Any) -> jax.Array:
    return np.float32(np.sqrt(2)) * jax.lax.erf_inv(unit)


def _normal32(key: Any, shape: tuple[int, ...], low: np.float32, high: np.float32) -> Any:
    """float32 draws from the normal distribution, made of uniform draws from [low, high)."""
    unit = _uniform32(key, shape, low, high)
    if not isinstance(unit, np.ndarray):
        return _gaussian(unit)
    # A few sizes serve all shapes, so that there is little to compile.
    padded = np.zeros(max(256, 1 << (unit.size - 1).bit_length()), np.float32)
    padded[: unit.size] = unit.ravel()
    with jax.ensure_compile_time_eval():  # the caller may be traced, though the key is not
        return np.asarray(_gaussian(padded))[: unit.size].reshape(shape)


def _scaled(sample: Any, stddev: Any, mean: Any) -> jax.Array:
    """`sample * stddev + mean`, on the host for a host's sample and plain numbers."""
    if isinstance(sample, np.ndarray) and isinstance(stddev, int | float) and isinstance(mean, int | float):
        return on_device(sample * sample.dtype.type(stddev) + sample.dtype.type(mean))
    return jnp.asarray(sample) * stddev + mean


def _wrap(key: Any) -> Any:
    return jax.random.wrap_key_data(jnp.asarray(key))


def _float_dtype(name: str, dtype: Any) -> Any:
    dtype = jnp.dtype(dtype or config.floatx())
    if not jnp.issubdtype(dtype, jnp.floating):
        raise ArgumentError(f"random.{name} draws floats, so dtype must be one of them. Received: dtype={dtype}")
    return dtype


def uniform(
    shape: int | Sequence[int], minval: float = 0.0, maxval: float = 1.0, dtype: Any = None, seed: Any = None
) -> jax.Array:
    """Draws from the uniform distribution over [minval, maxval).

    Args:
        shape: of the result.
        minval: the lowest value.
        maxval: the bound above.
        dtype: a float dtype; `floatx()` when left out.
        seed: an integer, a `SeedGenerator`, or `None`.

    Returns:
        An array of this shape and dtype.

    Raises:
        ArgumentError: for a dtype that is none of floats, or a seed that is none.
        ShapeError: for a shape that is none.

    Example:
        >>> uniform((2,), seed=1)
        Array([0.13620758, 0.68262076], dtype=float32)
    """
    dtype, shape = _float_dtype("uniform", dtype), as_shape(shape)
    key = as_key(seed)
    if dtype == jnp.float32:
        return on_device(_uniform32(key, shape, minval, maxval))
    return jax.random.uniform(_wrap(key), shape, dtype, minval, maxval)


def normal(
    shape: int | Sequence[int], mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None
) -> jax.Array:
    """Draws from the normal distribution.

    Args:
        shape: of the result.
        mean: of the distribution.
        stddev: its standard deviation.
        dtype: a float dtype; `floatx()` when left out.
        seed: an integer, a `SeedGenerator`, or `None`.

    Returns:
        An array of this shape and dtype.

    Raises:
        ArgumentError: for a dtype that is none of floats, or a seed that is none.
        ShapeError: for a shape that is none.

    Example:
        >>> normal((2,), seed=1)
        Array([-1.0975176,  0.4750401], dtype=float32)
    """
    dtype, shape = _float_dtype("normal", dtype), as_shape(shape)
    key = as_key(seed)
    if dtype == jnp.float32:
        sample = _normal32(key, shape, np.nextafter(np.float32(-1), np.float32(0)), np.float32(1))
    else:
        sample = jax.random.normal(_wrap(key), shape, dtype)
    return _scaled(sample, stddev, mean)


def truncated_normal(
    shape: int | Sequence[int], mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None
) -> jax.Array:
    """Draws from the normal distribution, cut at two standard deviations.

    Args:
        shape: of the result.
        mean: of the uncut distribution.
        stddev: its standard deviation.
        dtype: a float dtype; `floatx()` when left out.
        seed: an integer, a `SeedGenerator`, or `None`.

    Returns:
        An array of this shape and dtype.

    Raises:
        ArgumentError: for a dtype that is none of floats, or a seed that is none.
        ShapeError: for a shape that is none.

    Example:
        >>> truncated_normal((2,), stddev=10.0, seed=1)
        Array([-10.246667,   4.518501], dtype=float32)
    """
    dtype, shape = _float_dtype("truncated_normal", dtype), as_shape(shape)
    key = as_key(seed)
    if dtype == jnp.float32:
        edge = np.float32(math.erf(2 / math.sqrt(2)))
        sample = _normal32(key, shape, -edge, edge)
        inside = np.nextafter(np.float32(2), np.float32(0))
        sample = (np if isinstance(sample, np.ndarray) else jnp).clip(sample, -inside, inside)
    else:
        sample = jax.random.truncated_normal(_wrap(key), -2.0, 2.0, shape, dtype)
    return _scaled(sample, stddev, mean)


def randint(shape: int | Sequence[int], minval: int, maxval: int, dtype: str = "int32", seed: Any = None) -> jax.Array:
    """Draws integers from minval up to, not including, maxval.

    Args:
        shape: of the result.
        minval: the lowest value.
        maxval: the bound above.
        dtype: an integer dtype.
        seed: an integer, a `SeedGenerator`, or `None`.

    Returns:
        An array of this shape and dtype.

    Raises:
        ArgumentError: for a dtype that is none of integers.

    Example:
        >>> randint((3,), 0, 10, seed=1)
        Array([4, 5, 3], dtype=int32)
    """
    if not jnp.issubdtype(jnp.dtype(dtype), jnp.integer):
        raise ArgumentError(f"random.randint draws integers, so dtype must be one of them. Received: dtype={dtype}")
    return jax.random.randint(_wrap(as_key(seed)), as_shape(shape), minval, maxval, dtype)


@operation
def categorical(logits: Any, num_samples: int, dtype: str = "int32", seed: Any = None) -> jax.Array:
    """Draws classes for each row of logits.

    Args:
        logits: `(batch, classes)`, logarithms of what is proportional to probabilities.
        num_samples: how many draws per row.
        dtype: of the result.
        seed: an integer, a `SeedGenerator`, or `None`.

    Returns:
        Classes `(batch, num_samples)`.

    Raises:
        ShapeError: for logits that are no matrix.

    Example:
        >>> categorical([[0.0, -1e9], [-1e9, 0.0]], 3, seed=1)
        Array([[0, 0, 0],
               [1, 1, 1]], dtype=int32)
    """
    logits = as_array(logits)
    if logits.ndim != 2:
        raise ShapeError(f"random.categorical takes logits of shape (batch, classes), but got {logits.shape}.")
    key = _wrap(as_key(seed))
    return jax.random.categorical(key, logits[..., None], axis=1, shape=(logits.shape[0], num_samples)).astype(dtype)


def gamma(shape: int | Sequence[int], alpha: float, dtype: Any = None, seed: Any = None) -> jax.Array:
    """Draws from the gamma distribution.

    Args:
        shape: of the result.
        alpha: the distribution's shape parameter, above 0; its scale is 1.
        dtype: a float dtype; `floatx()` when left out.
        seed: an integer, a `SeedGenerator`, or `None`.

    Returns:
        An array of this shape and dtype.

    Example:
        >>> bool((gamma((3,), 2.0, seed=1) > 0).all())
        True
    """
    return jax.random.gamma(_wrap(as_key(seed)), jnp.asarray(alpha), as_shape(shape), _float_dtype("gamma", dtype))


def beta(shape: int | Sequence[int], alpha: float, beta: float, dtype: Any = None, seed: Any = None) -> jax.Array:
    """Draws from the beta distribution.

    Args:
        shape: of the result.
        alpha: the exponent of the variable, plus one; above 0.
        beta: the exponent of one minus the variable, plus one; above 0.
        dtype: a float dtype; `floatx()` when left out.
        seed: an integer, a `SeedGenerator`, or `None`.

    Returns:
        An array of this shape and dtype, of values from 0 to 1.

    Example:
        >>> beta((3,), 2.0, 5.0, seed=1).shape
        (3,)
    """
    return jax.random.beta(
        _wrap(as_key(seed)), jnp.asarray(alpha), jnp.asarray(beta), as_shape(shape), _float_dtype("beta", dtype)
    )


def binomial(
    shape: int | Sequence[int], counts: Any, probabilities: Any, dtype: Any = None, seed: Any = None
) -> jax.Array:
    """Draws how many of `counts` trials succeed.

    Args:
        shape: of the result.
        counts: numbers of trials; broadcast to the shape.
        probabilities: of success, from 0 to 1; broadcast to the shape.
        dtype: a float dtype; `floatx()` when left out.
        seed: an integer, a `SeedGenerator`, or `None`.

    Returns:
        An array of this shape and dtype.

    Example:
        >>> binomial((2,), 10, [0.0, 1.0], seed=1)
        Array([ 0., 10.], dtype=float32)
    """
    counts, probabilities = jnp.array(counts), jnp.array(probabilities)
    key = _wrap(as_key(seed))
    return jax.random.binomial(key, counts, probabilities, as_shape(shape), _float_dtype("binomial", dtype))


@operation
def shuffle(x: Any, axis: int = 0, seed: Any = None) -> jax.Array:
    """`x` with the entries along `axis` in random order, each row for itself.

    Args:
        x: an array.
        axis: along which entries change places.
        seed: an integer, a `SeedGenerator`, or `None`.

    Returns:
        An array like `x`.

    Example:
        >>> sorted(shuffle([1, 2, 3], seed=1).tolist())
        [1, 2, 3]
    """
    return jax.random.permutation(_wrap(as_key(seed)), as_array(x), axis, independent=True)


def drawn_once(draw: Callable[[], jax.Array], keep: Any, otherwise: Callable[[], jax.Array]) -> jax.Array:
    """`draw()`, computed once in a program, though its gradient needs it again.

    XLA on CPU would fuse a draw into each of its uses, and so make it twice. It does not fuse what lies behind a
    condition; here it is whether there is anything to be drawn.

    Args:
        draw: makes the noise.
        keep: the probability that an entry stays as it is; there is no noise at 1.
        otherwise: what to use then, of the same shape and dtype.
    """
    if is_traced(keep) and jax.default_backend() == "cpu":
        return jax.lax.cond(keep < 1, draw, otherwise)
    return draw()


def keep_or_zero(inputs: Any, keep: Any, key: Any, noise_shape: Sequence[int | None] | None = None) -> jax.Array:
    """Keeps each entry with probability `keep`, scaled up by 1 / keep; the others become zero.

    Args:
        inputs: an array.
        keep: the probability, above 0.
        key: uint32 `(2,)`.
        noise_shape: where one draw serves a whole axis, 1; `None` for the input's own size.
    """
    shape = [n if m is None else m for n, m in zip(inputs.shape, noise_shape or inputs.shape, strict=True)]

    def draw() -> jax.Array:
        # JAX draws its Bernoulli trials in the widest floats that there are.
        wide = wide_types()
        draws = jax.random.uniform(_wrap(key), shape, "float64") if wide else _uniform32(key, tuple(shape), 0.0, 1.0)
        return on_device(draws < keep)

    mask = jnp.broadcast_to(drawn_once(draw, keep, lambda: jnp.ones(shape, bool)), inputs.shape)
    return jnp.where(mask, inputs / keep, jnp.zeros_like(inputs))


@operation
def dropout(inputs: Any, rate: float, noise_shape: Sequence[int | None] | None = None, seed: Any = None) -> jax.Array:
    """Sets a share of the entries to zero and scales the others up, so that the expected sum stays.

    Args:
        inputs: an array.
        rate: the share, from 0 to 1.
        noise_shape: where one draw serves a whole axis, 1.
        seed: an integer, a `SeedGenerator`, or `None`.

    Returns:
        An array like `inputs`.

    Raises:
        ArgumentError: for a rate that is no share.

    Example:
        >>> dropout([1.0, 1.0, 1.0, 1.0], 0.5, seed=2)
        Array([0., 0., 0., 2.], dtype=float32)

    Reference:
        Srivastava et al., 2014, "Dropout: a simple way to prevent neural networks from overfitting".
    """
    inputs = as_array(inputs)
    if isinstance(rate, int | float) and fraction("random.dropout", "rate", rate, closed=True) in (0, 1):
        return jnp.zeros_like(inputs) if rate else inputs
    return keep_or_zero(inputs, 1.0 - rate, as_key(seed), noise_shape)
