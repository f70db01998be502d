"""What every schedule does, and what the course's own ones tell."""

import copy
import json
import pickle

import jax.numpy as jnp
import numpy as np
import pytest

import lamina as keras
from lamina import optimizers
from lamina.core.variable import Variable
from lamina.optimizers import schedules
from lamina.training.loop import trace_count

EACH = {
    "ExponentialDecay": {"initial_learning_rate": 0.1, "decay_steps": 5, "decay_rate": 0.5},
    "InverseTimeDecay": {"initial_learning_rate": 0.1, "decay_steps": 5, "decay_rate": 0.5},
    "PiecewiseConstantDecay": {"boundaries": [2, 4], "values": [0.1, 0.05, 0.01]},
    "PiecewiseLinear": {"boundaries": [2, 4], "values": [0.1, 0.0]},
    "PolynomialDecay": {"initial_learning_rate": 0.1, "decay_steps": 5},
    "PowerDecay": {"initial_learning_rate": 0.1, "decay_steps": 5},
    "CosineDecay": {"initial_learning_rate": 0.1, "decay_steps": 5},
    "CosineDecayRestarts": {"initial_learning_rate": 0.1, "first_decay_steps": 3},
    "OneCycle": {"max_learning_rate": 0.1, "total_steps": 10},
    "OneCycleMomentum": {"total_steps": 10},
    "LinearWarmup": {"schedule": schedules.ExponentialDecay(0.1, 5, 0.5), "warmup_steps": 3},
}
each = pytest.mark.parametrize("name", EACH)


def make(name, **changes):
    return getattr(schedules, name)(**{**EACH[name], **changes})


def test_every_schedule_is_in_the_table():
    assert set(EACH) | {"LearningRateSchedule", "serialize", "deserialize"} == set(schedules.__all__)


@each
def test_configs_copies_and_pickles_tell_the_same(name):
    schedule, steps = make(name), np.arange(12)
    record = json.loads(json.dumps(schedules.serialize(schedule)))
    others = [schedules.deserialize(record), type(schedule).from_config(schedule.get_config())]
    for other in (*others, copy.deepcopy(schedule), pickle.loads(pickle.dumps(schedule))):
        np.testing.assert_array_equal(other(steps), schedule(steps))
        assert other.get_config() == schedule.get_config()


@each
def test_one_step_or_many_of_any_kind(name):
    schedule = make(name)
    expected = schedule(np.arange(5))
    assert expected.shape == (5,)
    for step in (3, 3.0, np.int64(3), jnp.asarray(3), Variable(3, dtype="int32")):
        found = schedule(step)
        assert found.shape == ()
        assert found.dtype == "float32"
        np.testing.assert_allclose(found, expected[3], rtol=1e-6)


@each
def test_each_step_of_fit_asks_the_schedule(name):
    schedule = make(name)
    x = np.ones((6, 1), "float32")

    def descend(optimizer):
        model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")])
        model.compile(optimizer, lambda y, p: p)
        model.fit(x, x, batch_size=1, epochs=2, verbose=0)
        return model

    model = descend(optimizers.SGD(schedule))
    np.testing.assert_allclose(model.get_weights()[0][0, 0], -np.sum(schedule(np.arange(12))), rtol=1e-5)
    np.testing.assert_allclose(model.optimizer.learning_rate, schedule(12), rtol=1e-6)
    # The same object serves another optimizer.
    other = optimizers.RMSprop(schedule)
    assert float(other.learning_rate) == float(schedule(0))


def trained(schedule):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(optimizers.SGD(schedule), "mse")
    model.fit(np.ones((4, 1)), np.ones((4, 1)), verbose=0)
    return model.optimizer


def test_numbers_of_schedules_compile_nothing():
    trained(schedules.ExponentialDecay(0.1, 10, 0.5))
    traces = trace_count()
    trained(schedules.ExponentialDecay(0.3, 20, 0.25))
    assert trace_count() == traces
    trained(schedules.ExponentialDecay(0.3, 20, 0.25, staircase=True))
    assert trace_count() == traces + 1


def test_a_number_may_change_while_the_schedule_is_in_use():
    schedule = schedules.PowerDecay(0.1, 10)
    optimizer = trained(schedule)
    schedule.initial_learning_rate = 0.0
    assert float(optimizer.learning_rate) == 0


def test_one_cycle_goes_up_and_down_and_far_down():
    cycle = schedules.OneCycle(1.0, 100, initial_learning_rate=0.2, final_learning_rate=0.0, last_steps=20)
    np.testing.assert_allclose(cycle([0, 20, 40, 60, 80, 90, 100, 500]), [0.2, 0.6, 1, 0.6, 0.2, 0.1, 0, 0], atol=1e-6)
    later = schedules.OneCycle(1.0, 100, 0.2, 0.0, 20, first_step=50)
    np.testing.assert_allclose(later([0, 50, 70, 150]), [0.2, 0.2, 0.6, 0], atol=1e-6)
    momentum = schedules.OneCycleMomentum(100, 0.9, 0.5, last_steps=20)
    np.testing.assert_allclose(momentum([0, 20, 40, 60, 80, 100]), [0.9, 0.7, 0.5, 0.7, 0.9, 0.9], atol=1e-6)
    np.testing.assert_allclose(schedules.OneCycle(1.0, 10, last_steps=0)([0, 5, 10]), [0.1, 1.0, 0.1], atol=1e-6)


