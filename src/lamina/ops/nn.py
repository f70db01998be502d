"""`keras.ops.nn`: the functions of neural networks."""

from lamina.ops import activations, attention, convolution, crossentropy, ctc, normalization, pooling
from lamina.ops.activations import *  # noqa: F403
from lamina.ops.attention import *  # noqa: F403
from lamina.ops.convolution import *  # noqa: F403
from lamina.ops.crossentropy import *  # noqa: F403
from lamina.ops.ctc import *  # noqa: F403
from lamina.ops.normalization import *  # noqa: F403
from lamina.ops.pooling import *  # noqa: F403
from lamina.ops.rearranging import depth_to_space as depth_to_space
from lamina.ops.rearranging import space_to_depth as space_to_depth
from lamina.ops.special import polar as polar
from lamina.ops.special import psnr as psnr

_FAMILIES = (activations, attention, convolution, crossentropy, ctc, normalization, pooling)

__all__ = sorted(
    {name for family in _FAMILIES for name in family.__all__} | {"depth_to_space", "polar", "psnr", "space_to_depth"}
)
