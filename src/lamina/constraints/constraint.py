"""The contract of constraints."""

from typing import Any

from lamina.core.tracking import Trackable


class Constraint(Trackable):
    """A callable from weights to weights: what they are brought back to after each step.

    Example:
        >>> class AtMostOne(Constraint):
        ...     def __call__(self, w):
        ...         return w.clip(max=1.0)
        >>> import numpy as np
        >>> AtMostOne()(np.array([0.5, 2.0]))
        array([0.5, 1. ])
    """

    def __call__(self, w: Any) -> Any:
        """The weights, brought back."""
        raise NotImplementedError(f"{type(self).__name__} has to define __call__(self, w).")