def test_warm_up_goes_in_front_of_anything():
    inner = schedules.PiecewiseConstantDecay([5], [0.4, 0.1])
    warm = schedules.LinearWarmup(inner, 10, initial_learning_rate=0.2)
    np.testing.assert_allclose(warm([0, 5, 10, 15, 16]), [0.2, 0.3, 0.4, 0.4, 0.1], rtol=1e-6)
    again = schedules.LinearWarmup(warm, 10)
    np.testing.assert_allclose(again([0, 5, 10, 15]), [0.0, 0.1, 0.2, 0.3], atol=1e-7)


@pytest.mark.parametrize("name", ["momentum", "beta_1"])
def test_any_number_of_an_optimizer_may_follow_a_schedule(name):
    plan = schedules.PiecewiseConstantDecay([1, 2], [0.9, 0.5, 0.1])
    make_one = optimizers.SGD if name == "momentum" else optimizers.Adam
    scheduled, by_hand = make_one(0.1, **{name: plan}), make_one(0.1, **{name: 0.9})
    v, w = Variable([1.0]), Variable([1.0])
    for step in range(5):
        setattr(by_hand, name, float(plan(step)))
        scheduled.apply([[1.0 + step]], [v])
        by_hand.apply([[1.0 + step]], [w])
    np.testing.assert_allclose(v.numpy(), w.numpy(), rtol=1e-5)
    again = optimizers.deserialize(json.loads(json.dumps(optimizers.serialize(scheduled))))
    assert again.get_config() == scheduled.get_config()
    assert float(getattr(again, name)) == pytest.approx(0.9)


class Halving(schedules.LearningRateSchedule):
    """Written as one writes it for Keras."""

    def __init__(self, initial_learning_rate):
        self.initial_learning_rate = initial_learning_rate

    def __call__(self, step):
        return self.initial_learning_rate * keras.ops.power(0.5, keras.ops.cast(step, "float32"))

    def get_config(self):
        return {"initial_learning_rate": self.initial_learning_rate}


def test_schedules_of_ones_own():
    optimizer, w = optimizers.SGD(Halving(0.5)), Variable([0.0])
    for _ in range(3):
        optimizer.apply([[1.0]], [w])
    np.testing.assert_allclose(w.numpy(), [-0.875])
    config = optimizers.serialize(optimizer)
    again = optimizers.deserialize(config, custom_objects={"Halving": Halving})
    assert float(again.learning_rate) == 0.5
    with pytest.raises(NotImplementedError, match=r"has to define __call__\(self, step\)"):
        schedules.LearningRateSchedule()(0)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: make("ExponentialDecay", initial_learning_rate=-1), "ExponentialDecay: initial_learning_rate must"),
        (lambda: make("ExponentialDecay", decay_steps=0), "decay_steps must be a finite number above 0.*decay_steps=0"),
        (lambda: make("ExponentialDecay", initial_learning_rate=make("PowerDecay")), "must be a finite number, zero"),
        (lambda: make("PowerDecay", decay_steps=float("nan")), "PowerDecay: decay_steps must.*decay_steps=nan"),
        (lambda: make("CosineDecay", warmup_target=-1), "CosineDecay: warmup_target must"),
        (lambda: make("CosineDecayRestarts", t_mul=0), "CosineDecayRestarts: t_mul must"),
        (lambda: make("PiecewiseConstantDecay", values=[1.0]), "one more than boundaries.*2 boundaries, 1 values"),
        (lambda: make("PiecewiseConstantDecay", boundaries=[4, 2]), r"boundaries must ascend.*\[4, 2\]"),
        (lambda: make("PiecewiseLinear", values=[1.0, -1.0]), "PiecewiseLinear: values must be"),
        (lambda: make("OneCycle", total_steps=1.5), "total_steps must be an integer, 2 or above.*1.5"),
        (lambda: make("OneCycle", last_steps=9), "last_steps must leave two steps.*last_steps=9, total_steps=10"),
        (lambda: make("OneCycleMomentum", max_momentum=2), "OneCycleMomentum: max_momentum must be a number from 0"),
        (lambda: make("LinearWarmup", schedule="fast"), "LinearWarmup: rate must be"),
        (lambda: optimizers.Adam(beta_1=lambda: 0.9), "Adam: beta_1 must be a number or a schedule"),
        (lambda: optimizers.Adagrad(initial_accumulator_value=make("PowerDecay")), "initial_accumulator_value must be"),
        (lambda: keras.layers.Dropout(make("PowerDecay")), "rate must be a number"),
    ],
)
def test_wrong_numbers_are_named(build, message):
    with pytest.raises(ValueError, match=message):
        build()


def test_misspelt_names_are_found():
    with pytest.raises(AttributeError, match=r"no 'ExponentialDecy'(?s:.*)did you mean ExponentialDecay"):
        _ = schedules.ExponentialDecy
    with pytest.raises(ValueError, match="which is no schedule"):
        schedules.deserialize(optimizers.serialize(optimizers.SGD()))
