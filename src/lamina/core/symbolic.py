"""Symbolic tensors: shapes and dtypes that stand for data while a graph of operations is drawn."""

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.engine import VALUE_NEEDED
from lamina.core.errors import DataDependentError
from lamina.core.functional import abstractly
from lamina.core.naming import unique_name

# Two sizes for an unknown axis, unlikely elsewhere: an output axis that differs between them is unknown too.
_PROBES = (31, 37)
_probe: ContextVar[int | None] = ContextVar("lamina_probe", default=None)  # the one in use


class SymbolicTensor:
    """A tensor without values: what `Input` returns, and layers called on it.

    Args:
        shape: with `None` for axes that are not known yet, the batch first.
        dtype: the name of a dtype.
        name: chosen when left out.

    Attributes:
        node: the call that made it, or `None`.
        index: its place among the results of that call.
    """

    def __init__(self, shape: Sequence[int | None], dtype: str = "float32", name: str | None = None) -> None:
        self.shape = tuple(shape)
        self.dtype = str(dtype)
        self.name = name or unique_name("tensor")
        self.node: Node | None = None
        self.index = 0

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    def __repr__(self) -> str:
        return f"<SymbolicTensor shape={self.shape}, dtype={self.dtype}, name={self.name}>"

    def _refuse(self, wanted: str, instead: str) -> DataDependentError:
        return DataDependentError(
            f"A symbolic tensor (shape {self.shape}) has no values yet, so it cannot be used as {wanted}.",
            hint=instead,
        )

    def __bool__(self) -> bool:
        raise self._refuse("a condition", "use lamina.ops.where or lamina.ops.cond instead of an if.")

    def __iter__(self) -> Any:
        raise self._refuse("a list", "take slices, or lamina.ops.unstack.")

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        raise self._refuse("a NumPy array", "use the functions of lamina.ops instead of NumPy's.")

    def __float__(self) -> float:
        raise self._refuse("a number", "keep calculating with lamina.ops.")

    def __int__(self) -> int:
        raise self._refuse("a number", "keep calculating with lamina.ops.")


class Node:
    """One call of an operation in a graph: what went in, and what came out.

    Args:
        operation: what was called.
        args: its positional arguments, symbolic tensors among them.
        kwargs: its keyword arguments.
        outputs: the structure of symbolic tensors that it returned.
    """

    def __init__(self, operation: Any, args: tuple[Any, ...], kwargs: dict[str, Any], outputs: Any) -> None:
        self.operation = operation
        self.args = args
        self.kwargs = kwargs
        self.outputs = outputs
        self.inputs = symbolic_leaves((args, kwargs))
        for index, tensor in enumerate(symbolic_leaves(outputs)):
            tensor.node, tensor.index = self, index


def is_symbolic(value: Any) -> bool:
    """Whether `value` is a symbolic tensor."""
    return isinstance(value, SymbolicTensor)


def symbolic_leaves(structure: Any) -> list[SymbolicTensor]:
    """The symbolic tensors in nested lists, tuples and dicts, in order."""
    if isinstance(structure, SymbolicTensor):
        return [structure]
    return [leaf for leaf in jax.tree.leaves(structure) if isinstance(leaf, SymbolicTensor)]


def known_shape(tensor: Any) -> tuple[int | None, ...]:
    """The shape of a tensor, with `None` for a batch whose size only stands for an unknown one."""
    shape = tuple(tensor.shape)
    return (None, *shape[1:]) if shape and shape[0] == _probe.get() else shape


def infer(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """What `function` would return, by tracing it with placeholders.

    Args:
        function: any function of arrays.
        *args: its arguments; symbolic tensors stand for arrays.
        **kwargs: likewise.

    Returns:
        The structure of the result with symbolic tensors in place of arrays.

    Example:
        >>> infer(lambda x: x.reshape(-1, 4), SymbolicTensor((None, 2, 2))).shape
        (None, 4)
    """
    leaves, structure = jax.tree.flatten((args, kwargs))
    unknown = any(None in leaf.shape for leaf in leaves if isinstance(leaf, SymbolicTensor))
    traced = [_trace(function, leaves, structure, size) for size in (_PROBES if unknown else (None,))]
    results, out_structure = jax.tree.flatten(traced[0])
    others = jax.tree.leaves(traced[-1])
    return jax.tree.unflatten(
        out_structure,
        [
            SymbolicTensor([a if a == b else None for a, b in zip(one.shape, two.shape, strict=True)], str(one.dtype))
            for one, two in zip(results, others, strict=True)
        ],
    )


def _trace(function: Callable[..., Any], leaves: list[Any], structure: Any, size: int | None) -> Any:
    placed = [i for i, leaf in enumerate(leaves) if isinstance(leaf, SymbolicTensor)]

    def call(*tracers: Any) -> Any:
        filled = list(leaves)
        for place, tracer in zip(placed, tracers, strict=True):
            filled[place] = tracer
        args, kwargs = jax.tree.unflatten(structure, filled)
        return jax.tree.map(jnp.asarray, abstractly(function)(*args, **kwargs))

    specs = [
        jax.ShapeDtypeStruct([size if n is None else n for n in leaves[i].shape], jnp.dtype(leaves[i].dtype))
        for i in placed
    ]
    token = _probe.set(size)
    try:
        return jax.eval_shape(call, *specs)
    except (*VALUE_NEEDED, DataDependentError):
        # Code that branches on values (it will have to run eagerly) shows its shapes for zeros.
        return call(*(jnp.zeros(spec.shape, spec.dtype) for spec in specs))
    finally:
        _probe.reset(token)
