import os

import numpy as np
import pytest

import lamina
from lamina.callbacks import LambdaCallback, ModelCheckpoint
from lamina.core.errors import FileError


@pytest.fixture
def saved(monkeypatch):
    """The names of the files that models save, with the steps they had taken."""
    found = []

    def save(model, path, overwrite):
        found.append((os.path.basename(path), int(model.optimizer.iterations)))

    monkeypatch.setattr(lamina.Model, "save", save, raising=False)
    monkeypatch.setattr(lamina.Model, "save_weights", save, raising=False)
    return found


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_each_epoch_is_saved(train, saved, tmp_path):
    _, history = train(ModelCheckpoint(tmp_path / "{epoch:02d}-{val_loss:.2f}.keras"), epochs=3)
    losses = history.history["val_loss"]
    assert saved == [(f"{n + 1:02d}-{losses[n]:.2f}.keras", 3 * n + 3) for n in range(3)]


def test_only_the_best_are_saved(train, saved, tmp_path):
    checkpoint = ModelCheckpoint(tmp_path / "{epoch}.keras", save_best_only=True)
    _, history = train(checkpoint)
    losses = history.history["val_loss"]
    best = [n for n in range(12) if losses[n] == min(losses[: n + 1])]
    assert saved == [(f"{n + 1}.keras", 3 * n + 3) for n in best]
    assert checkpoint.best == min(losses)
    assert 1 < len(best) < 12


def test_the_best_of_all_trainings_is_kept(run_epochs, fake, tmp_path):
    checkpoint = ModelCheckpoint(tmp_path / "best.keras", "loss", save_best_only=True)
    run_epochs(checkpoint, fake, {"loss": 2.0}, {"loss": 1.0})
    run_epochs(checkpoint, fake, {"loss": 1.5}, {"loss": 0.5})
    assert len(fake.saved) == 3
    assert names(tmp_path) == ["best.keras"]


@pytest.mark.parametrize("save_freq", [1, 2, 3, 5, 7, 100])
def test_batches_are_counted_across_epochs(train, saved, tmp_path, save_freq):
    train(ModelCheckpoint(tmp_path / "{epoch}-{batch}.keras", save_freq=save_freq), epochs=4)
    steps = range(save_freq, 13, save_freq)
    assert saved == [(f"{(n - 1) // 3 + 1}-{(n - 1) % 3 + 1}.keras", n) for n in steps]


@pytest.mark.parametrize("kind", ["array", "generator"])
def test_saving_after_batches_cuts_the_loop_only_there(saved, samples, make_model, tmp_path, monkeypatch, kind):
    from lamina.training import driver

    stretches = []
    run = driver.run_with

    def counting(learner, function, *args):
        *_, start, stop, _ = args
        stretches.append(int(stop - start))
        return run(learner, function, *args)

    monkeypatch.setattr(driver, "run_with", counting)
    x, y = np.tile(samples.x, (10, 1)), np.tile(samples.y, (10, 1))

    def batches():
        while True:
            yield from ((x[n : n + 1], y[n : n + 1]) for n in range(600))

    model = make_model()
    checkpoint = ModelCheckpoint(tmp_path / "{batch}.keras", save_freq=100)
    data = {"x": x, "y": y, "batch_size": 1} if kind == "array" else {"x": batches(), "steps_per_epoch": 600}
    model.fit(**data, epochs=3, verbose=0, shuffle=False, callbacks=[checkpoint])
    assert saved == [(f"{n % 600 + 100}.keras", n + 100) for n in range(0, 1800, 100)]
    assert sum(stretches) == 1800
    assert len(stretches) < 300


def test_a_batch_hook_of_a_subclass_is_called_for_each(train, saved, tmp_path):
    batches = []

    class Mine(ModelCheckpoint):
        def on_train_batch_end(self, batch, logs=None):
            batches.append(batch)
            super().on_train_batch_end(batch, logs)

    train(Mine(tmp_path / "{batch}.keras", save_freq=3), epochs=2)
    assert batches == [0, 1, 2] * 2
    assert saved == [("3.keras", 3), ("3.keras", 6)]


def test_beside_a_hook_for_batches(train, saved, tmp_path):
    batches = []
    look = LambdaCallback(on_train_batch_end=lambda batch, logs: batches.append(batch))
    train(ModelCheckpoint(tmp_path / "{batch}.keras", save_freq=2), look, epochs=2)
    assert batches == [0, 1, 2] * 2
    assert [step for _, step in saved] == [2, 4, 6]


def test_two_that_are_due_at_different_times(train, saved, tmp_path):
    train(*(ModelCheckpoint(tmp_path / f"{n}.keras", save_freq=n) for n in (4, 6)), epochs=8)
    assert [s for name, s in saved if name == "4.keras"] == [4, 8, 12, 16, 20, 24]
    assert [s for name, s in saved if name == "6.keras"] == [6, 12, 18, 24]


def test_period(run_epochs, fake, tmp_path):
    run_epochs(ModelCheckpoint(tmp_path / "{epoch}.keras", period=3), fake, *[{"loss": 1.0}] * 7)
    assert names(tmp_path) == ["3.keras", "6.keras"]


def test_weights_only(run_epochs, fake, tmp_path):
    run_epochs(ModelCheckpoint(tmp_path / "{epoch}.ckpt", save_weights_only=True), fake, {"loss": 1.0})
    assert (tmp_path / "1.ckpt").read_bytes() == b"weights"


