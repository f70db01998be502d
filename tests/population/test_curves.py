import numpy as np
import pytest

from lamina.core.errors import ArgumentError, ArgumentTypeError, UnexpectedArgumentError
from lamina.population import learning_curve, validation_curve
from lamina.population.curves import ScoreCurve
from tests.population.networks import build


def test_sizes_are_trained_on_parts_of_folds(data, alone):
    curve = learning_curve(build, *data, sizes=[16, 32], cv=2, seed=3, epochs=2, verbose=0)
    assert curve.values == [16, 32]
    assert curve.validation["loss"].shape == curve.training["mae"].shape == (2, 2)
    orders = np.random.RandomState(3)
    order = [orders.permutation(rows) for rows in (np.arange(38, 75), np.arange(38))]
    for fold, held_out in enumerate((np.arange(38), np.arange(38, 75))):
        model, history = alone({}, 3, order[fold][:32], held_out, epochs=2)
        np.testing.assert_allclose(curve.validation["loss"][1, fold], history.history["val_loss"][-1], rtol=1e-5)
        x, y = (part[order[fold][:32]] for part in data)
        np.testing.assert_allclose(curve.training["loss"][1, fold], model.evaluate(x, y, verbose=0)[0], rtol=1e-5)


def test_values_of_a_hyperparameter(data):
    curve = validation_curve(build, *data, "rate", [1e-6, 0.05, 10.0], cv=2, seed=1, epochs=3, verbose=0)
    assert curve.best == 0.05
    assert not (curve.validation["loss"][2] < 1).any()  # NaN or infinite
    assert ScoreCurve("rate", [1, 2], {}, {"loss": np.full((2, 2), np.nan)}, curve.population).best is None
    assert "val_loss along rate: 1e-06: " in repr(curve)


def test_a_value_that_is_refused(data):
    def picky(units):
        if units > 4:
            raise ValueError("too many")
        return build(units=units)

    with pytest.warns(UserWarning, match="refused"):
        curve = validation_curve(picky, *data, "units", [2, 5, 4], cv=2, verbose=0)
    assert np.isnan(curve.validation["loss"]).all(axis=1).tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x, y: learning_curve(build, x, y, sizes=[61], cv=5), ArgumentError, "61 is no size of a part of 60"),
        (lambda x, y: learning_curve(build, x, y, sizes=[0.001]), ArgumentError, "0.001 is no size of a part"),
        (lambda x, y: learning_curve(build, x, y, sizes=["half"]), ArgumentTypeError, "sizes are numbers of rows"),
        (lambda x, y: learning_curve(build, x, y, sizes=5), ArgumentTypeError, "sizes are several numbers .*sizes=5"),
        (lambda x, y: learning_curve(build, x, y, size=[5]), UnexpectedArgumentError, "did you mean sizes"),
        (lambda x, y: validation_curve(build(), x, y, "units", [1]), ArgumentTypeError, "function with an argument 'u"),
        (lambda x, y: validation_curve(build, x, y, "unitz", [1]), UnexpectedArgumentError, "did you mean units"),
        (lambda x, y: validation_curve(build, x, y, "units", []), ArgumentError, "there are no values of 'units'"),
        (lambda x, y: validation_curve("build", x, y, "units", [1]), ArgumentTypeError, "a function that returns one"),
    ],
)
def test_wrong_arguments(data, call, error, message):
    with pytest.raises(error, match=message):
        call(*data)


def test_pictures(data):
    pytest.importorskip("matplotlib")
    from matplotlib.figure import Figure

    curve = validation_curve(build, *data, "rate", [1e-4, 1e-2], cv=2, verbose=0)
    ax = curve.plot(Figure().subplots(), metric="mae")
    assert (ax.get_xscale(), ax.get_xlabel(), ax.get_ylabel()) == ("log", "rate", "mae")
    np.testing.assert_allclose(ax.lines[1].get_ydata(), curve.validation["mae"].mean(axis=1))
    with pytest.raises(ArgumentError, match="did you mean mae"):
        curve.plot(metric="mea")
