"""Random draws from explicit keys: `keras.random`, equal to JAX's own draws bit for bit.

JAX lowers its generator to a rolled loop on CPU. The same twenty rounds of Threefry-2x32
(Salmon et al., 2011, "Parallel random numbers: as easy as 1, 2, 3") written out as plain array
operations fuse into one kernel, and run on NumPy as well: weights are drawn on the host, without
compiling anything.
"""

import functools
import math
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lamina.core import config
from lamina.core.engine import is_traced
from lamina.core.operation import operation
from lamina.core.seeds import as_key

__all__ = [
    *("beta", "binomial", "categorical", "dropout", "gamma", "normal", "randint"),
    *("shuffle", "truncated_normal", "uniform"),
]

_ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
_PARITY = np.uint32(0x1BD11BDA)
# On the host a draw takes some 100 passes over its numbers; from here on compiling pays.
_HOST_LIMIT = 1 << 20


def threefry_bits(key: Any, size: int, xp: Any = jnp) -> Any:
    """`size` random words of 32 bits.

    Args:
        key: uint32 `(2,)`.
        size: how many words.
        xp: `jax.numpy`, or `numpy` to draw on the host.

    Returns:
        uint32 `(size,)`: for each counter `(0, i)` the two words of the cipher, combined by xor.
    """
    low = xp.arange(size, dtype=np.uint32)
    schedule = (key[0], key[1], key[0] ^ key[1] ^ _PARITY)
    a, b = xp.zeros_like(low) + schedule[0], low + schedule[1]
    for group in range(5):
        for r in _ROTATIONS[group % 2]:
            a = a + b
            b = a ^ ((b << np.uint32(r)) | (b >> np.uint32(32 - r)))
        a = a + schedule[(group + 1) % 3]
        b = b + schedule[(group + 2) % 3] + np.uint32(group + 1)
    return a ^ b


def unit_floats(key: Any, shape: Sequence[int], xp: Any = jnp) -> Any:
    """float32 draws from [0, 1) of the given shape: 23 random bits behind an exponent of zero."""
    bits = threefry_bits(key, math.prod(shape), xp)
    return (((bits >> np.uint32(9)) | np.uint32(0x3F800000)).view(np.float32) - np.float32(1)).reshape(tuple(shape))


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


def _uniform32(key: Any, shape: Sequence[int], low: Any, high: Any) -> Any:
    """float32 draws from [low, high), on the host where nothing is traced and the draw is small."""
    shape = tuple(shape)
    if _on_host(key, shape, low, high):
        return _between(np.asarray(key), shape, low, high, np)
    if is_traced(low, high):
        return jnp.maximum(low, unit_floats(key, shape) * (high - low) + low)
    if is_traced(key):
        return _between(key, shape, low, high)
    return _compiled_uniform(jnp.asarray(key), shape, float(low), float(high))


@jax.jit
def _gaussian(unit: jax.Array) -> jax.Array:
    return np.float32(np.sqrt(2)) * jax.lax.erf_inv(unit)


def _wrap(key: Any) -> Any:
    return jax.random.wrap_key_data(jnp.asarray(key))


def uniform(
    shape: Sequence[int], minval: float = 0.0, maxval: float = 1.0, dtype: Any = None, seed: Any = None
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

    Example:
        >>> uniform((2,), seed=1)
        Array([0.13620758, 0.68262076], dtype=float32)
    """
    dtype = jnp.dtype(dtype or config.floatx())
    key = as_key(seed)
    if dtype == jnp.float32:
        return jnp.asarray(_uniform32(key, shape, minval, maxval))
    return jax.random.uniform(_wrap(key), shape, dtype, minval, maxval)


def normal(
    shape: Sequence[int], mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None
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
    """
    dtype = jnp.dtype(dtype or config.floatx())
    key = as_key(seed)
    if dtype == jnp.float32:
        low = np.nextafter(np.float32(-1), np.float32(0))
        sample = _gaussian(jnp.asarray(_uniform32(key, shape, low, np.float32(1))))
    else:
        sample = jax.random.normal(_wrap(key), shape, dtype)
    return sample * stddev + mean


def truncated_normal(
    shape: Sequence[int], mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None
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
    """
    dtype = jnp.dtype(dtype or config.floatx())
    key = as_key(seed)
    if dtype == jnp.float32:
        edge = np.float32(math.erf(2 / math.sqrt(2)))
        sample = _gaussian(jnp.asarray(_uniform32(key, shape, -edge, edge)))
        inside = np.nextafter(np.float32(2), np.float32(0))
        sample = jnp.clip(sample, -inside, inside)
    else:
        sample = jax.random.truncated_normal(_wrap(key), -2.0, 2.0, shape, dtype)
    return sample * stddev + mean


def randint(shape: Sequence[int], minval: int, maxval: int, dtype: str = "int32", seed: Any = None) -> jax.Array:
    """Draws integers from minval up to, not including, maxval."""
    return jax.random.randint(_wrap(as_key(seed)), tuple(shape), minval, maxval, dtype)


def categorical(logits: Any, num_samples: int, dtype: str = "int32", seed: Any = None) -> jax.Array:
    """Draws `num_samples` classes for each row of logits `(batch, classes)`."""
    logits = jnp.asarray(logits)
    key = _wrap(as_key(seed))
    return jax.random.categorical(key, logits[..., None], axis=1, shape=(logits.shape[0], num_samples)).astype(dtype)


def gamma(shape: Sequence[int], alpha: float, dtype: Any = None, seed: Any = None) -> jax.Array:
    """Draws from the gamma distribution with shape parameter `alpha`."""
    return jax.random.gamma(_wrap(as_key(seed)), alpha, tuple(shape), dtype or config.floatx())


def beta(shape: Sequence[int], alpha: float, beta: float, dtype: Any = None, seed: Any = None) -> jax.Array:
    """Draws from the beta distribution."""
    return jax.random.beta(_wrap(as_key(seed)), alpha, beta, tuple(shape), dtype or config.floatx())


def binomial(shape: Sequence[int], counts: Any, probabilities: Any, dtype: Any = None, seed: Any = None) -> jax.Array:
    """Draws how many of `counts` trials succeed."""
    key = _wrap(as_key(seed))
    return jax.random.binomial(key, counts, probabilities, tuple(shape), dtype or config.floatx())


def shuffle(x: Any, axis: int = 0, seed: Any = None) -> jax.Array:
    """`x` with the entries along `axis` in random order, each row for itself."""
    return jax.random.permutation(_wrap(as_key(seed)), x, axis, independent=True)


def keep_or_zero(inputs: Any, keep: Any, key: Any, noise_shape: Sequence[int | None] | None = None) -> jax.Array:
    """Keeps each entry with probability `keep`, scaled up by 1 / keep; the others become zero.

    Args:
        inputs: an array.
        keep: the probability, above 0.
        key: uint32 `(2,)`.
        noise_shape: where one draw serves a whole axis, 1; `None` for the input's own size.
    """
    shape = [n if m is None else m for n, m in zip(inputs.shape, noise_shape or inputs.shape, strict=True)]
    mask = jnp.broadcast_to(unit_floats(key, shape) < keep, inputs.shape)
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

    Reference:
        Srivastava et al., 2014, "Dropout: a simple way to prevent neural networks from overfitting".
    """
    inputs = jnp.asarray(inputs)
    if isinstance(rate, int | float) and rate >= 1:
        return jnp.zeros_like(inputs)
    if isinstance(rate, int | float) and rate == 0:
        return inputs
    return keep_or_zero(inputs, 1.0 - rate, as_key(seed), noise_shape)
