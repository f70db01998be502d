"""Control flow carries what is assigned inside it, within programs and outside."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lamina
from lamina import Variable, layers, ops
from lamina.core.functional import purify
from lamina.core.state import Binding, State
from lamina.core.symbolic import SymbolicTensor


def counting(count, result):
    """`result`, as the value of a function that counts its calls in a variable."""
    return lambda *args: (count.assign_add(1.0), result(*args))[1]


CASES = {
    "switch": (lambda c, x: ops.switch(1, [lambda x: x, counting(c, lambda x: 3 * x)], x), 6.0, 1.0),
    "fori_loop": (lambda c, x: ops.fori_loop(0, 4, counting(c, lambda i, y: y + i), x), 8.0, 4.0),
    "while_loop": (lambda c, x: ops.while_loop(lambda y: y < 50, counting(c, lambda y: 2 * y), x), 64.0, 5.0),
    "while_loop_bounded": (
        lambda c, x: ops.while_loop(lambda y: y < 50, counting(c, lambda y: 2 * y), x, maximum_iterations=3),
        16.0,
        3.0,
    ),
    "while_loop_of_several": (
        lambda c, x: ops.while_loop(lambda n, y: n < 3, counting(c, lambda n, y: (n + 1, y * 2)), [0, x])[1],
        16.0,
        3.0,
    ),
    "map": (lambda c, x: ops.sum(ops.map(counting(c, lambda y: y * x), jnp.arange(4.0))), 12.0, 4.0),
    "scan": (lambda c, x: ops.scan(counting(c, lambda y, n: (y + n, y)), x, jnp.arange(4.0))[0], 8.0, 4.0),
    "cond": (lambda c, x: ops.cond(x > 0, counting(c, lambda: x * 2), lambda: x), 4.0, 1.0),
}


@pytest.mark.parametrize("case", CASES)
def test_assignments_are_carried(case):
    function, output, counted = CASES[case]
    count = Variable(0.0)
    binding = Binding(State(stats=(count,)), owners=[])
    found, state, _ = jax.jit(purify(lambda x: function(count, x), binding))(binding.gather(), (), 2.0)
    assert (float(found), float(state.stats[0])) == (output, counted)
    assert float(count) == 0.0
    assert float(function(count, jnp.asarray(2.0))) == output  # outside of any program
    assert float(count) == counted


def test_a_while_condition_reads_variables():
    limit = Variable(40.0)
    binding = Binding(State(stats=(limit,)), owners=[])
    pure = jax.jit(purify(lambda x: ops.while_loop(lambda y: y < limit.value, lambda y: 2 * y, x), binding))
    assert float(pure(State(stats=(jnp.asarray(9.0),)), (), 2.0)[0]) == 16.0
    assert float(pure(binding.gather(), (), 2.0)[0]) == 64.0


class Counting(layers.Layer):
    """Doubles its inputs three times, and counts how often."""

    def build(self, input_shape):
        self.count = self.add_weight(initializer="zeros", trainable=False)

    def call(self, x):
        return ops.fori_loop(0, 3, counting(self.count, lambda i, y: y * 2), x)


def test_a_layer_with_a_loop_trains():
    model = lamina.Sequential([layers.Input((2,)), Counting(), layers.Dense(1)])
    model.compile(optimizer="sgd", loss="mse")
    x = np.ones((64, 2), "float32")
    model.fit(x, x[:, :1], batch_size=32, verbose=0)
    assert float(model.layers[0].count) == 6.0
    np.testing.assert_allclose(model.layers[0](x), 8 * x)


def test_a_gradient_of_ones_own():
    scale = Variable(3.0)

    @ops.custom_gradient
    def steep(x, factor):
        return x * factor, lambda upstream: (10.0 * upstream, jnp.zeros_like(factor))

    assert steep.__name__ == "steep"
    assert float(steep(2.0, scale)) == 6.0
    assert float(jax.grad(steep)(2.0, scale.value)) == 10.0


def test_symbolic_tensors_go_through():
    x = SymbolicTensor((None, 4))
    assert ops.map(lambda row: row[:2], x).shape == (None, 2)
    assert ops.vectorized_map(lambda row: row.sum(), x).shape == (None,)
    assert ops.fori_loop(0, 3, lambda i, y: y * 2, x).shape == (None, 4)
    assert ops.while_loop(lambda y: ops.sum(y) < 9, lambda y: y + 1, x).shape == (None, 4)
    assert ops.associative_scan(lambda a, b: a + b, x, axis=1).shape == (None, 4)
    assert ops.switch(0, [lambda y: y, lambda y: -y], x).shape == (None, 4)


def test_a_function_of_entries():
    clipped = ops.vectorize(lambda a, b: jnp.minimum(a, b), excluded={1})
    np.testing.assert_array_equal(clipped(jnp.array([1, 5]), 3), [1, 3])


def test_a_range_that_is_empty_calls_nothing():
    assert float(ops.fori_loop(3, 3, lambda i, y: y / 0, jnp.asarray(2.0))) == 2.0
