import numpy as np
import pytest

import lamina
from lamina.callbacks import LambdaCallback, ModelCheckpoint, TerminateOnNaN
from lamina.training import driver


def poisoned(samples, row):
    """The data, with one row that makes the loss infinite."""
    y = np.tile(samples.y, (10, 1))
    y[row] = np.inf
    return np.tile(samples.x, (10, 1)), y


@pytest.fixture
def fit_poisoned(samples, make_model):
    def run(row, *callbacks, epochs=3, source="arrays", **fit):
        x, y = poisoned(samples, row)
        model = make_model(0.01)
        if source == "generator":
            batches = ((x[n : n + 1], y[n : n + 1]) for _ in range(epochs) for n in range(600))
            data = {"x": batches, "steps_per_epoch": 600}
        else:
            data = {"x": x, "y": y, "batch_size": 1}
        with np.errstate(all="ignore"):
            model.fit(**data, epochs=epochs, shuffle=False, verbose=0, callbacks=list(callbacks), **fit)
        return model

    return run


pytestmark = pytest.mark.filterwarnings("ignore:.*(NaN|inf).*:UserWarning")  # fit sees the row coming


@pytest.mark.parametrize("source", ["arrays", "generator"])
@pytest.mark.parametrize("row", [0, 1, 317, 599])
def test_nothing_is_trained_beyond_the_bad_batch(fit_poisoned, capsys, row, source):
    model = fit_poisoned(row, TerminateOnNaN(), source=source)
    assert int(model.optimizer.iterations) == row + 1
    assert model.history.epoch == [0]
    assert f"Batch {row}: the loss is inf" in capsys.readouterr().out


def test_the_loop_is_not_cut(fit_poisoned, monkeypatch):
    stretches = []
    run = driver.run_with

    def counting(learner, function, *args):
        *_, start, stop, _ = args
        stretches.append(int(stop - start))
        return run(learner, function, *args)

    monkeypatch.setattr(driver, "run_with", counting)
    fit_poisoned(599, TerminateOnNaN())
    assert len(stretches) < 100


def test_hooks_at_the_end_are_called(fit_poisoned):
    ends = []
    more = LambdaCallback(
        on_epoch_end=lambda epoch, logs: ends.append(epoch), on_train_end=lambda logs: ends.append("end")
    )
    fit_poisoned(5, TerminateOnNaN(), more)
    assert ends == [0, "end"]


def test_an_error_instead(fit_poisoned):
    ends = []
    more = LambdaCallback(on_train_end=lambda logs: ends.append("end"))
    with pytest.raises(RuntimeError, match=r"(?s)The loss is inf after batch 5.*hint: "):
        fit_poisoned(5, TerminateOnNaN(raise_error=True), more)
    assert ends == []


def test_one_that_goes_on(fit_poisoned):
    class Count(TerminateOnNaN):
        batches = ()

        def batches_until_due(self):
            return None

        def on_batch_end(self, batch, logs=None):
            self.batches += (batch,)

    count = Count()
    model = fit_poisoned(590, count, epochs=2)
    assert int(model.optimizer.iterations) == 1200
    assert count.batches == (*range(590, 600), *range(600))


def test_beside_checkpoints(fit_poisoned, monkeypatch, tmp_path):
    saved = []
    save = lambda model, path, overwrite: saved.append(int(model.optimizer.iterations))  # noqa: E731
    monkeypatch.setattr(lamina.Model, "save", save, raising=False)
    fit_poisoned(250, TerminateOnNaN(), ModelCheckpoint(tmp_path / "{batch}.keras", save_freq=100))
    assert saved == [100, 200]


def test_finite_losses_are_let_pass(train):
    _, history = train(TerminateOnNaN(), epochs=3)
    _, alone = train(epochs=3)
    assert history.history == alone.history


def test_by_hand(fake):
    guard = TerminateOnNaN()
    guard.set_model(fake)
    guard.on_train_batch_end(0, {"loss": 1.0})
    guard.on_train_batch_end(1)
    assert not fake.stop_training
    guard.on_train_batch_end(2, {"loss": float("nan")})
    assert fake.stop_training
