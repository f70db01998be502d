import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lamina.core.errors import LaminaError
from lamina.utils import normalize, to_categorical


def test_classes_become_rows():
    assert to_categorical([2, 0]).tolist() == [[0, 0, 1], [1, 0, 0]]
    assert to_categorical([[2], [0]]).shape == (2, 3)
    assert to_categorical([[2, 0]], num_classes=5).shape == (1, 2, 5)
    assert to_categorical([], 3).shape == (0, 3)
    rows = to_categorical(jnp.array([1, 0]))
    assert isinstance(rows, jax.Array)
    assert rows.dtype == jnp.float32


@pytest.mark.parametrize(("x", "wrong"), [([0, 3], 3), ([-1, 0], -1)])
def test_classes_outside_are_refused(x, wrong):
    with pytest.raises(ValueError, match=f"the class {wrong}, but classes go from 0 to 2"):
        to_categorical(x, 3)


def test_rows_get_norm_1_and_zeros_stay_zeros():
    x = np.array([[3.0, 4.0], [0.0, 0.0]])
    assert normalize(x).tolist() == [[0.6, 0.8], [0, 0]]
    assert normalize(x, axis=0).tolist() == [[1, 1], [0, 0]]
    assert isinstance(normalize(jnp.asarray(x)), jax.Array)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: to_categorical(["cat"]), r"takes integer classes, but got an array of dtype <U3(?s:.*)np.unique"),
        (lambda: to_categorical([0, np.nan]), r"takes integer classes, but got an array of dtype float64"),
        (lambda: to_categorical([[0, 1], [2]]), r"to_categorical got rows that differ in length"),
        (lambda: to_categorical([0], 1.5), r"num_classes must be a positive integer. Received: num_classes=1.5"),
        (lambda: normalize([[1.0]], axis=2), r"order=2 along axis=2 of an array of shape \(1, 1\) and dtype float64"),
        (lambda: normalize("ab"), r"normalize cannot find the norms .* dtype <U2"),
    ],
)
def test_what_is_no_class_and_has_no_norm(call, message):
    with pytest.raises(LaminaError, match=message) as caught:
        call()
    assert isinstance(caught.value, ValueError)


def test_rows_can_be_normalized_in_a_program():
    np.testing.assert_allclose(jax.jit(normalize)(jnp.array([[3.0, 4.0]])), [[0.6, 0.8]])
