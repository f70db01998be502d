"""Constraints give Keras's weights and configs."""

import jax.numpy as jnp
import numpy as np
import pytest

from lamina import constraints
from lamina.core.serialization import builtin_names

keras = pytest.importorskip("keras")

WEIGHTS = np.random.default_rng(1).normal(size=(4, 3, 2)).astype("float32") * [[[0.1], [1.0], [3.0]]]
ROWS = [
    ("MaxNorm", {}),
    ("MaxNorm", {"max_value": 0.7, "axis": [0, 1]}),
    ("MaxNorm", {"max_value": 0}),
    ("MaxNorm", {"axis": -1}),
    ("MaxNorm", {"axis": None}),
    ("MinMaxNorm", {}),
    ("MinMaxNorm", {"min_value": 0.5, "max_value": 2.0, "rate": 0.3, "axis": 1}),
    ("MinMaxNorm", {"min_value": 1.0, "max_value": 1.0, "rate": 0.0}),
    ("NonNeg", {}),
    ("UnitNorm", {}),
    ("UnitNorm", {"axis": 1}),
    ("UnitNorm", {"axis": [0, 1, 2]}),
]


def pair(name, arguments):
    return getattr(constraints, name)(**arguments), getattr(keras.constraints, name)(**arguments)


def test_the_table_is_complete():
    assert {name for name, _ in ROWS} == set(builtin_names("constraints"))
    assert set(constraints.__all__) == {name for name in dir(keras.constraints) if not name.startswith("_")}


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize(("name", "arguments"), ROWS)
def test_weights(name, arguments, dtype):
    mine, theirs = pair(name, arguments)
    w = jnp.asarray(WEIGHTS, dtype)
    got, expected = mine(w), theirs(w)
    assert got.dtype == expected.dtype
    tolerance = 1e-6 if dtype == "float32" else 1e-2
    np.testing.assert_allclose(np.float32(got), np.float32(expected), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("name", ["MaxNorm", "MinMaxNorm", "UnitNorm"])
def test_units_without_weights_stay_so(name):
    mine, theirs = pair(name, {})
    np.testing.assert_array_equal(mine(jnp.zeros((3, 2))), theirs(jnp.zeros((3, 2))))


@pytest.mark.parametrize(("name", "arguments"), ROWS)
def test_configs_travel_both_ways(name, arguments):
    mine, theirs = pair(name, arguments)
    assert mine.get_config() == theirs.get_config()
    assert constraints.deserialize(keras.constraints.serialize(theirs)).get_config() == mine.get_config()
    assert keras.constraints.deserialize(constraints.serialize(mine)).get_config() == theirs.get_config()


@pytest.mark.parametrize("name", ["max_norm", "min_max_norm", "non_neg", "unit_norm", "MaxNorm", "NonNeg"])
def test_names(name):
    expected = keras.constraints.get(name)
    assert type(constraints.get(name)).__name__ == type(expected).__name__
    assert type(getattr(constraints, name)()).__name__ == type(getattr(keras.constraints, name)()).__name__
    assert constraints.get(name).get_config() == expected.get_config()
