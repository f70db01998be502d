from types import SimpleNamespace

import pytest
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from lamina.core.errors import ArgumentError
from lamina.plots import learning_curves
from lamina.plots.style import STYLES

LOGS = {
    "accuracy": [0.5, 0.7, 0.8],
    "loss": [1.5, 0.9, 0.6],
    "val_accuracy": [0.4, 0.6, 0.7],
    "val_loss": [1.6, 1, 0.8],
}


@pytest.fixture
def ax():
    return Figure().subplots()


def test_a_line_for_each_metric_and_its_validation(ax):
    assert learning_curves(LOGS, ax=ax) is ax
    lines = {line.get_label(): line for line in ax.lines}
    assert list(lines) == ["loss", "loss (validation)", "accuracy", "accuracy (validation)"]
    assert list(lines["loss"].get_ydata()) == LOGS["loss"]
    assert list(lines["loss"].get_xdata()) == [1, 2, 3]
    assert lines["loss"].get_color() == lines["loss (validation)"].get_color() != lines["accuracy"].get_color()
    assert [lines["loss"].get_linestyle(), lines["loss (validation)"].get_linestyle()] == ["-", "--"]


def test_one_metric_of_a_history_that_continues(ax):
    learning_curves(SimpleNamespace(history=LOGS, epoch=[5, 6, 7]), ax=ax, metrics=["accuracy"])
    assert [line.get_label() for line in ax.lines] == ["accuracy", "accuracy (validation)"]
    assert list(ax.lines[0].get_xdata()) == [6, 7, 8]


def test_validation_every_second_epoch_stands_at_its_epochs(ax):
    history = SimpleNamespace(history={"loss": [4, 3, 2, 1], "val_loss": [4, 2]}, epoch=[0, 1, 2, 3])
    learning_curves(history, ax=ax)
    assert list(ax.lines[1].get_xdata()) == [2, 4]


def test_a_single_epoch_is_a_visible_point(ax):
    learning_curves({"loss": [0.5]}, ax=ax)
    assert ax.lines[0].get_marker() == "o"


def test_a_new_figure_and_the_dark_style():
    plt = pytest.importorskip("matplotlib.pyplot")
    ax = learning_curves(LOGS, style="dark")
    assert ax.get_facecolor() == to_rgba(STYLES["dark"].ground)
    plt.close(ax.get_figure())


@pytest.mark.parametrize(
    ("history", "options", "message"),
    [
        ({}, {}, "no epoch has ended"),
        ({"loss": []}, {}, "no epoch has ended"),
        (LOGS, {"metrics": ["acuracy"]}, "did you mean accuracy"),
        (LOGS, {"style": "drak"}, "did you mean dark"),
    ],
)
def test_what_cannot_be_drawn(ax, history, options, message):
    with pytest.raises(ArgumentError, match=message):
        learning_curves(history, ax=ax, **options)
