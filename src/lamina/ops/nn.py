"""`keras.ops.nn`: the functions of neural networks."""

from lamina.ops import activations, crossentropy
from lamina.ops.activations import *  # noqa: F403
from lamina.ops.crossentropy import *  # noqa: F403

__all__ = sorted({*activations.__all__, *crossentropy.__all__})
