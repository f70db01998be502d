"""Training that goes on with the states of its callbacks does what it would have done in one go."""

import numpy as np
import pytest

from lamina.callbacks import Callback, CSVLogger, EarlyStopping, History, ModelCheckpoint, ReduceLROnPlateau


class Restore(Callback):
    """Sets the states of others once these have started anew."""

    def __init__(self, callbacks, states):
        super().__init__()
        self.pairs = list(zip(callbacks, states, strict=True))

    def on_train_begin(self, logs=None):
        for callback, state in self.pairs:
            callback.set_state(state)


@pytest.fixture
def made(tmp_path, monkeypatch):
    """Makes a set of callbacks that write into a folder of their own."""

    def make(folder):
        (tmp_path / folder).mkdir(exist_ok=True)
        checkpoint = ModelCheckpoint(tmp_path / folder / "{epoch}.keras", save_best_only=True)
        checkpoint._save = lambda path: open(path, "w").close()
        return [
            EarlyStopping(patience=4, restore_best_weights=True),
            ReduceLROnPlateau(factor=0.5, patience=1, cooldown=1),
            CSVLogger(tmp_path / folder / "log.csv"),
            checkpoint,
            History(),
        ]

    return make


def files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("pause", [1, 3, 5, 6])
def test_a_training_in_two_parts(train, make_model, made, tmp_path, pause):
    whole = made("whole")
    one, history = train(*whole, epochs=30, shuffle=False)
    first = made("parts")
    # Weights of the best epoch are restored at the end of a training, but not by one that was interrupted.
    first[0].on_train_end = lambda logs=None: None
    two, _ = train(*first, epochs=pause, shuffle=False)
    states = [callback.get_state() for callback in first]
    second = made("parts")
    train(*second, Restore(second, states), model=two, epochs=30, initial_epoch=pause, shuffle=False)
    assert pause < len(history.epoch) < 30
    assert second[-1].epoch == history.epoch
    assert second[-1].history == history.history
    assert files(tmp_path / "parts") == files(tmp_path / "whole")
    for ours, theirs in zip(one.get_weights(), two.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    for ours, theirs in zip(whole, second, strict=True):
        assert repr(ours.get_state()) == repr(theirs.get_state())
