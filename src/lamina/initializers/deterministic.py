"""Initializers without chance."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lamina.core import config
from lamina.core.engine import on_device, wide_types
from lamina.core.errors import ArgumentError, ShapeError
from lamina.core.serialization import builtin
from lamina.core.validate import one_of
from lamina.initializers.initializer import Initializer
from lamina.ops.arrays import as_shape


@builtin("initializers", "zero")
class Zeros(Initializer):
    """All zeros.

    Example:
        >>> Zeros()((2,))
        Array([0., 0.], dtype=float32)
    """

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> jax.Array:
        """The weights for a shape."""
        return on_device(np.zeros(as_shape(shape), _host(dtype)))


@builtin("initializers", "one")
class Ones(Initializer):
    """All ones.

    Example:
        >>> Ones()((2,))
        Array([1., 1.], dtype=float32)
    """

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> jax.Array:
        """The weights for a shape."""
        return on_device(np.ones(as_shape(shape), _host(dtype)))


@builtin("initializers")
class Constant(Initializer):
    """One value everywhere.

    Args:
        value: a number, or an array that broadcasts to the shape.

    Raises:
        ArgumentError: for a value that is no number or array of them.
        ShapeError: when called for a shape to which the value does not broadcast.

    Example:
        >>> Constant(3.0)((2,))
        Array([3., 3.], dtype=float32)
    """

    def __init__(self, value: Any = 0.0) -> None:
        if np.asarray(value).dtype.kind in "OUSM":
            raise ArgumentError(f"Constant: value must be a number or an array. Received: value={value!r}")
        self.value = value

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> jax.Array:
        """The weights for a shape."""
        shape, value = as_shape(shape), np.asarray(self.value, _host(dtype))
        if value.ndim > len(shape) or any(
            a not in (1, b) for a, b in zip(value.shape[::-1], shape[::-1], strict=False)
        ):
            raise ShapeError(f"Constant has a value of shape {value.shape}, which does not broadcast to {shape}.")
        return on_device(np.array(np.broadcast_to(value, shape)))


@builtin("initializers", "IdentityInitializer")
class Identity(Initializer):
    """The identity matrix, times `gain`.

    Args:
        gain: a factor.

    Raises:
        ShapeError: when called for a shape that is no matrix.

    Example:
        >>> Identity(2.0)((2, 2))
        Array([[2., 0.],
               [0., 2.]], dtype=float32)
    """

    def __init__(self, gain: float = 1.0) -> None:
        self.gain = gain

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> jax.Array:
        """The weights for a shape."""
        shape = as_shape(shape)
        if len(shape) != 2:
            raise ShapeError(f"Identity makes matrices only. Received: shape={shape}")
        return self.gain * on_device(np.eye(*shape, dtype=_host(dtype)))


@builtin("initializers", "stft", "STFTInitializer")
class STFT(Initializer):
    """The kernel of a short-time Fourier transform: windowed waves, one frequency per output.

    Args:
        side: `"real"` for cosines or `"imag"` for sines.
        window: the name of one of SciPy's windows, an array `(frame_length,)`, or `None`.
        scaling: what windowed waves are divided by: with `"density"` the root of the sum of the window's squares,
            with `"spectrum"` the sum of its values; nothing with `None`.
        periodic: whether a named window is a period of a periodic function, and not symmetric.

    Raises:
        ArgumentError: for another side or scaling, or an unknown window.
        ShapeError: for a shape that is not `(frame_length, 1, frequencies)`, or a window of another length.

    Example:
        >>> STFT("real", window=None)((4, 1, 3))[:, 0, 1].round(3) + 0
        Array([ 1.,  0., -1.,  0.], dtype=float32)
    """

    def __init__(
        self, side: str = "real", window: Any = "hann", scaling: str | None = "density", periodic: bool = False
    ) -> None:
        self.side = one_of("STFT", "side", side, ("real", "imag"))
        self.window = window
        self.scaling = one_of("STFT", "scaling", scaling, (None, "density", "spectrum"))
        self.periodic = periodic
        if isinstance(window, str):
            self._named_window(window, 1)

    def _named_window(self, name: str, length: int) -> np.ndarray:
        # SciPy takes as long to import as JAX, and few ask for windows.
        from scipy.signal import get_window

        return np.asarray(get_window(name, length, self.periodic))

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> jax.Array:
        """The weights for a shape `(frame_length, channels, frequencies)`."""
        shape = as_shape(shape)
        if len(shape) != 3:
            raise ShapeError(f"STFT makes kernels (frame_length, 1, frequencies). Received: shape={shape}")
        length, _, frequencies = shape
        dtype = _host(dtype)
        time = jnp.arange(length, dtype=dtype).reshape(-1, 1, 1)
        turns = jnp.arange(frequencies, dtype=dtype).reshape(1, 1, -1) / (2 * (frequencies - 1))
        angles = -2 * time * turns * jnp.arccos(jnp.asarray(-1, dtype))
        waves = jnp.cos(angles) if self.side == "real" else jnp.sin(angles)
        if self.window is None:
            return waves
        window = self._named_window(self.window, length) if isinstance(self.window, str) else self.window
        window = jnp.asarray(window, dtype)
        if window.shape != (length,):
            raise ShapeError(f"STFT has a window of shape {window.shape}, but frames of {length}.")
        window = window.reshape(-1, 1, 1)
        if self.scaling is None:
            return waves * window
        sums = {"density": jnp.sqrt(jnp.sum(jnp.square(window))), "spectrum": jnp.sum(jnp.abs(window))}
        return waves * window / sums[self.scaling]


def _host(dtype: Any) -> np.dtype:
    """The dtype meant by a name, or `floatx()`, as far as arrays can have it."""
    found = jnp.dtype(dtype or config.floatx())
    return found if wide_types() else jax.dtypes.canonicalize_dtype(found)
