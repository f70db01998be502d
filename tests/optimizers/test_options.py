"""Options that all optimizers share: decays, averages, accumulation, scales, and sets of variables that change."""

import re

import numpy as np
import pytest

import lamina as keras
from lamina import optimizers
from lamina.core.variable import Variable

SCHEDULE = optimizers.schedules.PiecewiseConstantDecay([0], [0.5, 0.25])


@pytest.mark.parametrize("rate", [0.5, SCHEDULE], ids=["number", "schedule"])
def test_decay_is_that_of_keras_2(rate):
    optimizer, w = optimizers.SGD(lr=rate, decay=0.5), Variable([0.0])
    rates = [rate] * 4 if isinstance(rate, float) else [float(rate(step)) for step in range(4)]
    for _ in range(4):
        optimizer.apply([[1.0]], [w])
    np.testing.assert_allclose(w.numpy(), [-sum(r / (1 + 0.5 * step) for step, r in enumerate(rates))], rtol=1e-6)
    assert optimizer.get_config()["decay"] == 0.5
    assert optimizers.SGD.from_config(optimizer.get_config()).decay == 0.5
    assert "decay" not in optimizers.SGD(0.1, decay=0.0).get_config()


def test_configs_of_keras_2_make_optimizers():
    old = {"name": "Adam", "learning_rate": 0.01, "decay": 0.0, "epsilon": None, "jit_compile": True}
    assert optimizers.Adam.from_config({**old, "is_legacy_optimizer": False}).epsilon == keras.config.epsilon()
    assert optimizers.legacy.Adam is optimizers.Adam
    assert type(optimizers.deserialize({"module": "keras.optimizers.legacy", "class_name": "SGD", "config": {}})) is (
        optimizers.SGD
    )


def test_an_update_waits_for_its_batches():
    optimizer, w = optimizers.SGD(1.0, gradient_accumulation_steps=3), Variable([0.0])
    for gradient, end in ((1.0, 0.0), (2.0, 0.0), (6.0, -3.0), (3.0, -3.0)):
        optimizer.apply([[gradient]], [w])
        assert w.numpy() == end
    assert int(optimizer.iterations) == 1


def test_fit_ends_with_the_averages():
    x = np.random.normal(size=(8, 2)).astype("float32")
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, use_bias=False)])
    model.compile(optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5), "mse")
    model.fit(x, x[:, :1], batch_size=2, epochs=2, verbose=0)
    average = next(v for v in model.optimizer.variables if v.path.endswith("_average"))
    np.testing.assert_array_equal(model.get_weights()[0], average.numpy())


def test_training_goes_on_from_averages():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5), "mse")
    x, y = np.ones((4, 2), "float32"), np.ones((4, 1), "float32")
    losses = [model.fit(x, y, verbose=0).history["loss"][0] for _ in range(3)]
    assert losses[2] < losses[1] < losses[0]


def test_a_pure_step_changes_no_variable():
    optimizer, w = optimizers.Adam(0.1), Variable([1.0])
    with pytest.raises(ValueError, match="no slots yet"):
        optimizer.stateless_apply([], [], [])
    optimizer.build([w])
    slots = [v.value for v in optimizer.variables]
    (value,), new = optimizer.stateless_apply(slots, [np.ones(1, "float32")], [w.value])
    assert (float(value[0]), float(w.numpy()[0])) == (pytest.approx(0.9, rel=1e-5), 1.0)
    assert int(new[0]) == 1
    assert int(optimizer.iterations) == 0
    with pytest.raises(ValueError, match="has 4 optimizer_variables, but stateless_apply got 3"):
        optimizer.stateless_apply(slots[:3], [np.ones(1)], [w.value])


def test_states_can_be_kept():
    first, second, w = optimizers.Adam(0.1), optimizers.Adam(0.2), Variable([1.0])
    first.apply([[2.0]], [w])
    with pytest.raises(ValueError, match="no slots yet"):
        second.set_weights(first.get_weights())
    second.build([w])
    second.set_weights(first.get_weights())
    store = {}
    first.save_own_variables(store)
    third = optimizers.Adam()
    with pytest.warns(UserWarning, match="has 2 variables, but 4 were saved; it has not been built"):
        third.load_own_variables(store)
    third.build([w])
    third.load_own_variables(store)
    for other in (second, third):
        for one, two in zip(first.variables, other.variables, strict=True):
            np.testing.assert_array_equal(one.numpy(), two.numpy())
    with pytest.raises(ValueError, match=r"has shape \(\), but was given one of \(2,\)"):
        second.set_weights([np.zeros(2), *first.get_weights()[1:]])


