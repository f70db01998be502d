from types import SimpleNamespace

import numpy as np
import pytest

from lamina.core.errors import ArgumentError, ArgumentTypeError
from lamina.optimizers import schedules
from lamina.plots import learning_rate_finder, schedule_curves

RATES, LOSSES = [1e-4, 1e-3, 1e-2, 1e-1, 1], [2.0, 1.9, 1.0, 0.5, 50.0]


@pytest.mark.parametrize(
    ("given", "marked"),
    [
        ((SimpleNamespace(rates=RATES, losses=LOSSES, suggestion=0.01),), ["suggestion: 0.01"]),
        ((SimpleNamespace(history={"learning_rate": RATES, "loss": LOSSES}),), []),
        ((RATES, LOSSES), []),
    ],
)
def test_losses_over_rates_and_the_suggestion(ax, given, marked):
    assert learning_rate_finder(*given, ax=ax) is ax
    assert list(ax.lines[0].get_xdata()) == RATES
    assert list(ax.lines[0].get_ydata()) == LOSSES
    assert ax.get_xscale() == "log"
    assert [line.get_label() for line in ax.lines[1:]] == marked
    assert [line.get_xdata()[0] for line in ax.lines[1:]] == [0.01] * len(marked)


def test_a_loss_that_explodes_does_not_hide_the_rest(ax):
    learning_rate_finder(RATES, LOSSES, ax=ax)
    low, high = ax.get_ylim()
    assert low < 0.5
    assert 2 < high < 3


def test_losses_that_diverged_leave_gaps(ax):
    learning_rate_finder(RATES, [2, np.nan, 1, 3, np.inf], ax=ax)
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), [2, np.nan, 1, 3, np.nan])
    assert ax.get_ylim() == pytest.approx((0.9, 2.5))


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ((RATES, LOSSES[:3]), ArgumentError, "5 rates, but 3 losses"),
        (([0, 1], [1, 2]), ArgumentError, "above zero. Received: 0 among"),
        ((RATES, [np.nan] * 5), ArgumentError, "all 5 losses are NaN or infinite"),
        (([], []), ArgumentError, "rates is empty"),
        (({"loss": [1]},), ArgumentTypeError, "'learning_rate' and 'loss', .* Received: a dict"),
    ],
)
def test_what_is_no_sweep(ax, given, error, message):
    with pytest.raises(error, match=message):
        learning_rate_finder(*given, ax=ax)


def test_schedules_by_name(ax):
    cosine, steps = schedules.CosineDecay(0.1, 100), 100
    assert schedule_curves({"cosine": cosine, "steps": lambda s: 0.1 if s < 50 else 0.01}, steps, ax=ax) is ax
    assert [line.get_label() for line in ax.lines] == ["cosine", "steps"]
    np.testing.assert_allclose(ax.lines[0].get_ydata(), [float(cosine(s)) for s in range(101)], atol=1e-7)
    assert ax.lines[1].get_ydata()[[0, 49, 50, 100]].tolist() == [0.1, 0.1, 0.01, 0.01]
    assert ax.lines[0].get_linestyle() != ax.lines[1].get_linestyle()


def test_a_single_schedule_needs_no_legend(ax):
    schedule_curves(lambda step: 0.5, 3, ax=ax)
    assert ax.lines[0].get_xydata().tolist() == [[step, 0.5] for step in range(4)]
    assert ax.get_legend() is None


@pytest.mark.parametrize(
    ("given", "steps", "error", "message"),
    [
        (0.1, 10, ArgumentTypeError, "a function of the step. Received: a float"),
        ({}, 10, ArgumentError, "no schedules"),
        (lambda step: step / 0.0 * 0, 10, ArgumentError, "the rate holds 11 values that are NaN"),
        (lambda step: step, 0, ArgumentError, "steps must be a positive integer"),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value")
def test_what_is_no_schedule(ax, given, steps, error, message):
    with pytest.raises(error, match=message):
        schedule_curves(given, steps, ax=ax)
