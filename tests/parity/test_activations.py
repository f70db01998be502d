"""Activations, regularizers and constraints give Keras's values and gradients."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lamina import activations, constraints, regularizers
from lamina.core.serialization import builtin_names

keras = pytest.importorskip("keras")

# The kinks of all functions are among these.
X = np.array([[-30, -6, -3, -1, -0.5, -1e-3, 0, 1e-3, 0.5, 1, 3, 6, 30]] * 2, "float32")
ARGUMENTS = [
    ("relu", {"negative_slope": 0.1}),
    ("relu", {"max_value": 3.0}),
    ("relu", {"max_value": 6.0}),
    ("relu", {"threshold": 1.0}),
    ("relu", {"negative_slope": 0.2, "max_value": 6.0}),
    ("relu", {"negative_slope": 0.2, "max_value": 3.0, "threshold": 1.0}),
    ("elu", {"alpha": 0.3}),
    ("leaky_relu", {"negative_slope": 0.3}),
    ("gelu", {"approximate": True}),
    ("softmax", {"axis": 0}),
    ("log_softmax", {"axis": 0}),
]


@pytest.mark.parametrize(("name", "arguments"), [*((name, {}) for name in builtin_names("activations")), *ARGUMENTS])
def test_activation(name, arguments):
    mine, theirs = activations.get(name), keras.activations.get(name)
    np.testing.assert_array_equal(mine(X, **arguments), theirs(jnp.asarray(X), **arguments))

    def slope(f):
        # The square weighs the entries differently, or the gradients of softmax would cancel.
        return jax.grad(lambda x: jnp.sum(f(x, **arguments) ** 2 / 2 + f(x, **arguments)))(jnp.asarray(X))

    np.testing.assert_allclose(slope(mine), slope(theirs), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", builtin_names("activations"))
def test_activations_have_keras_names(name):
    assert activations.serialize(activations.get(name)) == keras.activations.serialize(keras.activations.get(name))
    assert activations.get(activations.serialize(activations.get(name))) is activations.get(name)


WEIGHTS = np.random.default_rng(1).normal(size=(4, 3, 2)).astype("float32")


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("L1", {"l1": 0.3}), ("L2", {"l2": 0.2}), ("L1L2", {"l1": 0.1, "l2": 0.2}), ("L1", {}), ("L2", {}), ("L1L2", {})],
)
def test_regularizer(name, arguments):
    mine, theirs = getattr(regularizers, name)(**arguments), getattr(keras.regularizers, name)(**arguments)
    assert float(mine(WEIGHTS)) == pytest.approx(float(theirs(jnp.asarray(WEIGHTS))), rel=1e-6)
    np.testing.assert_allclose(jax.grad(mine)(WEIGHTS), jax.grad(theirs)(WEIGHTS), rtol=1e-6)
    assert mine.get_config() == pytest.approx(theirs.get_config())
    record = keras.saving.serialize_keras_object(theirs)
    assert regularizers.deserialize(record).get_config() == pytest.approx(theirs.get_config())


@pytest.mark.parametrize("name", ["l1", "l2", "L1", "L1L2"])
def test_regularizers_by_name(name):
    mine, theirs = regularizers.get(name), keras.regularizers.get(name)
    assert mine.get_config() == pytest.approx(theirs.get_config())


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("MaxNorm", {}),
        ("MaxNorm", {"max_value": 0.7, "axis": [0, 1]}),
        ("NonNeg", {}),
        ("UnitNorm", {}),
        ("UnitNorm", {"axis": 1}),
    ],
)
def test_constraint(name, arguments):
    mine, theirs = getattr(constraints, name)(**arguments), getattr(keras.constraints, name)(**arguments)
    np.testing.assert_allclose(mine(WEIGHTS), theirs(jnp.asarray(WEIGHTS)), rtol=1e-6)
    assert mine.get_config() == theirs.get_config()
    assert type(keras.constraints.deserialize(constraints.serialize(mine))) is type(theirs)
