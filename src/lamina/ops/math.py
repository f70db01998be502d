"""The functions of `keras.ops` that Keras counts as mathematics: special ones, and those of signals."""

from lamina.ops import signals, special
from lamina.ops.signals import *  # noqa: F403
from lamina.ops.special import *  # noqa: F403

# Two that Keras counts among those of networks.
__all__ = sorted({*signals.__all__, *special.__all__} - {"polar", "psnr"})
