"""What every optimizer does, whatever its recipe: new ones are found and checked by being registered."""

import copy
import json
import pickle

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lamina import optimizers
from lamina.core.functional import purify
from lamina.core.serialization import builtin_names
from lamina.core.state import Binding, State
from lamina.core.variable import Variable
from lamina.optimizers.optimizer import Optimizer
from lamina.optimizers.wrapping import WrappingOptimizer

# Configurations that switch parts of a recipe on; every optimizer is tested with its defaults too.
MORE = {
    "SGD": [{"momentum": 0.9}, {"momentum": 0.9, "nesterov": True}],
    "RMSprop": [{"momentum": 0.5}, {"centered": True}],
    "Adam": [{"amsgrad": True}],
    "Muon": [{"exclude_layers": ["."]}],
    "Ftrl": [{"l1_regularization_strength": 0.01, "beta": 0.1}],
}
COMMON = [
    {"clipnorm": 0.1, "weight_decay": 0.1, "use_ema": True, "ema_overwrite_frequency": 2},
    {"global_clipnorm": 0.1, "gradient_accumulation_steps": 2, "loss_scale_factor": 2.0},
]
# What wraps another optimizer has tests of its own.
NAMES = [
    name
    for name, item in builtin_names("optimizers").items()
    if issubclass(item, Optimizer) and not issubclass(item, WrappingOptimizer)
]
CASES = [
    (name, {"learning_rate": 0.1, **arguments}) for name in NAMES for arguments in [{}, *MORE.get(name, []), *COMMON]
]
each_case = pytest.mark.parametrize(("name", "arguments"), CASES, ids=str)
each_name = pytest.mark.parametrize("name", NAMES)


def make(name, arguments=None):
    return getattr(optimizers, name)(**(arguments or {}))


def problem():
    variables = [Variable(np.random.normal(size=shape).astype("float32")) for shape in [(3, 2), (2,)]]
    gradients = [[np.random.normal(size=v.shape).astype("float32") for v in variables] for _ in range(4)]
    return variables, gradients


def values(variables):
    return [v.numpy() for v in variables]


def assert_same(found, expected, rtol=1e-6):
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=rtol, atol=1e-7)


@each_case
def test_a_bowl_is_descended(name, arguments):
    optimizer, w = make(name, arguments), Variable([3.0, -2.0])
    for _ in range(60):
        optimizer.apply([2 * w.value], [w])
    assert np.square(w.numpy()).sum() < 12.99
    assert int(optimizer.iterations) == 60 // arguments.get("gradient_accumulation_steps", 1)


@each_case
def test_compiled_steps_equal_eager_ones(name, arguments):
    variables, gradients = problem()
    first = values(variables)
    compiled = make(name, arguments)
    compiled.build(variables)
    binding = Binding(State(params=tuple(variables), slots=tuple(compiled.variables)), owners=[compiled])
    step = jax.jit(
        lambda state, numbers, grads: purify(lambda: compiled.apply(grads, variables), binding)(state, numbers)[1]
    )
    state = binding.gather()
    for grads in gradients:
        state = step(state, binding.hyperparameters(), grads)
    binding.scatter(state)
    found = values(variables) + values(compiled.variables)

    eager = make(name, arguments)
    for variable, value in zip(variables, first, strict=True):
        variable.assign(value)
    for grads in gradients:
        eager.apply(grads, variables)
    assert_same(found, values(variables) + values(eager.variables), rtol=2e-6)


@each_case
def test_configs_make_equal_optimizers(name, arguments):
    optimizer = make(name, {**arguments, "name": "mine"})
    config = json.loads(json.dumps(optimizer.get_config()))
    record = json.loads(json.dumps(optimizers.serialize(optimizer)))
    variables, gradients = problem()
    first = values(variables)
    ends = []
    for one in (optimizer, type(optimizer).from_config(config), optimizers.deserialize(record)):
        for variable, value in zip(variables, first, strict=True):
            variable.assign(value)
        one.apply_gradients(zip(gradients[0], variables, strict=True))
        one.apply(gradients[1])
        ends.append(values(variables))
        assert one.get_config() == config
        assert one.name == "mine"
    assert_same(ends[0], ends[1])
    assert_same(ends[0], ends[2])


