import numpy as np
import pytest
from matplotlib.figure import Figure

import lamina
from lamina.core.errors import ArgumentError, NotBuiltError
from lamina.plots import image_grid, weight_images
from lamina.plots.style import STYLES

NAMES = ("cat", "dog", "fox")
PROBABILITIES = [[0.9, 0.1, 0.0], [0.2, 0.2, 0.6], [0.0, 1.0, 0.0]]


def titles(axes):
    return [ax.get_title() for ax in axes]


def test_predictions_are_marked_right_or_wrong():
    axes = image_grid(np.zeros((3, 8, 8)), [0, 1, 1], PROBABILITIES, NAMES, fig=Figure())
    assert titles(axes) == ["✓ cat 90%", "✗ fox 60%\nis dog", "✓ dog 100%"]
    colours = [ax.title.get_color() for ax in axes]
    assert colours == [STYLES["light"].right, STYLES["light"].wrong, STYLES["light"].right]


def test_labels_alone_predictions_alone_and_neither():
    images = np.zeros((3, 8, 8))
    assert titles(image_grid(images, [[0], [1], [2]], class_names=NAMES, fig=Figure())) == list(NAMES)
    assert titles(image_grid(images, np.eye(3), class_names=NAMES, fig=Figure())) == list(NAMES)
    assert titles(image_grid(images, predictions=[2, 1, 0], fig=Figure())) == ["2", "1", "0"]
    assert titles(image_grid(images, fig=Figure())) == ["", "", ""]


def test_a_binary_models_probability_is_of_the_second_class():
    axes = image_grid(np.zeros((2, 8, 8)), [0, 0], [[0.25], [0.75]], NAMES[:2], fig=Figure())
    assert titles(axes) == ["✓ cat 75%", "✗ dog 75%\nis cat"]


@pytest.mark.parametrize(("shape", "drawn"), [((7, 8, 8, 1), (8, 8)), ((7, 8, 8, 3), (8, 8, 3)), ((7, 8, 8), (8, 8))])
def test_grids_of_grey_and_coloured_pictures(ax, shape, drawn):
    axes = image_grid(np.zeros(shape), columns=3, ax=ax)
    assert len(axes) == 7
    assert axes[0].images[0].get_array().shape == drawn
    assert axes[6].get_subplotspec().rowspan.start == 2
    assert not ax.axison


def test_axes_without_a_grid_are_divided_where_they_stand():
    figure = Figure()
    axes = image_grid(np.zeros((2, 8, 8)), ax=figure.add_axes((0.5, 0.0, 0.5, 1.0)))
    assert all(0.5 <= ax.get_position().x0 < ax.get_position().x1 <= 1.0001 for ax in axes)


def test_a_single_colour_out_of_range_is_a_picture_too(ax):
    (cell,) = image_grid(np.full((1, 4, 4, 3), -1.0), ax=ax)
    assert not cell.images[0].get_array().any()


def test_coloured_pictures_in_bytes_or_of_any_range(ax):
    bright = np.full((1, 2, 2, 3), 255.0)
    bright[0, 0] = 0
    for image in (bright, bright - 100):
        (cell,) = image_grid(image, ax=ax)
        assert cell.images[0].get_array()[0, 0, 0] == 0
        assert cell.images[0].get_array()[1, 0, 0] == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([np.zeros((8, 8))], r"Received: \(8, 8\)"),
        ([np.zeros((0, 8, 8))], r"Received: \(0, 8, 8\)"),
        ([np.zeros((1, 8, 8, 5))], r"Received: \(1, 8, 8, 5\)"),
        ([np.full((1, 8, 8), np.nan)], "64 values that are NaN"),
        ([np.zeros((3, 8, 8)), [0, 1]], "3 images, but 2 labels"),
        ([np.zeros((3, 8, 8)), None, [0, 1]], "3 images, but 2 predictions"),
        ([np.zeros((3, 8, 8)), [0, 1, 2], None, ["cat"]], "1 class_names, but 3 classes"),
        ([np.zeros((1, 8, 8)), ["cat"]], "return_inverse"),
    ],
)
def test_what_does_not_fit_together(arguments, message):
    with pytest.raises(ArgumentError, match=message):
        image_grid(*arguments, fig=Figure())


def test_weights_of_the_first_layer_are_pictures_with_zero_in_one_grey(ax):
    layers = [lamina.layers.Flatten(), lamina.layers.Dense(5, name="hidden"), lamina.layers.Dense(2)]
    model = lamina.Sequential([lamina.Input((2, 3)), *layers])
    kernel = model.get_layer("hidden").kernel.numpy()
    axes = weight_images(model, count=4, ax=ax)
    assert len(axes) == 4
    np.testing.assert_array_equal(axes[1].images[0].get_array(), kernel[:, 1].reshape(2, 3))
    limits = {cell.images[0].get_clim() for cell in axes}
    assert limits == {(-np.abs(kernel[:, :4]).max(), np.abs(kernel[:, :4]).max())}


def test_kernels_of_convolutions(ax):
    kernel = np.random.default_rng(0).normal(size=(3, 3, 2, 4))
    axes = weight_images(kernel, ax=ax)
    np.testing.assert_allclose(axes[3].images[0].get_array(), kernel[..., 3].mean(axis=-1))
    assert weight_images(kernel[:, :, [0, 1, 1]], ax=ax)[0].images[0].get_array().shape == (3, 3, 3)


@pytest.mark.parametrize(
    ("layer", "options", "error", "message"),
    [
        (np.zeros((10, 3)), {}, ArgumentError, "10 weights of each unit [^$]*image_shape"),
        (np.zeros((16, 3)), {"image_shape": (3, 5)}, ArgumentError, r"shape \(3, 5\)"),
        (np.zeros(3), {}, ArgumentError, "2 or 4 axes"),
        (np.full((4, 1), np.nan), {}, ArgumentError, "NaN"),
        (lamina.layers.Dense(2, name="new"), {}, NotBuiltError, "'new' has no weights yet"),
        (
            lamina.Sequential([lamina.Input((2,)), lamina.layers.ReLU()], name="none"),
            {},
            ArgumentError,
            "no layer with a",
        ),
    ],
)
def test_weights_that_are_no_pictures(ax, layer, options, error, message):
    with pytest.raises(error, match=message):
        weight_images(layer, ax=ax, **options)
