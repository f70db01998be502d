"""Primitives that compute each element for itself."""

from typing import Any

import numpy as np

from lamina.core.errors import ExportError
from lamina.export.builder import TABLE, Builder, translates

# The same operator in both languages.
_SAME = {
    **{"add": "Add", "sub": "Sub", "mul": "Mul", "div": "Div", "pow": "Pow", "neg": "Neg", "abs": "Abs"},
    **{"exp": "Exp", "log": "Log", "tanh": "Tanh", "logistic": "Sigmoid", "sqrt": "Sqrt", "erf": "Erf"},
    **{"sin": "Sin", "cos": "Cos", "tan": "Tan", "asin": "Asin", "acos": "Acos", "atan": "Atan", "sinh": "Sinh"},
    **{"cosh": "Cosh", "asinh": "Asinh", "acosh": "Acosh", "atanh": "Atanh", "floor": "Floor", "ceil": "Ceil"},
    **{"sign": "Sign", "eq": "Equal", "eq_to": "Equal", "lt": "Less", "lt_to": "Less", "gt": "Greater"},
    **{"ge": "GreaterOrEqual", "le": "LessOrEqual", "le_to": "LessOrEqual"},
}
_BOOL_OR_BITS = {"and": ("And", "BitwiseAnd"), "or": ("Or", "BitwiseOr"), "xor": ("Xor", "BitwiseXor")}


def _same(kind: str) -> Any:
    return lambda b, eqn, *inputs: b.add(kind, *inputs)


TABLE.update({primitive: _same(kind) for primitive, kind in _SAME.items()})


@translates("copy", "copy_p", "stop_gradient", "reduce_precision", "optimization_barrier", "sharding_constraint")
def _as_it_is(b: Builder, eqn: Any, *inputs: str) -> Any:
    return list(inputs)


@translates("max", "min")
def _extreme(b: Builder, eqn: Any, x: str, y: str) -> str:
    largest = eqn.primitive.name == "max"
    if eqn.invars[0].aval.dtype == bool:
        return b.add("Or" if largest else "And", x, y)
    return b.add("Max" if largest else "Min", x, y)


@translates("and", "or", "xor")
def _logical(b: Builder, eqn: Any, x: str, y: str) -> str:
    return b.add(_BOOL_OR_BITS[eqn.primitive.name][eqn.invars[0].aval.dtype != bool], x, y)


@translates("not")
def _not(b: Builder, eqn: Any, x: str) -> str:
    return b.add("Not" if eqn.invars[0].aval.dtype == bool else "BitwiseNot", x)


@translates("ne")
def _not_equal(b: Builder, eqn: Any, x: str, y: str) -> str:
    return b.add("Not", b.add("Equal", x, y))


@translates("rsqrt")
def _rsqrt(b: Builder, eqn: Any, x: str) -> str:
    return b.add("Reciprocal", b.add("Sqrt", x))


@translates("cbrt")
def _cbrt(b: Builder, eqn: Any, x: str) -> str:
    root = b.add("Pow", b.add("Abs", x), b.like(eqn.invars[0].aval, 1 / 3))
    return b.add("Mul", b.add("Sign", x), root)


@translates("square")
def _square(b: Builder, eqn: Any, x: str) -> str:
    return b.add("Mul", x, x)


@translates("integer_pow")
def _integer_pow(b: Builder, eqn: Any, x: str) -> str:
    return b.add("Pow", x, b.like(eqn.invars[0].aval, eqn.params["y"]))


@translates("exp2")
def _exp2(b: Builder, eqn: Any, x: str) -> str:
    return b.add("Pow", b.like(eqn.invars[0].aval, 2), x)


@translates("expm1")
def _expm1(b: Builder, eqn: Any, x: str) -> str:
    # exp(x) - 1 would lose the digits of a small x; tanh(x/2) (exp(x) + 1) is the same and keeps them.
    aval = eqn.invars[0].aval
    half = b.add("Tanh", b.add("Mul", x, b.like(aval, 0.5)))
    return b.add("Mul", half, b.add("Add", b.add("Exp", x), b.like(aval, 1)))


@translates("log1p")
def _log1p(b: Builder, eqn: Any, x: str) -> str:
    return b.add("Log", b.add("Add", x, b.like(eqn.invars[0].aval, 1)))


@translates("erfc")
def _erfc(b: Builder, eqn: Any, x: str) -> str:
    return b.add("Sub", b.like(eqn.invars[0].aval, 1), b.add("Erf", x))


@translates("atan2")
def _atan2(b: Builder, eqn: Any, y: str, x: str) -> str:
    aval = eqn.invars[0].aval
    zero, pi = b.like(aval, 0), b.like(aval, np.pi)
    plain = b.add("Atan", b.add("Div", y, x))
    left = b.add("Where", b.add("Less", y, zero), b.add("Neg", pi), pi)
    turned = b.add("Where", b.add("Less", x, zero), b.add("Add", plain, left), plain)
    still = b.add("And", b.add("Equal", x, zero), b.add("Equal", y, zero))
    return b.add("Where", still, zero, turned)


@translates("rem")
def _rem(b: Builder, eqn: Any, x: str, y: str) -> str:
    return b.add("Mod", x, y, fmod=1)


@translates("round")
def _round(b: Builder, eqn: Any, x: str) -> str:
    if int(eqn.params["rounding_method"]) == 1:  # to the nearest even
        return b.add("Round", x)
    away = b.add("Floor", b.add("Add", b.add("Abs", x), b.like(eqn.invars[0].aval, 0.5)))
    return b.add("Mul", b.add("Sign", x), away)


@translates("is_finite")
def _is_finite(b: Builder, eqn: Any, x: str) -> str:
    return b.add("Not", b.add("Or", b.add("IsNaN", x), b.add("IsInf", x)))


@translates("clamp")
def _clamp(b: Builder, eqn: Any, low: str, x: str, high: str) -> str:
    return b.add("Min", b.add("Max", x, low), high)


@translates("select_n")
def _select(b: Builder, eqn: Any, which: str, *cases: str) -> str:
    if len(cases) != 2:
        raise ExportError(f"select_n with {len(cases)} cases")
    return b.add("Where", b.cast(which, np.bool_), cases[1], cases[0])


@translates("convert_element_type")
def _convert(b: Builder, eqn: Any, x: str) -> str:
    return b.cast(x, eqn.params["new_dtype"])


@translates("dim_as_value")
def _dim_as_value(b: Builder, eqn: Any) -> str:
    return b.cast(b.scalar(eqn.params["dim"]), eqn.outvars[0].aval.dtype)
