"""Layers around a layer."""

from typing import Any

from lamina.core.errors import ArgumentError
from lamina.core.serialization import builtin, deserialize_keras_object
from lamina.layers.calling import infer_call
from lamina.layers.layer import Layer


@builtin("layers")
class Wrapper(Layer):
    """Base of layers that do something with another layer.

    Args:
        layer: what is wrapped.
        **kwargs: as for every layer.

    Raises:
        ArgumentError: if `layer` is none.
    """

    def __init__(self, layer: Layer, **kwargs: Any) -> None:
        if not isinstance(layer, Layer):
            raise ArgumentError(f"{type(self).__name__} wraps a layer. Received: layer={layer!r}")
        super().__init__(**kwargs)
        self.layer = layer

    def build(self, input_shape: Any) -> None:
        """Builds the wrapped layer, if it is not built yet.

        Args:
            input_shape: of its inputs.
        """
        if not self.layer.built:
            self.layer.build(input_shape)

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Symbolic tensors with the shapes and dtypes of the outputs."""
        return infer_call(self, args, kwargs)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """The layer with this config."""
        return super().from_config({**config, "layer": deserialize_keras_object(config["layer"])})
