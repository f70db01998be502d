"""The face that all optimizers share: building, applying, rates, and optimizers of the user's own."""

import sys

import numpy as np
import pytest

import lamina as keras
from lamina import optimizers
from lamina.core.families import load_family
from lamina.core.serialization import builtin_names
from lamina.core.variable import Variable
from lamina.training.loop import trace_count


def test_variables_that_are_new_are_refused():
    optimizer = optimizers.SGD(name="mine")
    optimizer.build([Variable([1.0])])
    with pytest.raises(ValueError, match=r"'mine' was built for other variables.*'late'(?s:.*)make a new optimizer"):
        optimizer.apply([[1.0]], [Variable([1.0], name="late")])


def test_gradients_need_variables():
    with pytest.raises(ValueError, match=r"without variables(?s:.*)call build\(variables\) first"):
        optimizers.SGD().apply([[1.0]])
    with pytest.raises(ValueError, match="2 gradients were given for 1 variables"):
        optimizers.SGD().apply([[1.0], [2.0]], [Variable([1.0])])


def test_missing_gradients_leave_their_variables():
    moved, stays = Variable([1.0], name="moved"), Variable([1.0], name="stays")
    optimizer = optimizers.SGD(0.5)
    with pytest.warns(UserWarning, match="no gradient for stays"):
        optimizer.apply([[1.0], None], [moved, stays])
    assert (moved.numpy(), stays.numpy()) == (0.5, 1.0)
    with pytest.raises(ValueError, match="no gradient for any of moved, stays"):
        optimizer.apply([None, None], [moved, stays])
    optimizer.apply([], [])
    assert int(optimizer.iterations) == 1


def test_schedules_are_asked_at_each_step():
    w = Variable([0.0])
    optimizer = optimizers.SGD(lambda step: 1.0 / (step + 1))
    optimizer.apply([[1.0]], [w])
    optimizer.apply([[1.0]], [w])
    assert w.numpy() == -1.5
    assert float(optimizer.learning_rate) == pytest.approx(1 / 3)
    with pytest.raises(TypeError, match=r"follows <lambda>, so it cannot be set to 0.25(?s:.*)give the"):
        optimizer.learning_rate = 0.25
    optimizer.learning_rate = optimizers.schedules.PowerDecay(0.5, 2)
    assert float(optimizer.learning_rate) == 0.25


def test_functions_without_arguments_are_rates():
    assert optimizers.Adam(lambda: 0.25).learning_rate == 0.25


def test_wrong_rates_cannot_be_set():
    optimizer = optimizers.Adam()
    with pytest.raises(ValueError, match=r"Adam: learning_rate must be a finite number, zero or above.*-1"):
        optimizer.learning_rate = -1


@pytest.mark.parametrize(
    ("name", "hint"), [("adamm", "did you mean"), ("sdg", "did you mean .*sgd"), ("??", "choose from")]
)
def test_unknown_names(name, hint):
    with pytest.raises(ValueError, match=rf"is not the name of an optimizer\.(?s:.*){hint}"):
        optimizers.get(name)


def test_other_objects_are_no_optimizers():
    with pytest.raises(ValueError, match="Cannot make sense of 3 as an optimizer"):
        optimizers.get(3)
    with pytest.raises(AttributeError, match=r"no 'Adaam'(?s:.*)did you mean Adam"):
        _ = optimizers.Adaam


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: optimizers.SGD(momentum=1.5), "SGD: momentum must be a number from 0 to 1"),
        (lambda: optimizers.RMSprop(rho=-1), "RMSprop: rho must be"),
        (lambda: optimizers.Adam(beta_1=1.0), "Adam: beta_1 must be a number from 0 up to, not including, 1"),
        (lambda: optimizers.Adam(beta_2="x"), "Adam: beta_2 must be"),
    ],
)
def test_recipes_check_their_numbers(make, message):
    with pytest.raises(ValueError, match=message):
        make()


