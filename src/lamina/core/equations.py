"""Traced programs, run equation by equation: as JAX does it, but with a say in each operation.

Literal numbers and closed programs are known by what they hold: their classes are in `jax.extend`, which takes long to
import.
"""

from collections.abc import Callable, Sequence
from typing import Any

# Operations that call a program and do nothing else, and where they keep it.
CALLS = frozenset({"jit", "pjit", "closed_call", "custom_jvp_call", "custom_vjp_call"})
_CALLED = ("jaxpr", "call_jaxpr", "fun_jaxpr")


def evaluate(
    jaxpr: Any,
    consts: Sequence[Any],
    args: Sequence[Any],
    run: Callable[[Any, list[Any]], Sequence[Any]],
    constant: Callable[[Any], Any] = lambda value: value,
) -> list[Any]:
    """The results of a program.

    Args:
        jaxpr: the program.
        consts: its constants.
        args: its arguments.
        run: gives the results of an equation for its operands.
        constant: makes an operand of a constant or a literal number.

    Example:
        >>> import jax
        >>> traced = jax.make_jaxpr(lambda x: 2.0 * x + 1.0)(0.0)
        >>> evaluate(traced.jaxpr, traced.consts, [3.0], bind)
        [Array(7., dtype=float32, weak_type=True)]
    """
    values: dict[Any, Any] = {}

    def read(atom: Any) -> Any:
        return constant(atom.val) if hasattr(atom, "val") else values[atom]

    values.update(zip(jaxpr.constvars, map(constant, consts), strict=True))
    values.update(zip(jaxpr.invars, args, strict=True))
    for equation in jaxpr.eqns:
        results = run(equation, [read(atom) for atom in equation.invars])
        values.update(zip(equation.outvars, results, strict=True))
    return [read(atom) for atom in jaxpr.outvars]


def bind(equation: Any, operands: Sequence[Any]) -> list[Any]:
    """The results of an equation as JAX gives them; not of one that calls a program."""
    found = equation.primitive.bind(*operands, **equation.params)
    return list(found) if equation.primitive.multiple_results else [found]


def called(equation: Any) -> tuple[Any, Sequence[Any]]:
    """The program that an equation calls, such as one of `jax.jit`, and its constants."""
    inner = next(equation.params[name] for name in _CALLED if name in equation.params)
    return (inner.jaxpr, inner.consts) if hasattr(inner, "jaxpr") else (inner, ())
