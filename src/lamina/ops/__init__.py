"""`keras.ops`: pure functions of arrays, which draw a graph when called on symbolic tensors."""

from lamina.ops import control_flow, core, linalg, math, nn, numpy
from lamina.ops import image as image
from lamina.ops.control_flow import *  # noqa: F403
from lamina.ops.core import *  # noqa: F403
from lamina.ops.linalg import *  # noqa: F403
from lamina.ops.math import *  # noqa: F403
from lamina.ops.nn import *  # noqa: F403
from lamina.ops.numpy import *  # noqa: F403
from lamina.ops.rearranging import rearrange as rearrange

__all__ = sorted(
    {name for face in (control_flow, core, linalg, math, nn, numpy) for name in face.__all__} | {"rearrange"}
)
