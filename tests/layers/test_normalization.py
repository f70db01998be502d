"""Normalization in models: what is kept, frozen, shared, masked and left out."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lamina
from lamina import layers
from lamina.training.loop import trace_count

X = np.random.default_rng(0).normal(size=(40, 3)).astype("float32") * 2 + 1
Y = X[:, :1]


def network(layer, rows=X):
    model = lamina.Sequential([lamina.Input(rows.shape[1:]), layer, layers.Dense(1)])
    model.compile(optimizer="sgd", loss="mse")
    return model


def test_averages_move_in_fit_and_nowhere_else():
    layer = layers.BatchNormalization(momentum=0.0)
    model = network(layer)
    model.evaluate(X, Y, verbose=0)
    model.predict(X, verbose=0)
    np.testing.assert_array_equal(layer.moving_mean.numpy(), np.zeros(3))
    model.fit(X, Y, batch_size=40, shuffle=False, verbose=0)
    np.testing.assert_allclose(layer.moving_mean.numpy(), X.mean(0), rtol=1e-5)
    np.testing.assert_allclose(layer.moving_variance.numpy(), X.var(0), rtol=1e-5)
    np.testing.assert_allclose(model.predict(X, verbose=0), model(X, training=False), rtol=1e-5, atol=1e-6)


def test_a_short_batch_counts_its_own_rows_and_needs_no_program_of_its_own():
    layer = layers.BatchNormalization(momentum=0.0)
    model = network(layer)
    before = trace_count()
    model.fit(X[:35], Y[:35], batch_size=16, shuffle=False, verbose=0)
    assert trace_count() == before + 1
    np.testing.assert_allclose(layer.moving_mean.numpy(), X[32:35].mean(0), rtol=1e-5)
    np.testing.assert_allclose(layer.moving_variance.numpy(), X[32:35].var(0), rtol=1e-4)


def test_frozen_is_inference():
    layer = layers.BatchNormalization()
    layer.build((None, 3))
    layer.moving_mean.assign([1.0, 2.0, 3.0])
    layer.trainable = False
    kept = layer(X, training=True)
    np.testing.assert_allclose(kept, layer(X, training=False))
    model = network(layer)
    model.fit(X, Y, epochs=2, verbose=0)
    np.testing.assert_array_equal(layer.moving_mean.numpy(), [1.0, 2.0, 3.0])
    layer.trainable = True
    model.compile(optimizer="sgd", loss="mse")
    model.fit(X, Y, epochs=1, verbose=0)
    assert not np.array_equal(layer.moving_mean.numpy(), [1.0, 2.0, 3.0])


def test_a_shared_layer_moves_twice():
    layer = layers.BatchNormalization(momentum=0.5)
    one, two = lamina.Input((3,)), lamina.Input((3,))
    model = lamina.Model([one, two], layers.Add()([layer(one), layer(two)]))
    model([X, X + 4], training=True)
    expected = (0.5 * (0.5 * X.mean(0))) + 0.5 * (X.mean(0) + 4)
    np.testing.assert_allclose(layer.moving_mean.numpy(), expected, rtol=1e-5)
    assert len(model.non_trainable_weights) == 2


def test_nested_models_keep_their_averages():
    layer = layers.BatchNormalization(momentum=0.0)
    inner = lamina.Sequential([lamina.Input((3,)), layer])
    model = lamina.Sequential([lamina.Input((3,)), inner, layers.Dense(1)])
    model.compile(optimizer="sgd", loss="mse")
    model.fit(X, Y, batch_size=40, shuffle=False, verbose=0)
    np.testing.assert_allclose(layer.moving_mean.numpy(), X.mean(0), rtol=1e-5)
    inner.trainable = False
    assert not layer.trainable


def test_momentum_changes_without_compiling_anew():
    layer = layers.BatchNormalization(momentum=0.9)
    model = network(layer)
    model.fit(X, Y, verbose=0)
    before = trace_count()
    layer.momentum = 0.25
    layer.moving_mean.assign(np.zeros(3))
    model.fit(X, Y, batch_size=32, shuffle=False, verbose=0)
    assert trace_count() == before
    expected = 0.25 * (0.75 * X[:32].mean(0)) + 0.75 * X[32:].mean(0)
    np.testing.assert_allclose(layer.moving_mean.numpy(), expected, rtol=1e-5)


def test_what_is_masked_does_not_count():
    steps = np.stack([X[:20], X[20:]], axis=1)
    mask = np.ones((20, 2), bool)
    mask[5:, 1] = False
    layer = layers.BatchNormalization(momentum=0.0)
    layer(steps, training=True, mask=mask)
    np.testing.assert_allclose(layer.moving_mean.numpy(), steps[mask].mean(0), rtol=1e-4)
    np.testing.assert_allclose(layer.moving_variance.numpy(), steps[mask].var(0), rtol=1e-4)


def test_inference_is_one_product_and_one_sum():
    layer = layers.BatchNormalization()
    layer.build((None, 3))
    program = jax.jit(lambda x: layer(x, training=False)).lower(jnp.asarray(X)).as_text()
    wide = [line for line in program.splitlines() if "tensor<40x3xf32>" in line.partition("=")[2]]
    work = [line for line in wide if any(f".{name} " in line for name in ("add", "multiply", "subtract", "divide"))]
    assert len(work) == 2


def test_rms_scaling_warns_of_its_name():
    with pytest.warns(UserWarning, match="divides by the standard deviation, not by the root mean square"):
        layers.LayerNormalization(rms_scaling=True)


@pytest.mark.parametrize("make", [layers.LayerNormalization, layers.RMSNormalization, layers.UnitNormalization])
def test_normalizing_along_the_batch_is_known_to_mix_rows(make):
    layer = make(axis=0)
    layer(X)
    assert not layer.is_row_independent
    behind = make(axis=-2)
    behind(X)
    assert not behind.is_row_independent
    assert make(axis=-1).is_row_independent


def test_one_row_has_no_variance():
    layer = layers.BatchNormalization()
    np.testing.assert_allclose(layer(X[:1], training=True), np.zeros((1, 3)), atol=1e-6)


def test_spectral_normalization_brings_the_largest_singular_value_to_one():
    dense = layers.Dense(4, use_bias=False)
    layer = layers.SpectralNormalization(dense, power_iterations=50)
    layer(X, training=True)
    assert np.linalg.svd(dense.kernel.numpy(), compute_uv=False)[0] == pytest.approx(1.0, rel=1e-3)
    zeros = layers.SpectralNormalization(layers.Dense(2, kernel_initializer="zeros"))
    np.testing.assert_array_equal(zeros(X, training=True), np.zeros((40, 2)))
