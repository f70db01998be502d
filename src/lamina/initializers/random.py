"""Initializers that draw: equal to Keras on JAX, number by number, for a given seed."""

import math
from collections.abc import Sequence
from typing import Any

import jax
import numpy as np

from lamina.core.engine import on_device
from lamina.core.errors import ShapeError
from lamina.core.naming import to_snake_case
from lamina.core.seeds import SeedGenerator, check_seed
from lamina.core.serialization import builtin, deserialize_keras_object, serialize_keras_object
from lamina.core.validate import above_zero, finite, one_of
from lamina.initializers.initializer import Initializer
from lamina.ops import random
from lamina.ops.arrays import as_shape

# The standard deviation that a standard normal has once it is cut at two.
_CUT_STDDEV = 0.87962566103423978
_DISTRIBUTIONS = ("truncated_normal", "untruncated_normal", "uniform")


class RandomInitializer(Initializer):
    """Base of initializers with a seed, which is drawn at construction when none is given."""

    def __init__(self, seed: Any = None) -> None:
        self._given_seed = seed = deserialize_keras_object(seed)
        self.seed = seed if isinstance(seed, SeedGenerator) else check_seed(seed)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal initializer; a seed that was drawn stays open."""
        return {**super().get_config(), "seed": serialize_keras_object(self._given_seed)}


@builtin("initializers", "random_normal", "normal")
class RandomNormal(RandomInitializer):
    """Draws from a normal distribution.

    Args:
        mean: of the distribution.
        stddev: its standard deviation.
        seed: an integer; drawn when left out.

    Example:
        >>> RandomNormal(seed=1)((2, 3)).shape
        (2, 3)
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: Any = None) -> None:
        owner = type(self).__name__
        self.mean, self.stddev = finite(owner, "mean", mean), finite(owner, "stddev", stddev)
        super().__init__(seed)

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> jax.Array:
        """The weights for a shape."""
        return random.normal(shape, self.mean, self.stddev, dtype, self.seed)


@builtin("initializers", "truncated_normal")
class TruncatedNormal(RandomInitializer):
    """Draws from a normal distribution that is cut at two standard deviations.

    Args:
        mean: of the uncut distribution.
        stddev: its standard deviation.
        seed: an integer; drawn when left out.

    Example:
        >>> float(abs(TruncatedNormal(stddev=1.0, seed=1)((100,))).max()) <= 2
        True
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: Any = None) -> None:
        owner = type(self).__name__
        self.mean, self.stddev = finite(owner, "mean", mean), finite(owner, "stddev", stddev)
        super().__init__(seed)

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> jax.Array:
        """The weights for a shape."""
        return random.truncated_normal(shape, self.mean, self.stddev, dtype, self.seed)


@builtin("initializers", "random_uniform", "uniform")
class RandomUniform(RandomInitializer):
    """Draws from a uniform distribution.

    Args:
        minval: the lowest value.
        maxval: the bound above.
        seed: an integer; drawn when left out.

    Example:
        >>> RandomUniform(0, 1, seed=1)((2,))
        Array([0.13620758, 0.68262076], dtype=float32)
    """

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: Any = None) -> None:
        self.minval, self.maxval = finite("RandomUniform", "minval", minval), finite("RandomUniform", "maxval", maxval)
        super().__init__(seed)

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> jax.Array:
        """The weights for a shape."""
        return random.uniform(shape, self.minval, self.maxval, dtype, self.seed)


@builtin("initializers", "variance_scaling")
class VarianceScaling(RandomInitializer):
    """Draws with a variance of `scale / n`, so that signals keep their size from layer to layer.

    Args:
        scale: the variance times n.
        mode: what n is: `"fan_in"` (inputs of a unit), `"fan_out"` (outputs) or `"fan_avg"`.
        distribution: `"truncated_normal"`, `"untruncated_normal"` or `"uniform"`.
        seed: an integer; drawn when left out.
        input_axes: the axes of the shape that count inputs, where it is no usual kernel.
        output_axes: likewise for outputs; both are given, or neither counts.

    Raises:
        ArgumentError: for a scale that is not positive, another mode or distribution.

    Example:
        >>> VarianceScaling(2.0, "fan_in", "uniform", seed=1)((4, 3)).shape
        (4, 3)

    Reference:
        Glorot & Bengio, 2010, eq. 16; He et al., 2015, eq. 10; LeCun et al., 1998, eq. 16.
    """

    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        seed: Any = None,
        input_axes: Sequence[int] | None = None,
        output_axes: Sequence[int] | None = None,
    ) -> None:
        owner = type(self).__name__
        self.scale = above_zero(owner, "scale", scale)
        self.mode = one_of(owner, "mode", mode, ("fan_in", "fan_out", "fan_avg"))
        distribution = str(distribution).lower()
        distribution = "truncated_normal" if distribution == "normal" else distribution
        self.distribution = one_of(owner, "distribution", distribution, _DISTRIBUTIONS)
        self.input_axes, self.output_axes = input_axes, output_axes
        super().__init__(seed)

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> jax.Array:
        """The weights for a shape."""
        fan_in, fan_out = fans(shape, self.input_axes, self.output_axes)
        n = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        variance = self.scale / max(1.0, n)
        if self.distribution == "uniform":
            limit = math.sqrt(3.0 * variance)
            return random.uniform(shape, -limit, limit, dtype, self.seed)
        if self.distribution == "untruncated_normal":
            return random.normal(shape, 0.0, math.sqrt(variance), dtype, self.seed)
        return random.truncated_normal(shape, 0.0, math.sqrt(variance) / _CUT_STDDEV, dtype, self.seed)


def _scaled(name: str, scale: float, mode: str, distribution: str, reference: str) -> type[VarianceScaling]:
    """The class of a well-known choice of `VarianceScaling`'s arguments."""

    def __init__(self: VarianceScaling, seed: Any = None, input_axes: Any = None, output_axes: Any = None) -> None:
        VarianceScaling.__init__(self, scale, mode, distribution, seed, input_axes, output_axes)

    doc = f"""`VarianceScaling` with scale {scale}, mode {mode!r} and distribution {distribution!r}.

    Args:
        seed: an integer; drawn when left out.
        input_axes: as for `VarianceScaling`.
        output_axes: likewise.

    Reference:
        {reference}
    """
    members = {"__init__": __init__, "__doc__": doc, "__module__": __name__}
    return builtin("initializers", to_snake_case(name))(type(name, (VarianceScaling,), members))


