"""Fourier transforms, of whole signals and of short pieces; complex numbers come in pairs of arrays."""

import math
from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.errors import ArgumentError, ShapeError
from lamina.core.operation import operation
from lamina.core.validate import one_of
from lamina.ops.arrays import as_array

__all__ = ["extract_sequences", "fft", "fft2", "ifft2", "irfft", "istft", "rfft", "stft"]

Pair = tuple[jax.Array, jax.Array]


def _complex(x: Any) -> jax.Array:
    """Complex numbers from a pair of real and imaginary parts.

    Raises:
        ArgumentError: if it is no pair of floats.
        ShapeError: if their shapes differ.
    """
    if not isinstance(x, tuple | list) or len(x) != 2:
        raise ArgumentError(f"Complex numbers are a tuple of real and imaginary parts. Received: {type(x).__name__}")
    real, imaginary = as_array(x[0]), as_array(x[1])
    if real.shape != imaginary.shape:
        raise ShapeError(f"Real and imaginary parts have shapes {real.shape} and {imaginary.shape}, which differ.")
    if not (jnp.issubdtype(real.dtype, jnp.floating) and jnp.issubdtype(imaginary.dtype, jnp.floating)):
        raise ArgumentError(f"Real and imaginary parts must be floats. Received: {real.dtype} and {imaginary.dtype}")
    return jax.lax.complex(real, imaginary)


def _pair(x: jax.Array) -> Pair:
    return jnp.real(x), jnp.imag(x)


@operation
def fft(x: Any) -> Pair:
    """The Fourier transform along the last axis.

    Args:
        x: a pair of real and imaginary parts.

    Returns:
        Likewise.

    Example:
        >>> fft((jnp.array([1.0, 1.0]), jnp.array([0.0, 0.0])))
        (Array([2., 0.], dtype=float32), Array([0., 0.], dtype=float32))
    """
    return _pair(jnp.fft.fft(_complex(x)))


@operation
def fft2(x: Any) -> Pair:
    """The Fourier transform along the last two axes.

    Args:
        x: a pair of real and imaginary parts.

    Returns:
        Likewise.

    Example:
        >>> fft2((jnp.ones((2, 2)), jnp.zeros((2, 2))))[0]
        Array([[4., 0.],
               [0., 0.]], dtype=float32)
    """
    return _pair(jnp.fft.fft2(_complex(x)))


@operation
def ifft2(x: Any) -> Pair:
    """What has `x` as its Fourier transform along the last two axes.

    Args:
        x: a pair of real and imaginary parts.

    Returns:
        Likewise.

    Example:
        >>> ifft2((jnp.ones((2, 2)), jnp.zeros((2, 2))))[0]
        Array([[1., 0.],
               [0., 0.]], dtype=float32)
    """
    return _pair(jnp.fft.ifft2(_complex(x)))


@operation
def rfft(x: Any, fft_length: int | None = None) -> Pair:
    """The Fourier transform of real numbers along the last axis: the frequencies from zero on.

    Args:
        x: real numbers.
        fft_length: to which the axis is cut, or filled up with zeros.

    Returns:
        A pair of real and imaginary parts.

    Example:
        >>> rfft([1.0, 1.0])
        (Array([2., 0.], dtype=float32), Array([0., 0.], dtype=float32))
    """
    return _pair(jnp.fft.rfft(as_array(x), n=fft_length))


@operation
def irfft(x: Any, fft_length: int | None = None) -> jax.Array:
    """The real numbers that have `x` as their Fourier transform along the last axis.

    Args:
        x: a pair of real and imaginary parts, the frequencies from zero on.
        fft_length: the size of the last axis of the result.

    Returns:
        Real numbers.

    Example:
        >>> irfft((jnp.array([2.0, 0.0]), jnp.array([0.0, 0.0])))
        Array([1., 1.], dtype=float32)
    """
    return jnp.fft.irfft(_complex(x), n=fft_length)


@operation
def extract_sequences(x: Any, sequence_length: int, sequence_stride: int) -> jax.Array:
    """Pieces of equal length out of a signal.

    Args:
        x: `(..., samples)`.
        sequence_length: of each piece.
        sequence_stride: from the start of one piece to that of the next.

    Returns:
        `(..., pieces, sequence_length)`; what is left at the end is dropped.

    Example:
        >>> extract_sequences([1, 2, 3, 4], 2, 1)
        Array([[1, 2],
               [2, 3],
               [3, 4]], dtype=int32)
    """
    x = as_array(x)
    starts = jnp.arange(0, x.shape[-1] - sequence_length + 1, sequence_stride)
    return x[..., starts[:, None] + jnp.arange(sequence_length)]


