"""Whatever users call data, as arrays that a device takes: one copy at most, in the data's own dtype."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lamina.core import config
from lamina.core.errors import DataError
from lamina.core.tracebacks import warn_user

_BLOCK_BYTES = 1 << 24
_ALIGNMENT = 64


class DataWarning(UserWarning):
    """Data that can be trained on, but hardly as intended."""


def host_arrays(data: Any, name: str) -> Any:
    """The structure of `data` with an array at each leaf.

    Lists of arrays, tuples and dicts are structure; lists of numbers and data frames are arrays.

    Args:
        data: anything that users pass as x, y or weights.
        name: what it is, for messages.

    Returns:
        Nested lists, tuples and dicts of NumPy or JAX arrays.

    Raises:
        DataError: for strings, ragged lists and other things that are no numbers.

    Example:
        >>> host_arrays([[1, 2], [3, 4]], "x").shape
        (2, 2)
    """
    if data is None:
        return None
    if isinstance(data, dict):
        return {key: host_arrays(value, f"{name}[{key!r}]") for key, value in data.items()}
    if isinstance(data, list | tuple) and data and any(hasattr(item, "shape") and len(item.shape) for item in data):
        return type(data)(host_arrays(item, f"{name}[{index}]") for index, item in enumerate(data))
    return _array(data, name)


def _array(data: Any, name: str) -> Any:
    if isinstance(data, jax.Array):
        return data
    columns = getattr(data, "columns", None)
    if hasattr(data, "to_numpy"):  # pandas
        array = data.to_numpy()
    elif hasattr(data, "detach"):  # torch
        array = data.detach().cpu().numpy()
    elif hasattr(data, "toarray"):  # scipy
        array = data.toarray()
    else:
        try:
            array = np.asanyarray(data)
        except ValueError as error:
            raise DataError(
                f"{name} is a list whose items differ in length, which makes no array.",
                hint="pad the items to one length.",
            ) from error
    if array.dtype == object:
        array = _from_objects(array, name, columns)
    if array.dtype.kind not in "biuf" and not _is_narrow_float(array.dtype):
        raise DataError(
            f"{name} holds values of dtype {array.dtype}, which are no real numbers.",
            hint="split complex numbers into their real and imaginary parts."
            if array.dtype.kind == "c"
            else "turn text into numbers first, with lamina.layers.StringLookup or TextVectorization.",
        )
    return array


def _is_narrow_float(dtype: np.dtype) -> bool:
    """Whether a dtype is one of those that NumPy learns of from JAX, such as bfloat16."""
    return dtype.kind == "V" and dtype.names is None and jnp.issubdtype(dtype, jnp.floating)


def _from_objects(array: np.ndarray, name: str, columns: Any) -> np.ndarray:
    try:
        return array.astype("float64")
    except (TypeError, ValueError) as error:
        where = ""
        if columns is not None:
            bad = [str(c) for i, c in enumerate(columns) if any(isinstance(v, str) for v in array[:, i])]
            where = f" in the columns {', '.join(bad)}" if bad else ""
        shown = next((repr(v) for v in array.ravel() if not isinstance(v, int | float | np.number)), "")
        raise DataError(
            f"{name} holds values that are no numbers{where}, such as {shown[:60]}.",
            hint="turn text into numbers first, and make all rows equally long.",
        ) from error


def count_rows(structure: Any, name: str) -> int:
    """The length of the first axis that all arrays of a structure share.

    Raises:
        DataError: if they differ, or an array has no axes.
    """
    leaves = jax.tree.leaves(structure)
    for leaf in leaves:
        if leaf.ndim == 0:
            raise DataError(f"{name} is a single number, not an array of examples.")
    lengths = {len(leaf) for leaf in leaves}
    if len(lengths) > 1:
        shown = ", ".join(str(len(leaf)) for leaf in leaves)
        raise DataError(f"The arrays in {name} differ in length: {shown}.", hint="each needs one row per example.")
    return lengths.pop() if lengths else 0


def device_dtype(dtype: Any) -> np.dtype:
    """The dtype that data of a dtype have on the device: floats become `floatx`, wide integers int32."""
    dtype = np.dtype(dtype)
    if dtype.kind == "f":
        return jnp.dtype(config.floatx())
    return np.dtype(jax.dtypes.canonicalize_dtype(dtype))


def aligned_empty(shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    """Host memory that JAX can take over on CPU without copying it once more."""
    dtype = np.dtype(dtype)
    size = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
    raw = np.empty(size + _ALIGNMENT, np.uint8)
    offset = -raw.ctypes.data % _ALIGNMENT
    return raw[offset : offset + size].view(dtype).reshape(shape)


def blocks(rows: int, row_bytes: int) -> list[slice]:
    """Slices of rows of some megabytes each."""
    step = max(1, _BLOCK_BYTES // max(1, row_bytes))
    return [slice(start, min(start + step, rows)) for start in range(0, rows, step)]


def to_device(array: Any) -> jax.Array:
    """A whole array on the device, converted block by block.

    Args:
        array: of NumPy or JAX, of any numeric dtype.

    Returns:
        The array in `device_dtype`. At most one copy is made on the host.
    """
    dtype = device_dtype(array.dtype)
    if isinstance(array, jax.Array):
        return array if array.dtype == dtype else array.astype(dtype)
    if array.dtype == dtype and array.flags.c_contiguous and array.ctypes.data % _ALIGNMENT == 0:
        return jax.device_put(array)
    target = aligned_empty(array.shape, dtype)
    for block in blocks(len(array), array[:1].nbytes):
        target[block] = array[block]
    return jax.device_put(target)


def fill(target: np.ndarray, array: Any, rows: Any) -> None:
    """Copies rows of an array to the start of a table, and zeros behind them."""
    part = np.asarray(array[rows])
    target[: len(part)] = part
    target[len(part) :] = 0


def warn_not_finite(array: Any, name: str) -> None:
    """Warns, once, if an array has NaN or infinite entries on the device: in which columns, how many rows, the first.

    Sums tell at the speed of memory that nothing is wrong; only if one is not finite are entries looked at.
    """
    if array.dtype.kind != "f" and not jnp.issubdtype(array.dtype, jnp.floating):
        return
    host, there = np.asarray(array), device_dtype(array.dtype)
    with np.errstate(all="ignore"):
        sums = [host[b].sum(dtype=np.float64) for b in blocks(len(host), host[:1].nbytes or 1)]
        if np.isfinite(np.asarray(sums).astype(there)).all():
            return
        bad = ~np.isfinite(host.astype(there)).reshape(len(host), -1)
    rows = np.flatnonzero(bad.any(axis=1))
    if not len(rows):
        return
    columns = np.flatnonzero(bad.any(axis=0))
    shown = ", ".join(map(str, columns[:8])) + (", …" if len(columns) > 8 else "")
    where = "" if bad.shape[1] == 1 else f" in {'column' if len(columns) == 1 else 'columns'} {shown}"
    warn_user(
        f"{name} holds NaN or infinite values{where}: {len(rows)} of {len(host)} rows, the first is row {rows[0]}. "
        "The loss will be NaN. Fill in or drop these rows.",
        DataWarning,
    )
