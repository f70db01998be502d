"""Primitives that make one element of many, and sorting."""

from typing import Any

import numpy as np

from lamina.core.errors import ExportError
from lamina.export.builder import Builder, translates

_REDUCTIONS = {"reduce_sum": "ReduceSum", "reduce_prod": "ReduceProd", "reduce_max": "ReduceMax"}
_REDUCTIONS |= {"reduce_min": "ReduceMin", "reduce_or": "ReduceMax", "reduce_and": "ReduceMin"}


@translates(*_REDUCTIONS)
def _reduce(b: Builder, eqn: Any, x: str) -> str:
    kind, axes = _REDUCTIONS[eqn.primitive.name], b.constant(list(eqn.params["axes"]), np.int64)
    if not eqn.params["axes"]:
        return x
    if eqn.invars[0].aval.dtype != np.bool_:
        return b.add(kind, x, axes, keepdims=0)
    return b.cast(b.add(kind, b.cast(x, np.int32), axes, keepdims=0), np.bool_)


@translates("argmax", "argmin")
def _argument(b: Builder, eqn: Any, x: str) -> str:
    (axis,) = eqn.params["axes"]
    kind = "ArgMax" if eqn.primitive.name == "argmax" else "ArgMin"
    if eqn.invars[0].aval.dtype == bool:
        x = b.cast(x, np.int32)
    return b.cast(b.add(kind, x, axis=axis, keepdims=0), eqn.params["index_dtype"])


@translates("cumsum")
def _cumsum(b: Builder, eqn: Any, x: str) -> str:
    return b.add("CumSum", x, b.constant(eqn.params["axis"], np.int64), reverse=int(eqn.params["reverse"]))


@translates("sort")
def _sort(b: Builder, eqn: Any, key: str, *others: str) -> list[str]:
    # Ties are in the order in which they come, so that further keys decide nothing that is not decided.
    axis, aval = eqn.params["dimension"], eqn.invars[0].aval
    if eqn.params["num_keys"] > 1 and len(others) > 1:
        raise ExportError(f"sort by {eqn.params['num_keys']} keys")
    count = b.shape([aval.shape[axis]])
    found, order = b.add("TopK", key, count, count=2, axis=axis, largest=0)
    return [found, *(b.add("GatherElements", other, order, axis=axis) for other in others)]


@translates("top_k")
def _top_k(b: Builder, eqn: Any, x: str) -> list[str]:
    axis = eqn.params.get("axis", len(eqn.invars[0].aval.shape) - 1)
    found, order = b.add("TopK", x, b.shape([eqn.params["k"]]), count=2, axis=axis)
    return [found, b.cast(order, eqn.outvars[1].aval.dtype)]
