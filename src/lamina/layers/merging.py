"""Layers that make one tensor of several: Add, Concatenate and their kin."""

import functools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from lamina.core.errors import ShapeError
from lamina.core.masking import mask_of
from lamina.core.serialization import builtin
from lamina.core.symbolic import SymbolicTensor
from lamina.layers.calling import infer_call
from lamina.layers.input_spec import describe
from lamina.layers.layer import Layer


class Merge(Layer):
    """Base of layers that combine a list of tensors entry by entry."""

    row_independent = True
    supports_masking = True

    def merge(self, inputs: Sequence[Any]) -> jax.Array:
        """The combination of at least two tensors."""
        raise NotImplementedError(f"{type(self).__name__} has to define merge(self, inputs).")

    def call(self, inputs: Sequence[Any]) -> jax.Array:
        """Combines the tensors of a list."""
        if not isinstance(inputs, list | tuple) or len(inputs) < 1:
            raise ShapeError(f"{type(self).__name__} '{self.name}' is called on a list of tensors.")
        return self.merge(list(inputs))

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """The symbolic result; shapes that do not fit are named with the layers that they come from."""
        try:
            return infer_call(self, args, kwargs)
        except (TypeError, ValueError) as error:
            if isinstance(error, ShapeError):
                raise
            raise ShapeError(
                f"{type(self).__name__} '{self.name}' cannot combine {' and '.join(origin(t) for t in args[0])}.",
                hint=self.advice,
            ) from None

    advice = "the shapes must be equal, or 1 where they differ."


class ElementwiseMerge(Merge):
    """Base of layers that calculate entry by entry; features of fewer axes serve all steps."""

    def call(self, inputs: Sequence[Any]) -> jax.Array:
        """Combines the tensors of a list."""
        if isinstance(inputs, list | tuple):
            ranks = [x.ndim for x in inputs]
            rows = {x.shape[0] for x in inputs if x.ndim}
            if len(rows) > 1:
                raise ShapeError(
                    f"{type(self).__name__} '{self.name}' cannot combine {' and '.join(origin(x) for x in inputs)}: "
                    "they have different numbers of rows."
                )
            if len(set(ranks)) > 1:
                inputs = [jnp.expand_dims(x, tuple(range(1, 1 + max(ranks) - x.ndim))) for x in inputs]
        return super().call(inputs)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """True where any input counts, if all have masks."""
        del inputs
        if previous_mask is None or any(mask is None for mask in previous_mask):
            return None
        return functools.reduce(jnp.logical_or, previous_mask)


def origin(tensor: Any) -> str:
    """A tensor as messages show it: the layer it comes from, and its shape."""
    if isinstance(tensor, SymbolicTensor) and tensor.node is not None:
        return f"'{tensor.node.operation.name}' {tensor.shape}"
    return describe(tensor)


def _folded(name: str, summary: str, fold: Callable[[Sequence[Any]], Any]) -> type[Merge]:
    """The layer that combines its inputs with a function of all."""

    def merge(self: Merge, inputs: Sequence[Any]) -> jax.Array:
        return fold(inputs)

    doc = f"""{summary}

    Args:
        **kwargs: as for every layer.
    """
    return builtin("layers")(type(name, (ElementwiseMerge,), {"merge": merge, "__doc__": doc, "__module__": __name__}))


def _product(one: "_Masked", two: "_Masked") -> "_Masked":
    """What is masked counts as 1, and is 0 where all is masked."""
    a, b = (x.values if x.mask is None else jnp.where(x.mask, x.values, 1) for x in (one, two))
    both = _either(one, two)
    return _Masked(a * b if both is None else jnp.where(both, a * b, 0), both)


def _extreme(function: Callable[[Any, Any], Any]) -> Callable[["_Masked", "_Masked"], "_Masked"]:
    """The larger or smaller of what is not masked."""

    def choose(one: "_Masked", two: "_Masked") -> "_Masked":
        b = two.values if two.mask is None else jnp.where(two.mask, two.values, one.values)
        a = one.values if one.mask is None else jnp.where(one.mask, one.values, b)
        return _Masked(function(a, b), _either(one, two))

    return choose


class _Masked(NamedTuple):
    """A tensor and its mask, of the same shape."""

    values: Any
    mask: Any


