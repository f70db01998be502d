"""Regularizers give Keras's penalties, slopes and configs."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lamina import regularizers
from lamina.core.serialization import builtin_names

keras = pytest.importorskip("keras")

WEIGHTS = np.random.default_rng(1).normal(size=(4, 3)).astype("float32")
ROWS = [
    ("L1", {}),
    ("L1", {"l1": 0.3}),
    ("L1", {"l1": None}),
    ("L1", {"l1": 0}),
    ("L2", {}),
    ("L2", {"l2": 0.2}),
    ("L2", {"l2": None}),
    ("L1L2", {}),
    ("L1L2", {"l1": 0.1, "l2": 0.2}),
    ("L1L2", {"l1": None, "l2": 0.2}),
    ("OrthogonalRegularizer", {}),
    ("OrthogonalRegularizer", {"factor": 0.3, "mode": "columns"}),
]


def pair(name, arguments):
    return getattr(regularizers, name)(**arguments), getattr(keras.regularizers, name)(**arguments)


def test_the_table_is_complete():
    assert {name for name, _ in ROWS} == set(builtin_names("regularizers"))
    assert set(regularizers.__all__) == {name for name in dir(keras.regularizers) if not name.startswith("_")}


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize(("name", "arguments"), ROWS)
def test_penalties_and_slopes(name, arguments, dtype):
    mine, theirs = pair(name, arguments)
    x = jnp.asarray(WEIGHTS, dtype)
    tolerance = 1e-6 if dtype == "float32" else 1e-2
    got, expected = mine(x), theirs(x)
    assert got.dtype == (x.dtype if name != "OrthogonalRegularizer" else expected.dtype) or dtype == "bfloat16"
    np.testing.assert_allclose(np.float32(got), np.float32(expected), rtol=tolerance)
    slopes = [jax.grad(lambda x, f=f: f(x).astype("float32"))(x) for f in (mine, theirs)]
    np.testing.assert_allclose(*(np.float32(slope) for slope in slopes), rtol=tolerance, atol=tolerance / 10)


@pytest.mark.parametrize(("name", "arguments"), ROWS)
def test_configs_travel_both_ways(name, arguments):
    mine, theirs = pair(name, arguments)
    numbers = {key: value for key, value in mine.get_config().items() if key != "mode"}
    expected = {key: value for key, value in theirs.get_config().items() if key != "mode"}
    assert numbers == pytest.approx(expected, rel=1e-6)  # Keras keeps some of them in 32 bits
    assert getattr(mine, "mode", None) == getattr(theirs, "mode", None)
    twin = regularizers.deserialize(keras.regularizers.serialize(theirs))
    assert type(twin) is type(mine)
    assert type(keras.regularizers.deserialize(regularizers.serialize(mine))) is type(theirs)


@pytest.mark.parametrize(
    "name", ["l1", "l2", "l1_l2", "l1l2", "L1", "L2", "L1L2", "orthogonal_regularizer", "OrthogonalRegularizer"]
)
def test_names(name):
    try:
        expected = keras.regularizers.get(name)
    except ValueError:
        expected = getattr(keras.regularizers, name)()  # l1_l2 is no string in Keras 3
    assert type(regularizers.get(name)).__name__ == type(expected).__name__