@each_name
def test_names_and_classes_mean_the_optimizer(name):
    for identifier in (name, name.lower(), name.upper(), getattr(optimizers, name), {"class_name": name, "config": {}}):
        assert type(optimizers.get(identifier)).__name__ == name
    one = make(name)
    assert optimizers.get(one) is one


@each_name
@pytest.mark.parametrize(
    "copied", [copy.deepcopy, lambda pair: pickle.loads(pickle.dumps(pair))], ids=["copy", "pickle"]
)
def test_copies_go_on_where_the_original_was(name, copied):
    optimizer, w = make(name, {"clipnorm": 0.5}), Variable([1.0])
    optimizer.apply([[1.0]], [w])
    other, v = copied((optimizer, w))
    for one, variable in ((optimizer, w), (other, v)):
        one.apply([[3.0]], [variable])
        assert int(one.iterations) == 2
    assert_same(values([v, *other.variables]), values([w, *optimizer.variables]))


@each_name
def test_lr_is_the_learning_rate(name):
    optimizer = make(name, {"lr": 0.25})
    assert float(optimizer.learning_rate) == float(optimizer.lr) == optimizer.get_config()["learning_rate"] == 0.25


@each_name
def test_rates_can_be_set_in_all_ways(name):
    optimizer = make(name)
    before = optimizer.variables
    for rate in (0.5, np.float32(0.5), jnp.asarray(0.5), Variable(0.5), 1):
        optimizer.learning_rate = rate
        assert float(optimizer.learning_rate) == float(rate)
    optimizer.lr = 0.125
    assert float(optimizer.learning_rate) == 0.125
    optimizer.learning_rate.assign(0.25)
    assert optimizer.get_config()["learning_rate"] == 0.25
    assert [id(v) for v in optimizer.variables] == [id(v) for v in before]


@each_name
def test_constraints_are_applied_after_the_step(name):
    w = Variable([1.0, 1.0], constraint=lambda value: jnp.where(value == 1, 0.0, value * 0 + 2))
    make(name, {"learning_rate": 0.5}).apply([[1.0, -1.0]], [w])
    np.testing.assert_array_equal(w.numpy(), [2.0, 2.0])


@each_name
def test_half_precision_weights_keep_their_dtype(name):
    w = Variable(jnp.ones(3, "float16"))
    make(name, {"learning_rate": 0.1, "weight_decay": 0.1}).apply([jnp.ones(3)], [w])
    assert w.dtype == "float16"
    assert (w.numpy() < 1).all()


@each_name
def test_wrong_arguments_are_named(name):
    with pytest.raises(TypeError, match=r"has no argument 'learningrate'(?s:.*)did you mean learning_rate"):
        make(name, {"learningrate": 0.1})
    with pytest.raises(ValueError, match="has no argument 'foo'"):  # as Keras's optimizers and layers raise
        make(name, {"foo": 0.1})
    for rate in (-0.1, float("nan"), "fast"):
        with pytest.raises(ValueError, match=rf"{name}: learning_rate must be a finite number.*{rate!r}"):
            make(name, {"learning_rate": rate})
    with pytest.raises(ValueError, match=f"{name}: weight_decay must be .*zero or above"):
        make(name, {"weight_decay": -0.1})
    with pytest.raises(ValueError, match=rf"{name}: clipnorm must be a finite number above 0. Received: clipnorm=-1"):
        make(name, {"clipnorm": -1})
    with pytest.raises(ValueError, match=r"Only one of .*clipnorm=1, clipvalue=2"):
        make(name, {"clipnorm": 1, "clipvalue": 2})
