import numpy as np
import pytest

import lamina
from lamina.callbacks import EarlyStopping


def losses(*values):
    return [{"loss": value} for value in values]


def test_it_stops_and_restores(train, samples):
    stopper = EarlyStopping(patience=3, restore_best_weights=True)
    model, history = train(stopper, epochs=50)
    best = int(np.argmin(history.history["val_loss"]))
    assert len(history.epoch) == best + 4
    assert (stopper.best_epoch, stopper.stopped_epoch, stopper.wait) == (best, best + 3, 3)
    found = model.evaluate(samples.x[36:], samples.y[36:], verbose=0)
    assert found[0] == pytest.approx(history.history["val_loss"][best], rel=1e-5)


def test_best_weights_outlive_further_training(train):
    stopper = EarlyStopping(patience=2, restore_best_weights=True)
    model, _ = train(stopper)
    kept = [np.array(weight) for weight in stopper.best_weights]
    train(model=model, epochs=2)
    assert all(np.array_equal(a, b) for a, b in zip(kept, stopper.best_weights, strict=True))
    assert not np.array_equal(kept[0], model.get_weights()[0])


def test_best_weights_are_those_of_their_epoch(train):
    seen = []
    look = lamina.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(look.model.get_weights()))
    stopper = EarlyStopping(patience=3, restore_best_weights=True)
    model, _ = train(look, stopper, epochs=50)
    for ours, theirs in zip(model.get_weights(), seen[stopper.best_epoch], strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert not np.array_equal(seen[stopper.best_epoch][0], seen[-1][0])


def test_without_restoring_nothing_is_kept(train):
    stopper = EarlyStopping(patience=2)
    train(stopper)
    assert stopper.best_weights is None


def test_each_training_starts_anew(fake, run_epochs):
    stopper = EarlyStopping("loss", patience=1)
    run_epochs(stopper, fake, *losses(1.0, 2.0, 2.0))
    assert (fake.stop_training, stopper.stopped_epoch) == (True, 1)
    fake.stop_training = False
    run_epochs(stopper, fake, *losses(5.0, 4.0))
    assert (fake.stop_training, stopper.stopped_epoch, stopper.best) == (False, 0, 4.0)


def test_a_loop_of_ones_own(fake):
    stopper = EarlyStopping("score", mode="max", patience=2, restore_best_weights=True)
    callbacks = lamina.callbacks.CallbackList([stopper], model=fake)
    callbacks.on_train_begin()
    for epoch, score in enumerate([0.1, 0.9, 0.5, 0.5, 0.5]):
        fake.kept = [np.full(2, epoch)]
        callbacks.on_epoch_end(epoch, {"score": score})
        if fake.stop_training:
            break
    callbacks.on_train_end()
    assert (epoch, fake.kept[0].tolist()) == (3, [1, 1])


def test_state_goes_over_to_another(fake, run_epochs):
    first = EarlyStopping("loss", patience=3, restore_best_weights=True)
    run_epochs(first, fake, *losses(3.0, 1.0, 2.0))
    state = first.get_state()
    assert (state["wait"], state["best"], state["best_epoch"], state["stopped_epoch"]) == (1, 1.0, 1, 0)
    assert state["best_weights"][0].tolist() == [0.0, 0.0]
    second = EarlyStopping("loss", patience=3, restore_best_weights=True)
    second.set_model(fake)
    second.on_train_begin()
    second.set_state(state)
    fake.kept = [np.ones(2)]
    second.on_epoch_end(3, {"loss": 2.0})
    assert not fake.stop_training
    second.on_epoch_end(4, {"loss": 2.0})
    second.on_train_end()
    assert fake.stop_training
    assert fake.kept[0].tolist() == [0.0, 0.0]


def test_state_holds_no_arrays_of_the_device(train):
    stopper = EarlyStopping(patience=3, restore_best_weights=True)
    train(stopper)
    state = stopper.get_state()
    assert {type(weight) for weight in state["best_weights"]} == {np.ndarray}
    state["best_weights"][0][:] = 0
    assert stopper.best_weights[0].any()


@pytest.mark.parametrize(("verbose", "expected"), [(0, []), (1, ["Epoch 3: early stopping", "epoch 1 again"])])
def test_what_it_prints(fake, run_epochs, capsys, verbose, expected):
    stopper = EarlyStopping("loss", patience=2, verbose=verbose, restore_best_weights=True)
    run_epochs(stopper, fake, *losses(1.0, 2.0, 2.0))
    text = capsys.readouterr().out
    assert all(part in text for part in expected)
    assert bool(text) == bool(verbose)


# -- what it monitors --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("monitor", ["val_mae", "val_mean_absolute_error", "val_MeanAbsoluteError"])
def test_old_names_are_found(train, monitor):
    stopper = EarlyStopping(monitor, patience=2)
    _, history = train(stopper, epochs=40)
    assert stopper.best == min(history.history["val_mae"])


def test_accuracy_rises(samples):
    model = lamina.Sequential([lamina.Input((3,)), lamina.layers.Dense(1, activation="sigmoid")])
    model.compile("sgd", "binary_crossentropy", metrics=["accuracy"])
    stopper = EarlyStopping("val_acc", patience=2)
    labels = (samples.y > 0).astype(int)
    history = model.fit(samples.x, labels, epochs=6, validation_split=0.4, verbose=0, callbacks=[stopper])
    assert stopper.best == max(history.history["val_accuracy"])


def test_an_unknown_name_is_an_error_after_the_first_epoch(train):
    with pytest.raises(ValueError, match=r"(?s)EarlyStopping monitors 'val_los'.*mae.*did you mean val_loss\?"):
        train(EarlyStopping("val_los"))


def test_a_log_without_direction_is_an_error(fake, run_epochs):
    with pytest.raises(ValueError, match=r"(?s)'colour'.*fall or rise.*hint: pass mode='min'"):
        run_epochs(EarlyStopping("colour"), fake, {"colour": 1.0})


def test_a_metric_of_ones_own_can_say_its_direction(samples, make_model):
    class Score(lamina.metrics.Mean):
        _direction = "up"

        def update_state(self, y_true, y_pred, sample_weight=None):
            super().update_state(-abs(y_true - y_pred))

    stopper = EarlyStopping("val_score", patience=3)
    model = make_model(metrics=[Score(name="score")])
    history = model.fit(samples.x, samples.y, epochs=9, validation_split=0.4, verbose=0, callbacks=[stopper])
    assert stopper.best == max(history.history["val_score"])


def test_a_missing_log_is_warned_of_once(train):
    stopper = EarlyStopping()
    with pytest.warns(UserWarning, match=r"(?s)'val_loss'.*only have loss, mae.*validation_data") as caught:
        _, history = train(stopper, epochs=4, validation_split=0.0)
    assert len(caught) == 1
    assert len(history.epoch) == 4
    assert caught[0].filename == __file__ or caught[0].filename.endswith("conftest.py")
    with pytest.warns(UserWarning, match=r"'val_loss'"):
        train(stopper, epochs=1, validation_split=0.0)


def test_a_log_of_other_epochs_is_not_said_to_need_other_data(train):
    with pytest.warns(UserWarning, match="with validation_freq, only some epochs have such logs"):
        train(EarlyStopping(), epochs=2, validation_freq=2)


def test_a_missing_log_gets_a_suggestion(fake, run_epochs):
    with pytest.warns(UserWarning, match=r"Did you mean val_loss\?"):
        run_epochs(EarlyStopping("val_los", mode="min"), fake, {"loss": 1.0, "val_loss": 1.0})


# -- arguments ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"mode": "mini"}, r"(?s)EarlyStopping: mode must be one of 'auto', 'min', 'max'.*'mini'.*did you mean min"),
        ({"patience": -1}, "EarlyStopping: patience must be .*zero or above.*patience=-1"),
        ({"patience": "3"}, "EarlyStopping: patience must be .*patience='3'"),
        ({"min_delta": float("nan")}, "EarlyStopping: min_delta must be"),
        ({"start_from_epoch": -2}, "EarlyStopping: start_from_epoch must be .*-2"),
        ({"monitor": 3}, "EarlyStopping: monitor must be the name of a log.*3"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        EarlyStopping(**arguments)
