"""Frames, pure functions and state lifted through JAX's control flow."""

import threading

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lamina import Variable, ops
from lamina.core.errors import LaminaError, UnboundVariableError
from lamina.core.frame import current_frame
from lamina.core.functional import abstractly, lift, purify
from lamina.core.hyperparameter import Complement, Hyperparameter
from lamina.core.state import Binding, State
from lamina.core.tracking import Trackable


def pure_of(function, variable):
    binding = Binding(State(stats=(variable,)), owners=[])
    return jax.jit(purify(function, binding)), binding.gather()


def test_a_pure_call_leaves_the_variable_alone():
    count = Variable(1.0)
    pure, state = pure_of(lambda x: (count.assign_add(x), count.value * 2)[1], count)
    output, new, losses = pure(state, (), 2.0)
    assert (float(output), float(new.stats[0]), losses) == (6.0, 3.0, ())
    assert float(count) == 1.0
    assert current_frame() is None


def test_an_unbound_variable_is_named():
    bound, hidden = Variable(1.0), Variable(2.0, name="hidden")
    for touch in (lambda: hidden.value, lambda: hidden.assign(3.0)):
        pure, state = pure_of(touch, bound)
        with pytest.raises(UnboundVariableError, match=r"(?s)'hidden' was read.*hint: assign it"):
            pure(state, ())
    assert float(hidden) == 2.0


def test_a_variable_made_in_a_compiled_step_is_refused():
    pure, state = pure_of(lambda: Variable(1.0, name="late").value, Variable(0.0))
    with pytest.raises(UnboundVariableError, match=r"'late' was created during a compiled step"):
        pure(state, ())


def test_a_frame_closes_when_the_call_fails():
    pure, state = pure_of(lambda: 1 / 0, Variable(0.0))
    with pytest.raises(ZeroDivisionError):
        pure(state, ())
    assert current_frame() is None


def test_what_is_run_abstractly_is_forgotten():
    count = Variable(1.0)
    jax.eval_shape(abstractly(lambda x: count.assign_add(x)), 1.0)
    assert float(count) == 1.0


def through_cond(count, x):
    return ops.cond(x > 0, lambda: (count.assign_add(1.0), x * 2)[1], lambda: x)


def through_scan(count, x):
    def step(total, n):
        count.assign_add(n)
        return total + n * x, count.value

    return ops.scan(step, 0.0, jnp.arange(4.0))[0]


def through_checkpoint(count, x):
    return ops.checkpoint(lambda x: (count.assign_add(1.0), x**2)[1])(x)


CONTROL = [(through_cond, 6.0, 1.0), (through_scan, 18.0, 6.0), (through_checkpoint, 9.0, 1.0)]


@pytest.mark.parametrize(("function", "output", "counted"), CONTROL)
def test_control_flow_carries_assignments(function, output, counted):
    count = Variable(0.0)
    pure, state = pure_of(lambda x: function(count, x), count)
    found, new, _ = pure(state, (), 3.0)
    assert (float(found), float(new.stats[0])) == (output, counted)
    assert float(function(count, 3.0)) == output  # outside of any program
    assert float(count) == counted


@pytest.mark.parametrize(("function", "output", "counted"), CONTROL)
def test_control_flow_can_be_differentiated_and_inferred(function, output, counted):
    count = Variable(0.0)
    binding = Binding(State(stats=(count,)), owners=[])
    pure = purify(lambda x: function(count, x), binding)
    slope = jax.grad(lambda x: pure(binding.gather(), (), x)[0])(3.0)
    assert float(slope) == pytest.approx(6.0 if function is not through_cond else 2.0)
    assert jax.eval_shape(abstractly(lambda x: function(count, x)), 3.0).shape == ()
    assert float(count) == 0.0


def test_only_the_taken_branch_counts():
    count = Variable(0.0)
    pure, state = pure_of(lambda x: through_cond(count, x), count)
    assert float(pure(state, (), -1.0)[1].stats[0]) == 0.0


def test_lift_outside_of_a_step_is_refused():
    with pytest.raises(LaminaError, match="outside of a compiled step"):
        lift(lambda: 1)


def test_threads_have_frames_of_their_own():
    variables, found, meet = [Variable(1.0), Variable(2.0)], {}, threading.Barrier(2, timeout=20)

    def run(index):
        def read():
            meet.wait()
            return variables[index].value * 10

        binding = Binding(State(stats=(variables[index],)), owners=[])
        found[index] = float(purify(read, binding)(State(stats=(jnp.float32(index + 5),)), ())[0])

    threads = [threading.Thread(target=run, args=(index,)) for index in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {0: 50.0, 1: 60.0}


class Average(Trackable):
    decay = Hyperparameter()
    gain = Complement("decay")

    def __init__(self, decay):
        self.decay = decay


def test_a_hyperparameter_is_an_argument_of_programs():
    average, traces = Average(0.999999), []
    binding = Binding(State(), owners=[average])

    def read():
        traces.append(1)
        return average.decay, average.gain

    pure = jax.jit(purify(read, binding))
    assert average.gain == 1 - 0.999999
    assert float(pure(State(), binding.hyperparameters())[0][1]) == np.float32(1 - 0.999999)
    average.decay = 0.25
    decay, gain = pure(State(), binding.hyperparameters())[0]
    assert (float(decay), float(gain), len(traces)) == (0.25, 0.75, 1)


def test_no_value_and_zero_are_no_arguments():
    for value in (None, 0.0):
        average = Average(value)
        binding = Binding(State(), owners=[average])
        assert binding.hyperparameters() == ((1.0,) if value == 0.0 else ())
        assert purify(lambda a=average: a.decay, binding)(State(), binding.hyperparameters())[0] == value
