import numpy as np
import pytest
from matplotlib.figure import Figure

from lamina.core.errors import ArgumentError
from lamina.plots import predictions_vs_targets


def test_a_point_for_each_example_and_the_diagonal():
    ax = Figure().subplots()
    assert predictions_vs_targets([1.0, 2.0, 3.0], [[1.5], [2.0], [4.0]], ax=ax) is ax
    points = ax.collections[0].get_offsets()
    np.testing.assert_array_equal(points, [[1.0, 1.5], [2.0, 2.0], [3.0, 4.0]])
    assert list(ax.lines[0].get_xdata()) == list(ax.lines[0].get_ydata()) == [1.0, 4.0]


def test_many_points_are_fainter_than_few():
    few, many = Figure().subplots(), Figure().subplots()
    predictions_vs_targets(np.ones(10), np.ones(10), ax=few)
    predictions_vs_targets(np.ones(9999), np.ones(9999), ax=many)
    assert many.collections[0].get_alpha() < few.collections[0].get_alpha()


@pytest.mark.parametrize(("targets", "predictions"), [([1.0], [1.0, 2.0]), ([], [])])
def test_sizes_that_differ_and_empty_ones(targets, predictions):
    with pytest.raises(ArgumentError, match=f"{len(targets)} targets, but {len(predictions)} predictions"):
        predictions_vs_targets(targets, predictions, ax=Figure().subplots())
