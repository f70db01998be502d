"""Dense: every output is connected to every input."""

from typing import Any

import jax

from lamina import activations, constraints, initializers, regularizers
from lamina.core.errors import ShapeError
from lamina.core.serialization import builtin
from lamina.core.validate import positive_int
from lamina.layers.input_spec import InputSpec
from lamina.layers.layer import Layer
from lamina.ops.affine import affine


@builtin("layers")
class Dense(Layer):
    """`activation(inputs @ kernel + bias)`, along the last axis.

    Args:
        units: the number of outputs.
        activation: by name or as a function; none when left out.
        use_bias: whether to add a bias.
        kernel_initializer: of the kernel `(features, units)`.
        bias_initializer: of the bias `(units,)`.
        kernel_regularizer: a penalty on the kernel.
        bias_regularizer: a penalty on the bias.
        activity_regularizer: a penalty on the outputs.
        kernel_constraint: what the kernel is brought back to after each step.
        bias_constraint: likewise for the bias.
        **kwargs: as for every layer.

    Raises:
        ArgumentError: if `units` is not a positive integer.
        UnknownNameError: for an unknown activation, initializer, regularizer or constraint.

    Example:
        >>> import numpy as np
        >>> layer = Dense(2, kernel_initializer="ones")
        >>> layer(np.array([[1, 2, 3]], "float32"))
        Array([[6., 6.]], dtype=float32)
    """

    row_independent = True
    supports_masking = True

    def __init__(
        self,
        units: int,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.units = positive_int("Dense", "units", units)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.input_spec = InputSpec(min_ndim=2)

    def build(self, input_shape: Any) -> None:
        """Makes kernel and bias.

        Args:
            input_shape: of the inputs; the last axis must be known.
        """
        features = input_shape[-1]
        if features is None:
            raise ShapeError(
                f"Dense '{self.name}' cannot be built: the last axis of its inputs is unknown, shape {input_shape}.",
                hint="give the number of features in the model's input shape.",
            )
        self.kernel = self.add_weight(
            (features, self.units),
            self.kernel_initializer,
            name="kernel",
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self.bias = (
            self.add_weight(
                (self.units,),
                self.bias_initializer,
                name="bias",
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )
            if self.use_bias
            else None
        )
        self.input_spec = InputSpec(min_ndim=2, axes={-1: features})

    def call(self, inputs: Any, training: bool | None = None) -> jax.Array:
        """Computes the outputs `(..., units)` for inputs `(..., features)`."""
        del training
        return self.activation(affine(inputs, self.kernel.value, None if self.bias is None else self.bias.value))

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        """The shape of the inputs with the last axis replaced by `units`."""
        return (*input_shape[:-1], self.units)