def _window(window: Any, length: int, fft_length: int, dtype: Any) -> jax.Array:
    """The window of a piece, with zeros on both sides up to the length of the transform.

    Raises:
        ShapeError: if it is not as long as the piece.
    """
    before = (fft_length - length) // 2
    if window is None:
        return jnp.ones(fft_length, dtype)
    if isinstance(window, str):
        # SciPy takes as long to import as JAX, and few ask for windows.
        from scipy.signal import get_window

        window = get_window(one_of("stft", "window", window, ("hann", "hamming")), length)
    window = jnp.asarray(window, dtype)
    if window.shape != (length,):
        raise ShapeError(f"The window has shape {window.shape}, but the pieces have length {length}.")
    return jnp.pad(window, (before, fft_length - length - before))


@operation
def stft(
    x: Any, sequence_length: int, sequence_stride: int, fft_length: int, window: Any = "hann", center: bool = True
) -> Pair:
    """The Fourier transforms of overlapping pieces of a signal.

    Args:
        x: real numbers `(..., samples)`.
        sequence_length: of each piece.
        sequence_stride: from the start of one piece to that of the next.
        fft_length: of each transform, no less than `sequence_length`.
        window: `"hann"`, `"hamming"`, an array `(sequence_length,)`, or `None`.
        center: whether the pieces are centered at their place, the signal being mirrored at its ends.

    Returns:
        Real and imaginary parts `(..., pieces, fft_length // 2 + 1)`.

    Raises:
        ArgumentError: for integers, a short transform, or an unknown window.

    Example:
        >>> stft(jnp.ones(8), 4, 2, 4, window=None, center=False)[0][0]
        Array([4., 0., 0.], dtype=float32)
    """
    x = as_array(x)
    if not jnp.issubdtype(x.dtype, jnp.floating):
        raise ArgumentError(f"stft takes floats. Received: x of dtype {x.dtype}")
    if fft_length < sequence_length:
        raise ArgumentError(
            f"stft: fft_length must not be below sequence_length. Received: {fft_length=}, {sequence_length=}"
        )
    if center:
        sides = [(0, 0)] * (x.ndim - 1) + [(fft_length // 2, fft_length // 2)]
        x = jnp.pad(x, sides, mode="reflect")
    # Pieces are as long as the transform; the window cuts them down.
    pieces = extract_sequences(x, fft_length, sequence_stride)
    return _pair(jnp.fft.rfft(pieces * _window(window, sequence_length, fft_length, x.dtype)))


@operation
def istft(
    x: Any,
    sequence_length: int,
    sequence_stride: int,
    fft_length: int,
    length: int | None = None,
    window: Any = "hann",
    center: bool = True,
) -> jax.Array:
    """The signal whose pieces have these Fourier transforms.

    Args:
        x: real and imaginary parts `(..., pieces, fft_length // 2 + 1)`.
        sequence_length: of each piece.
        sequence_stride: from the start of one piece to that of the next.
        fft_length: of each transform.
        length: of the signal; all that there is when left out.
        window: what the pieces had been multiplied by: `"hann"`, `"hamming"`, an array, or `None`.
        center: whether the pieces were centered at their place.

    Returns:
        Real numbers `(..., samples)`.

    Raises:
        ShapeError: for fewer than two axes.

    Example:
        >>> signal = jnp.array([1.0, 2.0, 3.0, 4.0, 3.0, 2.0, 1.0, 0.0])
        >>> istft(stft(signal, 4, 2, 4), 4, 2, 4).round(3) + 0
        Array([1.       , 2.       , 3.0000002, 4.       , 3.0000002, 2.       ,
               1.       , 0.       ], dtype=float32)
    """
    spectrum = _complex(x)
    if spectrum.ndim < 2:
        raise ShapeError(f"istft takes transforms (..., pieces, frequencies), but got shape {spectrum.shape}.")
    pieces = jnp.fft.irfft(spectrum, n=fft_length)
    weights = _window(window, sequence_length, fft_length, pieces.dtype)
    signal = _overlap(pieces * weights, sequence_stride)
    total = _overlap(jnp.broadcast_to(weights**2, pieces.shape[-2:]), sequence_stride)
    signal = signal / jnp.where(total > 1e-10, total, 1.0)
    start = fft_length // 2 if center else 0
    end = signal.shape[-1] - start if length is None else start + length
    return signal[..., start:end]


def _overlap(pieces: jax.Array, stride: int) -> jax.Array:
    """The sum of overlapping pieces `(..., pieces, size)`, each `stride` behind the one before."""
    *batch, count, size = pieces.shape
    places = stride * jnp.arange(count)[:, None] + jnp.arange(size)
    flat = pieces.reshape(math.prod(batch), count * size)
    found = jnp.zeros((len(flat), stride * (count - 1) + size), pieces.dtype).at[:, places.ravel()].add(flat)
    return found.reshape(*batch, -1)
