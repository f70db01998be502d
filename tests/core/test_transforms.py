"""Gradients and compiled functions of one's own."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lamina
from lamina import layers
from lamina.core.errors import ArgumentError, DataDependentError, ShapeError
from lamina.core.variable import Variable

X = np.random.default_rng(0).normal(size=(20, 3)).astype("float32")
Y = X.sum(axis=1, keepdims=True)


def network() -> lamina.Sequential:
    return lamina.Sequential(
        [lamina.Input((3,)), layers.Dense(4, activation="tanh", kernel_initializer=initializer(1)), layers.Dense(1)]
    )


def initializer(seed: int) -> lamina.Initializer:
    return lamina.initializers.GlorotUniform(seed=seed)


def test_gradients_are_those_of_jax() -> None:
    model = network()
    values = [variable.value for variable in model.trainable_variables]
    expected = jax.grad(lambda v: jnp.mean((model.stateless_call(v, [], X)[0] - Y) ** 2))(values)
    loss, gradients = lamina.value_and_grad(lambda: jnp.mean((model(X) - Y) ** 2), model.trainable_variables)()
    assert float(loss) == pytest.approx(float(np.mean((model.predict(X, verbose=0) - Y) ** 2)), rel=1e-5)
    for gradient, wanted in zip(gradients, expected, strict=True):
        np.testing.assert_allclose(gradient, wanted, rtol=1e-5, atol=1e-7)


def test_variables_assigned_while_deriving_keep_their_values() -> None:
    weight, count = Variable(2.0, name="weight"), Variable(0.0, name="count")

    def loss() -> jax.Array:
        count.assign_add(1.0)
        return weight.value**2

    value, gradients = lamina.value_and_grad(loss, [weight])()
    assert (float(value), float(gradients[0]), float(count)) == (4.0, 4.0, 1.0)


def test_aux_comes_beside_the_loss() -> None:
    weight = Variable(2.0, name="weight")
    (loss, aux), _ = lamina.value_and_grad(lambda x: (weight.value * x, {"x": x}), [weight], has_aux=True)(3.0)
    assert (float(loss), aux) == (6.0, {"x": 3.0})


def test_a_model_that_is_not_built_may_be_named() -> None:
    model = lamina.Sequential([layers.Dense(1)])
    _, gradients = lamina.value_and_grad(lambda: jnp.mean(model(X) ** 2), model)()
    assert [gradient.shape for gradient in gradients] == [(3, 1), (1,)]


def test_no_variables_and_no_scalar_are_errors() -> None:
    with pytest.raises(ArgumentError, match=r"(?s)no variables.*build the model first"):
        lamina.value_and_grad(lambda: 1.0, [])()
    weight = Variable([1.0, 2.0], name="weight")
    with pytest.raises(ShapeError, match=r"(?s)shape \(2,\).*mean or its sum"):
        lamina.value_and_grad(lambda: weight.value, [weight])()


@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "compiled"])
def test_a_loop_of_ones_own_equals_fit(compiled: bool) -> None:
    fitted, own = network(), network()
    own.set_weights(fitted.get_weights())
    fitted.compile(lamina.optimizers.Adam(0.01), "mse")
    fitted.fit(X, Y, epochs=2, batch_size=10, shuffle=False, verbose=0)
    optimizer, loss_of = lamina.optimizers.Adam(0.01), lamina.losses.MeanSquaredError()

    def step(x: jax.Array, y: jax.Array) -> jax.Array:
        loss, gradients = lamina.value_and_grad(lambda: loss_of(y, own(x, training=True)), own)()
        optimizer.apply(gradients, own.trainable_variables)
        return loss

    step = lamina.jit(step) if compiled else step
    for _ in range(2):
        for start in (0, 10):
            step(X[start : start + 10], Y[start : start + 10])
    assert int(optimizer.iterations) == 4
    for mine, theirs in zip(own.get_weights(), fitted.get_weights(), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=1e-7)


def test_compiled_functions_see_new_rates_without_compiling() -> None:
    weight = Variable(1.0, name="weight")
    optimizer = lamina.optimizers.SGD(0.5)
    traces = []

    @lamina.jit
    def step() -> None:
        traces.append(1)
        optimizer.apply([jnp.ones(())], [weight])

    step()
    seen = len(traces)
    optimizer.learning_rate = 0.25
    step()
    assert (float(weight), len(traces)) == (0.25, seen)


def test_compiled_functions_take_structures_and_constants() -> None:
    @lamina.jit
    def function(data: dict[str, jax.Array], double: bool) -> jax.Array:
        return data["x"] * 2 if double else data["x"]

    assert float(function({"x": 3.0}, True)) == 6.0
    assert float(function({"x": 3.0}, False)) == 3.0


def test_compiled_functions_name_what_depends_on_values() -> None:
    @lamina.jit
    def chooses(x: jax.Array) -> jax.Array:
        return x if x > 0 else -x

    with pytest.raises(DataDependentError, match=r"(?s)chooses uses the value.*lamina.ops.where"):
        chooses(1.0)


def test_random_layers_draw_anew_at_each_call() -> None:
    dropout = layers.Dropout(0.5, seed=1)
    function = lamina.jit(lambda x: dropout(x, training=True))
    ones = jnp.ones((8, 8))
    assert not np.array_equal(function(ones), function(ones))
