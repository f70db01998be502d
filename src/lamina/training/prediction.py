"""Prediction: batches padded to few sizes, one dispatch each."""

from collections.abc import Iterable
from typing import Any

import jax
import numpy as np

from lamina.core.errors import DataError
from lamina.data.arrays import count_rows, device_dtype, host_arrays
from lamina.data.dataset import DEFAULT_BATCH
from lamina.data.streams import as_stream, unpack_batch
from lamina.training.events import CallbackList

# Where nobody can tell the difference, fewer and larger batches are quicker.
_LARGE_BATCH = 256


def predict_batches(model: Any, x: Any, batch_size: int | None, verbose: int, steps: int | None, callbacks: Any) -> Any:
    """The outputs of a model for all rows of `x`, as NumPy arrays.

    Args:
        model: any model.
        x: an array, a structure of arrays, or a source of batches.
        batch_size: rows at a time, or `None`.
        verbose: 0, 1 or 2.
        steps: at most so many batches.
        callbacks: objects that are told of batches.
    """
    told = CallbackList(callbacks, add_progbar=verbose != 0)
    stream = as_stream(x)
    if stream is not None:
        batches = (model.accept(unpack_batch(batch)[0]) for batch in stream.passes(False))
        count = steps or stream.num_batches
    else:
        x = host_arrays(x, "x")
        x = x[0] if isinstance(x, list | tuple) and len(x) == 1 else x
        x = model.fit_rank(x)
        rows = count_rows(x, "x")
        if rows == 0:
            raise DataError("x is empty, so there is nothing to predict.")
        model.check_inputs(x)
        free = batch_size is None and steps is None and not told.wants_batches("predict")
        size = batch_size or (DEFAULT_BATCH if steps is None else -(-rows // steps))
        bounds = _bounds(rows, size, large=free and rows >= _LARGE_BATCH and _pads(model, x))
        count = min(steps or len(bounds), len(bounds))
        batches = (jax.tree.map(lambda a, s=bound: a[s], x) for bound in bounds) if len(bounds) > 1 else iter([x])
    if told.callbacks:
        model.stop_predicting = False
        told.set_model(model)
        told.set_params({"verbose": verbose, "epochs": 1, "steps": count})
        told.tell("on_predict_begin", {})
    outputs = list(_outputs(model, batches, count, told))
    if told.callbacks:
        told.tell("on_predict_end", {})
    if not outputs:
        raise DataError("The source of batches is empty, so there is nothing to predict.")
    return jax.tree.map(lambda *parts: np.concatenate([np.asarray(p) for p in parts]), *outputs)


def _pads(model: Any, x: Any) -> bool:
    """Whether rows may be padded and batches chosen freely, since each row is predicted for itself."""
    if not model.built:
        model.output_specs(x)
    return not model.run_eagerly and model.learner("call")[0].pads


def _bounds(rows: int, size: int, large: bool) -> list[slice]:
    """Where to cut: large batches as long as they are full, then batches of the usual size."""
    cuts = list(range(0, rows - _LARGE_BATCH + 1, _LARGE_BATCH)) if large else []
    begin = cuts[-1] + _LARGE_BATCH if cuts else 0
    cuts += range(begin, rows, size)
    return [slice(start, stop) for start, stop in zip(cuts, [*cuts[1:], rows], strict=True)]


def _outputs(model: Any, batches: Iterable[Any], count: int | None, told: CallbackList) -> Iterable[Any]:
    hooks = told.wants_batches("predict")
    for index, batch in enumerate(batches):
        if count is not None and index >= count:
            break
        if hooks:
            told.tell("on_predict_batch_begin", index, {})
        output = predict_one(model, batch)
        if hooks:
            told.tell("on_predict_batch_end", index, {"outputs": output})
        for bar in told.bars:
            bar.progressed(index + 1, {})
        yield output
        if hooks and model.stop_predicting:
            break


def predict_one(model: Any, x: Any) -> Any:
    """The outputs for one batch: a single dispatch."""
    rows = len(jax.tree.leaves(x)[0])
    padded = padded_size(rows) if _pads(model, x) else rows
    outputs = model.run_compiled(jax.tree.map(lambda a: _padded(a, padded), x), training=False, predicting=True)
    return outputs if padded == rows else jax.tree.map(lambda a: np.asarray(a)[:rows], outputs)


def padded_size(rows: int) -> int:
    """The size that a batch of some rows is padded to: few sizes, so few programs.

    Example:
        >>> [padded_size(n) for n in (1, 2, 4, 5, 32, 33, 300)]
        [1, 4, 4, 32, 32, 256, 2048]
    """
    size = 1
    for factor in (4, 8):
        if rows <= size:
            return size
        size *= factor
    while size < rows:
        size *= 8
    return size


def _padded(array: Any, size: int) -> Any:
    dtype = device_dtype(array.dtype)
    if len(array) == size:
        return array if array.dtype == dtype else array.astype(dtype)
    host = np.asarray(array)
    target = np.zeros((size, *host.shape[1:]), dtype)
    target[: len(host)] = host
    return target
