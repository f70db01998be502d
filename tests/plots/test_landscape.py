import numpy as np
import pytest

import lamina
from lamina.core.errors import ArgumentError, NotCompiledError
from lamina.plots import loss_surface
from lamina.plots.landscape import direction


@pytest.fixture(scope="module")
def model():
    lamina.utils.set_random_seed(0)
    layers = [lamina.layers.Dense(3, "tanh"), lamina.layers.BatchNormalization(), lamina.layers.Dense(1)]
    model = lamina.Sequential([lamina.Input((2,)), *layers])
    model.compile("sgd", "mse")
    return model


X, Y = np.random.default_rng(0).normal(size=(8, 2)), np.ones((8, 1))


def test_directions_are_as_long_as_the_weights_filter_by_filter():
    weights = np.random.default_rng(1).normal(size=(3, 3, 2, 4)).astype("float32")
    way = direction(np.random.default_rng(0), weights)
    np.testing.assert_allclose(*(np.linalg.norm(a.reshape(-1, 4), axis=0) for a in (way, weights)), rtol=1e-5)
    assert not np.array_equal(way, weights)
    assert not direction(np.random.default_rng(0), np.ones(3)).any()


def test_a_curve_of_losses_for_weights_along_a_direction(ax, model):
    before = model.get_weights()
    assert loss_surface(model, X, Y, ax=ax, dimensions=1, points=3, reach=0.5, seed=4) is ax
    np.testing.assert_array_equal(model.get_weights()[0], before[0])
    generator, changed = np.random.default_rng(4), []
    for variable in model.trainable_variables:
        changed.append(variable.numpy() + 0.5 * direction(generator, variable.numpy()))
    expected = []
    try:
        for values in ([v.numpy() for v in model.trainable_variables], changed):
            for variable, value in zip(model.trainable_variables, values, strict=True):
                variable.assign(value)
            expected.append(model.evaluate(X, Y, verbose=0))
    finally:
        model.set_weights(before)
    np.testing.assert_allclose(ax.lines[0].get_ydata()[1:], expected, rtol=1e-5)
    assert ax.lines[0].get_xdata().tolist() == [-0.5, 0, 0.5]
    assert ax.lines[1].get_xydata()[0] == pytest.approx([0, expected[0]], rel=1e-5)


def test_a_map_with_the_trained_weights_in_its_middle(ax, model):
    loss_surface(model, X, Y, ax=ax, points=5)
    assert ax.get_xlim() == ax.get_ylim() == (-1, 1)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("direction 1", "direction 2")
    star = ax.collections[-1]
    assert star.get_offsets().tolist() == [[0, 0]]
    assert star.get_label() == f"trained: {model.evaluate(X, Y, verbose=0):.3g}"
    assert len(ax.texts) > 1  # contour lines tell their losses


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dimensions": 3}, "dimensions must be one of 1, 2"),
        ({"points": 2}, "points must be an integer, 3 or above"),
        ({"reach": 0}, "reach must be a finite number above 0"),
    ],
)
def test_arguments_out_of_range(ax, model, options, message):
    with pytest.raises(ArgumentError, match=message):
        loss_surface(model, X, Y, ax=ax, **options)


def test_models_without_a_loss_or_with_one_that_is_nan(ax, model):
    with pytest.raises(NotCompiledError, match=r"loss_surface\(\) was called before compile\(\)"):
        loss_surface(lamina.Sequential([lamina.layers.Dense(1)]), X, Y, ax=ax)
    broken = lamina.models.clone_model(model)
    broken.compile("sgd", "mse")
    broken.layers[0].bias.assign([np.nan] * 3)
    with pytest.raises(ArgumentError, match="the loss at the model's weights is nan"):
        loss_surface(broken, X, Y, ax=ax, points=3)
