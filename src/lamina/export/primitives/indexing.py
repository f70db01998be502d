"""Primitives that take elements by numbers."""

from typing import Any

import numpy as np

from lamina.core.errors import ExportError
from lamina.export.builder import Builder, translates


@translates("gather")
def _gather(b: Builder, eqn: Any, x: str, indices: str) -> str:
    numbers, sizes = eqn.params["dimension_numbers"], eqn.params["slice_sizes"]
    aval, out = eqn.invars[0].aval, eqn.outvars[0].aval
    rank, indexed = len(aval.shape), list(numbers.start_index_map)
    shared = list(getattr(numbers, "operand_batching_dims", ()))
    whole = [axis for axis in range(rank) if axis not in numbers.collapsed_slice_dims and axis not in shared]
    if shared or any(str(sizes[axis]) != str(aval.shape[axis]) for axis in whole if axis not in indexed):
        raise ExportError("gather of parts of slices")
    places = b.cast(indices, np.int64)
    last = b.shape([aval.shape[axis] - sizes[axis] for axis in indexed])
    inside = b.add("Min", b.add("Max", places, b.constant(0, np.int64)), last)
    moving = [axis for axis in whole if axis in indexed]
    if any(sizes[axis] != 1 for axis in moving):
        return _gather_windows(b, eqn, x, inside, indexed)
    still = [axis for axis in whole if axis not in moving]
    ordered = [*indexed, *still]
    if ordered != list(range(rank)):
        x = b.add("Transpose", x, perm=ordered)
    made = b.add("GatherND", x, inside)
    if "FILL" in str(eqn.params["mode"]) and np.issubdtype(aval.dtype, np.inexact):
        made = _blanked(b, eqn, made, b.add("Equal", places, inside), len(still))
    if moving:
        first = len(out.shape) - len(whole)
        made = b.add("Unsqueeze", made, b.constant([first + whole.index(axis) for axis in moving], np.int64))
    leading = [axis for axis in range(len(out.shape)) if axis not in numbers.offset_dims]
    places_of = [*leading, *numbers.offset_dims]
    return b.add("Transpose", made, perm=[int(axis) for axis in np.argsort(places_of)])


def _blanked(b: Builder, eqn: Any, made: str, valid: str, count: int) -> str:
    """NaN where a number was out of range."""
    all_valid = b.add("ReduceMin", b.cast(valid, np.int32), b.constant([-1], np.int64), keepdims=0)
    mask = b.cast(all_valid, np.bool_)
    if count:
        mask = b.add("Unsqueeze", mask, b.constant(list(range(-count, 0)), np.int64))
    filler = eqn.params["fill_value"]
    return b.add("Where", mask, made, b.like(eqn.invars[0].aval, np.nan if filler is None else filler))


def _gather_windows(b: Builder, eqn: Any, x: str, starts: str, indexed: list[int]) -> str:
    """A single window of the operand, as in `x[:, 1:3]`."""
    numbers, sizes = eqn.params["dimension_numbers"], eqn.params["slice_sizes"]
    if len(eqn.invars[1].aval.shape) != 1:
        raise ExportError("gather of many windows")
    ends = b.add("Add", starts, b.shape([sizes[axis] for axis in indexed]))
    cut = b.add("Slice", x, starts, ends, b.constant(indexed, np.int64))
    gone = list(numbers.collapsed_slice_dims)
    return b.add("Squeeze", cut, b.constant(gone, np.int64)) if gone else cut


@translates("dynamic_slice")
def _dynamic_slice(b: Builder, eqn: Any, x: str, *starts: str) -> str:
    sizes, shape = eqn.params["slice_sizes"], eqn.invars[0].aval.shape
    start = _corner(b, starts, [whole - size for whole, size in zip(shape, sizes, strict=True)])
    return b.add("Slice", x, start, b.add("Add", start, b.shape(sizes)))


@translates("dynamic_update_slice")
def _dynamic_update_slice(b: Builder, eqn: Any, x: str, update: str, *starts: str) -> str:
    # The update is written at the numbers that its elements have in the operand, laid out flat.
    shape, sizes = eqn.invars[0].aval.shape, eqn.invars[1].aval.shape
    start = _corner(b, starts, [whole - size for whole, size in zip(shape, sizes, strict=True)])
    numbers = b.add("Range", b.constant(0, np.int64), b.scalar(_product(shape)), b.constant(1, np.int64))
    grid = b.add("Reshape", numbers, b.shape(shape))
    chosen = b.add("Slice", grid, start, b.add("Add", start, b.shape(sizes)))
    flat = b.constant([-1], np.int64)
    places = b.add("Reshape", chosen, flat)
    made = b.add("ScatterElements", b.add("Reshape", x, flat), places, b.add("Reshape", update, flat), axis=0)
    return b.add("Reshape", made, b.shape(shape))


def _corner(b: Builder, starts: tuple[str, ...], last: list[Any]) -> str:
    """Where a window begins, moved inside."""
    one = b.constant([1], np.int64)
    start = b.add("Concat", *(b.add("Reshape", b.cast(s, np.int64), one) for s in starts), axis=0)
    return b.add("Min", b.add("Max", start, b.constant(0, np.int64)), b.shape(last))


def _product(sizes: Any) -> Any:
    total: Any = 1
    for size in sizes:
        total = total * size
    return total


@translates("scatter-add", "scatter_add", "scatter-sub", "scatter", "scatter-mul", "scatter-max", "scatter-min")
def _scatter(b: Builder, eqn: Any, x: str, indices: str, updates: str) -> str:
    numbers, rank = eqn.params["dimension_numbers"], len(eqn.invars[0].aval.shape)
    shape, new = eqn.invars[0].aval.shape, eqn.invars[2].aval.shape
    indexed, window = list(numbers.scatter_dims_to_operand_dims), list(numbers.update_window_dims)
    whole = [axis for axis in range(rank) if axis not in indexed]
    full = [str(new[axis]) for axis in window] == [str(shape[axis]) for axis in whole]
    if (
        list(numbers.inserted_window_dims) != sorted(indexed)
        or not full
        or getattr(numbers, "operand_batching_dims", ())
    ):
        raise ExportError("scatter of windows")
    ordered = [*indexed, *whole]
    x = b.add("Transpose", x, perm=ordered)
    updates = b.add("Transpose", updates, perm=[*(axis for axis in range(len(new)) if axis not in window), *window])
    kind = eqn.primitive.name.replace("scatter", "").strip("-_") or "none"
    if kind == "sub":
        kind, updates = "add", b.add("Neg", updates)
    made = b.add("ScatterND", x, b.cast(indices, np.int64), updates, reduction=kind)
    return b.add("Transpose", made, perm=[int(axis) for axis in np.argsort(ordered)])
