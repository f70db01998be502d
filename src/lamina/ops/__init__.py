"""`keras.ops`: pure functions of arrays, which draw a graph when called on symbolic tensors."""

from lamina.ops import core, linalg, nn, numpy
from lamina.ops.core import *  # noqa: F403
from lamina.ops.linalg import *  # noqa: F403
from lamina.ops.nn import *  # noqa: F403
from lamina.ops.numpy import *  # noqa: F403

__all__ = sorted({*core.__all__, *linalg.__all__, *nn.__all__, *numpy.__all__})