def _either(one: _Masked, two: _Masked) -> Any:
    return None if one.mask is None or two.mask is None else one.mask | two.mask


def _with_mask(tensor: Any) -> _Masked:
    mask = mask_of(tensor)
    if mask is None:
        return _Masked(tensor, None)
    return _Masked(
        tensor, jnp.broadcast_to(jnp.reshape(mask, mask.shape + (1,) * (tensor.ndim - mask.ndim)), tensor.shape)
    )


def _masked_fold(combine: Callable[[_Masked, _Masked], _Masked]) -> Callable[[Sequence[Any]], Any]:
    def fold(inputs: Sequence[Any]) -> Any:
        return inputs[0] if len(inputs) == 1 else functools.reduce(combine, map(_with_mask, inputs)).values

    return fold


def _fold(function: Callable[[Any, Any], Any]) -> Callable[[Sequence[Any]], Any]:
    return functools.partial(functools.reduce, function)


Add = _folded("Add", "The sum of several tensors.", _fold(jnp.add))
Multiply = _folded(
    "Multiply", "The product of several tensors; entries that are masked are left out.", _masked_fold(_product)
)
Maximum = _folded(
    "Maximum",
    "The largest of several tensors, entry by entry, masked ones left out.",
    _masked_fold(_extreme(jnp.maximum)),
)
Minimum = _folded(
    "Minimum",
    "The smallest of several tensors, entry by entry, masked ones left out.",
    _masked_fold(_extreme(jnp.minimum)),
)


@builtin("layers")
class Subtract(ElementwiseMerge):
    """The first of two tensors minus the second.

    Args:
        **kwargs: as for every layer.

    Example:
        >>> Subtract()([jnp.array([3.0]), jnp.array([1.0])])
        Array([2.], dtype=float32)
    """

    def merge(self, inputs: Sequence[Any]) -> jax.Array:
        """The difference."""
        if len(inputs) != 2:
            raise ShapeError(f"Subtract '{self.name}' takes two tensors, but got {len(inputs)}.")
        return inputs[0] - inputs[1]


@builtin("layers")
class Average(ElementwiseMerge):
    """The mean of several tensors.

    Args:
        **kwargs: as for every layer.

    Example:
        >>> Average()([jnp.array([3.0]), jnp.array([1.0])])
        Array([2.], dtype=float32)
    """

    def merge(self, inputs: Sequence[Any]) -> jax.Array:
        """The mean."""
        return functools.reduce(jnp.add, inputs) / len(inputs)


@builtin("layers")
class Concatenate(Merge):
    """Several tensors, one behind the other.

    Args:
        axis: along which they are joined; all other axes have equal sizes.
        **kwargs: as for every layer.

    Example:
        >>> Concatenate()([jnp.ones((1, 2)), jnp.zeros((1, 1))])
        Array([[1., 1., 0.]], dtype=float32)
    """

    advice = "all axes but the one that is joined must have equal sizes."

    def __init__(self, axis: int = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis

    @property
    def is_row_independent(self) -> bool:
        """Rows stay apart unless they are what is joined."""
        return super().is_row_independent and self.axis != 0

    def merge(self, inputs: Sequence[Any]) -> jax.Array:
        """The joined tensor."""
        return jnp.concatenate(inputs, axis=self.axis)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """The joined masks, if there are any; an input without one counts everywhere."""
        if previous_mask is None or all(mask is None for mask in previous_mask):
            return None
        masks = []
        for tensor, mask in zip(inputs, previous_mask, strict=True):
            mask = jnp.ones(tensor.shape, bool) if mask is None else mask
            masks.append(jnp.broadcast_to(mask[..., None], tensor.shape) if mask.ndim < tensor.ndim else mask)
        return jnp.any(jnp.concatenate(masks, axis=self.axis), axis=-1)


def _function(layer: type[Merge]) -> Callable[..., Any]:
    def merge(inputs: Sequence[Any], **kwargs: Any) -> Any:
        return layer(**kwargs)(inputs)

    merge.__name__ = merge.__qualname__ = layer.__name__.lower()
    merge.__doc__ = f"`{layer.__name__}` as a function of a list of tensors."
    return merge


add, subtract, multiply, average = _function(Add), _function(Subtract), _function(Multiply), _function(Average)
maximum, minimum, concatenate = _function(Maximum), _function(Minimum), _function(Concatenate)
