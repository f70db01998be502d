"""What a layer accepts, and the check of a call against it."""

from collections.abc import Sequence
from typing import Any

import jax

from lamina.core.errors import ShapeError


class InputSpec:
    """The rank, shape or axes that a layer wants of an input.

    Args:
        dtype: kept for Keras's sake; layers convert what they are given.
        shape: with `None` for axes of any size.
        ndim: the exact number of axes.
        max_ndim: at most so many.
        min_ndim: at least so many.
        axes: from axis to size.
        optional: whether `None` may stand for the input.

    Example:
        >>> InputSpec(min_ndim=2, axes={-1: 784})
        InputSpec(min_ndim=2, axes={-1: 784})
    """

    def __init__(
        self,
        dtype: Any = None,
        shape: Sequence[int | None] | None = None,
        ndim: int | None = None,
        max_ndim: int | None = None,
        min_ndim: int | None = None,
        axes: dict[int, int | None] | None = None,
        allow_last_axis_squeeze: bool = False,
        optional: bool = False,
    ) -> None:
        self.dtype = dtype
        self.shape = None if shape is None else tuple(shape)
        self.ndim = len(self.shape) if self.shape is not None else ndim
        self.max_ndim = max_ndim
        self.min_ndim = min_ndim
        self.axes = {int(axis): size for axis, size in (axes or {}).items()}
        self.allow_last_axis_squeeze = allow_last_axis_squeeze
        self.optional = optional

    def __repr__(self) -> str:
        shown = {k: v for k, v in vars(self).items() if v not in (None, {}, False)}
        return f"InputSpec({', '.join(f'{k}={v}' for k, v in shown.items())})"

    def fault(self, shape: Sequence[int | None]) -> str | None:
        """What is wrong with `shape`, in words, or `None`."""
        rank = len(shape)
        if self.shape is not None:
            pairs = zip(self.shape, shape, strict=False)
            fits = rank == len(self.shape) and all(a is None or b is None or a == b for a, b in pairs)
            return None if fits else f"inputs of shape {self.shape}"
        if self.ndim is not None and rank != self.ndim:
            return f"inputs with {self.ndim} axes"
        if self.max_ndim is not None and rank > self.max_ndim:
            return f"inputs with at most {self.max_ndim} axes"
        if self.min_ndim is not None and rank < self.min_ndim:
            return f"inputs with at least {self.min_ndim} axes"
        for axis, size in self.axes.items():
            if size is not None and -rank <= axis < rank and shape[axis] not in (size, None):
                return f"inputs with {size} features" if axis == -1 else f"inputs of size {size} along axis {axis}"
        return None


def check_input(layer: Any, inputs: Any) -> None:
    """Raises if `inputs` do not fit the `input_spec` of `layer`.

    Raises:
        ShapeError: says for what the layer was built, what it got, and what would help.
    """
    if layer.input_spec is None:
        return
    specs = jax.tree.leaves(layer.input_spec, is_leaf=lambda leaf: isinstance(leaf, InputSpec))
    tensors = jax.tree.leaves(inputs)
    if len(specs) != len(tensors):
        raise ShapeError(
            f"{_title(layer)} expects {len(specs)} {'input' if len(specs) == 1 else 'inputs'}, "
            f"but got {', '.join(describe(t) for t in tensors) or 'None'}."
        )
    for spec, tensor in zip(specs, tensors, strict=True):
        # A width that stands for many is a symbol, which fits any.
        wanted = spec.fault(tuple(size if isinstance(size, int) else None for size in tensor.shape))
        if wanted is not None:
            verb = "was built for" if layer.built else "expects"
            raise ShapeError(
                f"{_title(layer)} {verb} {wanted}, but got {describe(tensor)}.", hint=_advice(spec, tuple(tensor.shape))
            )


def describe(tensor: Any) -> str:
    """dtype and shape of a tensor, as messages show them.

    Example:
        >>> import numpy as np
        >>> describe(np.zeros((2, 3), "float32"))
        'float32[2, 3]'
    """
    return f"{tensor.dtype}{list(tensor.shape)}"


def _title(layer: Any) -> str:
    return f"{type(layer).__name__} '{layer.name}'"


def _advice(spec: InputSpec, shape: tuple[int | None, ...]) -> str:
    features = spec.axes.get(-1) or (spec.shape[-1] if spec.shape else None)
    known = [n for n in shape[1:] if n is not None]
    size = 1
    for n in known:
        size *= n
    if features is not None and len(shape) > 2 and size == features:
        return "put a Flatten layer before it."
    if len(shape) == 1:
        return "one axis is missing: a single row is x[None, :], a single feature is x[:, None]."
    return "compare the shape of the data with the input shape that the model was built with."
