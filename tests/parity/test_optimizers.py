"""Optimizers, step by step against Keras's."""

import json

import jax.numpy as jnp
import numpy as np
import pytest

from lamina import optimizers
from lamina.core.variable import Variable

keras = pytest.importorskip("keras")
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras's variables

RECIPES = [
    ("SGD", {}),
    ("SGD", {"learning_rate": 0.1, "momentum": 0.9}),
    ("SGD", {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True}),
    ("RMSprop", {}),
    ("RMSprop", {"rho": 0.8, "momentum": 0.5}),
    ("RMSprop", {"centered": True}),
    ("RMSprop", {"learning_rate": 0.01, "centered": True, "momentum": 0.9, "epsilon": 1e-3}),
    ("Adam", {}),
    ("Adam", {"learning_rate": 0.01, "beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-4}),
    ("Adam", {"amsgrad": True}),
]
EXTRAS = [
    {"clipnorm": 0.5},
    {"clipvalue": 0.1},
    {"global_clipnorm": 0.7},
    {"weight_decay": 0.05},
    {"weight_decay": 0.01, "clipnorm": 1.0},
]
SHAPES = [(4, 3), (3,), ()]
each_recipe = pytest.mark.parametrize(("name", "arguments"), RECIPES, ids=str)


def start(dtype="float32"):
    return [np.random.normal(size=shape).astype("float32").astype(dtype) for shape in SHAPES]


def variables_of(values):
    own = [Variable(value, name=f"v{index}") for index, value in enumerate(values)]
    theirs = [keras.Variable(value, name=f"v{index}") for index, value in enumerate(values)]
    return own, theirs


def run(optimizer, variables, gradients):
    for step in gradients:
        optimizer.apply(list(step), variables)
    return [np.asarray(variable.value, "float32") for variable in variables]


def pair(name, arguments):
    return getattr(optimizers, name)(**arguments), getattr(keras.optimizers, name)(**arguments)


@pytest.mark.parametrize(
    ("name", "arguments", "extra"),
    [(*recipe, {}) for recipe in RECIPES] + [(*RECIPES[index], extra) for index in (1, 3, 7) for extra in EXTRAS],
    ids=str,
)
def test_twenty_steps_end_where_kerass_do(name, arguments, extra):
    own, theirs = pair(name, {**arguments, **extra})
    own_variables, their_variables = variables_of(start())
    gradients = [[np.random.normal(size=shape).astype("float32") for shape in SHAPES] for _ in range(20)]
    found = run(own, own_variables, gradients)
    expected = run(theirs, their_variables, [[jnp.asarray(g) for g in step] for step in gradients])
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-6)
    for one, other in zip(own.variables, theirs.variables, strict=True):
        np.testing.assert_allclose(one.numpy(), other.numpy(), rtol=2e-6, atol=1e-6)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@each_recipe
def test_half_precision_variables_move_as_in_keras(name, arguments, dtype):
    own, theirs = pair(name, {**arguments, "learning_rate": 0.01, "epsilon": 1e-3} if name != "SGD" else arguments)
    values = [jnp.asarray(value, dtype) for value in start()]
    own_variables, their_variables = variables_of(values)
    gradients = [[jnp.asarray(np.random.normal(size=shape), dtype) for shape in SHAPES] for _ in range(5)]
    found, expected = run(own, own_variables, gradients), run(theirs, their_variables, gradients)
    assert [variable.dtype for variable in own_variables] == [dtype] * 3
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=0.02, atol=0.02)


@each_recipe
def test_state_has_kerass_order_names_and_shapes(name, arguments):
    own, theirs = pair(name, {**arguments, "name": "best"})
    own_variables, their_variables = variables_of(start())
    for one, other, path in zip(own_variables, their_variables, ["dense/kernel", "dense/bias", "scale"], strict=True):
        one.path = other._path = path
    own.build(own_variables)
    theirs.build(their_variables)
    assert [v.path for v in own.variables] == [v.path for v in theirs.variables]
    assert [(v.shape, v.dtype) for v in own.variables] == [(tuple(v.shape), str(v.dtype)) for v in theirs.variables]


@pytest.mark.parametrize("extra", [{}, {"clipnorm": 0.5}, {"global_clipnorm": 0.7, "weight_decay": 0.05}], ids=str)
@each_recipe
def test_configs_travel_both_ways(name, arguments, extra):
    own, theirs = pair(name, {**arguments, **extra, "name": "mine"})
    own_config, their_config = own.get_config(), theirs.get_config()
    assert {key: their_config[key] for key in own_config} == own_config
    assert getattr(keras.optimizers, name).from_config(json.loads(json.dumps(own_config))).get_config() == their_config
    assert getattr(optimizers, name).from_config(their_config).get_config() == own_config
    assert optimizers.deserialize(keras.optimizers.serialize(theirs)).get_config() == own_config
    assert keras.optimizers.deserialize(optimizers.serialize(own)).get_config() == their_config


def test_schedules_and_functions_as_rates():
    halve = lambda step: 0.5 / (step + 1.0)  # noqa: E731

    class Halve(keras.optimizers.schedules.LearningRateSchedule):
        def __call__(self, step):
            return halve(keras.ops.cast(step, "float32"))

    for rate, their_rate in ((halve, Halve()), (lambda: 0.25, lambda: 0.25)):
        own, theirs = optimizers.SGD(rate, momentum=0.5), keras.optimizers.SGD(their_rate, momentum=0.5)
        own_variables, their_variables = variables_of(start())
        gradients = [[jnp.ones(shape) for shape in SHAPES]] * 5
        found, expected = run(own, own_variables, gradients), run(theirs, their_variables, gradients)
        np.testing.assert_allclose(found[0], expected[0], rtol=1e-6)
        assert len(own.variables) == len(theirs.variables)
