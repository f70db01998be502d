from types import SimpleNamespace

import numpy as np
import pytest

from lamina.core.errors import ArgumentError, ArgumentTypeError
from lamina.plots import compare_runs, learning_curves
from lamina.plots.series import MOST

LOGS = {
    "accuracy": [0.5, 0.7, 0.8],
    "loss": [1.5, 0.9, 0.6],
    "val_accuracy": [0.4, 0.6, 0.7],
    "val_loss": [1.6, 0.8, 1],
}


def labels(ax):
    return [line.get_label() for line in ax.lines]


def test_a_line_for_each_metric_and_its_validation(ax):
    assert learning_curves(LOGS, ax=ax) is ax
    lines = {line.get_label(): line for line in ax.lines}
    assert list(lines)[:4] == ["loss", "loss (validation)", "accuracy", "accuracy (validation)"]
    assert list(lines["loss"].get_ydata()) == LOGS["loss"]
    assert lines["loss"].get_color() == lines["loss (validation)"].get_color() != lines["accuracy"].get_color()
    assert [lines["loss"].get_linestyle(), lines["loss (validation)"].get_linestyle()] == ["-", "--"]
    assert lines["loss"].get_marker() != lines["accuracy"].get_marker()
    assert ax.get_xlabel() == "epoch"


@pytest.mark.parametrize(("shift", "training"), [(True, [0.5, 1.5, 2.5]), (False, [1, 2, 3])])
def test_training_stands_half_an_epoch_before_validation(ax, shift, training):
    learning_curves(LOGS, ax=ax, metrics=["loss"], shift=shift)
    assert list(ax.lines[0].get_xdata()) == training
    assert list(ax.lines[1].get_xdata()) == [1, 2, 3]


@pytest.mark.parametrize(("best", "epoch", "value"), [("val_loss", 2, 0.8), ("val_accuracy", 3, 1)])
def test_the_best_epoch_is_marked(ax, best, epoch, value):
    learning_curves(LOGS, ax=ax, metrics=["loss"], best=best)
    assert labels(ax)[-1] == f"best: epoch {epoch}"
    assert ax.lines[-1].get_xdata()[0] == epoch
    assert ax.collections[0].get_offsets().tolist() == [[epoch, value]]


@pytest.mark.parametrize(("logs", "best"), [(LOGS, None), ({"loss": [2, 1]}, "val_loss")])
def test_no_epoch_is_marked_if_none_was_judged(ax, logs, best):
    learning_curves(logs, ax=ax, best=best)
    assert not [label for label in labels(ax) if label.startswith("best")]


def test_the_model_tells_which_way_is_up(ax):
    metric = SimpleNamespace(_direction="up")
    model = SimpleNamespace(log_names=lambda: ["gain"], metrics=[metric])
    learning_curves(SimpleNamespace(history={"gain": [1, 3, 2]}, model=model), ax=ax, best="gain")
    assert labels(ax) == ["gain", "best: epoch 2"]


def test_one_metric_of_a_history_that_continues(ax):
    learning_curves(SimpleNamespace(history=LOGS, epoch=[5, 6, 7]), ax=ax, metrics=["acc"])
    assert labels(ax) == ["accuracy", "accuracy (validation)", "best: epoch 7"]
    assert list(ax.lines[1].get_xdata()) == [6, 7, 8]


def test_validation_every_second_epoch_stands_at_its_epochs(ax):
    history = SimpleNamespace(history={"loss": [4, 3, 2, 1], "val_loss": [4, 2]}, epoch=[0, 1, 2, 3])
    learning_curves(history, ax=ax)
    assert list(ax.lines[1].get_xdata()) == [2, 4]


def test_a_single_epoch_is_a_visible_point(ax):
    learning_curves({"loss": [0.5]}, ax=ax)
    assert ax.lines[0].get_marker() == "o"


def test_learning_rates_are_drawn_only_if_asked_for(ax):
    logs = {"loss": [2, 1], "learning_rate": [0.1, 0.01]}
    learning_curves(logs, ax=ax)
    assert labels(ax) == ["loss"]
    learning_curves(logs, ax=ax, metrics=["lr"])
    assert labels(ax) == ["loss", "learning_rate"]


