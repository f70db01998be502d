import builtins
import io
import os
import pickle
import struct
import subprocess

import numpy as np
import pytest

from lamina.datasets._unpickle import StoredArray, load_data_pickle


class Calls:
    """Unpickled, it would call a function."""

    def __init__(self, function: object, *arguments: object) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> tuple:
        return self.call


def read(contents: object, protocol: int = 4) -> object:
    return load_data_pickle(io.BytesIO(pickle.dumps(contents, protocol=protocol)))


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype=np.int64).reshape(2, 3),
        np.asfortranarray(np.arange(6.0, dtype=np.float32).reshape(2, 3)),
        np.arange(3, dtype=">i4"),
        np.array([True, False]),
        np.empty((0, 4), np.uint8),
        np.array(5.0),
    ],
    ids=["int64", "float32 by column", "big-endian", "bool", "empty", "scalar"],
)
@pytest.mark.parametrize("protocol", [3, 4])
def test_arrays(array, protocol):
    found = read(array, protocol).value
    np.testing.assert_array_equal(found, array, strict=True)


@pytest.mark.parametrize("lists", [[[1, 2], [3]], [[1, 2], [3, 4]], [[]], []], ids=str)
def test_arrays_of_lists(lists):
    array = np.empty(len(lists), dtype=object)
    for row, numbers in enumerate(lists):
        array[row] = numbers
    found = read(array).value
    assert (found.dtype, found.shape, found.tolist()) == (np.dtype(object), array.shape, lists)


def test_containers_with_arrays():
    found = read({b"data": np.arange(3), "labels": [1, 2], 3: (None, 2.5, {"a"})})
    assert isinstance(found[b"data"], StoredArray)
    assert found["labels"] == [1, 2]
    assert found[3] == (None, 2.5, {"a"})


@pytest.mark.parametrize(
    "function",
    [os.system, builtins.eval, builtins.exec, builtins.getattr, subprocess.getoutput, pickle.loads, np.load],
    ids=lambda function: function.__name__,
)
@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_nothing_runs(function, protocol, tmp_path):
    with pytest.raises(pickle.UnpicklingError, match="which is not data"):
        read([1, Calls(function, f"touch {tmp_path / 'ran'}")], protocol)
    assert list(tmp_path.iterdir()) == []


def test_nothing_runs_inside_an_array(tmp_path):
    array = np.empty(1, dtype=object)
    array[0] = Calls(os.mkdir, str(tmp_path / "made"))
    with pytest.raises(pickle.UnpicklingError, match=r"mkdir, which is not data"):
        read(array)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("dtype", ["U3", "S3", "V8", [("a", "O"), ("b", "i4")], "M8[s]"], ids=str)
def test_only_plain_dtypes(dtype):
    with pytest.raises(pickle.UnpicklingError, match="are not read"):
        read(np.zeros(1, dtype=dtype))


def test_bytes_are_never_read_as_objects():
    """NumPy's own reader takes the flags of the dtype from the file, and these bytes for an address."""
    address = struct.pack("P", 0xDEAD)
    state = (1, (len(address),), np.dtype(object), False, address)
    forged = Calls(np.empty(0).__reduce__()[0], np.ndarray, (0,), b"b")
    forged.call = (*forged.call, state)
    assert read(forged).value.tolist() == list(address)
