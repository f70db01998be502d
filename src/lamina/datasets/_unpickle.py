"""Reading pickles as data: lists, numbers, text and plain arrays, and nothing that runs."""

import pickle
import re
from typing import IO

import numpy as np

_PLAIN = re.compile(r"[|<>=]?(b1|[iuf][1248]|O8?)")


class StoredDtype:
    """Stands for `numpy.dtype` in a pickle."""

    def __init__(self, code: str | bytes, *_: object) -> None:
        text = code.decode("ascii") if isinstance(code, bytes) else code
        if not _PLAIN.fullmatch(text):
            raise pickle.UnpicklingError(f"arrays of dtype {text!r} are not read")
        self.value = np.dtype(text)

    def __setstate__(self, state: tuple) -> None:
        order = state[1].decode("ascii") if isinstance(state[1], bytes) else state[1]
        if order in ("<", ">"):
            self.value = self.value.newbyteorder(order)


class StoredArray:
    """Stands for an array in a pickle, and holds the real one once its state has been read.

    NumPy's own `__setstate__` would trust the flags of the pickled dtype, and with them can be made to read bytes
    as pointers; here the array is built from its numbers or its list.
    """

    value: np.ndarray

    def __init__(self, *_: object) -> None:
        self.value = np.empty(0)

    def __setstate__(self, state: tuple) -> None:
        _, shape, stored, fortran, contents = state
        if stored.value.hasobject:
            flat = np.fromiter(contents, dtype=object, count=len(contents))
        else:
            flat = np.frombuffer(contents, stored.value)
        self.value = flat.reshape(shape, order="F" if fortran else "C")


_KNOWN = {
    ("numpy", "dtype"): StoredDtype,
    ("numpy", "ndarray"): StoredArray,
    ("numpy.core.multiarray", "_reconstruct"): StoredArray,
    ("numpy._core.multiarray", "_reconstruct"): StoredArray,
}


class _DataUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> type:
        try:
            return _KNOWN[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}, which is not data") from None


def load_data_pickle(file: IO[bytes], encoding: str = "ASCII") -> object:
    """Reads a pickle that may hold only containers, numbers, text and arrays of numbers or objects.

    Args:
        file: a binary file.
        encoding: how to read the strings of Python 2, as `pickle.load` takes it.

    Returns:
        The object, with a `StoredArray` in the place of each array.

    Raises:
        pickle.UnpicklingError: if it holds anything else.

    Example:
        >>> import io
        >>> load_data_pickle(io.BytesIO(pickle.dumps(np.arange(3)))).value
        array([0, 1, 2])
    """
    return _DataUnpickler(file, encoding=encoding).load()
