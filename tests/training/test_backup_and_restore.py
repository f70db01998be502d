"""Training that goes on from a snapshot ends as if it had never been interrupted."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

import lamina
from lamina.callbacks import (
    BackupAndRestore,
    Callback,
    CSVLogger,
    EarlyStopping,
    LambdaCallback,
    LearningRateScheduler,
    ModelCheckpoint,
    ReduceLROnPlateau,
)
from lamina.core.errors import ArgumentError, DataError, FileError, LaminaError

ROOT = Path(__file__).resolve().parents[2]
_rng = np.random.default_rng(0)
X = _rng.normal(size=(43, 3)).astype("float32")
Y = (np.sin(X[:, :1]) + 0.5 * _rng.normal(size=(43, 1))).astype("float32")


class Interrupted(Exception):
    pass


class Noisy(lamina.utils.PyDataset):
    """Draws noise for each batch, and shuffles its rows after each epoch, both from NumPy's global generator."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.rows = np.arange(len(X))

    def __len__(self):
        return 9

    def __getitem__(self, index):
        rows = self.rows[5 * index : 5 * index + 5]
        return X[rows] + np.random.normal(0, 0.1, (len(rows), 1)).astype("float32"), Y[rows]

    def on_epoch_end(self):
        np.random.shuffle(self.rows)


def endless():
    rng = np.random.default_rng(3)
    while True:
        rows = rng.integers(0, len(X), 5)
        yield X[rows], Y[rows]


def on_disk(array):
    with tempfile.TemporaryDirectory() as folder:
        np.save(Path(folder, "array.npy"), array)
        return np.load(Path(folder, "array.npy"), mmap_mode="r")


SOURCES = {
    "memory map": lambda: {"x": on_disk(X), "y": on_disk(Y), "batch_size": 5},
    "arrays": lambda: {"x": X, "y": Y, "batch_size": 5},
    "rows within batches": lambda: {"x": X, "y": Y, "batch_size": 5, "shuffle": "batch"},
    "epochs of some steps": lambda: {"x": X, "y": Y, "batch_size": 5, "steps_per_epoch": 4},
    "in order": lambda: {"x": X, "y": Y, "batch_size": 5, "shuffle": False},
    "data set": lambda: {"x": Noisy()},
    "data set in parts": lambda: {"x": Noisy(), "steps_per_epoch": 4},
    "generator": lambda: {"x": endless(), "steps_per_epoch": 8},
    "iterable": lambda: {"x": [(X[i : i + 5], Y[i : i + 5]) for i in range(0, 40, 5)].__iter__, "wrap": True},
}


class Repeatable:
    def __init__(self, begin):
        self.begin = begin

    def __iter__(self):
        return self.begin()


def data(name):
    given = SOURCES[name]()
    if given.pop("wrap", False):
        given["x"] = Repeatable(given["x"])
    return given


class Interrupt(Callback):
    """Ends training with an error, after an epoch or after a batch of it."""

    def __init__(self, epoch, batch=None):
        super().__init__()
        self.at = (epoch, batch)
        self.epoch = None
        self.last = -1

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch, self.last = epoch, -1

    def batches_until_due(self):
        return None if self.at[1] is None else max(1, self.at[1] - self.last)

    def on_train_batch_end(self, batch, logs=None):
        self.last = batch
        if self.at == (self.epoch, batch):
            raise Interrupted

    def on_epoch_end(self, epoch, logs=None):
        if self.at == (epoch, None):
            raise Interrupted


def make_model(units=8):
    lamina.utils.set_random_seed(4)
    layers = [lamina.Input((3,)), lamina.layers.Dense(units, activation="tanh"), lamina.layers.BatchNormalization()]
    model = lamina.Sequential([*layers, lamina.layers.Dropout(0.2), lamina.layers.Dense(1)])
    model.compile("adam", "mse", metrics=["mae"])
    return model


