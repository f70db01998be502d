import random

import numpy as np
import pytest

import lamina
from lamina.core.errors import ArgumentError, DataError, ScheduledError
from lamina.population import find_learning_rate
from tests.population.networks import build


def test_a_sweep_leaves_the_model_as_it_was(data):
    model = build(rate=0.01)
    model.fit(*data, verbose=0)
    before = (
        model.get_weights(),
        [np.array(v.value) for v in model.optimizer.variables],
        np.random.get_state()[1].copy(),
    )
    found = find_learning_rate(model, *data, seed=1)
    after = model.get_weights(), [np.array(v.value) for v in model.optimizer.variables], np.random.get_state()[1]
    for one, other in zip((*before[0], *before[1], before[2]), (*after[0], *after[1], after[2]), strict=True):
        np.testing.assert_array_equal(one, other)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.01)
    assert found.way == "sweep"
    np.testing.assert_allclose(found.rates, np.geomspace(1e-5, 10, 100)[: len(found.rates)])
    assert found.suggestion == pytest.approx(found.rates[np.nanargmin(found.losses)] / 10)
    assert "and then turns; this is a tenth of it" in found.why


def test_a_sweep_trains_at_each_rate(data):
    """The losses are those of training by hand, smoothed."""
    x, y = data
    found = find_learning_rate(build, x, y, 1e-3, 1e-1, batch_size=75, steps=3, seed=4)
    lamina.utils.set_random_seed(4)
    model, losses = build(), []
    for rate in (1e-3, 1e-2, 1e-1):
        order = np.random.permutation(75)
        model.optimizer.learning_rate = rate
        model.reset_metrics()
        losses.append(model.train_on_batch(x[order], y[order])[0])
    mean, smoothed = 0.0, []
    for step, loss in enumerate(losses, 1):
        mean = 0.95 * mean + 0.05 * loss
        smoothed.append(mean / (1 - 0.95**step))
    np.testing.assert_allclose(found.losses, smoothed, rtol=1e-5)


def test_a_population_of_rates_begins_with_the_same_weights(data):
    model = build()
    model.fit(*data, verbose=0)
    found = find_learning_rate(model, *data, 1e-9, 1e3, way="population", count=13, epochs=2, seed=1)
    np.testing.assert_allclose(found.losses[:2], model.evaluate(*data, verbose=0)[0], rtol=1e-4)
    assert found.suggestion == found.rates[np.nanargmin(found.losses)]
    assert np.isnan(found.losses[-1])
    assert "of 13 networks" in found.why.lower()
    assert "have diverged" in found.why


def test_nothing_helps(data):
    x, y = data
    for way in ("sweep", "population"):
        found = find_learning_rate(build, x, y, 1e7, 1e9, way=way, count=2, seed=0)
        assert found.suggestion is None
        assert "try lower ones" in found.why
    state = random.getstate()
    with pytest.raises(ArgumentError, match=r"low must be less than high. Received: low=1, high=1"):
        find_learning_rate(build, x, y, 1, 1)
    assert random.getstate() == state
    assert "no number from the first step on" in find_learning_rate(build, x * np.inf, y, seed=0).why
    with pytest.raises(DataError, match="x has 75, y has 3"):
        find_learning_rate(build, x, y[:3])
    with pytest.raises(ArgumentError, match="way"):
        find_learning_rate(build, x, y, way="sweeping")


def test_a_schedule_has_the_say(data):
    def scheduled():
        return build(rate=lamina.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9))

    with pytest.raises(ScheduledError):
        find_learning_rate(scheduled, *data)


def test_picture(data):
    pytest.importorskip("matplotlib")
    from matplotlib.figure import Figure

    ax = find_learning_rate(build, *data, seed=1).plot(Figure().subplots())
    assert ax.get_xscale() == "log"
    assert any("suggestion" in line.get_label() for line in ax.lines)
