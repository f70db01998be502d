import zipfile

import numpy as np
import pytest

import lamina
from lamina import layers
from lamina.core.errors import ArgumentError, ArgumentTypeError, DataError, LoadError, NotBuiltError
from lamina.population import Ensemble
from tests.population.networks import assert_same, build

LOSSES = {
    "softmax": ("softmax", 3, "sparse_categorical_crossentropy"),
    "logits": (None, 3, lamina.losses.SparseCategoricalCrossentropy(from_logits=True)),
    "sigmoid": ("sigmoid", 1, "binary_crossentropy"),
    "logit": (None, 1, lamina.losses.BinaryCrossentropy(from_logits=True)),
}


def classifier(kind="softmax"):
    activation, width, loss = LOSSES[kind]
    model = lamina.Sequential([lamina.Input((4,)), layers.Dense(6, "relu"), layers.Dense(width, activation)])
    model.compile(optimizer=lamina.optimizers.Adam(0.05), loss=loss, metrics=["accuracy"])
    return model


@pytest.fixture(scope="module")
def trained():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(75, 4)).astype("float32")
    y = (x[:, :1] * x[:, 1:2] + 0.1 * rng.normal(size=(75, 1))).astype("float32")
    ensemble = Ensemble(build, members=3, seed=5)
    ensemble.fit(x[:50], y[:50], epochs=3, verbose=0)
    return ensemble, x, y


def test_members_are_networks_of_consecutive_seeds(data, alone):
    ensemble = Ensemble(build, members=2, seed=5)
    ensemble.fit(*data, epochs=2, verbose=0)
    for n, (member, history) in enumerate(zip(ensemble.members, ensemble.histories, strict=True)):
        assert_same(member, history, *alone({}, 5 + n, epochs=2))


def test_mean_and_spread(trained):
    ensemble, x, _ = trained
    single = np.stack([model.predict(x, verbose=0) for model in ensemble.members])
    np.testing.assert_allclose(ensemble.predict(x), single.mean(axis=0), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(ensemble.spread(x), single.std(axis=0, ddof=1), rtol=1e-4, atol=1e-6)
    assert len(ensemble) == 3


def test_intervals_hold_after_calibration(trained):
    ensemble, x, y = trained
    low, high, level = ensemble.interval(x, 0.6827)
    np.testing.assert_allclose((high - low) / 2, ensemble.spread(x), rtol=1e-3)
    ensemble.calibrate(x[50:], y[50:])
    low, high, level = ensemble.interval(x[50:], 0.8)
    inside = ((low <= y[50:]) & (y[50:] <= high)).mean()
    assert level == 0.8
    assert 0.8 <= inside <= 0.9
    with pytest.raises(ArgumentError, match=r"calibrated on 25 rows.*0.99.\n\nhint: calibrate on 99 rows or more"):
        ensemble.interval(x, 0.99)


def test_scores_of_the_mean(trained):
    ensemble, x, y = trained
    scores = ensemble.evaluate(x, y)
    assert scores["loss"] == pytest.approx(float(np.mean((ensemble.predict(x) - y) ** 2)), rel=1e-5)
    assert scores["mae"] == pytest.approx(float(np.mean(np.abs(ensemble.predict(x) - y))), rel=1e-5)


@pytest.mark.parametrize("kind", LOSSES)
def test_probabilities_are_calibrated(kind):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(90, 4)).astype("float32")
    classes = 3 if kind in ("softmax", "logits") else 2
    y = rng.integers(0, classes, 90)  # nothing to be learned, so that networks are too sure
    ensemble = Ensemble(lambda: classifier(kind), members=2, seed=0)
    ensemble.fit(x[:30], y[:30], epochs=30, verbose=0)
    before = ensemble.evaluate(x[30:], y[30:])
    raw = ensemble.predict(x[30:])
    assert 0 <= raw.min() <= raw.max() <= 1
    assert ensemble.calibrate(x[30:], y[30:]).temperature > 1.2
    after = ensemble.evaluate(x[30:], y[30:])
    assert after["loss"] < before["loss"]
    assert (
        kind == "logit" or after["accuracy"] == before["accuracy"]
    )  # Keras asks of logits, too, whether they exceed 0.5
    told = ensemble.predict(x[30:])
    if classes == 3:
        np.testing.assert_allclose(told.sum(axis=1), 1)
        logits = np.log(raw) / ensemble.temperature
        np.testing.assert_allclose(told, np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True), rtol=1e-4)
    with pytest.raises(DataError, match="y holds -1, but the classes are 0 to "):
        ensemble.calibrate(x, np.full(len(x), -1))
    with pytest.raises(ArgumentError, match="Intervals are for numbers"):
        ensemble.interval(x)


