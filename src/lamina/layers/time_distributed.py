"""TimeDistributed: one layer for each step of a sequence."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.errors import ShapeError
from lamina.core.serialization import builtin
from lamina.layers.calling import call_signature
from lamina.layers.input_spec import describe
from lamina.layers.wrapper import Wrapper


@builtin("layers")
class TimeDistributed(Wrapper):
    """Applies a layer to each step of sequences, with the same weights.

    Args:
        layer: what is applied.
        **kwargs: as for every layer.

    Raises:
        ArgumentError: if `layer` is no layer.
        ShapeError: when called on inputs without steps, or with a mask that does not fit.

    Example:
        >>> from lamina.layers.dense import Dense
        >>> TimeDistributed(Dense(2))(jnp.ones((3, 5, 4))).shape
        (3, 5, 2)
    """

    row_independent = True  # the layer inside is asked, too
    supports_masking = True

    def build(self, input_shape: Any) -> None:
        """Builds the layer for one step.

        Args:
            input_shape: of the inputs, `(batch, steps, ...)`.
        """
        super().build(self._step_shape(input_shape))

    def _step_shape(self, shape: Any) -> tuple[int | None, ...]:
        if len(shape) < 3:
            raise ShapeError(
                f"TimeDistributed '{self.name}' takes inputs (batch, steps, ...) with at least 3 axes, but got the "
                f"shape {tuple(shape)}.",
                hint="a layer without TimeDistributed treats each row of a matrix for itself.",
            )
        return (shape[0], *shape[2:])

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> jax.Array:
        """The outputs of the layer for each step.

        Args:
            inputs: `(batch, steps, ...)`.
            training: handed on to the layer.
            mask: `(batch, steps, ...)`, handed on to the layer.
        """
        if mask is not None and (mask.ndim < 2 or mask.shape[:2] != inputs.shape[:2]):
            raise ShapeError(
                f"TimeDistributed '{self.name}' takes masks (batch, steps, ...), but got {describe(mask)} for inputs "
                f"{describe(inputs)}."
            )
        if self._treats_rows_alike():
            return self._all_at_once(inputs, training, mask)
        steps = [
            self._step(inputs[:, i], training, None if mask is None else mask[:, i]) for i in range(inputs.shape[1])
        ]
        return jnp.stack(steps, axis=1)

    def _treats_rows_alike(self) -> bool:
        """Whether steps may be rows of one large batch: nothing is drawn or counted from step to step."""
        inside = self.layer.flatten_layers()
        stateless = all(variable.made_trainable for variable in self.layer.variables)
        return stateless and all(layer.is_row_independent for layer in inside)

    def _all_at_once(self, inputs: Any, training: bool | None, mask: Any) -> jax.Array:
        batch, steps = inputs.shape[:2]
        flat = jnp.reshape(inputs, (batch * steps, *inputs.shape[2:]))
        flat_mask = None if mask is None else jnp.reshape(mask, (batch * steps, *mask.shape[2:]))
        outputs = self._step(flat, training, flat_mask)
        return jnp.reshape(outputs, (batch, steps, *outputs.shape[1:]))

    def _step(self, inputs: Any, training: bool | None, mask: Any) -> jax.Array:
        # As Keras does, without the penalties and masks that the layer would give if it were called.
        signature = call_signature(type(self.layer))
        given = {"training": training, "mask": mask}
        wanted = {n: value for n, value in given.items() if n in signature.parameters and value is not None}
        outputs = self.layer.call(inputs, **wanted)
        return outputs.astype(self.compute_dtype) if jnp.issubdtype(outputs.dtype, jnp.floating) else outputs

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        """That of the layer's outputs, with the steps behind the batch."""
        batch, *rest = self.layer.compute_output_shape(self._step_shape(input_shape))
        return (batch, input_shape[1], *rest)
