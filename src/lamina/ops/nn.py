"""`keras.ops.nn`: the functions of neural networks."""

from lamina.ops import activations, crossentropy, normalization
from lamina.ops.activations import *  # noqa: F403
from lamina.ops.crossentropy import *  # noqa: F403
from lamina.ops.normalization import *  # noqa: F403

__all__ = sorted({*activations.__all__, *crossentropy.__all__, *normalization.__all__})
