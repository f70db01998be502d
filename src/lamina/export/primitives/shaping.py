"""Primitives that move elements without changing them."""

from typing import Any

import numpy as np

from lamina.export.builder import Builder, is_known, translates

_END = np.iinfo(np.int64).max


@translates("reshape")
def _reshape(b: Builder, eqn: Any, x: str) -> str:
    sizes = eqn.params["new_sizes"]
    unknown = [size for size in sizes if not is_known(size)]
    if len(unknown) == 1 and 0 not in sizes:
        sizes = tuple(size if is_known(size) else -1 for size in sizes)
    return b.add("Reshape", x, b.shape(sizes), allowzero=int(0 in sizes))


@translates("broadcast_in_dim")
def _broadcast(b: Builder, eqn: Any, x: str, *dynamic: str) -> str:
    sizes, kept = eqn.params["shape"], eqn.params["broadcast_dimensions"]
    added = [axis for axis in range(len(sizes)) if axis not in kept]
    if added:
        x = b.add("Unsqueeze", x, b.constant(added, np.int64))
    before = eqn.invars[0].aval.shape
    grown = [1] * len(sizes)
    for axis, size in zip(kept, before, strict=True):
        grown[axis] = size
    return x if tuple(grown) == tuple(sizes) else b.add("Expand", x, b.shape(sizes))


@translates("squeeze")
def _squeeze(b: Builder, eqn: Any, x: str) -> str:
    return b.add("Squeeze", x, b.constant(list(eqn.params["dimensions"]), np.int64))


@translates("transpose")
def _transpose(b: Builder, eqn: Any, x: str) -> str:
    return b.add("Transpose", x, perm=list(eqn.params["permutation"]))


@translates("concatenate")
def _concatenate(b: Builder, eqn: Any, *parts: str) -> str:
    return b.add("Concat", *parts, axis=eqn.params["dimension"])


@translates("stack")
def _stack(b: Builder, eqn: Any, *parts: str) -> str:
    axis = b.constant([eqn.params["axis"]], np.int64)
    return b.add("Concat", *(b.add("Unsqueeze", part, axis) for part in parts), axis=eqn.params["axis"])


@translates("unstack")
def _unstack(b: Builder, eqn: Any, x: str) -> list[str]:
    axis, count = eqn.params["axis"], len(eqn.outvars)
    return [b.add("Gather", x, b.constant(number, np.int64), axis=axis) for number in range(count)]


@translates("tile")
def _tile(b: Builder, eqn: Any, x: str) -> str:
    return b.add("Tile", x, b.shape(eqn.params["reps"]))


@translates("split")
def _split(b: Builder, eqn: Any, x: str) -> Any:
    sizes = eqn.params["sizes"]
    parts = b.add("Split", x, b.shape(sizes), count=len(sizes), axis=eqn.params["axis"])
    return parts if len(sizes) > 1 else [parts]


@translates("rev")
def _reverse(b: Builder, eqn: Any, x: str) -> str:
    axes = list(eqn.params["dimensions"])
    backwards = [[-1] * len(axes), [-_END] * len(axes), axes, [-1] * len(axes)]
    return b.add("Slice", x, *(b.constant(numbers, np.int64) for numbers in backwards))


@translates("slice")
def _slice(b: Builder, eqn: Any, x: str) -> str:
    starts, limits, strides = (eqn.params[name] for name in ("start_indices", "limit_indices", "strides"))
    axes = b.constant(list(range(len(starts))), np.int64)
    return b.add("Slice", x, b.shape(starts), b.shape(limits), axes, b.shape(strides or [1] * len(starts)))


@translates("pad")
def _pad(b: Builder, eqn: Any, x: str, filler: str) -> str:
    low, high, between = zip(*eqn.params["padding_config"], strict=True)
    sizes = eqn.invars[0].aval.shape
    if any(between):
        x = spread(b, x, sizes, between, filler)
    return b.add("Pad", x, b.shape([*low, *high]), filler)


def spread(b: Builder, x: str, sizes: Any, between: Any, filler: str) -> str:
    """Puts so many fillers between any two neighbours on each axis.

    Each element gets an axis of its own, which is padded behind it; what comes behind the last one is cut off.
    """
    rank = len(sizes)
    apart = b.add("Unsqueeze", x, b.constant([2 * axis + 1 for axis in range(rank)], np.int64))
    behind = [0] * (2 * rank) + [n for count in between for n in (0, count)]
    padded = b.add("Pad", apart, b.constant(behind, np.int64), filler)
    joined = b.add("Reshape", padded, b.shape([size * (n + 1) for size, n in zip(sizes, between, strict=True)]))
    ends = b.shape([size * (n + 1) - n for size, n in zip(sizes, between, strict=True)])
    return b.add("Slice", joined, b.constant([0] * rank, np.int64), ends)


@translates("iota")
def _iota(b: Builder, eqn: Any, *dynamic: str) -> str:
    sizes, axis, dtype = (eqn.params[name] for name in ("shape", "dimension", "dtype"))
    if all(is_known(size) for size in sizes):
        column = np.arange(sizes[axis]).reshape([-1 if i == axis else 1 for i in range(len(sizes))])
        return b.constant(np.broadcast_to(column, sizes), dtype)
    numbers = b.add("Range", b.constant(0, np.int64), b.scalar(sizes[axis]), b.constant(1, np.int64))
    column = b.add("Reshape", numbers, b.constant([-1 if i == axis else 1 for i in range(len(sizes))], np.int64))
    return b.cast(b.add("Expand", column, b.shape(sizes)), dtype)
