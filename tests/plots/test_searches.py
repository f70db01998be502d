import numpy as np
import pytest

pytest.importorskip("matplotlib")

from matplotlib.figure import Figure

from lamina import plots
from lamina.core.errors import ArgumentError, ArgumentTypeError

RATES = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3]
RESULTS = {
    "params": [{"rate": rate, "solver": "sgd" if rate < 0.02 else "adam"} for rate in RATES],
    "mean_test_score": [0.1, 0.4, np.nan, 0.9, 0.5, 0.2],
}


@pytest.fixture
def ax():
    return Figure().subplots()


def test_each_candidate_is_a_line_to_its_score(ax):
    assert plots.parallel_coordinates(RESULTS, ax) is ax
    lines = [line.get_ydata() for line in ax.lines if len(line.get_xdata()) == 3]
    assert len(lines) == 5  # one has no score
    best = next(line for line in ax.lines if line.get_label() == "best")
    assert best.get_ydata()[-1] == 1  # the highest score
    assert best.get_ydata()[0] == 0.5  # the middle one of five rates
    texts = {text.get_text() for text in ax.texts}
    assert {"sgd", "adam", "0.001", "0.3", "0.9", "0.1"} <= texts


def test_results_that_cannot_be_drawn():
    with pytest.raises(ArgumentTypeError, match=r"a search or its cv_results_ is expected. Received: a list"):
        plots.parallel_coordinates([])
    with pytest.raises(ArgumentError, match=r"no column 'mean_test_acc'.\n\nhint: did you mean mean_test_score"):
        plots.parallel_coordinates(RESULTS, score="mean_test_acc")
    with pytest.raises(ArgumentError, match="no candidate has a score"):
        plots.parallel_coordinates({"params": [{}], "mean_test_score": [np.nan]})


def test_the_best_member_is_marked(ax):
    histories = [{"loss": [3.0, 2.0], "val_loss": [3.0, 1.5, 2.0]}, {"loss": [9.0], "val_loss": [1.0, np.nan]}]
    plots.member_curves(histories, ax=ax)
    assert ax.get_legend().get_texts()[0].get_text() == "best: network 2, epoch 1"
    assert ax.get_ylabel() == "loss (validation)"
    rising = [{"accuracy": [0.5, 0.9]}, {"accuracy": [0.7, 0.8]}]
    plots.member_curves(rising, "accuracy", ax=Figure().subplots())
    with pytest.raises(ArgumentError, match="there are no histories"):
        plots.member_curves([])


def test_scores_along_names(ax):
    plots.score_curve(["a", "b"], [[1, 3], [2, 2]], [[4, 4], [5, 7]], ax, name="solver")
    assert [label.get_text() for label in ax.get_xticklabels()] == ["a", "b"]
    assert ax.lines[0].get_ydata().tolist() == [2, 2]
    assert ax.lines[1].get_ydata().tolist() == [4, 6]
    with pytest.raises(ArgumentError, match="2 values, but 1 training"):
        plots.score_curve([1, 2], [[1]], [[1], [2]])


def test_intervals_are_drawn_in_the_order_of_the_input(ax):
    plots.prediction_intervals([2, 0, 1], [20, 0, 10], ([19, -1, 9], [21, 1, 11]), [20, 0, 10], ax, members=[[5, 6, 7]])
    assert [line.get_ydata().tolist() for line in ax.lines] == [[6, 7, 5], [0, 10, 20]]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["interval", "networks", "mean", "truth"]
    with pytest.raises(ArgumentError, match="mean"):
        plots.prediction_intervals([1, 2], [1], ([1, 2], [1, 2]))
