"""Variables: values, operators, assignments."""

import copy
import pickle

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lamina import Variable
from lamina.core.errors import ArgumentError, ShapeError, UnknownNameError

ARRAY = np.array([1.0, -2.0, 3.0], "float32")
BINARY = {
    **{"add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b, "div": lambda a, b: a / b},
    **{"floordiv": lambda a, b: a // b, "mod": lambda a, b: a % b, "pow": lambda a, b: a**b, "eq": lambda a, b: a == b},
    **{"matmul": lambda a, b: a @ b, "lt": lambda a, b: a < b, "ge": lambda a, b: a >= b, "ne": lambda a, b: a != b},
}


@pytest.mark.parametrize("name", BINARY)
def test_operators_are_those_of_arrays(name):
    operator, other = BINARY[name], np.array([2.0, 2.0, 3.0], "float32")
    for a, b in ((Variable(ARRAY), other), (other, Variable(ARRAY)), (Variable(ARRAY), Variable(other))):
        expected = operator(jnp.asarray(np.asarray(a)), jnp.asarray(np.asarray(b)))
        np.testing.assert_array_equal(operator(a, b), expected)
    if name != "matmul":
        np.testing.assert_array_equal(operator(Variable(ARRAY), 2), operator(jnp.asarray(ARRAY), 2))


def test_unary_operators_and_conversions():
    v = Variable(ARRAY)
    np.testing.assert_array_equal(-v, -ARRAY)
    np.testing.assert_array_equal(+v, ARRAY)
    np.testing.assert_array_equal(abs(v), abs(ARRAY))
    np.testing.assert_array_equal(round(Variable([1.4])), [1.0])
    assert [float(x) for x in v] == [1.0, -2.0, 3.0]
    assert float(Variable(2.5)) == 2.5
    assert int(Variable(2)) == 2
    assert bool(Variable(True)) is True
    assert bool(~Variable(True)) is False
    assert len(v) == 3
    assert (v.size, v.ndim, v.shape, v.dtype) == (3, 1, (3,), "float32")
    assert float(v.mean()) == pytest.approx(2 / 3)
    np.testing.assert_array_equal(jnp.concatenate([v, v]), np.concatenate([ARRAY, ARRAY]))


def test_variables_are_keys_by_identity():
    one, two = Variable(1.0), Variable(1.0)
    assert len({one: 1, two: 2}) == 2
    assert (one == None) is False  # noqa: E711 - the comparison is what is tested


@pytest.mark.parametrize(
    ("value", "dtype"),
    [(np.arange(3), "int32"), (np.zeros(2), "float32"), (1, "int32"), (np.uint8(3), "uint8"), (True, "bool")],
)
def test_dtypes_of_first_values(value, dtype):
    assert Variable(value).dtype == dtype


def test_a_first_value_may_be_drawn():
    np.testing.assert_array_equal(Variable("ones", shape=(2,)), [1, 1])
    np.testing.assert_array_equal(Variable(lambda shape, dtype: np.full(shape, 3, dtype), shape=(2,)), [3, 3])
    with pytest.raises(ArgumentError, match="'late' needs a shape"):
        Variable(lambda shape, dtype: 0, name="late")
    with pytest.raises(UnknownNameError, match="did you mean zeros"):
        Variable("zeroes", shape=(2,))


def test_a_variable_keeps_its_own_copy():
    given = np.ones(3, "float32")
    v = Variable(given)
    given[:] = 5
    np.testing.assert_array_equal(v, [1, 1, 1])
    v.assign(given)
    given[:] = 7
    np.testing.assert_array_equal(v, [5, 5, 5])
    out = v.numpy()
    out[:] = 0
    np.testing.assert_array_equal(v, [5, 5, 5])


def test_assignments():
    v = Variable(ARRAY, name="v")
    v.assign([1, 2, 3])
    v.assign_add(1)
    v.assign_sub([[1.0]][0])
    np.testing.assert_array_equal(v, [1, 2, 3])
    assert v.dtype == "float32"
    with pytest.raises(ShapeError, match=r"'v' has shape \(3,\), but was assigned a value of shape \(1,\)"):
        v.assign([1.0])
    with pytest.raises(ShapeError, match=r"'v' has shape \(3,\), so it cannot change by \(2,\)"):
        v.assign_add([1.0, 2.0])
    with pytest.raises(ShapeError, match=r"cannot change by \(3, 3\)"):
        v.assign_sub(np.ones((3, 3)))


def test_copies_share_nothing():
    v = Variable(ARRAY, name="v", trainable=False)
    for twin in (copy.deepcopy(v), pickle.loads(pickle.dumps(v))):
        assert (twin.name, twin.trainable) == ("v", False)
        twin.assign([0, 0, 0])
        np.testing.assert_array_equal(v, ARRAY)


def test_a_variable_can_be_differentiated_around():
    v = Variable(ARRAY)
    np.testing.assert_array_equal(jax.grad(lambda x: jnp.sum(x * v))(jnp.ones(3)), ARRAY)
