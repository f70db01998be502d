"""Matrix products and convolutions."""

import string
from typing import Any

import numpy as np

from lamina.core.errors import ExportError
from lamina.export.builder import Builder, translates
from lamina.export.primitives.shaping import spread


@translates("dot_general")
def _dot_general(b: Builder, eqn: Any, x: str, y: str) -> str:
    (x_sum, y_sum), (x_batch, y_batch) = eqn.params["dimension_numbers"]
    x_aval, y_aval, out = eqn.invars[0].aval, eqn.invars[1].aval, eqn.outvars[0].aval
    x, y = (
        tensor if aval.dtype == out.dtype else b.cast(tensor, out.dtype) for tensor, aval in ((x, x_aval), (y, y_aval))
    )
    x_rank, y_rank = len(x_aval.shape), len(y_aval.shape)
    leading = tuple(range(len(x_batch)))
    plain = not leading and y_rank == 2 and tuple(y_sum) == (0,)
    batched = tuple(x_batch) == leading == tuple(y_batch) and x_rank == y_rank == len(leading) + 2
    if tuple(x_sum) == (x_rank - 1,) and (plain or (batched and tuple(y_sum) == (len(leading),))):
        return b.add("MatMul", x, y)
    letters = iter(string.ascii_lowercase)
    x_names: dict[int, str] = {}
    y_names: dict[int, str] = {}
    for own, other in (*zip(x_batch, y_batch, strict=True), *zip(x_sum, y_sum, strict=True)):
        x_names[own] = y_names[other] = next(letters)
    for names, rank in ((x_names, x_rank), (y_names, y_rank)):
        names.update((axis, next(letters)) for axis in range(rank) if axis not in names)
    free = [x_names[a] for a in range(x_rank) if a not in (*x_batch, *x_sum)]
    free += [y_names[a] for a in range(y_rank) if a not in (*y_batch, *y_sum)]
    made = "".join([*(x_names[axis] for axis in x_batch), *free])
    terms = ("".join(names[axis] for axis in range(rank)) for names, rank in ((x_names, x_rank), (y_names, y_rank)))
    return b.add("Einsum", x, y, equation=f"{','.join(terms)}->{made}")


@translates("conv_general_dilated")
def _convolution(b: Builder, eqn: Any, x: str, kernel: str) -> str:
    params = eqn.params
    if params["batch_group_count"] != 1:
        raise ExportError("conv_general_dilated with groups of rows")
    numbers, aval = params["dimension_numbers"], eqn.invars[0].aval
    x = b.add("Transpose", x, perm=list(numbers.lhs_spec))
    kernel = b.add("Transpose", kernel, perm=list(numbers.rhs_spec))
    if any(n != 1 for n in params["lhs_dilation"]):
        sizes = [aval.shape[axis] for axis in numbers.lhs_spec]
        x = spread(b, x, sizes, [0, 0, *(n - 1 for n in params["lhs_dilation"])], b.like(aval, 0))
    low, high = zip(*params["padding"], strict=True)
    if min((*low, *high)) < 0:  # parts are cut off, which Conv cannot do
        x = b.add("Pad", x, b.constant([0, 0, *low, 0, 0, *high], np.int64), b.like(aval, 0))
        low = high = (0,) * len(low)
    made = b.add(
        "Conv",
        x,
        kernel,
        strides=list(params["window_strides"]),
        dilations=list(params["rhs_dilation"]),
        pads=[*low, *high],
        group=params["feature_group_count"],
    )
    return b.add("Transpose", made, perm=[int(axis) for axis in np.argsort(numbers.out_spec)])
