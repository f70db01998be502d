"""The contract of regularizers."""

from typing import Any

from lamina.core.tracking import Trackable


class Regularizer(Trackable):
    """A penalty: a callable from an array to a scalar that is added to the loss.

    Example:
        >>> class Spread(Regularizer):
        ...     def __call__(self, x):
        ...         return x.max() - x.min()
        >>> import numpy as np
        >>> float(Spread()(np.array([1.0, 4.0])))
        3.0
    """

    def __call__(self, x: Any) -> Any:
        """The penalty on `x`."""
        raise NotImplementedError(f"{type(self).__name__} has to define __call__(self, x).")
