"""Programs that were traced for symbolic widths, run on arrays that are padded to larger ones.

A program is traced once with symbols for the sizes in which members differ, so its equations say of each axis which
width it is. Along such an axis the first entries are true, and what follows is padding. Operations that treat entries
one by one need not care; those that bring together entries along an axis, such as sums, get zeros there (or what is
neutral to them); and where the program asks for the size it gets the true one. So the true entries are what they would
be without padding. Padding that is known to be zero is left alone, which is most of it. A program that does anything
else with a symbolic axis is refused.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import lax

from lamina.core import equations
from lamina.core.engine import is_traced
from lamina.core.errors import LaminaError


class CannotPadError(LaminaError):
    """A program does something with a symbolic axis that padding would change."""


class Padded(NamedTuple):
    """A value within a program.

    Attributes:
        value: of the padded shape.
        zero: the axes along which padding is known to be zero.
        even: the axes along which all entries are alike.
    """

    value: Any
    zero: frozenset[int] = frozenset()
    even: frozenset[int] = frozenset()


class Widths(NamedTuple):
    """What the symbols stand for.

    Attributes:
        room: the padded sizes, by the names of the symbols.
        true: the sizes of the member, which the program takes as arguments.
    """

    room: dict[str, int]
    true: dict[str, Any]

    def shape(self, shape: Sequence[Any]) -> tuple[int, ...]:
        """The padded shape of a symbolic one.

        Raises:
            CannotPadError: for a size that is calculated from symbols: what is true is not its beginning.
        """
        return tuple(int(size) if isinstance(size, int | np.integer) else self._room(size) for size in shape)

    def _room(self, size: Any) -> int:
        if str(size) not in self.room:
            raise CannotPadError(f"A program has an axis of size {size}, which cannot be padded.")
        return self.room[str(size)]

    def is_true(self, shape: Sequence[Any], axis: int) -> Any:
        """A mask of the padded shape: where an axis is not padding."""
        return lax.broadcasted_iota(np.int32, self.shape(shape), axis) < self.true[str(shape[axis])]


def symbolic_axes(shape: Sequence[Any]) -> list[int]:
    """The axes that have a symbol for a size."""
    return [axis for axis, size in enumerate(shape) if not isinstance(size, int | np.integer)]


def masked(operand: Padded, shape: Sequence[Any], axes: Sequence[int], widths: Widths, neutral: Any = 0) -> Any:
    """A value whose padding along some axes is replaced.

    Args:
        operand: the value.
        shape: its symbolic one.
        axes: along which it matters.
        widths: what the symbols stand for.
        neutral: what to replace it by.
    """
    value = operand.value
    for axis in symbolic_axes(shape):
        if axis in axes and not (neutral == 0 and axis in operand.zero):
            value = jnp.where(widths.is_true(shape, axis), value, jnp.asarray(neutral, value.dtype))
    return value


def evaluate(jaxpr: Any, consts: Sequence[Any], args: Sequence[Padded], widths: Widths) -> list[Padded]:
    """The results of a program.

    Args:
        jaxpr: traced for symbolic widths.
        consts: its constants.
        args: its arguments, padded.
        widths: what the symbols stand for.

    Raises:
        CannotPadError: if it does something that padding would change.
    """
    run = partial(_run, widths=widths)
    return equations.evaluate(jaxpr, consts, args, run, constant=_plain)


def _plain(value: Any) -> Padded:
    """A constant."""
    is_zero = np.ndim(value) == 0 and not is_traced(value) and not value
    return Padded(value, frozenset([_EVERYWHERE]) if is_zero else frozenset())


# Stands among the axes of a number that is zero: what is made by repeating it is zero along all axes.
_EVERYWHERE = -1


def _run(equation: Any, operands: list[Padded], widths: Widths) -> list[Padded]:
    name = equation.primitive.name
    rule = _RULES.get(name)
    shapes = [atom.aval.shape for atom in (*equation.invars, *equation.outvars)]
    if rule is not None and (name in _ALWAYS or any(symbolic_axes(shape) for shape in shapes)):
        return rule(equation, operands, widths)
    if any(symbolic_axes(shape) for shape in shapes):
        raise CannotPadError(f"A program has the operation {name!r} along an axis of many sizes, which has no rule.")
    return [Padded(result) for result in equations.bind(equation, [operand.value for operand in operands])]


# -- rules: from an equation, its operands and the widths to the results -----------------------------------------------

_Rule = Callable[[Any, list[Padded], Widths], list[Padded]]
_RULES: dict[str, _Rule] = {}
# What has to be looked into, or knows symbols, though no operand has a symbolic axis.
_ALWAYS = equations.CALLS | {"dim_as_value", "broadcast_in_dim", "iota"}


def _for(*names: str) -> Callable[[_Rule], _Rule]:
    def register(rule: _Rule) -> _Rule:
        _RULES.update(dict.fromkeys(names, rule))
        return rule

    return register


def _bind(equation: Any, values: Sequence[Any]) -> Any:
    """The one result of an equation."""
    (result,) = equations.bind(equation, values)
    return result


def _shape_of(atom: Any) -> tuple[Any, ...]:
    return tuple(atom.aval.shape)


def _clean(operand: Padded, axis: int) -> bool:
    return axis in operand.zero or _EVERYWHERE in operand.zero


def _even(operand: Padded, axis: int) -> bool:
    return axis in operand.even or np.ndim(operand.value) == 0


# Entry by entry: of zeros they make zeros; …
_KEEP_ZERO = (
    *("neg", "sign", "floor", "ceil", "round", "tanh", "sin", "tan", "asin", "atan", "sinh", "asinh", "atanh", "erf"),
    *("erf_inv", "expm1", "log1p", "sqrt", "cbrt", "abs", "square", "real", "imag", "convert_element_type", "copy"),
    *("copy_p", "reduce_precision", "add", "add_any", "sub", "max", "min", "and", "or", "xor"),
)
# … or if one is zero, and the other the same for all entries; …
_SCALE = ("mul", "div", "rem", "shift_left", "shift_right_logical", "shift_right_arithmetic")
# … or they make something else.
_OTHER = (
    *("exp", "exp2", "log", "cos", "acos", "cosh", "acosh", "logistic", "erfc", "lgamma", "digamma", "rsqrt"),
    *("integer_pow", "pow", "nextafter", "atan2", "not", "eq", "ne", "lt", "le", "gt", "ge", "is_finite", "clamp"),
    *("bitcast_convert_type", "population_count", "stop_gradient", "select_n"),
)


@_for(*_KEEP_ZERO, *_SCALE, *_OTHER)
def _entrywise(equation: Any, operands: list[Padded], widths: Widths) -> list[Padded]:
    del widths
    name = equation.primitive.name
    axes = range(len(_shape_of(equation.outvars[0])))
    zero: set[int] = set()
    for axis in axes:
        clean = [_clean(operand, axis) for operand in operands]
        if name in _KEEP_ZERO or name == "mul":
            is_zero = all(clean)
        elif name == "select_n":
            is_zero = all(clean[1:])
        else:
            is_zero = name == "integer_pow" and clean[0] and equation.params["y"] > 0
        if name in _SCALE:
            pairs = [(0, 1), (1, 0)] if name == "mul" else [(0, 1)]
            is_zero |= any(clean[one] and _even(operands[other], axis) for one, other in pairs)
        if is_zero:
            zero.add(axis)
    even = frozenset(axis for axis in axes if all(_even(operand, axis) for operand in operands))
    return [Padded(_bind(equation, [operand.value for operand in operands]), frozenset(zero), even)]


@_for("dot_general")
def _dot(equation: Any, operands: list[Padded], widths: Widths) -> list[Padded]:
    (contracted, batched) = equation.params["dimension_numbers"]
    shapes = [_shape_of(atom) for atom in equation.invars]
    values = [masked(*each, widths) for each in zip(operands, shapes, contracted, strict=True)]
    free = [
        [axis for axis in range(len(shape)) if axis not in (*inner, *outer)]
        for shape, inner, outer in zip(shapes, contracted, batched, strict=True)
    ]
    pairs = zip(*batched, strict=True)
    sources = [[(0, a), (1, b)] for a, b in pairs] + [[(side, axis)] for side in (0, 1) for axis in free[side]]
    zero = frozenset(
        place for place, origins in enumerate(sources) if any(_clean(operands[side], axis) for side, axis in origins)
    )
    return [Padded(_bind(equation, values), zero)]


@_for("reduce_sum", "reduce_max", "reduce_min", "reduce_prod", "reduce_and", "reduce_or", "argmax", "argmin")
def _reduce(equation: Any, operands: list[Padded], widths: Widths) -> list[Padded]:
    (operand,) = operands
    shape, axes = _shape_of(equation.invars[0]), equation.params["axes"]
    neutral = _NEUTRAL[equation.primitive.name](equation.invars[0].aval.dtype)
    value = _bind(equation, [masked(operand, shape, axes, widths, neutral)])
    kept = [axis for axis in range(len(shape)) if axis not in axes]
    zero = frozenset(place for place, axis in enumerate(kept) if _clean(operand, axis))
    sums = equation.primitive.name in ("reduce_sum", "reduce_or")
    return [Padded(value, zero if sums else frozenset(), frozenset(n for n, a in enumerate(kept) if _even(operand, a)))]


def _extreme(dtype: Any, *, most: bool) -> Any:
    if jnp.issubdtype(dtype, jnp.floating):
        return np.inf if most else -np.inf
    if jnp.issubdtype(dtype, jnp.bool_):
        return most
    return jnp.iinfo(dtype).max if most else jnp.iinfo(dtype).min


_NEUTRAL: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("reduce_sum", "reduce_or"), lambda dtype: 0),
    **dict.fromkeys(("reduce_prod", "reduce_and"), lambda dtype: 1),
    **dict.fromkeys(("reduce_max", "argmax"), partial(_extreme, most=False)),
    **dict.fromkeys(("reduce_min", "argmin"), partial(_extreme, most=True)),
}


@_for("broadcast_in_dim")
def _broadcast(equation: Any, operands: list[Padded], widths: Widths) -> list[Padded]:
    operand = operands[0]
    shape, places = widths.shape(equation.params["shape"]), [int(n) for n in equation.params["broadcast_dimensions"]]
    before = _shape_of(equation.invars[0])
    value = lax.broadcast_in_dim(operand.value, shape, places)
    spread = {place for axis, place in enumerate(places) if before[axis] == 1}
    zero = {place for axis, place in enumerate(places) if place not in spread and axis in operand.zero}
    even = {axis for axis in range(len(shape)) if axis not in places or axis in spread}
    even |= {place for axis, place in enumerate(places) if _even(operand, axis)}
    if _EVERYWHERE in operand.zero:
        zero |= set(range(len(shape)))
    return [Padded(value, frozenset(zero), frozenset(even))]


@_for("transpose")
def _transpose(equation: Any, operands: list[Padded], widths: Widths) -> list[Padded]:
    del widths
    return [_moved(_bind(equation, [operands[0].value]), operands[0], dict(enumerate(equation.params["permutation"])))]


@_for("squeeze")
def _squeeze(equation: Any, operands: list[Padded], widths: Widths) -> list[Padded]:
    del widths
    gone = equation.params["dimensions"]
    kept = [axis for axis in range(len(_shape_of(equation.invars[0]))) if axis not in gone]
    return [_moved(_bind(equation, [operands[0].value]), operands[0], dict(enumerate(kept)))]


@_for("reshape")
def _reshape(equation: Any, operands: list[Padded], widths: Widths) -> list[Padded]:
    before, after = _shape_of(equation.invars[0]), _shape_of(equation.outvars[0])
    origins = [(n, size) for n, size in enumerate(before) if size != 1]
    places = [(n, size) for n, size in enumerate(after) if size != 1]
    if [size for _, size in origins] != [size for _, size in places]:
        raise CannotPadError(f"A program gives an array of shape {before} the shape {after}, which cannot be padded.")
    value = jnp.reshape(operands[0].value, widths.shape(after))
    return [_moved(value, operands[0], {b[0]: a[0] for a, b in zip(origins, places, strict=True)})]


def _moved(value: Any, operand: Padded, origin: dict[int, int]) -> Padded:
    """A value whose axes come from those of an operand; axes that come from nowhere have one entry."""
    axes = range(np.ndim(value))
    zero = frozenset(axis for axis in axes if axis in origin and _clean(operand, origin[axis]))
    return Padded(value, zero, frozenset(axis for axis in axes if axis not in origin or _even(operand, origin[axis])))


@_for("iota")
def _iota(equation: Any, operands: list[Padded], widths: Widths) -> list[Padded]:
    if operands:
        raise CannotPadError("A program counts along an axis whose size it calculates, which cannot be padded.")
    shape, dimension = widths.shape(equation.params["shape"]), equation.params["dimension"]
    value = lax.broadcasted_iota(equation.params["dtype"], shape, dimension)
    return [Padded(value, even=frozenset(range(len(shape))) - {dimension})]


@_for("dim_as_value")
def _size(equation: Any, operands: list[Padded], widths: Widths) -> list[Padded]:
    del operands
    size = equation.params["dim"]._evaluate(widths.true)
    return [Padded(jnp.asarray(size, equation.outvars[0].aval.dtype))]


@_for("dynamic_slice")
def _dynamic_slice(equation: Any, operands: list[Padded], widths: Widths) -> list[Padded]:
    shape, sizes = _shape_of(equation.invars[0]), equation.params["slice_sizes"]
    starts = [start.value for start in operands[1:]]
    for axis in symbolic_axes(shape):
        if not isinstance(sizes[axis], int):
            raise CannotPadError("A program takes a slice of a size that it calculates, which cannot be padded.")
        # Where a slice would go beyond the end it is moved back, and the end is that of what is true.
        starts[axis] = jnp.clip(starts[axis], 0, widths.true[str(shape[axis])] - sizes[axis])
    return [Padded(lax.dynamic_slice(operands[0].value, starts, sizes))]


@_for("concatenate")
def _concatenate(equation: Any, operands: list[Padded], widths: Widths) -> list[Padded]:
    joined = equation.params["dimension"]
    if any(joined in symbolic_axes(_shape_of(atom)) for atom in equation.invars):
        raise CannotPadError("A program joins arrays along an axis of many sizes, which cannot be padded.")
    del widths
    axes = range(len(_shape_of(equation.outvars[0])))
    zero = frozenset(axis for axis in axes if all(_clean(operand, axis) for operand in operands))
    return [Padded(_bind(equation, [operand.value for operand in operands]), zero)]


@_for(*equations.CALLS, "remat", "checkpoint", "remat2")
def _inner(equation: Any, operands: list[Padded], widths: Widths) -> list[Padded]:
    return evaluate(*equations.called(equation), operands, widths)


@_for("cond")
def _cond(equation: Any, operands: list[Padded], widths: Widths) -> list[Padded]:
    index, *others = operands
    shapes = [_shape_of(atom) for atom in equation.outvars]

    def made(branch: Any) -> Callable[..., list[Any]]:
        def run(*values: Any) -> list[Any]:
            inner = [operand._replace(value=value) for operand, value in zip(others, values, strict=True)]
            found = evaluate(branch.jaxpr, branch.consts, inner, widths)
            return [masked(one, shape, range(len(shape)), widths) for one, shape in zip(found, shapes, strict=True)]

        return run

    branches = [made(branch) for branch in equation.params["branches"]]
    values = lax.switch(index.value, branches, *(operand.value for operand in others))
    return [Padded(value, frozenset(symbolic_axes(shape))) for value, shape in zip(values, shapes, strict=True)]
