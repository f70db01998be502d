"""Constraints in layers and models, and bad arguments."""

import jax.numpy as jnp
import numpy as np
import pytest

import lamina
from lamina import constraints, layers


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: constraints.MaxNorm(-1), r"MaxNorm: max_value must be .* zero or above\. Received: max_value=-1"),
        (lambda: constraints.MaxNorm("2"), "MaxNorm: max_value must be.*'2'"),
        (lambda: constraints.MinMaxNorm(2.0, 1.0), "min_value must not be above max_value.*min_value=2.0"),
        (lambda: constraints.MinMaxNorm(rate=1.5), "rate must be a number from 0 to 1.*rate=1.5"),
        (lambda: constraints.MaxNorm(axis=1)(jnp.ones(3)), r"axis=1, but the weights have shape \(3,\)"),
        (lambda: constraints.UnitNorm(axis=[0, 2])(jnp.ones((3, 2))), r"(?s)axis=\[0, 2\].*\(3, 2\).*hint"),
        (lambda: constraints.get("maxnrom"), r"(?s)'maxnrom' is not the name of a constraint.*did you mean"),
        (lambda: constraints.get(2), "Cannot make sense of 2 as a constraint"),
        (lambda: layers.Dense(1, bias_constraint="positive"), "'positive' is not the name of a constraint"),
    ],
)
def test_bad_arguments(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("name", ["max_norm", "maxnorm", "MaxNorm"])
def test_keras_2_names(name):
    assert isinstance(constraints.get(name), constraints.MaxNorm)
    assert isinstance(getattr(constraints, name)(3.0), constraints.MaxNorm)


def trained(**arguments):
    model = lamina.Sequential([layers.Input((3,)), layers.Dense(2, **arguments)])
    model.compile(optimizer=lamina.optimizers.SGD(1.0), loss="mse")
    x = np.random.default_rng(0).normal(size=(32, 3)).astype("float32")
    model.fit(x, 100 * x[:, :2], verbose=0)
    return model.get_weights()


def test_weights_keep_their_constraints_while_training():
    kernel, _ = trained(kernel_constraint=constraints.max_norm(1.0))
    assert np.linalg.norm(kernel, axis=0).max() <= 1 + 1e-6
    kernel, bias = trained(kernel_constraint="non_neg", bias_constraint="non_neg")
    assert kernel.min() >= 0
    assert bias.min() >= 0
    kernel, _ = trained(kernel_constraint=constraints.UnitNorm(axis=0))
    np.testing.assert_allclose(np.linalg.norm(kernel, axis=0), 1, rtol=1e-5)


def at_most_one(w):
    return jnp.minimum(w, 1.0)


def test_functions_are_constraints():
    kernel, _ = trained(kernel_constraint=at_most_one)
    assert kernel.max() <= 1.0
    assert layers.Dense(1, kernel_constraint=at_most_one).get_config()["kernel_constraint"]["config"] == "at_most_one"
