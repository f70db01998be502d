"""EinsumDense: a dense layer along axes that an equation names."""

import copy
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from lamina import activations, constraints, initializers, regularizers
from lamina.core.errors import ArgumentError, ShapeError
from lamina.core.serialization import builtin
from lamina.initializers.random import VarianceScaling
from lamina.layers.input_spec import InputSpec
from lamina.layers.layer import Layer

_FORMS = re.compile(r"(\.\.\.)?([a-zA-Z]+)(\.\.\.)?,([a-zA-Z]+)->(\.\.\.)?([a-zA-Z]+)(\.\.\.)?")


class Shapes(NamedTuple):
    """What an equation comes to for inputs of one shape.

    Attributes:
        kernel: the shape of the kernel.
        bias: that of the bias, or `None`.
        output: that of the outputs, the batch first.
        inputs: the axes of the kernel that are summed over.
        outputs: the others.
    """

    kernel: tuple[int, ...]
    bias: tuple[int, ...] | None
    output: tuple[int | None, ...]
    inputs: list[int]
    outputs: list[int]


@builtin("layers")
class EinsumDense(Layer):
    """`activation(einsum(equation, inputs, kernel) + bias)`.

    Args:
        equation: such as `"abc,cd->abd"`; `...` in front or behind stands for any axes.
        output_shape: without the batch, and without the axes that `...` stands for.
        activation: by name or as a function; none when left out.
        bias_axes: the letters of the outputs that the bias has; no bias when left out.
        kernel_initializer: of the kernel.
        bias_initializer: of the bias.
        kernel_regularizer: a penalty on the kernel.
        bias_regularizer: a penalty on the bias.
        kernel_constraint: what the kernel is brought back to after each step.
        bias_constraint: likewise for the bias.
        **kwargs: as for every layer.

    Raises:
        ArgumentError: for an equation of another form, or letters that do not go together.
        ShapeError: when built for inputs that do not fit the equation.

    Example:
        >>> layer = EinsumDense("abc,cd->abd", output_shape=(None, 5), bias_axes="d")
        >>> layer(jnp.ones((2, 3, 4))).shape
        (2, 3, 5)
    """

    row_independent = True

    def __init__(
        self,
        equation: str,
        output_shape: int | Sequence[int | None],
        activation: Any = None,
        bias_axes: str | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.equation = equation
        self.output_shape = tuple(output_shape) if isinstance(output_shape, list | tuple) else (output_shape,)
        self.activation = activations.get(activation)
        self.bias_axes = bias_axes
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        _parse(equation, bias_axes)

    @property
    def is_row_independent(self) -> bool:
        """Rows stay apart where the batch comes first in inputs and outputs."""
        left, ins, _, outs = _parse(self.equation, self.bias_axes)
        return super().is_row_independent and (left or ins[0] == outs[0])

    def build(self, input_shape: Any) -> None:
        """Makes kernel and bias.

        Args:
            input_shape: of the inputs; axes that are summed over must be known.
        """
        shapes = self._shapes(input_shape)
        if None in shapes.kernel:
            raise ShapeError(
                f"EinsumDense '{self.name}' cannot be built: inputs of shape {tuple(input_shape)} and the output_shape "
                f"{self.output_shape} leave sizes of its kernel open ({self.equation!r})."
            )
        self.kernel = self.add_weight(
            shapes.kernel,
            self._scaled_initializer(shapes),
            name="kernel",
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self.bias = None
        if shapes.bias is not None:
            self.bias = self.add_weight(
                shapes.bias,
                self.bias_initializer,
                name="bias",
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )
        self.input_spec = InputSpec(ndim=len(input_shape))

    def _scaled_initializer(self, shapes: Shapes) -> Any:
        """An initializer that scales by the number of inputs or outputs is told which axes these are."""
        chosen = self.kernel_initializer
        if not isinstance(chosen, VarianceScaling) or None not in (chosen.input_axes, chosen.output_axes):
            return chosen
        scaled = copy.copy(chosen)
        scaled.input_axes, scaled.output_axes = shapes.inputs, shapes.outputs
        return scaled

    def call(self, inputs: Any) -> jax.Array:
        """The outputs, as the equation says."""
        outputs = jnp.einsum(self.equation, self.as_floats(inputs), self.kernel.value)
        return self.activation(outputs if self.bias is None else outputs + self.bias.value)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        """As the equation and `output_shape` say."""
        return self._shapes(input_shape).output

    def _shapes(self, input_shape: Sequence[int | None]) -> Shapes:
        left, ins, kernel, outs = _parse(self.equation, self.bias_axes)
        rest = len(input_shape) - len(ins)
        front = tuple(input_shape[:rest]) if left else ()
        behind = () if left else tuple(input_shape[len(ins) :])
        wanted = self.output_shape if front else (input_shape[0], *self.output_shape)
        if rest < 0 or (rest and "..." not in self.equation) or len(wanted) != len(outs):
            raise ShapeError(
                f"EinsumDense '{self.name}': inputs of shape {tuple(input_shape)} and the output_shape "
                f"{self.output_shape} (without the batch) do not fit the equation {self.equation!r}."
            )
        sizes: dict[str, Any] = dict(zip(ins, input_shape[len(front) :], strict=False))
        for letter, size in zip(outs, wanted, strict=True):
            if None not in (size, sizes.get(letter)) and size != sizes[letter]:
                raise ShapeError(
                    f"EinsumDense '{self.name}': axis '{letter}' of {self.equation!r} is {sizes[letter]} in the "
                    f"inputs, but {size} in output_shape={self.output_shape}."
                )
            sizes[letter] = sizes.get(letter) if size is None else size
        return Shapes(
            tuple(sizes[letter] for letter in kernel),  # type: ignore[misc]
            self._bias_shape(outs, sizes, len(behind)),
            (*front, *(sizes[letter] for letter in outs), *behind),
            [i for i, letter in enumerate(kernel) if letter not in outs],
            [i for i, letter in enumerate(kernel) if letter in outs],
        )

    def _bias_shape(self, outs: str, sizes: dict[str, Any], behind: int) -> tuple[int, ...] | None:
        if self.bias_axes is None:
            return None
        first = min(outs.index(letter) for letter in self.bias_axes)
        return (*(sizes[letter] if letter in self.bias_axes else 1 for letter in outs[first:]), *(1,) * behind)


def _parse(equation: str, bias_axes: str | None) -> tuple[bool, str, str, str]:
    """Whether there are dots in front; the letters of inputs, kernel and outputs."""
    match = _FORMS.fullmatch(equation.replace(" ", "")) if isinstance(equation, str) else None
    before, ins, behind, kernel, out_before, outs, out_behind = match.groups() if match else (None,) * 7
    if match is None or before != out_before or behind != out_behind or (before and behind):
        raise ArgumentError(
            f"EinsumDense: {equation!r} is no equation that it can take.",
            hint="the forms are 'ab,bc->ac', '...b,bc->...c' and 'ab...,bc->ac...'.",
        )
    assert ins is not None
    assert kernel is not None
    assert outs is not None
    for letter in outs:
        if letter not in ins + kernel:
            raise ArgumentError(f"EinsumDense: the letter {letter!r} comes out of {equation!r}, but does not go in.")
    for letter in kernel:
        if letter not in ins + outs:
            raise ArgumentError(
                f"EinsumDense: the letter {letter!r} of the kernel in {equation!r} stands nowhere else."
            )
    for letter in bias_axes or "":
        if letter not in outs:
            raise ArgumentError(f"EinsumDense: bias_axes={bias_axes!r} names {letter!r}, no axis of {outs!r}.")
    return before is not None, ins, kernel, outs
