"""Primitives that hold other programs: calls, loops and branches."""

from typing import Any

import numpy as np

from lamina.export.builder import Body, Builder, translates
from lamina.export.translation import translate


@translates("jit", "pjit", "closed_call", "core_call", "custom_jvp_call", "custom_vjp_call", "checkpoint", "remat2")
def _call(b: Builder, eqn: Any, *inputs: str) -> list[str]:
    inner = next(eqn.params[name] for name in ("jaxpr", "call_jaxpr", "fun_jaxpr") if name in eqn.params)
    return translate_closed(b, inner, inputs)


def translate_closed(b: Builder, inner: Any, inputs: Any) -> list[str]:
    """Translates a program with the constants that belong to it, if any."""
    constants = [b.constant(value, name="table") for value in getattr(inner, "consts", ())]
    return translate(b, getattr(inner, "jaxpr", inner), constants, list(inputs))


@translates("scan")
def _scan(b: Builder, eqn: Any, *inputs: str) -> list[str]:
    params, inner = eqn.params, eqn.params["jaxpr"]
    consts, carried = params["num_consts"], params["num_carry"]
    held, start, rows = inputs[:consts], inputs[consts : consts + carried], inputs[consts + carried :]
    body, avals = b.inside(), [v.aval for v in inner.jaxpr.invars[consts:]]
    if not rows:  # ONNX wants something to go along
        rows = (b.add("Range", b.constant(0, np.int64), b.scalar(params["length"]), b.constant(1, np.int64)),)
    names = [body.unique("carried") for _ in start] + [body.unique("row") for _ in rows]
    made = translate_closed(body, inner, [*held, *names[: len(avals)]])
    outputs = [(body.add("Identity", name), v.aval.dtype) for name, v in zip(made, inner.jaxpr.outvars, strict=True)]
    dtypes = [*(aval.dtype for aval in avals), np.dtype(np.int64)]
    stacked, backwards = len(outputs) - carried, int(params["reverse"])
    found = b.add(
        "Scan",
        *start,
        *rows,
        count=len(outputs),
        body=Body(body.operators, list(zip(names, dtypes, strict=False)), outputs),
        num_scan_inputs=len(rows),
        scan_input_directions=[backwards] * len(rows),
        **({"scan_output_directions": [backwards] * stacked} if stacked else {}),
    )
    return found if len(outputs) > 1 else [found]


@translates("while")
def _while(b: Builder, eqn: Any, *inputs: str) -> list[str]:
    params = eqn.params
    of_test, of_body = params["cond_nconsts"], params["body_nconsts"]
    test_held, held, start = inputs[:of_test], inputs[of_test : of_test + of_body], inputs[of_test + of_body :]
    (first,) = translate_closed(b, params["cond_jaxpr"], [*test_held, *start])
    body = b.inside()
    names = [body.unique("carried") for _ in start]
    made = [body.add("Identity", name) for name in translate_closed(body, params["body_jaxpr"], [*held, *names])]
    (goes_on,) = translate_closed(body, params["cond_jaxpr"], [*test_held, *made])
    dtypes = [v.aval.dtype for v in eqn.outvars]
    carried = zip(names, dtypes, strict=True)
    inner = Body(
        body.operators,
        [(body.unique("round"), np.dtype(np.int64)), (body.unique("before"), np.dtype(np.bool_)), *carried],
        [(body.add("Identity", goes_on), np.dtype(np.bool_)), *zip(made, dtypes, strict=True)],
        scalars=2,
    )
    found = b.add("Loop", "", first, *start, count=len(start), body=inner)
    return found if len(start) > 1 else [found]


@translates("cond")
def _cond(b: Builder, eqn: Any, which: str, *inputs: str) -> list[str]:
    return _choose(b, eqn, which, inputs, 0)


def _choose(b: Builder, eqn: Any, which: str, inputs: tuple[str, ...], number: int) -> list[str]:
    """Branch `number` if it is meant, else one of those behind it."""
    branches = eqn.params["branches"]
    if number == len(branches) - 1:
        return translate_closed(b, branches[number], inputs)
    dtypes, bodies = [v.aval.dtype for v in eqn.outvars], []
    for last in (True, False):
        inner = b.inside()
        if last:
            made = translate_closed(inner, branches[number], inputs)
        else:
            made = _choose(inner, eqn, which, inputs, number + 1)
        names = [inner.add("Identity", name) for name in made]
        bodies.append(Body(inner.operators, [], list(zip(names, dtypes, strict=True))))
    limit = b.constant(number, np.int32)
    chosen = b.add("LessOrEqual", b.cast(which, np.int32), limit)
    found = b.add("If", chosen, count=len(dtypes), then_branch=bodies[0], else_branch=bodies[1])
    return found if len(dtypes) > 1 else [found]
