"""Schedules against Keras's, at many steps."""

import json

import jax
import numpy as np
import pytest

from lamina.optimizers import schedules

keras = pytest.importorskip("keras")

STEPS = np.array([0, 1, 2, 9, 10, 11, 15, 49, 50, 51, 99, 100, 101, 150, 333, 1000, 12345], "int32")
CASES = [
    ("ExponentialDecay", {"initial_learning_rate": 0.1, "decay_steps": 20, "decay_rate": 0.3}),
    ("ExponentialDecay", {"initial_learning_rate": 0.1, "decay_steps": 20, "decay_rate": 0.3, "staircase": True}),
    ("InverseTimeDecay", {"initial_learning_rate": 0.1, "decay_steps": 20, "decay_rate": 0.3}),
    ("InverseTimeDecay", {"initial_learning_rate": 0.1, "decay_steps": 7.5, "decay_rate": 3, "staircase": True}),
    ("PiecewiseConstantDecay", {"boundaries": [10, 100, 150], "values": [1.0, 0.5, 0.3, 0.1]}),
    ("PiecewiseConstantDecay", {"boundaries": [10.5], "values": [1.0, 0.0]}),
    ("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 100}),
    ("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 50, "end_learning_rate": 0.0, "power": 0.5}),
    ("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 50, "power": 2.0, "cycle": True}),
    ("CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 100}),
    ("CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 100, "alpha": 0.2}),
    (
        "CosineDecay",
        {"initial_learning_rate": 0.0, "decay_steps": 90, "warmup_target": 0.3, "warmup_steps": 11, "alpha": 0.1},
    ),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 10}),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 15, "t_mul": 1.0, "m_mul": 0.9}),
    (
        "CosineDecayRestarts",
        {"initial_learning_rate": 0.1, "first_decay_steps": 9, "t_mul": 1.5, "m_mul": 0.8, "alpha": 0.1},
    ),
]
each_case = pytest.mark.parametrize(("name", "arguments"), CASES, ids=str)


@each_case
def test_rates_are_kerass(name, arguments):
    own, theirs = getattr(schedules, name)(**arguments), getattr(keras.optimizers.schedules, name)(**arguments)
    expected = np.array([theirs(step) for step in STEPS])
    np.testing.assert_allclose(own(STEPS), expected, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose([own(int(step)) for step in STEPS[:5]], expected[:5], rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(jax.jit(own)(STEPS), jax.jit(jax.vmap(theirs))(STEPS), rtol=1e-6, atol=1e-7)
    assert own(0).dtype == theirs(0).dtype


@each_case
def test_configs_travel_both_ways(name, arguments):
    own, theirs = getattr(schedules, name)(**arguments), getattr(keras.optimizers.schedules, name)(**arguments)
    assert own.get_config() == theirs.get_config()
    record = json.loads(json.dumps(schedules.serialize(own)))
    assert record == json.loads(json.dumps(keras.optimizers.schedules.serialize(theirs)))
    assert schedules.deserialize(record).get_config() == theirs.get_config()
    assert keras.optimizers.schedules.deserialize(record).get_config() == own.get_config()
