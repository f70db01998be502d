"""Layers that prepare numbers, in models or out of them."""

from typing import Any

import jax

from lamina.core.tracebacks import short_traceback
from lamina.layers.layer import Layer
from lamina.layers.preprocessing.host_layer import as_host_array


class PreparationLayer(Layer):
    """Base of layers that take numbers and nested lists, too, since data often come so."""

    @short_traceback
    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """The inputs, prepared.

        Args:
            inputs: arrays, symbolic tensors, or numbers in lists of any depth.
            *args: more arguments of `call`.
            **kwargs: likewise.

        Raises:
            DataError: for lists that differ in length.
        """
        if not any(hasattr(leaf, "shape") for leaf in jax.tree.leaves(inputs)):
            inputs = as_host_array(inputs, f"{type(self).__name__} '{self.name}'")
        return super().__call__(inputs, *args, **kwargs)
