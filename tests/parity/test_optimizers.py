"""Optimizers, step by step against Keras's."""

import json
import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lamina
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
    ("AdamW", {}),
    ("AdamW", {"weight_decay": 0.1, "amsgrad": True}),
    ("Adamax", {}),
    ("Adamax", {"learning_rate": 0.01, "beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-4}),
    ("Nadam", {}),
    ("Nadam", {"learning_rate": 0.01, "beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-4}),
    ("Adagrad", {}),
    ("Adagrad", {"learning_rate": 0.1, "initial_accumulator_value": 0.5, "epsilon": 1e-3}),
    ("Adadelta", {}),
    ("Adadelta", {"learning_rate": 1.0, "rho": 0.8, "epsilon": 1e-3}),
    ("Ftrl", {}),
    ("Ftrl", {"learning_rate": 0.1, "learning_rate_power": -0.7, "initial_accumulator_value": 0.5, "beta": 0.1}),
    ("Ftrl", {"l1_regularization_strength": 0.1, "l2_regularization_strength": 0.2}),
    ("Ftrl", {"l2_shrinkage_regularization_strength": 0.3}),
    ("Lion", {}),
    ("Lion", {"learning_rate": 0.01, "beta_1": 0.5, "beta_2": 0.9}),
    ("Lamb", {}),
    ("Lamb", {"learning_rate": 0.01, "beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-4}),
    ("Adafactor", {}),
    ("Adafactor", {"learning_rate": 0.1, "beta_2_decay": -0.5, "clip_threshold": 0.5, "relative_step": False}),
    ("Muon", {}),
    ("Muon", {"learning_rate": 0.1, "nesterov": False, "momentum": 0.5, "ns_steps": 3, "rms_rate": None}),
    ("Muon", {"exclude_layers": ["dense"], "adam_lr_ratio": 0.5, "adam_weight_decay": None, "weight_decay": None}),
    ("ScheduleFreeAdamW", {}),
    ("ScheduleFreeAdamW", {"learning_rate": 0.1, "beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-4, "warmup_steps": 4}),
]
EXTRAS = [
    {"clipnorm": 0.5},
    {"clipvalue": 0.1},
    {"global_clipnorm": 0.7},
    {"weight_decay": 0.05},
    {"weight_decay": 0.01, "clipnorm": 1.0},
    {"use_ema": True},
    {"use_ema": True, "ema_momentum": 0.5, "ema_overwrite_frequency": 3},
    {"gradient_accumulation_steps": 3},
    {"gradient_accumulation_steps": 2, "clipnorm": 0.5, "weight_decay": 0.05},
    {"gradient_accumulation_steps": 2, "use_ema": True, "ema_momentum": 0.5, "ema_overwrite_frequency": 2},
    {"loss_scale_factor": 8.0},
]
SHAPES = {"dense/kernel": (4, 3), "dense/bias": (3,), "tall/kernel": (2, 5)}
MORE_SHAPES = {**SHAPES, "scale": (), "deep": (2, 4, 3)}
NAMES = sorted({name for name, _ in RECIPES})
each_recipe = pytest.mark.parametrize(("name", "arguments"), RECIPES, ids=str)


def start(shapes=SHAPES):
    return [np.random.normal(size=shape).astype("float32") for shape in shapes.values()]


def gradients(steps, dtype="float32", shapes=SHAPES):
    return [[jnp.asarray(np.random.normal(size=s), dtype) for s in shapes.values()] for _ in range(steps)]


def variables_of(values, shapes=SHAPES):
    own = [Variable(value, name=path.split("/")[-1]) for path, value in zip(shapes, values, strict=True)]
    theirs = [keras.Variable(value, name=path.split("/")[-1]) for path, value in zip(shapes, values, strict=True)]
    for path, one, other in zip(shapes, own, theirs, strict=True):
        one.path = other._path = path
    return own, theirs


def run(optimizer, variables, steps):
    """Ends of variables and slots after some steps.

    They are taken one by one, since XLA compiles single operations once for all optimizers. Those that branch
    would compile at each step; theirs are one program.
    """
    optimizer.build(variables)
    if not (optimizer.gradient_accumulation_steps or hasattr(optimizer, "dynamic_scale")):
        for step in steps:
            optimizer.apply(step, variables)
        return [[np.asarray(v.value, "float32") for v in group] for group in (variables, optimizer.variables)]
    start = [v.value for v in variables], [v.value for v in optimizer.variables]
    grads = jax.tree.map(lambda *one: jnp.stack(one), *steps)
    values, slots = jax.jit(
        lambda start, grads: jax.lax.scan(lambda now, one: (_applied(optimizer, now, one), None), start, grads)[0]
    )(start, grads)
    return [np.asarray(value, "float32") for value in values], [np.asarray(slot, "float32") for slot in slots]


def _applied(optimizer, now, gradient):
    values, slots = optimizer.stateless_apply(now[1], gradient, now[0])
    return [a.astype(b.dtype) for a, b in zip(values, now[0], strict=True)], [
        a.astype(b.dtype) for a, b in zip(slots, now[1], strict=True)
    ]


def pair(name, arguments):
    return getattr(optimizers, name)(**arguments), getattr(keras.optimizers, name)(**arguments)


def assert_same_ends(own, theirs, steps, rtol=1e-5, atol=1e-6, shapes=SHAPES):
    own_variables, their_variables = variables_of(start(shapes), shapes)
    found, expected = run(own, own_variables, steps), run(theirs, their_variables, steps)
    for ends, their_ends in zip(found, expected, strict=True):
        for one, other in zip(ends, their_ends, strict=True):
            np.testing.assert_allclose(one, other, rtol=rtol, atol=atol)


@each_recipe
def test_ten_steps_end_where_kerass_do(name, arguments):
    assert_same_ends(*pair(name, arguments), gradients(10, shapes=MORE_SHAPES), shapes=MORE_SHAPES)


TOGETHER = [
    {"clipnorm": 0.5, "weight_decay": 0.05, "use_ema": True, "ema_momentum": 0.5, "ema_overwrite_frequency": 3},
    {"gradient_accumulation_steps": 2, "global_clipnorm": 0.7, "loss_scale_factor": 8.0},
]


@pytest.mark.parametrize(
    ("name", "extra"),
    [("Adam", extra) for extra in EXTRAS] + [(name, extra) for name in NAMES for extra in TOGETHER],
    ids=str,
)
def test_common_options_of_each_optimizer(name, extra):
    assert_same_ends(*pair(name, {"learning_rate": 0.01, **extra}), gradients(10))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("name", NAMES)
def test_half_precision_variables_move_as_in_keras(name, dtype):
    small = {"epsilon": 1e-3} if "epsilon" in getattr(optimizers, name)().get_config() else {}
    own, theirs = pair(name, {**small, "learning_rate": 0.01})
    own_variables, their_variables = variables_of([jnp.asarray(value, dtype) for value in start()])
    steps = gradients(5, dtype)
    found, expected = run(own, own_variables, steps)[0], run(theirs, their_variables, steps)[0]
    assert [variable.dtype for variable in own_variables] == [dtype] * len(SHAPES)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=0.03, atol=0.03)


@pytest.mark.parametrize("extra", [{}, {"use_ema": True, "gradient_accumulation_steps": 2}], ids=str)
@each_recipe
def test_state_has_kerass_order_names_and_shapes(name, arguments, extra):
    own, theirs = pair(name, {**arguments, **extra, "name": "best"})
    own_variables, their_variables = variables_of(start(MORE_SHAPES), MORE_SHAPES)
    own.build(own_variables)
    theirs.build(their_variables)
    # The name of Nadam's product is counted in Keras: variable, variable_1 …
    assert [v.path for v in own.variables] == [re.sub(r"^variable_\d+$", "variable", v.path) for v in theirs.variables]
    assert [(v.shape, v.dtype) for v in own.variables] == [(tuple(v.shape), str(v.dtype)) for v in theirs.variables]


def assert_configs_travel(own, theirs):
    own_config, their_config = own.get_config(), theirs.get_config()
    assert own_config == their_config
    name = type(own).__name__
    assert getattr(keras.optimizers, name).from_config(json.loads(json.dumps(own_config))).get_config() == their_config
    assert getattr(optimizers, name).from_config(their_config).get_config() == own_config
    assert optimizers.deserialize(keras.optimizers.serialize(theirs)).get_config() == own_config
    if name != "Lamb":  # Keras has forgotten to list it
        assert keras.optimizers.deserialize(optimizers.serialize(own)).get_config() == their_config


@each_recipe
def test_configs_travel_both_ways(name, arguments):
    assert_configs_travel(*pair(name, {**arguments, "name": "mine"}))


@pytest.mark.parametrize("extra", EXTRAS, ids=str)
def test_configs_with_common_options_travel(extra):
    assert_configs_travel(*pair("Adam", {**extra, "name": "mine"}))


def test_schedules_and_functions_as_rates():
    schedule = {"initial_learning_rate": 0.1, "decay_steps": 3, "decay_rate": 0.5}
    own = optimizers.SGD(optimizers.schedules.ExponentialDecay(**schedule), momentum=0.5, name="mine")
    theirs = keras.optimizers.SGD(keras.optimizers.schedules.ExponentialDecay(**schedule), momentum=0.5, name="mine")
    assert_same_ends(own, theirs, gradients(10))
    assert len(own.variables) == len(theirs.variables)
    assert_configs_travel(own, theirs)
    assert_same_ends(*pair("SGD", {"learning_rate": lambda: 0.25}), gradients(3))


@pytest.mark.parametrize("extra", [{}, {"gradient_accumulation_steps": 2}], ids=str)
def test_a_schedule_with_accumulation_goes_by_batches(extra):
    schedules = [
        module.schedules.PiecewiseConstantDecay([2, 5], [0.1, 0.05, 0.01]) for module in (optimizers, keras.optimizers)
    ]
    own, theirs = optimizers.Adam(schedules[0], **extra), keras.optimizers.Adam(schedules[1], **extra)
    assert_same_ends(own, theirs, gradients(10))


@pytest.mark.parametrize("excluded", [{"var_names": ["bias", "tall"]}, {"var_list": [0]}], ids=str)
@pytest.mark.parametrize("name", ["SGD", "AdamW", "Muon"])
def test_variables_can_be_left_out_of_the_decay(name, excluded):
    own, theirs = pair(name, {"learning_rate": 0.01, "weight_decay": 0.5})
    ends = []
    steps, values = gradients(5), start()
    for optimizer, variables in zip((own, theirs), variables_of(values), strict=True):
        chosen = {"var_list": [variables[0]]} if "var_list" in excluded else excluded
        optimizer.exclude_from_weight_decay(**chosen)
        ends.append(run(optimizer, variables, steps)[0])
    for one, other in zip(*ends, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("spoiled", [(), (2, 3), (0, 5)], ids=str)
def test_loss_scaling(spoiled):
    def wrap(module):
        inner = module.Adam(0.01, clipnorm=1.0, name="inner")
        return module.LossScaleOptimizer(inner, initial_scale=64.0, dynamic_growth_steps=3, name="outer")

    own, theirs = wrap(optimizers), wrap(keras.optimizers)
    assert own.get_config() == theirs.get_config()
    assert optimizers.deserialize(keras.optimizers.serialize(theirs)).get_config() == own.get_config()
    steps = [[gradient * 64 for gradient in step] for step in gradients(10)]
    for index in spoiled:
        steps[index][1] = steps[index][1].at[0].set(jnp.inf)
    assert_same_ends(own, theirs, steps)
    assert [v.path for v in own.variables] == [v.path for v in theirs.variables]
    assert float(own.scale_loss(2.0)) == float(theirs.scale_loss(2.0)) == 128.0


@pytest.mark.parametrize("options", [{}, {"loss_scale_factor": 4.0}], ids=str)
def test_several_optimizers(options):
    def choose(module):
        optimizers = module.OptimizerMap(module.SGD(0.1, momentum=0.5, name="a"))
        optimizers["dense/.*"] = module.Adam(0.01, use_ema=True, ema_overwrite_frequency=3, name="b")
        optimizers["tall/kernel"] = module.Lion(0.01, clipnorm=1.0, name="c")
        return module.MultiOptimizer(optimizers, name="several", **options)

    own, theirs = choose(optimizers), choose(keras.optimizers)
    assert_configs_travel(own, theirs)
    assert_same_ends(own, theirs, gradients(10))
    assert [v.path for v in own.variables] == [v.path for v in theirs.variables]


FITTED = [
    ("SGD", {"momentum": 0.9, "nesterov": True, "weight_decay": 0.01}),
    ("Adam", {"use_ema": True, "ema_momentum": 0.8, "ema_overwrite_frequency": 4}),
    ("RMSprop", {"gradient_accumulation_steps": 3, "clipnorm": 0.5}),
    ("Nadam", {"loss_scale_factor": 16.0, "global_clipnorm": 0.5}),
    ("Muon", {}),
    ("Adafactor", {"use_ema": True, "gradient_accumulation_steps": 2}),
    ("Lamb", {}),
    ("Ftrl", {"learning_rate": 0.1}),
]


def fitted(module, optimizer, policy=None):
    keras_model = module.Sequential([module.layers.Input((3,)), module.layers.Dense(5, "tanh", dtype=policy)])
    keras_model.add(module.layers.Dense(1, dtype=policy))
    weights = np.random.RandomState(1)
    keras_model.set_weights([weights.normal(size=w.shape).astype("float32") for w in keras_model.get_weights()])
    keras_model.compile(optimizer, "mse")
    x = weights.normal(size=(22, 3)).astype("float32")
    history = keras_model.fit(x, x.sum(1, keepdims=True), batch_size=4, epochs=3, shuffle=False, verbose=0)
    return history.history["loss"], keras_model.get_weights(), keras_model


@pytest.mark.parametrize(("name", "arguments"), FITTED, ids=str)
def test_fit_ends_where_kerass_does(name, arguments):
    own, theirs = pair(name, arguments)
    losses, weights, _ = fitted(lamina, own)
    their_losses, their_weights, _ = fitted(keras, theirs)
    np.testing.assert_allclose(losses, their_losses, rtol=1e-5)
    for one, other in zip(weights, their_weights, strict=True):
        np.testing.assert_allclose(one, other, rtol=2e-5, atol=2e-6)
    for one, other in zip(own.variables, theirs.variables, strict=True):
        np.testing.assert_allclose(one.numpy(), other.numpy(), rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_fit_in_mixed_precision_goes_as_kerass(policy):
    own, theirs = pair("Adam", {"learning_rate": 0.01})
    losses, weights, model = fitted(lamina, own, policy)
    their_losses, their_weights, their_model = fitted(keras, theirs, policy)
    np.testing.assert_allclose(losses, their_losses, rtol=1e-6)
    for one, other in zip(weights, their_weights, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-7)
    assert [w.dtype for w in model.weights] == ["float32"] * 4
    assert type(model.optimizer).__name__ == type(their_model.optimizer).__name__
