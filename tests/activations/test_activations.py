"""Activations by name, and those that Keras does not have."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lamina
from lamina import activations, layers
from lamina.core.symbolic import SymbolicTensor
from lamina.core.variable import Variable

FUNCTIONS = [name for name in activations.__all__ if name not in ("get", "serialize", "deserialize")]


def test_steps():
    x = jnp.array([-2.0, -0.0, 0.0, 3.0])
    np.testing.assert_array_equal(activations.heaviside(x), [0, 1, 1, 1])
    np.testing.assert_array_equal(activations.sign(x), [-1, 0, 0, 1])
    assert activations.get("step") is activations.step is activations.heaviside
    for f in (activations.heaviside, activations.sign):
        np.testing.assert_array_equal(jax.grad(lambda x, f=f: f(x).sum())(x), [0, 0, 0, 0])
        assert f(np.array([1, -1])).dtype == "float32"
        assert activations.get(activations.serialize(f)) is f


def test_a_perceptron_of_steps_computes_xor():
    model = lamina.Sequential([layers.Input((2,)), layers.Dense(2, "heaviside"), layers.Dense(1, "step")])
    model.set_weights([np.ones((2, 2)), np.array([-1.5, -0.5]), np.array([[-1.0], [1.0]]), np.array([-0.5])])
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], "float32")
    np.testing.assert_array_equal(model.predict(x, verbose=0)[:, 0], [0, 1, 1, 0])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_symbolic_tensors_variables_and_programs(name):
    arguments = (0.5, -1.0) if name == "threshold" else ()
    f = getattr(activations, name)
    x = np.random.normal(size=(3, 4)).astype("float32")
    expected = f(x, *arguments)
    drawn = f(SymbolicTensor((None, 4)), *arguments)
    assert drawn.shape == (None, *expected.shape[1:])
    assert drawn.dtype == "float32"
    np.testing.assert_array_equal(f(Variable(x), *arguments), expected)
    np.testing.assert_allclose(jax.jit(lambda x: f(x, *arguments))(x), expected, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("name", sorted(set(FUNCTIONS) - {"threshold"}))
def test_every_name_works_in_a_dense_layer(name):
    x = np.random.normal(size=(3, 4)).astype("float32")
    layer = layers.Dense(6, activation=name)
    assert layer(x).shape == (3, 3 if name == "glu" else 6)
    assert layers.Dense.from_config(layer.get_config()).activation is layer.activation


@pytest.mark.parametrize("name", sorted(set(FUNCTIONS) - {"exponential", "threshold"}))
def test_large_numbers_give_numbers(name):
    f = activations.get(name)
    output, pull = jax.vjp(f, jnp.array([[-x, 0.0, 1.0, x] for x in (1e4, 1e8, 1e30)], "float32"))
    assert not np.isnan(output).any()
    assert not np.isnan(pull(jnp.ones_like(output))[0]).any()


@pytest.mark.parametrize("name", ["sigmoid", "silu", "glu"])
def test_integers_are_numbers(name):
    function = activations.get(name)
    np.testing.assert_array_equal(function(jnp.array([1, -2])), function(jnp.array([1.0, -2.0])))


def test_gated_units_come_in_pairs():
    with pytest.raises(ValueError, match=r"glu halves an axis.*axis=-1 of shape \(2, 3\)"):
        activations.glu(jnp.ones((2, 3)))


def test_custom_functions():
    def halve(x):
        return x / 2

    assert activations.get(halve) is halve
    assert float(layers.Activation(halve)(jnp.array([4.0]))[0]) == 2.0
    record = activations.serialize(halve)
    assert record["config"] == "halve"
    assert activations.deserialize(record, custom_objects={"halve": halve}) is halve
    assert activations.deserialize("halve", custom_objects={"halve": halve}) is halve
    with pytest.raises(ValueError, match=r"(?s)'halve'.*register"):
        activations.deserialize(record)
    with pytest.raises(ValueError, match=r"(?s)lambda.*give it a name"):
        activations.serialize(lambda x: x)


@pytest.mark.parametrize(
    ("identifier", "message"),
    [
        ("rellu", r"(?s)'rellu' is not the name of an activation.*did you mean relu"),
        ("", "'' is not the name of an activation"),
        (3, "Cannot make sense of 3 as an activation"),
        ({"class_name": "Nope", "config": {}}, "'Nope' is not the name of an activation"),
    ],
)
def test_unknown_activations(identifier, message):
    with pytest.raises(ValueError, match=message):
        activations.get(identifier)


def test_a_function_with_a_config_is_the_layer_of_its_name():
    layer = activations.get({"class_name": "ReLU", "config": {"max_value": 2.0}})
    assert layer(jnp.array([3.0])) == 2.0
    assert activations.get({"class_name": "relu", "config": {}}) is activations.relu


def test_no_activation_is_the_linear_one():
    x = jnp.ones(2)
    assert activations.get(None) is activations.get("linear") is activations.linear
    assert activations.linear(x) is x
