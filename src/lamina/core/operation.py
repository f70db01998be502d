"""Operations: functions of arrays that draw a graph when they are called on symbolic tensors."""

import functools
import importlib
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
        name: chosen when left out.
    """

    def __init__(self, function: Callable[..., Any], name: str | None = None) -> None:
        self.function = function
        self.name = name or unique_name(function.__name__)
        self.nodes: list[Node] = []

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Applies the function, to arrays or to symbolic tensors."""
        if not symbolic_leaves((args, kwargs)):
            return _on_values(self.function, args, kwargs)
        outputs = infer(self.function, *args, **kwargs)
        self.nodes.append(Node(self, args, kwargs, outputs))
        return outputs

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "function": _address(self.function)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        function = state["function"]
        self.__dict__.update(state, function=_at(*function) if isinstance(function, tuple) else function)


def _address(function: Callable[..., Any]) -> Any:
    """What pickle can write in place of a function: its own name leads to the `operation` that was made of it."""
    name = getattr(function, "__name__", "")
    for module in (__name__, getattr(function, "__module__", None) or __name__):
        if _at(module, name) is function:
            return module, name
    return function


def _at(module: str, name: str) -> Any:
    found = OPERATORS.get(name) if module == __name__ else getattr(importlib.import_module(module), name, None)
    return getattr(found, "__wrapped__", None)


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
        return _on_values(function, args, kwargs)

    return cast(F, wrapper)


def _on_values(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Calls `function` with the values of the variables among its arguments, in lists and by keyword too."""
    if any(isinstance(leaf, Variable) for leaf in jax.tree.leaves((args, kwargs))):
        args, kwargs = jax.tree.map(lambda leaf: leaf.value if isinstance(leaf, Variable) else leaf, (args, kwargs))
    return function(*args, **kwargs)


def _operator(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """An operator of symbolic tensors, named as the operation is in summaries."""

    def apply(*args: Any) -> Any:
        return function(*args)

    apply.__name__ = name
    return operation(apply)


def _get_item(x: Any, key: Any) -> Any:
    # A key of slices comes back from JSON as a list.
    return x[tuple(key) if isinstance(key, list) else key]


# From Python's name of an operator to NumPy's.
_BINARY = {
    **{"add": "add", "sub": "subtract", "mul": "multiply", "truediv": "true_divide", "floordiv": "floor_divide"},
    **{"mod": "mod", "pow": "power", "matmul": "matmul"},
}
_OTHERS = {
    **{"lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal"},
    **{"neg": "negative", "abs": "absolute"},
}

# By the name that the operation has in summaries and configs.
OPERATORS: dict[str, Callable[..., Any]] = {
    **{name: _operator(name, getattr(jnp, name)) for name in (*_BINARY.values(), *_OTHERS.values())},
    "get_item": _operator("get_item", _get_item),
    "cast": _operator("cast", lambda x, dtype: x.astype(dtype)),
    "reshape": _operator("reshape", jnp.reshape),
}


def _swapped(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda a, b: function(b, a)


def _reshape(x: Any, *shape: Any) -> Any:
    return OPERATORS["reshape"](x, shape[0] if len(shape) == 1 else shape)


def _install_operators() -> None:
    methods = {f"__{short}__": OPERATORS[name] for short, name in {**_BINARY, **_OTHERS}.items()}
    methods |= {f"__r{short}__": _swapped(OPERATORS[name]) for short, name in _BINARY.items()}
    methods |= {"__getitem__": OPERATORS["get_item"], "astype": OPERATORS["cast"], "reshape": _reshape}
    for name, method in methods.items():
        setattr(SymbolicTensor, name, method)


_install_operators()