def test_a_training_that_diverges_leaves_a_gap(ax):
    learning_curves({"loss": [2, np.nan], "val_loss": [3, np.nan]}, ax=ax)
    assert labels(ax)[-1] == "best: epoch 1"


def test_logs_that_make_no_curve_are_left_out(ax):
    logs = {"loss": [2, 1], "val_loss": [np.nan, np.nan], "f1": [[0.1, 0.2], [0.3, 0.4]]}
    learning_curves(logs, ax=ax)
    assert labels(ax) == ["loss"]
    with pytest.raises(ArgumentTypeError, match="the log 'f1' must hold one number per epoch"):
        learning_curves(logs, ax=ax, metrics=["f1"])


def test_ticks_are_whole_epochs_even_of_a_single_one(ax):
    learning_curves({"loss": [2, 1]}, ax=ax)
    assert all(tick == int(tick) for tick in ax.get_xticks())


def test_a_metric_may_be_named_alone(ax):
    learning_curves(LOGS, ax=ax, metrics="accuracy", best=None)
    assert labels(ax)[0] == "accuracy"


def test_a_csv_log_read_as_a_table(ax):
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"epoch": [0, 1], "loss": [2.0, 1.0], "val_loss": [np.nan, 3.0]})
    learning_curves(table, ax=ax)
    assert [list(line.get_xdata()) for line in ax.lines[:2]] == [[0.5, 1.5], [2]]


@pytest.mark.parametrize(
    ("history", "options", "message"),
    [
        ({}, {}, "no epoch has ended"),
        ({"loss": []}, {}, "no epoch has ended"),
        ({"loss": [np.nan, np.nan]}, {}, "all 2 values of the log 'loss' are NaN"),
        (LOGS, {"metrics": ["acuracy"]}, "did you mean accuracy"),
        (LOGS, {"best": "val_mae"}, "no metric 'val_mae'"),
        (LOGS, {"style": "drak"}, "did you mean dark"),
    ],
)
def test_what_cannot_be_drawn(ax, history, options, message):
    with pytest.raises(ArgumentError, match=message):
        learning_curves(history, ax=ax, **options)


@pytest.mark.parametrize("history", [None, [0.5], {"loss": ["high"]}, {"loss": [[1, 2]]}])
def test_what_is_no_history(ax, history):
    with pytest.raises(ArgumentTypeError, match=r"what fit\(\) returned|one number per epoch"):
        learning_curves(history, ax=ax)


def test_runs_are_compared_by_validation_with_their_best_values(ax):
    runs = {"a": LOGS, "b": {"loss": [3, 2], "val_loss": [0.5, 0.75]}}
    assert compare_runs(runs, ax=ax) is ax
    assert labels(ax) == ["a: 0.8", "b: 0.5"]
    assert list(ax.lines[1].get_ydata()) == [0.5, 0.75]
    assert ax.lines[0].get_linestyle() != ax.lines[1].get_linestyle()
    assert ax.get_ylabel() == "loss (validation)"


def test_runs_in_a_list_without_validation_or_by_accuracy(ax):
    compare_runs([LOGS, {"loss": [3, 2]}], ax=ax)
    compare_runs([LOGS], "accuracy", ax=ax)
    assert labels(ax) == ["1: 0.6", "2: 2", "1: 0.8"]
    assert ax.get_ylabel() == "accuracy"


@pytest.mark.parametrize("metric", ["loss", "accuracy"])
def test_of_many_runs_the_best_have_names(ax, metric):
    values = np.arange(MOST + 3) / 20
    good = values[:MOST] if metric == "loss" else values[3:]
    compare_runs({f"{value:g}": {metric: [value]} for value in values}, metric, ax=ax)
    named = [label for label in labels(ax) if ": " in label]
    assert named == [f"{value:g}: {value:g}" for value in good]
    assert "… and 3 more" in labels(ax)
    assert len(ax.lines) == MOST + 3


@pytest.mark.parametrize(
    ("runs", "metric", "message"),
    [({}, None, "no histories"), ([LOGS, {"loss": []}], None, "empty"), ([LOGS], "mae", "no metric 'mae'")],
)
def test_runs_that_cannot_be_compared(ax, runs, metric, message):
    with pytest.raises(ArgumentError, match=message):
        compare_runs(runs, metric, ax=ax)