def train(folder, given, *more, save_freq="epoch", epochs=9, model=None, **backup):
    """Trains a new model with many callbacks; returns all that it ends with."""
    folder.mkdir(exist_ok=True)
    model = model or make_model()
    callbacks = [
        EarlyStopping(patience=4, restore_best_weights=True),
        ReduceLROnPlateau(factor=0.5, patience=1),
        CSVLogger(folder / "log.csv"),
        BackupAndRestore(folder / "backup", save_freq, **{"delete_checkpoint": False, **backup}),
        *more,
    ]
    history = model.fit(**given, validation_data=(X[:9], Y[:9]), epochs=epochs, callbacks=callbacks, verbose=0)
    return {
        "weights": [weight.tolist() for weight in model.get_weights()],
        "optimizer": [variable.numpy().tolist() for variable in model.optimizer.variables],
        "history": history.history,
        "epochs": history.epoch,
        "log": (folder / "log.csv").read_text(),
        "stopped": callbacks[0].stopped_epoch,
        "drawn": np.random.rand(3).tolist(),
    }


def train_with_interruptions(folder, name, *places, **options):
    for place in places:
        with pytest.raises(Interrupted):
            train(folder, data(name), Interrupt(*place), **options)
    return train(folder, data(name), **options)


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("save_freq", ["epoch", 3])
def test_an_interrupted_training_ends_like_a_whole_one(name, save_freq, tmp_path):
    whole = train(tmp_path / "whole", data(name), save_freq=save_freq)
    parts = train_with_interruptions(tmp_path / "parts", name, (1, 2), (1, 3), (4, None), save_freq=save_freq)
    assert len(whole["epochs"]) > 5
    assert parts == whole


@pytest.mark.parametrize("batch", range(9))
def test_an_epoch_goes_on_after_any_of_its_batches(batch, tmp_path):
    whole = train(tmp_path / "whole", data("arrays"), epochs=3, save_freq=1)
    assert train_with_interruptions(tmp_path / "parts", "arrays", (1, batch), epochs=3, save_freq=1) == whole


