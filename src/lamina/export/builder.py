"""A graph of ONNX operators in the making, in plain Python: the package onnx is only needed to write it."""

import ast
import itertools
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np

from lamina.core.errors import ExportError


class Operator(NamedTuple):
    """One operator of the graph.

    Attributes:
        kind: its name in ONNX.
        inputs: the names of tensors; empty for one that is left out.
        outputs: likewise.
        attributes: numbers, strings, lists, NumPy dtypes, and bodies of loops.
    """

    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, Any]


class Body(NamedTuple):
    """The graph inside of a loop; it sees the tensors around it.

    Attributes:
        operators: in order.
        inputs: pairs of name and dtype.
        outputs: likewise.
        scalars: how many of the first inputs have no axes.
    """

    operators: list[Operator]
    inputs: list[tuple[str, np.dtype]]
    outputs: list[tuple[str, np.dtype]]
    scalars: int = 0


class Builder:
    """Collects operators, constants and names.

    Args:
        sizes: for each symbol in shapes, the input and its axis that tell the size.
        around: the builder of the graph that this one is inside of.
    """

    def __init__(self, sizes: dict[str, tuple[str, int]], around: "Builder | None" = None) -> None:
        self.operators: list[Operator] = []
        self._sizes = sizes
        self._dims: dict[str, str] = {}
        self.constants: dict[str, np.ndarray] = {} if around is None else around.constants
        self._known: dict[Any, str] = {} if around is None else around._known
        self._numbers = itertools.count() if around is None else around._numbers
        self.taken: set[str] = set() if around is None else around.taken
        self.place = "" if around is None else around.place  # the layer that is being translated

    def inside(self) -> "Builder":
        """A builder for the body of a loop."""
        return Builder(self._sizes, self)

    def unique(self, name: str) -> str:
        """A name that no other tensor has."""
        found = name
        while found in self.taken:
            found = f"{name}_{next(self._numbers)}"
        self.taken.add(found)
        return found

    def add(self, kind: str, *inputs: str, count: int = 1, **attributes: Any) -> Any:
        """Adds an operator.

        Args:
            kind: its name in ONNX.
            *inputs: the names of tensors.
            count: of its outputs.
            **attributes: of the operator.

        Returns:
            The name of its output; a list if there are several.
        """
        names = [self.unique(kind.lower()) for _ in range(count)]
        self.operators.append(Operator(kind, inputs, tuple(names), attributes))
        return names[0] if count == 1 else names

    def constant(self, value: Any, dtype: Any = None, name: str = "constant") -> str:
        """The name of a tensor with a fixed value; equal small ones are shared.

        Args:
            value: anything that NumPy reads as an array.
            dtype: of the tensor.
            name: to begin with.
        """
        array = np.asarray(value, dtype)
        key = (str(array.dtype), array.shape, array.tobytes()) if array.size < 64 and name == "constant" else None
        if key is None or key not in self._known:
            made = self.unique(name)
            self.constants[made] = array
            if key is None:
                return made
            self._known[key] = made
        return self._known[key]

    def like(self, aval: Any, value: Any) -> str:
        """A constant of the dtype of a traced value."""
        return self.constant(value, aval.dtype)

    def cast(self, tensor: str, dtype: Any) -> str:
        """A tensor in another dtype."""
        return self.add("Cast", tensor, to=np.dtype(dtype))

    # -- sizes that are known only when the graph runs ---------------------------------------------------------------

    def shape(self, sizes: Iterable[Any]) -> str:
        """Sizes as a tensor, int64 of one axis.

        Args:
            sizes: integers and symbolic expressions.
        """
        sizes = tuple(sizes)
        if all(is_known(size) for size in sizes):
            return self.constant([int(size) for size in sizes], np.int64)
        return self.add("Concat", *(self._size(size) for size in sizes), axis=0)

    def scalar(self, size: Any) -> str:
        """A size as a scalar tensor, int64."""
        return self.constant(int(size), np.int64) if is_known(size) else self.add("Squeeze", self._size(size))

    def _size(self, size: Any) -> str:
        """A size as an int64 tensor of one element."""
        text = str(size)
        if text not in self._dims:
            self._dims[text] = self._computed(ast.parse(text, mode="eval").body, text)
        return self._dims[text]

    def _computed(self, node: ast.AST, text: str) -> str:
        """What computes a symbolic expression such as `2*batch + 1` or `floordiv(steps, 2)`."""
        if isinstance(node, ast.Constant):
            return self.constant([node.value], np.int64)
        if isinstance(node, ast.Name):
            name, axis = self._sizes[node.id]
            return self.add("Shape", name, start=axis, end=axis + 1)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return self.add("Neg", self._computed(node.operand, text))
        if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
            return self.add(
                _ARITHMETIC[type(node.op)], self._computed(node.left, text), self._computed(node.right, text)
            )
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _FUNCTIONS:
            return self.add(_FUNCTIONS[node.func.id], *(self._computed(part, text) for part in node.args))
        raise ExportError(f"A size of {text} cannot be computed by ONNX operators.")


# Sizes are never negative, so that rounding to zero is rounding down.
_ARITHMETIC: dict[type, str] = {ast.Add: "Add", ast.Sub: "Sub", ast.Mult: "Mul", ast.BitXor: "Pow", ast.Pow: "Pow"}
_FUNCTIONS = {"floordiv": "Div", "mod": "Mod", "max": "Max", "min": "Min"}


def is_known(size: Any) -> bool:
    """Whether a size is a number, and not an expression of symbols."""
    return isinstance(size, int | np.integer)


Translator = Callable[..., Any]
TABLE: dict[str, Translator] = {}


def translates(*primitives: str) -> Callable[[Translator], Translator]:
    """Registers what translates primitives: `(builder, equation, *inputs) -> output`, or a list of outputs.

    Args:
        *primitives: their names in JAX.
    """

    def register(function: Translator) -> Translator:
        TABLE.update(dict.fromkeys(primitives, function))
        return function

    return register
