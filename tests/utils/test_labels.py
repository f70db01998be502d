import jax
import jax.numpy as jnp
import numpy as np
import pytest

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