def test_the_arguments_of_fit_say_it_in_short(tmp_path):
    model, again = make_model(), make_model()
    model.fit(X, Y, epochs=2, verbose=0, resume=tmp_path)
    history = again.fit(X, Y, epochs=4, verbose=0, resume=str(tmp_path))
    whole = make_model()
    expected = whole.fit(X, Y, epochs=4, verbose=0)
    assert history.epoch == [0, 1, 2, 3]
    assert history.history == expected.history
    for ours, theirs in zip(again.get_weights(), whole.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_a_finished_training_does_nothing_more(tmp_path):
    first = train(tmp_path, data("arrays"), epochs=3)
    steps = []
    second = train(
        tmp_path, data("arrays"), LambdaCallback(on_epoch_begin=lambda epoch, logs: steps.append(epoch)), epochs=3
    )
    assert steps == []
    assert second == first


def test_a_training_that_was_stopped_stays_so(tmp_path):
    stop = LambdaCallback(on_epoch_end=lambda epoch, logs: setattr(stop.model, "stop_training", epoch == 1))
    first = train(tmp_path, data("arrays"), stop)
    assert first["epochs"] == [0, 1]
    assert train(tmp_path, data("arrays"))["epochs"] == [0, 1]


def test_the_snapshot_is_deleted_in_the_end_unless_told_otherwise(tmp_path):
    train(tmp_path, data("arrays"), epochs=2, delete_checkpoint=True)
    assert not (tmp_path / "backup").exists()
    assert train(tmp_path, data("arrays"), epochs=2)["epochs"] == [0, 1]


def test_only_its_own_files_are_deleted(tmp_path):
    (tmp_path / "backup").mkdir()
    (tmp_path / "backup" / "notes.txt").write_text("mine")
    train(tmp_path, data("arrays"), epochs=1, delete_checkpoint=True)
    assert os.listdir(tmp_path / "backup") == ["notes.txt"]


def test_the_loop_is_cut_only_where_snapshots_are_due(tmp_path):
    saved = []

    class Counting(BackupAndRestore):
        def _save(self, epoch, step, logs):
            saved.append((epoch, step))
            super()._save(epoch, step, logs)

    counting = Counting(tmp_path, save_freq=4, delete_checkpoint=False)
    assert not lamina.callbacks.CallbackList([counting]).wants_batches("train")
    make_model().fit(X, Y, batch_size=5, epochs=2, verbose=0, callbacks=[counting])
    # The beginning; nine batches an epoch, counted across epochs; and the end.
    assert saved == [(0, 0), (0, 4), (0, 8), (1, 3), (1, 7), (2, 0)]


def test_what_was_done_before_the_first_snapshot_of_an_epoch_is_done_again(tmp_path):
    def run(folder, *more):
        folder.mkdir(exist_ok=True)
        (folder / "log.csv").touch()
        model = make_model()
        backup = BackupAndRestore(folder / "backup", delete_checkpoint=False)
        logger = CSVLogger(folder / "log.csv", append=True)
        model.fit(X, Y, epochs=3, verbose=0, callbacks=[logger, backup, *more])
        return [weight.tolist() for weight in model.get_weights()], (folder / "log.csv").read_text()

    whole = run(tmp_path / "whole")
    with pytest.raises(Interrupted):
        run(tmp_path / "parts", Interrupt(0))
    assert run(tmp_path / "parts") == whole


def test_it_is_told_after_all_others(tmp_path):
    told = lamina.callbacks.CallbackList([BackupAndRestore(tmp_path), EarlyStopping()], add_history=True)
    assert [type(callback).__name__ for callback in told] == ["EarlyStopping", "History", "BackupAndRestore"]


def test_rates_that_a_callback_sets_are_kept(tmp_path):
    def run(folder, *more, epochs=6):
        model = make_model()
        scheduler = LearningRateScheduler(lambda epoch, rate: rate * 0.9)
        callbacks = [scheduler, BackupAndRestore(folder, 2, delete_checkpoint=False), *more]
        history = model.fit(X, Y, batch_size=5, epochs=epochs, callbacks=callbacks, verbose=0)
        return history.history

    whole = run(tmp_path / "whole")
    with pytest.raises(Interrupted):
        run(tmp_path / "parts", Interrupt(2, 5))
    assert run(tmp_path / "parts") == whole


def test_averaged_weights_and_checkpoints_go_on(tmp_path):
    def run(folder, *more):
        model = make_model()
        model.compile(lamina.optimizers.SGD(0.01, use_ema=True), "mse")
        checkpoint = ModelCheckpoint(folder / "{epoch}.weights.h5", save_weights_only=True, save_freq=4)
        checkpoint._save = lambda path: log.write(f"{os.path.basename(path)}\n")
        callbacks = [
            lamina.callbacks.SwapEMAWeights(True),
            checkpoint,
            BackupAndRestore(folder, delete_checkpoint=False),
        ]
        with (folder / "saved").open("a") as log:
            model.fit(X, Y, batch_size=5, epochs=5, callbacks=[*callbacks, *more], verbose=0)
        return [weight.tolist() for weight in model.get_weights()], (folder / "saved").read_text()

    (tmp_path / "whole").mkdir()
    (tmp_path / "parts").mkdir()
    whole = run(tmp_path / "whole")
    with pytest.raises(Interrupted):
        run(tmp_path / "parts", Interrupt(2))
    weights, saved = run(tmp_path / "parts")
    assert weights == whole[0]
    # What was saved between the snapshot and the interruption is saved again.
    assert saved.splitlines()[-3:] == whole[1].splitlines()[-3:]


# -- what does not fit -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"model": 9}, ["other model", "units=8, activation=tanh", "there", "units=9, activation=tanh", "here"]),
        ({"x": X[:40], "y": Y[:40]}, ["other data", "rows: 43 there, 40 here"]),
        ({"batch_size": 6}, ["other data", "rows per batch: 5 there, 6 here"]),
        ({"shuffle": False}, ["shuffle: True there, False here"]),
    ],
)
def test_another_model_or_other_data_are_refused(change, words, tmp_path):
    train(tmp_path, data("arrays"), epochs=1)
    changes = dict(change)
    model = make_model(changes.pop("model", 8))
    with pytest.raises(DataError, match="another training") as refused:
        train(tmp_path, {**data("arrays"), **changes}, epochs=2, model=model)
    assert all(word in str(refused.value) for word in words), str(refused.value)
    assert "folder of its own" in refused.value.hint


