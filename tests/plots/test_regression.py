import numpy as np
import pytest
from matplotlib.figure import Figure

from lamina.core.errors import ArgumentError, ArgumentTypeError
from lamina.plots import predictions_vs_targets, residuals


def test_a_point_for_each_example_and_the_diagonal(ax):
    assert predictions_vs_targets([1.0, 2.0, 3.0], [[1.5], [2.0], [4.0]], ax=ax) is ax
    points = ax.collections[0].get_offsets()
    np.testing.assert_array_equal(points, [[1.0, 1.5], [2.0, 2.0], [3.0, 4.0]])
    assert list(ax.lines[0].get_xdata()) == list(ax.lines[0].get_ydata()) == [1.0, 4.0]


def test_many_points_are_fainter_than_few():
    few, many = Figure().subplots(), Figure().subplots()
    predictions_vs_targets(np.ones(10), np.ones(10), ax=few)
    predictions_vs_targets(np.ones(9999), np.ones(9999), ax=many)
    assert many.collections[0].get_alpha() < few.collections[0].get_alpha()


def test_residuals_their_medians_and_their_histogram(ax):
    predictions = np.arange(100.0)
    errors = np.where(predictions < 50, 1.0, -1.0)
    assert residuals(predictions + errors, predictions[:, None], ax=ax) is ax
    np.testing.assert_array_equal(ax.collections[0].get_offsets(), np.stack([predictions, errors], axis=1))
    medians = next(line for line in ax.lines if line.get_label() == "median")
    assert medians.get_ydata()[[0, -1]].tolist() == [1, -1]
    (side,) = ax.child_axes
    widths = [bar.get_width() for bar in side.patches]
    assert widths[0] == widths[-1] == 50
    assert sum(widths) == 100


@pytest.mark.parametrize("plot", [predictions_vs_targets, residuals])
@pytest.mark.parametrize(
    ("targets", "predictions", "error", "message"),
    [
        ([1.0], [1.0, 2.0], ArgumentError, "1 targets, but 2 predictions"),
        ([], [], ArgumentError, "0 targets, but 0 predictions"),
        (
            [1.0, np.nan],
            [1.0, 2.0],
            ArgumentError,
            r"targets holds 1 values that are NaN or infinite, the first at \[1\]",
        ),
        ([1.0, 2.0], [[1.0, 2.0], [3.0, 4.0]], ArgumentError, r"predictions must be \(examples,\) or \(examples, 1\)"),
        (["a"], [1.0], ArgumentTypeError, "targets must be an array of numbers"),
    ],
)
def test_what_cannot_be_drawn(ax, plot, targets, predictions, error, message):
    with pytest.raises(error, match=message):
        plot(targets, predictions, ax=ax)
