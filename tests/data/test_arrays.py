import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lamina.core.errors import DataError
from lamina.data import arrays


def test_structure_is_kept():
    one, two = np.zeros((2, 3)), np.ones((2, 1))
    found = arrays.host_arrays({"a": one, "b": [one, (two, two)]}, "x")
    assert found["a"] is one
    assert type(found["b"]) is list
    assert type(found["b"][1]) is tuple


def test_lists_of_numbers_are_arrays():
    assert arrays.host_arrays([[1, 2], [3, 4]], "x").shape == (2, 2)
    assert arrays.host_arrays((1.5, 2.5), "x").tolist() == [1.5, 2.5]
    assert arrays.host_arrays([np.float32(1), np.float32(2)], "x").shape == (2,)


def test_nothing_stays_nothing():
    assert arrays.host_arrays(None, "y") is None


def test_jax_arrays_stay_on_the_device():
    array = jnp.ones((2, 2))
    assert arrays.host_arrays(array, "x") is array
    assert arrays.to_device(array) is array


def test_messages_name_the_place():
    with pytest.raises(DataError, match=r"x\['b'\]\[1\] holds values of dtype <U1, which are no real numbers"):
        arrays.host_arrays({"b": [np.zeros((1, 1)), np.array(["a"])]}, "x")


def test_structured_arrays_are_refused():
    with pytest.raises(DataError, match="which are no real numbers"):
        arrays.host_arrays(np.zeros(3, [("a", int), ("b", float)]), "x")


def test_bfloat16_is_a_number():
    assert arrays.host_arrays(np.ones(2, jnp.bfloat16), "x").dtype == jnp.bfloat16


def test_data_frames():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"age": [1, 2], "height": [1.5, None]})
    assert arrays.host_arrays(frame, "x").shape == (2, 2)
    assert arrays.host_arrays(frame["age"], "y").tolist() == [1, 2]
    frame["town"] = ["Rome", "Oslo"]
    with pytest.raises(DataError, match="x holds values that are no numbers in the columns town, such as 'Rome'"):
        arrays.host_arrays(frame, "x")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("float64", "float32"),
        ("float16", "float32"),
        ("float32", "float32"),
        ("int64", "int32"),
        ("uint8", "uint8"),
        ("int16", "int16"),
        ("bool", "bool"),
    ],
)
def test_dtypes_on_the_device(given, kept):
    values = np.arange(6).reshape(3, 2) % 2
    moved = arrays.to_device(values.astype(given))
    assert isinstance(moved, jax.Array)
    assert str(moved.dtype) == kept
    assert moved.tolist() == values.tolist()


@pytest.mark.parametrize("view", [lambda a: a[::2], lambda a: a.T, lambda a: a[:, 1:], lambda a: a[::-1]])
def test_views_move_as_they_look(view):
    array = view(np.arange(30, dtype="float64").reshape(6, 5))
    assert np.array_equal(np.asarray(arrays.to_device(array)), array)


def test_large_arrays_move_block_by_block():
    array = np.arange(3 * (1 << 21), dtype="float64").reshape(-1, 3)
    assert len(arrays.blocks(len(array), array[:1].nbytes)) > 1
    assert np.array_equal(np.asarray(arrays.to_device(array)), array.astype("float32"))


def test_memory_is_aligned():
    for shape in ((3,), (7, 5), (1, 1, 1)):
        array = arrays.aligned_empty(shape, "float32")
        assert array.shape == shape
        assert array.ctypes.data % 64 == 0


def test_rows_are_counted():
    assert arrays.count_rows({"a": np.zeros((3, 2)), "b": [np.zeros(3)]}, "x") == 3
    with pytest.raises(DataError, match="The arrays in x differ in length: 3, 2") as caught:
        arrays.count_rows([np.zeros(3), np.zeros(2)], "x")
    assert "each needs one row per example" in str(caught.value)
    with pytest.raises(DataError, match="x is a single number"):
        arrays.count_rows(np.float32(3), "x")


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", jnp.bfloat16])
def test_entries_that_are_not_finite_are_found(dtype):
    array = np.zeros((5, 3), dtype)
    arrays.warn_not_finite(array, "x")
    array[2, 1] = np.nan
    with pytest.warns(arrays.DataWarning, match="in column 1: 1 of 5 rows, the first is row 2"):
        arrays.warn_not_finite(array, "x")


def test_many_columns_are_not_all_named():
    with pytest.warns(arrays.DataWarning, match="columns 0, 1, 2, 3, 4, 5, 6, 7, …: 2 of 2 rows"):
        arrays.warn_not_finite(np.full((2, 20), np.nan), "x")


def test_integers_are_finite():
    arrays.warn_not_finite(np.full((2, 2), 255, "uint8"), "x")
