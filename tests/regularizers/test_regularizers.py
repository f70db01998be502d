"""Regularizers in layers and models, and bad arguments."""

import jax.numpy as jnp
import numpy as np
import pytest

import lamina
from lamina import layers, regularizers
from lamina.core.variable import Variable

W = np.array([[1.0, -2.0], [3.0, 0.0]], "float32")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: regularizers.L1(-0.1), r"L1: l1 must be a finite number, zero or above\. Received: l1=-0.1"),
        (lambda: regularizers.L2(float("nan")), "L2: l2 must be a finite number.*nan"),
        (lambda: regularizers.L1L2(l1=float("inf")), "L1L2: l1 must be a finite number.*inf"),
        (lambda: regularizers.L1L2(l2="0.1"), "L1L2: l2 must be a finite number.*'0.1'"),
        (lambda: regularizers.OrthogonalRegularizer(-1), "factor must be a finite number"),
        (lambda: regularizers.OrthogonalRegularizer(mode="row"), r"(?s)mode must be one of 'rows'.*did you mean rows"),
        (lambda: regularizers.OrthogonalRegularizer()(jnp.ones(3)), r"for matrices, but got weights of shape \(3,\)"),
        (lambda: regularizers.get("l3"), r"(?s)'l3' is not the name of a regularizer.*choose from"),
        (lambda: regularizers.get(0.1), "Cannot make sense of 0.1 as a regularizer"),
        (lambda: layers.Dense(1, kernel_regularizer="l11"), "'l11' is not the name of a regularizer"),
    ],
)
def test_bad_arguments(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_keras_2_names_are_calls_too():
    assert regularizers.l2(0.1).get_config() == {"l2": 0.1}
    assert regularizers.l1(l1=0.2).get_config() == {"l1": 0.2}
    assert regularizers.l1_l2(l1=0.2, l2=0.3).get_config() == {"l1": 0.2, "l2": 0.3}
    with pytest.raises(AttributeError, match=r"(?s)has no 'l1_l3'.*did you mean l1_l2"):
        regularizers.l1_l3  # noqa: B018


def test_variables_and_plain_arrays_are_penalized():
    for w in (W, jnp.asarray(W), Variable(W)):
        assert float(regularizers.L1L2(1.0, 1.0)(w)) == 20.0
        assert float(regularizers.OrthogonalRegularizer(1.0)(w)) == pytest.approx(1 / 5**0.5, rel=1e-6)


def test_one_row_is_orthogonal():
    assert float(regularizers.OrthogonalRegularizer()(W[:1])) == 0.0


def penalty_on_everything(x):
    return 0.5 * x.sum()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"kernel_regularizer": "l2"}, 0.14),
        ({"kernel_regularizer": regularizers.l1(1.0), "bias_regularizer": regularizers.l2(1.0)}, 14.0),
        ({"kernel_regularizer": penalty_on_everything}, 1.0),
        ({"activity_regularizer": regularizers.L2(1.0)}, (6**2 + 4 + 2 * 4) / 2),
    ],
)
def test_penalties_are_part_of_the_loss(arguments, expected):
    model = lamina.Sequential([layers.Input((2,)), layers.Dense(2, **arguments)])
    model.set_weights([W, np.array([2.0, 2.0], "float32")])
    model.compile(optimizer=lamina.optimizers.SGD(1e-30), loss=lambda y, p: 0 * p[:, 0])
    x, y = np.array([[1.0, 1.0], [0.0, 0.0]], "float32"), np.zeros((2, 2), "float32")
    assert float(sum(model.losses) if not arguments.get("activity_regularizer") else expected) == pytest.approx(
        expected
    )
    found = model.evaluate(x, y, verbose=0)
    if "activity_regularizer" in arguments:
        outputs = model.predict(x, verbose=0)
        expected = (outputs**2).sum() / 2
    assert found == pytest.approx(expected, rel=1e-6)
    assert model.fit(x, y, verbose=0).history["loss"][0] == pytest.approx(expected, rel=1e-6)


def test_a_factor_can_change_between_steps():
    regularizer = regularizers.L2(0.5)
    model = lamina.Sequential([layers.Input((2,)), layers.Dense(2, use_bias=False, kernel_regularizer=regularizer)])
    model.set_weights([W])
    model.compile(optimizer=lamina.optimizers.SGD(1e-30), loss="mse")
    x = np.zeros((2, 2), "float32")
    assert model.evaluate(x, x, verbose=0) == pytest.approx(7.0)
    regularizer.l2 = 1.0
    assert model.evaluate(x, x, verbose=0) == pytest.approx(14.0)
