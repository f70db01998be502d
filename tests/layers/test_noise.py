"""Noise in training: how much there is of it, that it goes on, and Monte Carlo dropout."""

import numpy as np
import pytest

import lamina
from lamina import layers
from lamina.core.masking import mask_of
from lamina.training.loop import trace_count

ONES = np.ones((200, 100), "float32")
NOISES = [
    layers.Dropout(0.3, seed=1),
    layers.AlphaDropout(0.3, seed=1),
    layers.GaussianDropout(0.3, seed=1),
    layers.GaussianNoise(0.3, seed=1),
]


def fresh(layer):
    return type(layer).from_config(layer.get_config())


@pytest.mark.parametrize("noise", NOISES, ids=lambda layer: layer.name)
def test_there_is_noise_in_training_only_and_it_goes_on(noise):
    layer = fresh(noise)
    np.testing.assert_array_equal(layer(ONES), ONES)
    np.testing.assert_array_equal(layer(ONES, training=False), ONES)
    first, second = layer(ONES, training=True), layer(ONES, training=True)
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(fresh(noise)(ONES, training=True), first)


def test_dropout_keeps_the_mean_and_drops_its_share():
    thinned = np.asarray(layers.Dropout(0.3, seed=2)(ONES, training=True))
    assert (thinned == 0).mean() == pytest.approx(0.3, abs=0.02)
    assert thinned.mean() == pytest.approx(1, abs=0.02)


def test_gaussian_noise_has_its_deviation():
    assert np.std(layers.GaussianNoise(0.25, seed=2)(ONES, training=True)) == pytest.approx(0.25, rel=0.02)
    spread = np.std(layers.GaussianDropout(0.2, seed=2)(ONES, training=True))
    assert spread == pytest.approx(np.sqrt(0.2 / 0.8), rel=0.02)


def test_alpha_dropout_keeps_mean_and_variance_of_normal_inputs():
    x = np.random.default_rng(0).normal(size=(300, 300)).astype("float32")
    outputs = np.asarray(layers.AlphaDropout(0.2, seed=2)(x, training=True))
    assert outputs.mean() == pytest.approx(0, abs=0.02)
    assert outputs.var() == pytest.approx(1, abs=0.03)


def test_spatial_dropout_drops_whole_channels():
    images = np.asarray(layers.SpatialDropout2D(0.5, seed=2)(np.ones((8, 5, 5, 6), "float32"), training=True))
    assert set(np.unique(images.sum((1, 2)))) == {0.0, 50.0}


def test_monte_carlo_dropout():
    lamina.utils.set_random_seed(1)
    model = lamina.Sequential([lamina.Input((100,)), layers.Dropout(0.5), layers.Dense(1, kernel_initializer="ones")])
    x = ONES[:4] / 100
    calls = np.stack([model(x, training=True) for _ in range(200)])
    assert calls.std(0).min() > 0.05
    np.testing.assert_allclose(calls.mean(0), model(x), rtol=0.05)
    assert np.array_equal(model(x), model(x))
    always = lamina.Model(inputs := lamina.Input((100,)), layers.Dropout(0.5)(inputs, training=True))
    assert not np.array_equal(always.predict(x, verbose=0), always.predict(x, verbose=0))


def test_a_rate_changes_without_compiling_anew():
    layer = layers.Dropout(0.5, seed=1)
    model = lamina.Sequential([lamina.Input((100,)), layer, layers.Dense(1)])
    model.compile(optimizer="sgd", loss="mse")
    model.fit(ONES, ONES[:, :1], verbose=0)
    before = trace_count()
    layer.rate = 0.1
    model.fit(ONES, ONES[:, :1], verbose=0)
    assert trace_count() == before
    dropped = np.asarray(layer(ONES, training=True)) == 0
    assert dropped.mean() == pytest.approx(0.1, abs=0.02)


def test_penalties_on_activities_join_the_loss():
    model = lamina.Sequential([lamina.Input((100,)), layers.ActivityRegularization(l1=0.5, l2=0.25)])
    model.compile(optimizer="sgd", loss="mse")
    assert model.evaluate(ONES, ONES, verbose=0) == pytest.approx(75.0)


def test_masks_go_on():
    steps = layers.Masking()(np.ones((2, 3, 4), "float32") * np.array([1, 1, 0])[:, None])
    for noise in (layers.Dropout(0.5), layers.GaussianNoise(0.1), layers.SpatialDropout1D(0.1)):
        assert mask_of(noise(steps, training=True)).tolist() == [[True, True, False]] * 2