_GLOROT = "Glorot & Bengio, 2010, eq. 16."
_HE = "He et al., 2015, eq. 10."
_LECUN = "LeCun et al., 1998, eq. 16."
GlorotUniform = _scaled("GlorotUniform", 1.0, "fan_avg", "uniform", _GLOROT)
GlorotNormal = _scaled("GlorotNormal", 1.0, "fan_avg", "truncated_normal", _GLOROT)
HeUniform = _scaled("HeUniform", 2.0, "fan_in", "uniform", _HE)
HeNormal = _scaled("HeNormal", 2.0, "fan_in", "truncated_normal", _HE)
LecunUniform = _scaled("LecunUniform", 1.0, "fan_in", "uniform", _LECUN)
LecunNormal = _scaled("LecunNormal", 1.0, "fan_in", "truncated_normal", _LECUN)


@builtin("initializers", "orthogonal", "OrthogonalInitializer")
class Orthogonal(RandomInitializer):
    """A random matrix whose rows or columns are orthonormal, times `gain`.

    Args:
        gain: a factor.
        seed: an integer; drawn when left out.

    Raises:
        ShapeError: when called for a shape with fewer than two axes.

    Example:
        >>> q = Orthogonal(seed=1)((3, 2))
        >>> (q.T @ q).round(3) + 0
        Array([[1., 0.],
               [0., 1.]], dtype=float32)

    Reference:
        Saxe et al., 2013, "Exact solutions to the nonlinear dynamics of learning in deep linear networks".
    """

    def __init__(self, gain: float = 1.0, seed: Any = None) -> None:
        self.gain = finite("Orthogonal", "gain", gain)
        super().__init__(seed)

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> jax.Array:
        """The weights for a shape; all axes but the last count as rows."""
        shape = as_shape(shape)
        if len(shape) < 2:
            raise ShapeError(f"Orthogonal needs a shape with at least two axes. Received: shape={shape}")
        rows, columns = math.prod(shape[:-1]), shape[-1]
        tall = (max(rows, columns), min(rows, columns))
        # LAPACK does not know 16 bits; the variable converts to its own dtype.
        dtype = "float32" if str(dtype) in ("float16", "bfloat16") else dtype
        q, r = _qr(np.asarray(random.normal(tall, dtype=dtype, seed=self.seed)))
        q = q * np.sign(np.diag(r))  # makes the draw uniform over all such matrices
        return self.gain * on_device(np.reshape(q.T if rows < columns else q, shape))


def _qr(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    # The routine that JAX calls on CPU too, without a program for each shape. Few ask for it, and SciPy's
    # import takes a while.
    from scipy.linalg import qr

    found: Any = qr(matrix, mode="economic")
    return found[0], found[1]


def fans(
    shape: Sequence[int], input_axes: Sequence[int] | None = None, output_axes: Sequence[int] | None = None
) -> tuple[int, int]:
    """How many inputs and outputs a unit has, for a kernel of this shape.

    Args:
        shape: of the kernel.
        input_axes: the axes that count inputs, if both are given; else the last axis counts outputs, the one
            before it inputs, and the others the places that a kernel of a convolution looks at.
        output_axes: the axes that count outputs.

    Example:
        >>> fans((784, 300)), fans((3, 3, 16, 32))
        ((784, 300), (144, 288))
    """
    shape = as_shape(shape)
    if input_axes is not None and output_axes is not None:
        return math.prod(shape[axis] for axis in input_axes), math.prod(shape[axis] for axis in output_axes)
    if len(shape) < 2:
        n = shape[0] if shape else 1
        return n, n
    receptive = math.prod(shape[:-2])
    return shape[-2] * receptive, shape[-1] * receptive