def test_old_names_are_found(run_epochs, fake, tmp_path):
    checkpoint = ModelCheckpoint(tmp_path / "{val_acc:.1f}.keras", "val_acc", mode="max", save_best_only=True)
    run_epochs(checkpoint, fake, {"val_accuracy": 0.5}, {"val_accuracy": 0.25}, {"val_accuracy": 0.75})
    assert names(tmp_path) == ["0.5.keras", "0.8.keras"]


def test_folders_are_made(run_epochs, fake, tmp_path):
    run_epochs(ModelCheckpoint(tmp_path / "a" / "{epoch}" / "m.keras"), fake, {"loss": 1.0})
    assert (tmp_path / "a" / "1" / "m.keras").read_bytes() == b"model"


def test_without_the_monitored_log_each_is_saved(run_epochs, fake, tmp_path):
    with pytest.warns(UserWarning, match=r"ModelCheckpoint monitors 'val_loss'.*only have loss"):
        run_epochs(ModelCheckpoint(tmp_path / "{epoch}.keras", save_best_only=True), fake, *[{"loss": 1.0}] * 2)
    assert names(tmp_path) == ["1.keras", "2.keras"]


def test_a_log_that_is_an_array(run_epochs, fake, tmp_path):
    checkpoint = ModelCheckpoint(tmp_path / "{epoch}.keras", "each", mode="max", save_best_only=True)
    with pytest.warns(UserWarning, match=r"'each', which is no single number, so it saves every time"):
        run_epochs(checkpoint, fake, {"each": np.ones(2)})
    assert names(tmp_path) == ["1.keras"]


def test_state_goes_over(fake, tmp_path):
    def made():
        checkpoint = ModelCheckpoint(tmp_path / "{epoch}-{batch}.keras", "loss", save_best_only=True, save_freq=5)
        checkpoint.set_model(fake)
        checkpoint.on_train_begin()
        checkpoint.on_epoch_begin(0)
        return checkpoint

    first, second = made(), made()
    first.on_train_batch_end(5, {"loss": 1.0})
    first.on_train_batch_end(7, {"loss": 1.0})
    assert (first.batches_until_due(), first.best) == (3, 1.0)
    second.set_state(first.get_state())
    second.on_train_batch_end(10, {"loss": 2.0})
    assert (second.batches_until_due(), second.best) == (5, 1.0)
    assert names(tmp_path) == ["1-6.keras"]


def test_what_it_prints(run_epochs, fake, tmp_path, capsys):
    checkpoint = ModelCheckpoint(tmp_path / "best.keras", "loss", verbose=1, save_best_only=True)
    run_epochs(checkpoint, fake, {"loss": 0.5}, {"loss": 0.75})
    text = capsys.readouterr().out
    assert "Epoch 1: loss improved from nothing to 0.50000." in text
    assert f"Epoch 1: saving to {tmp_path / 'best.keras'}." in text
    assert "Epoch 2: loss did not improve from 0.50000." in text


# -- bad input ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "arguments", "message"),
    [
        ("model", {}, r"(?s)ends in .keras or .h5. Received: filepath='model'.*save_weights_only=True"),
        ("model.kera", {}, r"(?s)filepath='model.kera'.*did you mean .keras"),
        ("{epoch.keras", {}, r"filepath cannot be filled in: .*'{epoch.keras'"),
        ("{}.keras", {}, r"(?s)fields of filepath need names. Received: '{}.keras'.*{epoch:02d}"),
        ("{0}.keras", {}, "fields of filepath need names"),
        ("a.keras", {"save_freq": "epochs"}, "save_freq must be 'epoch' or a number of batches.*'epochs'"),
        ("a.keras", {"save_freq": 0}, "save_freq must be a positive integer.*0"),
        ("a.keras", {"save_freq": 1.5}, "save_freq must be 'epoch' or a number of batches.*1.5"),
        ("a.keras", {"period": 0}, "period must be a positive integer"),
        ("a.keras", {"mode": "maximum"}, "mode must be one of"),
    ],
)
def test_bad_arguments(path, arguments, message):
    with pytest.raises(ValueError, match=message):
        ModelCheckpoint(path, **arguments)


def test_misspelt_arguments():
    with pytest.raises(TypeError, match=r"(?s)no argument 'save_best'.*did you mean save_best_only"):
        ModelCheckpoint("a.keras", save_best=True)


def test_a_field_that_is_not_in_the_logs(run_epochs, fake, tmp_path):
    with pytest.raises(
        KeyError, match=r"(?s)cannot fill in '.*no 'val_los' .*knows epoch, loss, val_loss.*mean val_loss"
    ):
        run_epochs(ModelCheckpoint(tmp_path / "{val_los:.2f}.keras"), fake, {"loss": 1.0, "val_loss": 1.0})
    assert names(tmp_path) == []


def test_a_field_of_the_wrong_kind(run_epochs, fake, tmp_path):
    with pytest.raises(ValueError, match=r"cannot fill in .*Unknown format code 'd'"):
        run_epochs(ModelCheckpoint(tmp_path / "{loss:d}.keras"), fake, {"loss": 1.0})


def test_a_file_where_a_folder_is_wanted(run_epochs, fake, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(FileError, match=r"file/m.keras' could not be written: "):
        run_epochs(ModelCheckpoint(tmp_path / "file" / "m.keras"), fake, {"loss": 1.0})


def test_a_folder_in_the_way(run_epochs, fake, tmp_path):
    (tmp_path / "m.keras").mkdir()
    with pytest.raises(OSError, match=r"(?s)cannot save to '.*m.keras', which is a folder.*hint: "):
        run_epochs(ModelCheckpoint(tmp_path / "m.keras"), fake, {"loss": 1.0})
