import numpy as np
import pytest

import lamina
from lamina.core.errors import ArgumentError, ArgumentTypeError, DataError, NotBuiltError, NotCompiledError
from lamina.plots import gradient_flow, gradient_histograms, weight_histograms

X, Y = np.random.default_rng(0).normal(size=(16, 3)), np.ones((16, 1))


def network(activation="tanh"):
    layers = [lamina.layers.Dense(4, activation, name="hidden"), lamina.layers.BatchNormalization(name="norm")]
    model = lamina.Sequential([lamina.Input((3,)), *layers, lamina.layers.Dense(1, name="price")])
    model.compile("sgd", "mse")
    return model


def names(axis):
    return [label.get_text() for label in axis.get_ticklabels()]


def gradients(model):
    """As one step of gradient descent with a rate of 1 shows them."""
    twin = lamina.models.clone_model(model)
    twin.set_weights(model.get_weights())
    twin.compile(lamina.optimizers.SGD(1.0), "mse")
    before = [v.numpy() for v in twin.trainable_variables]
    twin.train_on_batch(X, Y)
    return [one - v.numpy() for one, v in zip(before, twin.trainable_variables, strict=True)]


def test_weights_stand_on_hills_one_for_each_kernel(ax):
    model = network()
    model.get_layer("hidden").kernel.assign(np.full((3, 4), 0.5))
    model.get_layer("price").kernel.assign(np.reshape([-1.0, 1.0, 1.0, 1.0], (4, 1)))
    assert weight_histograms(model, ax=ax) is ax
    assert names(ax.yaxis) == ["hidden", "price"]
    first, second = (line.get_xydata() for line in ax.lines)
    assert first[first[:, 1].argmax(), 0] == pytest.approx(0.5, abs=0.03)
    assert second[second[:, 1].argmax(), 0] == pytest.approx(1, abs=0.03)
    assert second[0].tolist() == [-1, -1]
    assert ax.get_xlabel() == "weight"


def test_of_many_layers_some_have_names(ax):
    layers = [lamina.layers.Dense(1, name=f"layer{number}") for number in range(30)]
    weight_histograms(lamina.Sequential([lamina.Input((1,)), *layers]), ax=ax)
    assert names(ax.yaxis) == [f"layer{number}" for number in range(0, 30, 2)]


def test_all_weights_with_biases_and_several_kernels_of_a_layer(ax):
    weight_histograms(network(), ax=ax, biases=True)
    assert names(ax.yaxis) == [
        *("hidden/kernel", "hidden/bias", "norm/gamma", "norm/beta", "price/kernel", "price/bias"),
    ]


def test_gradient_flow_shows_what_a_step_of_training_does(ax):
    model = network()
    before = model.get_weights()
    assert gradient_flow(model, X, Y, ax=ax) is ax
    kernels = [gradient for gradient in gradients(model) if gradient.ndim == 2]
    mean, largest = ax.lines
    np.testing.assert_allclose(mean.get_ydata(), [np.abs(g).mean() for g in kernels], rtol=1e-4)
    np.testing.assert_allclose(largest.get_ydata(), [np.abs(g).max() for g in kernels], rtol=1e-4)
    assert names(ax.xaxis) == ["hidden", "price"]
    assert ax.get_yscale() == "log"
    for one, other in zip(before, model.get_weights(), strict=True):  # moving averages among them
        np.testing.assert_array_equal(one, other)


def test_a_model_of_several_outputs(ax):
    x = lamina.Input((3,))
    outputs = [lamina.layers.Dense(1, name="price")(x), lamina.layers.Dense(1, name="sold")(x)]
    model = lamina.Model(x, outputs)
    model.compile("sgd", "mse")
    gradient_flow(model, X, [Y, Y], ax=ax)
    assert names(ax.xaxis) == ["price", "sold"]


def test_sizes_are_powers_of_ten(ax):
    gradient_histograms(network(), X, Y, ax=ax)
    assert all(power == int(power) for power in ax.get_xticks())


def test_several_models_on_the_same_axes(ax):
    gradient_flow(network(), X, Y, ax=ax, label="tanh")
    gradient_flow(network("sigmoid"), X, Y, ax=ax, label="sigmoid")
    assert [line.get_label() for line in ax.lines] == [
        *("tanh: mean", "tanh: largest", "sigmoid: mean", "sigmoid: largest"),
    ]
    assert ax.lines[0].get_linestyle() != ax.lines[2].get_linestyle()


def test_a_layer_that_gets_no_gradient_is_crossed(ax):
    model = network("relu")
    model.get_layer("hidden").bias.assign(np.full(4, -1e3))
    gradient_flow(model, X, Y, ax=ax)
    assert ax.collections[0].get_offsets()[:, 0].tolist() == [1, 2]
    assert ax.collections[0].get_label() == "no gradient"


def test_sizes_of_gradients_and_the_share_of_zeros(ax):
    model = network("relu")
    model.get_layer("hidden").bias.assign([-1e3, -1e3, 0, 0])
    gradient_histograms(model, X, Y, ax=ax)
    assert names(ax.yaxis) == ["hidden", "price"]
    assert ax.texts[0].get_text() == "share of zeros 50%"
    sizes = np.log10(np.abs(gradients(model)[0][:, 2:]))
    drawn = ax.lines[0].get_xydata()
    found = drawn[drawn[:, 1] > 0, 0]
    assert found.min() == pytest.approx(sizes.min(), abs=0.15)
    assert found.max() == pytest.approx(sizes.max(), abs=0.15)


@pytest.mark.parametrize("plot", [gradient_flow, gradient_histograms])
@pytest.mark.parametrize(
    ("model", "x", "error", "message"),
    [
        (lamina.Sequential([lamina.layers.Dense(1)]), X, NotCompiledError, r"(gradient_\w+)\(\) was called before"),
        ("model", X, ArgumentTypeError, "must be a model of lamina. Received: a str"),
        (network(), X[:5], DataError, "x has 5, y has 16"),
    ],
)
def test_what_has_no_gradients(ax, plot, model, x, error, message):
    with pytest.raises(error, match=message):
        plot(model, x, Y, ax=ax)


def test_gradients_that_are_nan(ax):
    model = network()
    model.get_layer("price").kernel.assign(np.full((4, 1), np.nan))
    with pytest.raises(ArgumentError, match="'hidden' holds 12 values that are NaN"):
        gradient_flow(model, X, Y, ax=ax)
    with pytest.raises(ArgumentError, match="'price' holds 4 values that are NaN"):
        weight_histograms(model, ax=ax)


def test_models_without_weights(ax):
    with pytest.raises(NotBuiltError, match="is not built yet"):
        weight_histograms(lamina.Sequential([lamina.layers.Dense(1)]), ax=ax)
    with pytest.raises(ArgumentError, match=r"no kernels[^$]*biases=True"):
        weight_histograms(lamina.Sequential([lamina.Input((3,)), lamina.layers.LayerNormalization()]), ax=ax)
