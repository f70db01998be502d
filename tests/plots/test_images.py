import numpy as np
import pytest
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from lamina.core.errors import ArgumentError
from lamina.plots import image_grid
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
    assert titles(image_grid(images, predictions=[2, 1, 0], fig=Figure())) == ["2", "1", "0"]
    assert titles(image_grid(images, fig=Figure())) == ["", "", ""]


@pytest.mark.parametrize(("shape", "drawn"), [((7, 8, 8, 1), (8, 8)), ((7, 8, 8, 3), (8, 8, 3)), ((7, 8, 8), (8, 8))])
def test_grids_of_grey_and_coloured_pictures(shape, drawn):
    figure = Figure()
    axes = image_grid(np.zeros(shape), columns=3, fig=figure)
    assert len(axes) == len(figure.axes) == 7
    assert axes[0].images[0].get_array().shape == drawn
    assert axes[6].get_subplotspec().rowspan.start == 2


def test_a_new_figure_and_the_dark_style():
    plt = pytest.importorskip("matplotlib.pyplot")
    (ax,) = image_grid(np.zeros((1, 8, 8)), style="dark")
    assert ax.get_figure().get_facecolor() == to_rgba(STYLES["dark"].ground)
    plt.close(ax.get_figure())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([np.zeros((8, 8))], r"Received: \(8, 8\)"),
        ([np.zeros((0, 8, 8))], r"Received: \(0, 8, 8\)"),
        ([np.zeros((3, 8, 8)), [0, 1]], "3 images, but 2 labels"),
        ([np.zeros((3, 8, 8)), None, [0, 1]], "3 images, but 2 predictions"),
    ],
)
def test_what_does_not_fit_together(arguments, message):
    with pytest.raises(ArgumentError, match=message):
        image_grid(*arguments, fig=Figure())