def test_another_optimizer_is_refused(tmp_path):
    make_model().fit(X, Y, verbose=0, resume=tmp_path)
    model = make_model()
    model.compile("sgd", "mse", metrics=["mae"])
    with pytest.raises(DataError, match=r"optimizer: Adam\(.* there, SGD\(.* here\.") as refused:
        model.fit(X, Y, verbose=0, resume=tmp_path)
    assert "arrays" not in str(refused.value)  # which follow from it
    model.compile("adam", "mae")
    with pytest.raises(DataError, match=r"with other model\. loss and metrics are others\."):
        model.fit(X, Y, verbose=0, resume=tmp_path)


def test_names_of_layers_do_not_matter(tmp_path):
    make_model().fit(X, Y, verbose=0, resume=tmp_path)
    lamina.layers.Dense(1)
    assert make_model().fit(X, Y, epochs=2, verbose=0, resume=tmp_path).epoch == [0, 1]


def test_the_snapshot_before_is_used_if_the_last_is_damaged(tmp_path):
    whole = train(tmp_path / "whole", data("arrays"), epochs=5)
    with pytest.raises(Interrupted):
        train(tmp_path / "parts", data("arrays"), Interrupt(3), epochs=5, double_checkpoint=True)
    latest = tmp_path / "parts" / "backup" / "latest.npz"
    latest.write_bytes(latest.read_bytes()[:500])
    with pytest.warns(UserWarning, match=r"latest\.npz.* no whole snapshot.*the snapshot before"):
        assert train(tmp_path / "parts", data("arrays"), epochs=5, double_checkpoint=True) == whole


def test_a_damaged_snapshot_is_refused(tmp_path):
    make_model().fit(X, Y, verbose=0, resume=tmp_path)
    (tmp_path / "latest.npz").write_bytes(b"nothing")
    with pytest.raises(FileError, match=r"latest\.npz' is no whole snapshot") as refused:
        make_model().fit(X, Y, verbose=0, resume=tmp_path)
    assert "delete the folder" in refused.value.hint


def test_a_place_that_cannot_be_a_folder_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match=r"cannot be kept in '.*file', which is a file"):
        make_model().fit(X, Y, verbose=0, resume=tmp_path / "file")


def test_what_cannot_be_written_is_told(tmp_path, monkeypatch):
    def full(path, arrays):
        raise FileError("no room")

    monkeypatch.setattr("lamina.training.backup_and_restore.write_snapshot", full)
    with pytest.raises(FileError, match="no room"):
        make_model().fit(X, Y, verbose=0, resume=tmp_path)


def test_a_state_that_no_file_can_hold_is_named(tmp_path):
    class Odd(Callback):
        def get_state(self):
            return {"thing": object()}

    with pytest.raises(ArgumentError, match="snapshot/callbacks/0/1/thing: it is a object"):
        make_model().fit(X, Y, verbose=0, resume=tmp_path, callbacks=[Odd()])


@pytest.mark.parametrize("arguments", [("",), (None,), ("a", "batch"), ("a", 0), ("a", 1.5)])
def test_bad_arguments_are_refused(arguments):
    with pytest.raises(ArgumentError, match=r"BackupAndRestore.*Received"):
        BackupAndRestore(*arguments)


def test_two_backups_are_refused(tmp_path):
    with pytest.raises(ArgumentError, match="'one' and 'two'"):
        make_model().fit(X, Y, verbose=0, callbacks=[BackupAndRestore("one")], resume="two")


def test_it_works_in_fit_alone():
    with pytest.raises(LaminaError, match="within fit alone"):
        BackupAndRestore("folder").on_train_begin()


# -- kills -------------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="processes are killed by a signal")
def test_killed_trainings_end_like_whole_ones():
    script = [sys.executable, ROOT / "benchmarks" / "resume.py", "--kills", "2", "--seed", "5", "--epochs", "12"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(script, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("2 kills")
    assert done.stdout.endswith("0 trainings ended otherwise.\n")
