"""Primitives that reduce windows, as pooling does."""

import math
from typing import Any

import numpy as np

from lamina.core.errors import ExportError
from lamina.export.builder import Builder, translates


@translates("reduce_window_max", "reduce_window_sum", "reduce_window_min")
def _reduce_window(b: Builder, eqn: Any, x: str) -> str:
    params, aval = eqn.params, eqn.invars[0].aval
    window, strides, dilation = (params[n] for n in ("window_dimensions", "window_strides", "window_dilation"))
    rank = len(window)
    still = [a for a in range(rank) if window[a] == strides[a] == 1 and tuple(params["padding"][a]) == (0, 0)]
    if any(n != 1 for n in params["base_dilation"]) or len(still) < 2:
        raise ExportError(f"{eqn.primitive.name} over the batch and all other axes")
    outer = [still[0], still[-1]]  # ONNX wants two axes that windows leave alone in front
    inner = [axis for axis in range(rank) if axis not in outer]
    x = b.add("Transpose", x, perm=[*outer, *inner])
    low, high = zip(*(params["padding"][axis] for axis in inner), strict=True)
    shape: dict[str, Any] = {
        "kernel_shape": [window[axis] for axis in inner],
        "strides": [strides[axis] for axis in inner],
        "pads": [*low, *high],
        **({"dilations": [dilation[axis] for axis in inner]} if any(n != 1 for n in dilation) else {}),
    }
    if eqn.primitive.name == "reduce_window_sum":
        if "dilations" in shape:
            raise ExportError("sums of windows with gaps")
        mean = b.add("AveragePool", x, count_include_pad=1, **shape)
        made = b.add("Mul", mean, b.like(aval, math.prod(window)))
    elif eqn.primitive.name == "reduce_window_max":
        made = b.add("MaxPool", x, **shape)
    else:
        made = b.add("Neg", b.add("MaxPool", b.add("Neg", x), **shape))
    return b.add("Transpose", made, perm=[int(axis) for axis in np.argsort([*outer, *inner])])