def test_one_file(trained, tmp_path):
    ensemble, x, y = trained
    ensemble.calibrate(x[50:], y[50:]).save(tmp_path / "all.ensemble")
    copy = Ensemble.load(tmp_path / "all.ensemble")
    np.testing.assert_allclose(copy.predict(x), ensemble.predict(x), rtol=1e-6)
    np.testing.assert_allclose(copy.interval(x, 0.8).high, ensemble.interval(x, 0.8).high, rtol=1e-6)
    copy.fit(x, y, epochs=1, verbose=0)  # goes on
    assert [path.name for path in tmp_path.iterdir()] == ["all.ensemble"]


def test_files_that_are_no_ensembles(trained, tmp_path):
    ensemble = trained[0]
    ensemble.members[0].save(tmp_path / "model.keras")
    with pytest.raises(LoadError, match=r"is no file of an ensemble.\n\nhint: Ensemble.save"):
        Ensemble.load(tmp_path / "model.keras")
    ensemble.save(tmp_path / "all.ensemble")
    with zipfile.ZipFile(tmp_path / "all.ensemble") as whole, zipfile.ZipFile(tmp_path / "few", "w") as few:
        for name in whole.namelist()[:-1]:
            few.writestr(name, whole.read(name))
    with pytest.raises(LoadError, match="holds 2 networks, but claims to hold 3"):
        Ensemble.load(tmp_path / "few")


def test_models_that_are_there_already(trained):
    ensemble, x, _ = trained
    pair = Ensemble(ensemble.members[:2])
    assert len(pair) == 2
    np.testing.assert_allclose(
        pair.predict(x), np.mean([m.predict(x, verbose=0) for m in ensemble.members[:2]], axis=0), rtol=1e-5, atol=1e-6
    )


def test_wrong_arguments(trained):
    ensemble, x, y = trained
    with pytest.raises(ArgumentError, match="members must be a positive integer"):
        Ensemble(build, members=0)
    with pytest.raises(ArgumentTypeError, match="Ensemble takes a compiled model or a function"):
        Ensemble("build")
    with pytest.raises(ArgumentError, match="x has 75 rows, but y has 3"):
        ensemble.calibrate(x, y[:3])
    with pytest.raises(DataError, match="no finite number"):
        ensemble.calibrate(x, y * np.nan)
    with pytest.raises(DataError, match=r"y has the shape \(75, 2\), but predictions have \(75, 1\)"):
        ensemble.calibrate(x, np.repeat(y, 2, axis=1))
    unbuilt = lamina.Sequential([layers.Dense(1)])
    unbuilt.compile(loss="mse")
    with pytest.raises(NotBuiltError, match="hint: call fit"):
        Ensemble([unbuilt]).interval(x)


def test_picture():
    pytest.importorskip("matplotlib")
    from matplotlib.figure import Figure

    def line():
        model = lamina.Sequential([lamina.Input((1,)), layers.Dense(1)])
        model.compile(loss="mse")
        return model

    x = np.linspace(0, 1, 5)
    ax = Ensemble(line, members=2, seed=0).plot(x, x, Figure().subplots(), level=0.5)
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["interval of 50%", "networks", "mean", "truth"]
