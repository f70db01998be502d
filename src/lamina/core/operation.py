"""Operations: functions of arrays that draw a graph when they are called on symbolic tensors."""

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

import jax
import jax.numpy as jnp

from lamina.core.naming import unique_name
from lamina.core.symbolic import Node, SymbolicTensor, infer, symbolic_leaves
from lamina.core.variable import Variable

F = TypeVar("F", bound=Callable[..., Any])


class FunctionOperation:
    """A plain function as a node of a graph.

    Args:
        function: a function of arrays.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.name = unique_name(function.__name__)
        self.nodes: list[Node] = []

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Applies the function, to arrays or to symbolic tensors."""
        if not symbolic_leaves((args, kwargs)):
            return self.function(*args, **kwargs)
        outputs = infer(self.function, *args, **kwargs)
        self.nodes.append(Node(self, args, kwargs, outputs))
        return outputs


def operation(function: F) -> F:
    """Lets a function of arrays be called on symbolic tensors too, and on variables.

    Example:
        >>> @operation
        ... def double(x):
        ...     return 2 * x
        >>> double(SymbolicTensor((None, 3))).shape
        (None, 3)
    """

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        if symbolic_leaves((args, kwargs)):
            return FunctionOperation(function)(*args, **kwargs)
        if any(isinstance(arg, Variable) for arg in args):
            args = tuple(arg.value if isinstance(arg, Variable) else arg for arg in args)
        return function(*args, **kwargs)

    return cast(F, wrapper)


def _operator(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def apply(*args: Any) -> Any:
        return function(*args)

    apply.__name__ = name
    return operation(apply)


def _install_operators() -> None:
    binary = {
        **{"add": jnp.add, "sub": jnp.subtract, "mul": jnp.multiply, "truediv": jnp.true_divide},
        **{"floordiv": jnp.floor_divide, "mod": jnp.mod, "pow": jnp.power, "matmul": jnp.matmul},
    }
    for name, function in binary.items():
        setattr(SymbolicTensor, f"__{name}__", _operator(name, function))
        setattr(SymbolicTensor, f"__r{name}__", _operator(name, lambda a, b, f=function: f(b, a)))
    compare = {"lt": jnp.less, "le": jnp.less_equal, "gt": jnp.greater, "ge": jnp.greater_equal}
    for name, function in {**compare, "neg": jnp.negative, "abs": jnp.abs}.items():
        setattr(SymbolicTensor, f"__{name}__", _operator(name, function))
    SymbolicTensor.__getitem__ = _operator("getitem", lambda x, index: x[index])  # type: ignore[attr-defined]
    SymbolicTensor.astype = _operator("astype", lambda x, dtype: x.astype(dtype))  # type: ignore[attr-defined]
    SymbolicTensor.reshape = _operator("reshape", lambda x, *shape: jax.numpy.reshape(x, *shape))  # type: ignore[attr-defined]


_install_operators()