class Heavy(keras.optimizers.Optimizer):
    """Momentum, written as one writes it for Keras: `build` has no guard against being called twice."""

    def __init__(self, learning_rate=0.1, momentum=0.5, **kwargs):
        super().__init__(learning_rate=learning_rate, **kwargs)
        self.momentum = momentum
        self.largest = keras.Variable(0.0, trainable=False, name="largest")

    def build(self, variables):
        super().build(variables)
        self.momentums = [self.add_variable_from_reference(reference_variable=v, name="m") for v in variables]
        self.means, self.squares = self.add_optimizer_variables(variables, ["mean", "square"], ["zeros", "ones"])
        self.steps = self.add_variable((), "zeros", dtype="int32", name="steps")

    def update_step(self, gradient, variable, learning_rate):
        m = self.momentums[self._get_variable_index(variable)]
        self.assign(m, m * self.momentum - gradient * learning_rate)
        self.assign_add(variable, m)
        self.assign_sub(self.squares[self._get_variable_index(variable)], gradient)
        self.steps.assign_add(1)
        self.largest.assign(abs(gradient).max())

    def get_config(self):
        return {**super().get_config(), "momentum": self.momentum}


def test_optimizers_written_for_keras():
    own, known = Heavy(), optimizers.SGD(0.1, momentum=0.5)
    w, v = Variable([1.0], name="w"), Variable([1.0], name="w")
    for _ in range(3):
        own.apply([[1.0]], [w])
        known.apply([[1.0]], [v])
    np.testing.assert_allclose(w.numpy(), v.numpy(), rtol=1e-6)
    assert [variable.path.split("/")[-1] for variable in own.variables[:2]] == ["iteration", "learning_rate"]
    names = [variable.path.removeprefix(f"{own.name}/") for variable in own.variables[2:]]
    assert sorted(names) == ["largest", "steps", "w_m", "w_mean", "w_square"]
    assert own.squares[0].numpy() == -2
    assert int(own.steps) == 3
    assert Heavy.from_config(own.get_config()).momentum == 0.5


def fitted(optimizer, **kwargs):
    x = np.linspace(0, 1, 12, dtype="float32").reshape(6, 2)
    model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1, kernel_initializer="ones")])
    model.compile(optimizer, "mse")
    model.fit(x, x.sum(1) * 3, epochs=3, batch_size=2, shuffle=False, verbose=0, **kwargs)
    return model


def test_custom_optimizers_train_models():
    np.testing.assert_allclose(
        fitted(Heavy(0.01)).get_weights()[0], fitted(optimizers.SGD(0.01, momentum=0.5)).get_weights()[0], rtol=1e-5
    )


def test_rates_change_during_training_without_a_new_program():
    fitted(optimizers.SGD(0.01))
    traces = trace_count()

    class Stop(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                self.model.optimizer.learning_rate = 0.0
                self.weights = self.model.get_weights()

    stop = Stop()
    model = fitted(optimizers.SGD(0.01), callbacks=[stop])
    np.testing.assert_array_equal(model.get_weights()[0], stop.weights[0])
    assert not np.array_equal(model.get_weights()[0], np.ones((2, 1)))
    assert float(model.optimizer.learning_rate) == 0
    assert trace_count() == traces


RECIPE = """
from lamina.core.serialization import builtin
from lamina.optimizers.optimizer import Optimizer


@builtin("optimizers", "signs")
class SignDescent(Optimizer):
    def step(self, value, gradient, rate, slots):
        return value - rate * abs(gradient) / gradient, slots
"""


def test_a_recipe_is_found_by_its_file(tmp_path, monkeypatch):
    package = tmp_path / "family_of_one"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "sign_descent.py").write_text(RECIPE)
    monkeypatch.syspath_prepend(tmp_path)
    from lamina.core import serialization

    monkeypatch.setattr(serialization, "_builtin", dict(serialization._builtin))
    monkeypatch.setattr(serialization, "_aliases", dict(serialization._aliases))
    try:
        found = load_family("family_of_one", [str(package)], "optimizers")
    finally:
        for name in [name for name in sys.modules if name.startswith("family_of_one")]:
            del sys.modules[name]
    assert found["SignDescent"] is builtin_names("optimizers")["SignDescent"] is optimizers.SignDescent
    w = Variable([1.0])
    optimizers.get("signs").apply([[5.0]], [w])
    np.testing.assert_allclose(w.numpy(), [1 - 0.001])