def frozen_model(optimizer):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, name="below"), keras.layers.Dense(1)])
    model.layers[0].trainable = False
    model.compile(optimizer, "mse")
    model.fit(np.ones((2, 2)), np.ones((2, 1)), verbose=0)
    return model


def test_an_optimizer_is_of_one_set_of_variables():
    optimizer = optimizers.Adam(name="mine")
    model = frozen_model(optimizer)
    model.layers[0].trainable = True
    model.compile(optimizer, "mse")
    with pytest.raises(ValueError, match=r"'mine' was built for other variables.*below(?s:.*)with a new optimizer"):
        model.fit(np.ones((2, 2)), np.ones((2, 1)), verbose=0)
    model.compile(optimizers.Adam(), "mse")
    model.fit(np.ones((2, 2)), np.ones((2, 1)), verbose=0)


def test_fewer_variables_may_be_trained_by_the_same_optimizer():
    optimizer = optimizers.Adam(0.1)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2), keras.layers.Dense(1)])
    for frozen in (False, True):
        model.layers[0].trainable = not frozen
        before = model.layers[0].get_weights()[0]
        model.compile(optimizer, "mse")
        model.fit(np.ones((2, 2)), np.ones((2, 1)), verbose=0)
        assert np.array_equal(before, model.layers[0].get_weights()[0]) == frozen


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"gradient_accumulation_steps": 1}, "gradient_accumulation_steps must be an integer, 2 or above.*=1"),
        ({"gradient_accumulation_steps": 2.5}, "gradient_accumulation_steps must be"),
        ({"use_ema": True, "ema_momentum": 1.5}, "ema_momentum must be a number from 0 to 1.*1.5"),
        ({"use_ema": True, "ema_overwrite_frequency": 0}, "ema_overwrite_frequency must be a positive integer.*=0"),
        ({"loss_scale_factor": 0}, "loss_scale_factor must be a finite number above 0"),
        ({"decay": -1}, "decay must be a finite number, zero or above"),
        ({"momentum": -0.1}, "momentum must be a number from 0 to 1"),
        ({"momentum": float("nan")}, "momentum must be.*nan"),
        ({"clipvalue": 0}, "clipvalue must be a finite number above 0"),
        ({"clipnorm": 1.0, "global_clipnorm": 2.0}, "Only one of clipnorm, clipvalue and global_clipnorm"),
        ({"learning_rate": float("inf")}, "learning_rate must be a finite number.*inf"),
        (
            {"learning_rate": optimizers.schedules.CosineDecay},
            "learning_rate must be .* or a schedule.*<class '.*CosineDecay'>",
        ),
    ],
    ids=str,
)
def test_wrong_options_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        optimizers.SGD(**arguments)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: optimizers.AdamW(weight_decay=None), "AdamW: weight_decay must be"),
        (lambda: optimizers.Lion(beta_1=0), "Lion: beta_1 must be a number above 0, up to 1.*=0"),
        (lambda: optimizers.Ftrl(learning_rate_power=1), "learning_rate_power must be a finite number, zero or below"),
        (lambda: optimizers.Adagrad(initial_accumulator_value=-1), "initial_accumulator_value must be"),
        (lambda: optimizers.Muon(ns_steps=-1), "Muon: ns_steps must be an integer, 0 or above"),
        (lambda: optimizers.Adafactor(clip_threshold=0), "clip_threshold must be a finite number above 0"),
        (lambda: optimizers.LossScaleOptimizer("adam"), "inner_optimizer must be an optimizer.*'adam'"),
        (lambda: optimizers.LossScaleOptimizer(optimizers.SGD(), clipnorm=1.0), "takes no clipnorm"),
        (lambda: optimizers.LossScaleOptimizer(optimizers.SGD(), learning_rate=0.1), "takes no learning_rate"),
        (lambda: optimizers.LossScaleOptimizer(optimizers.SGD(), dynamic=False), "no dynamic=False"),
        (lambda: optimizers.LossScaleOptimizer(optimizers.SGD(), initial_scale=0), "initial_scale must be"),
    ],
)
def test_wrong_numbers_of_recipes_are_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_it_is_too_late_to_leave_out_variables_of_a_built_optimizer():
    optimizer = optimizers.AdamW()
    optimizer.build([Variable([1.0])])
    with pytest.raises(ValueError, match=re.escape("too late for exclude_from_weight_decay()")):
        optimizer.exclude_from_weight_decay(var_names=["bias"])
