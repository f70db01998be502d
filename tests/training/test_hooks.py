import math

import numpy as np
import pytest

import lamina
from lamina.core.errors import LoanError
from lamina.core.state import State
from lamina.training import driver

HOOKS = [name for name in dir(lamina.callbacks.Callback) if name.startswith("on_")]


class AtEpochEnd(lamina.callbacks.Callback):
    def __init__(self, action):
        super().__init__()
        self.action = action

    def on_epoch_end(self, epoch, logs=None):
        self.action(self.model, epoch, logs)


class AtBatchEnd(lamina.callbacks.Callback):
    def __init__(self, action):
        super().__init__()
        self.action = action

    def on_train_batch_end(self, batch, logs=None):
        self.action(self.model, batch, logs)


@pytest.fixture
def dispatches(monkeypatch):
    """The steps of each dispatch, by phase."""
    found = {"train": [], "test": []}
    run = driver.run_with

    def counting(learner, function, *args):
        changed, results = run(learner, function, *args)
        *_, start, stop, _ = args
        found["train" if isinstance(changed, State) else "test"].append(int(stop - start))
        return changed, results

    monkeypatch.setattr(driver, "run_with", counting)
    return found


# -- what a callback may do --------------------------------------------------------------------------------------------


def test_training_stops_after_the_epoch(make_model, samples):
    def stop(model, epoch, logs):
        model.stop_training = epoch == 1

    model = make_model()
    history = model.fit(samples.x, samples.values, epochs=5, verbose=0, callbacks=AtEpochEnd(stop))
    assert history.epoch == [0, 1]
    model.fit(samples.x, samples.values, epochs=2, verbose=0)
    assert model.history.epoch == [0, 1]  # the wish to stop does not outlive its fit


def test_training_stops_after_the_batch(make_model, samples):
    def stop(model, batch, logs):
        model.stop_training = batch == 1

    stopped, other = make_model(), make_model()
    data = (samples.x, samples.values)
    stopped.fit(*data, batch_size=8, epochs=3, shuffle=False, verbose=0, callbacks=AtBatchEnd(stop))
    assert stopped.history.epoch == [0]
    other.fit(samples.x[:16], samples.values[:16], batch_size=8, shuffle=False, verbose=0)
    np.testing.assert_allclose(stopped.get_weights()[0], other.get_weights()[0], rtol=1e-6)


def test_weights_can_be_read_and_set(make_model, samples):
    seen = []

    def replace(model, epoch, logs):
        seen.append(model.layers[0].kernel.numpy()[0, 0])
        model.set_weights([np.full((3, 1), 7.0), np.zeros(1)])

    model = make_model()
    first = model.get_weights()[0][0, 0]
    model.fit(samples.x, samples.values, epochs=2, verbose=0, callbacks=[AtEpochEnd(replace)])
    assert model.get_weights()[0].tolist() == [[7.0]] * 3
    assert seen[0] != first
    assert seen[1] != 7.0


def test_weights_can_be_set_between_batches(make_model, samples):
    def reset(model, batch, logs):
        model.layers[0].bias.assign([5.0])

    model = make_model()
    model.fit(samples.x, samples.values, verbose=0, callbacks=AtBatchEnd(reset))
    assert model.layers[0].bias.numpy().tolist() == [5.0]


@pytest.mark.parametrize(
    "assign",
    [
        lambda model: setattr(model.optimizer, "learning_rate", 0.0),
        lambda model: model.optimizer.learning_rate.assign(0.0),
        lambda model: lamina.backend.set_value(model.optimizer.learning_rate, 0.0),
        lambda model: setattr(model.optimizer, "lr", 0.0),
    ],
)
def test_the_learning_rate_can_be_set(make_model, samples, assign):
    weights = []

    def freeze(model, epoch, logs):
        weights.append(model.get_weights()[0])
        assign(model)

    model = make_model()
    model.fit(samples.x, samples.values, epochs=3, verbose=0, callbacks=AtEpochEnd(freeze))
    assert float(model.optimizer.learning_rate) == 0.0
    assert np.array_equal(weights[0], weights[2])


def test_the_model_can_be_evaluated_and_asked(make_model, samples):
    found = []

    def look(model, epoch, logs):
        before = model.get_weights()[0]
        found.append(model.evaluate(samples.x, samples.values, verbose=0))
        error = model.predict(samples.x, verbose=0) - samples.values
        found.append(float(np.mean(error**2)))
        found.append(float(np.mean((np.asarray(model(samples.x)) - samples.values) ** 2)))
        assert np.array_equal(before, model.get_weights()[0])

    with_looks = make_model().fit(samples.x, samples.values, epochs=3, verbose=0, callbacks=AtEpochEnd(look))
    assert found[0::3] == pytest.approx(found[1::3], rel=1e-5)
    assert found[0::3] == pytest.approx(found[2::3], rel=1e-5)
    assert with_looks.history == make_history(make_model(), samples)


def make_history(model, samples):
    return model.fit(samples.x, samples.values, epochs=3, verbose=0).history


@pytest.mark.parametrize("method", ["fit", "train_on_batch"])
def test_a_model_is_not_trained_twice_at_once(make_model, samples, method):
    def train(model, epoch, logs):
        getattr(model, method)(samples.x, samples.values)

    model = make_model()
    with pytest.raises(LoanError, match="is being trained by another call of fit") as caught:
        model.fit(samples.x, samples.values, verbose=0, callbacks=AtEpochEnd(train))
    assert "hint: wait until it has finished, or train a clone" in str(caught.value)
    assert isinstance(caught.value, RuntimeError)
    assert len(make_history(model, samples)["loss"]) == 3


def test_other_models_may_be_trained_meanwhile(make_model, samples):
    alone = make_history(make_model(seed=3), samples)
    found = []
    train = lambda *_: found.append(make_history(make_model(seed=3), samples))  # noqa: E731
    model = make_model()
    model.fit(samples.x, samples.values, epochs=2, verbose=0, shuffle=False, callbacks=AtEpochEnd(train))
    assert found == [alone, alone]
    assert model.history.epoch == [0, 1]


@pytest.mark.parametrize("kind", [AtEpochEnd, AtBatchEnd])
def test_an_exception_leaves_the_weights(make_model, samples, kind):
    kept = []

    def fail(model, number, logs):
        if number == 1:
            kept.append(model.get_weights()[0])
            raise ZeroDivisionError("mine")

    model = make_model()
    with pytest.raises(ZeroDivisionError, match="mine") as caught:
        model.fit(samples.x, samples.values, epochs=3, verbose=0, callbacks=kind(fail))
    assert caught.traceback[-1].name == "fail"
    assert np.array_equal(kept[0], model.get_weights()[0])
    assert model.history.epoch == ([0] if kind is AtEpochEnd else [])
    assert np.isfinite(model.predict(samples.x, verbose=0)).all()
    assert len(make_history(model, samples)["loss"]) == 3


def test_callbacks_know_model_and_params(make_model, samples):
    callback = lamina.callbacks.Callback()
    assert callback.model is None
    model = make_model()
    model.fit(samples.x, samples.values, batch_size=16, epochs=2, verbose=0, callbacks=callback)
    assert callback.model is model
    assert callback.params == {"verbose": 0, "epochs": 2, "steps": 3}


def test_callbacks_may_come_in_nested_lists(make_model, samples):
    calls = []
    one, two, three = (AtEpochEnd(lambda *_, n=n: calls.append(n)) for n in (1, 2, 3))
    make_model().fit(samples.x, samples.values, verbose=0, callbacks=[one, [two, (three,)]])
    assert calls == [1, 2, 3]


def test_a_callback_need_not_call_the_base_class(make_model, samples):
    class Bare(lamina.callbacks.Callback):
        def __init__(self):
            self.losses = []

        def on_epoch_end(self, epoch, logs):
            self.losses.append(logs["loss"])

    bare = Bare()
    make_model().fit(samples.x, samples.values, verbose=0, callbacks=[bare])
    assert len(bare.losses) == 1


def test_logs_are_plain_numbers(make_model, samples):
    seen = []
    model = make_model(metrics=["mae"])
    model.fit(samples.x, samples.values, verbose=0, callbacks=AtBatchEnd(lambda model, batch, logs: seen.append(logs)))
    assert {name: type(value) for name, value in seen[0].items()} == {"loss": float, "mae": float}


def test_losing_is_visible_from_the_first_batch(make_model, samples):
    rates = []

    def check(model, batch, logs):
        rates.append(logs["loss"])
        model.stop_training = math.isnan(logs["loss"])

    model = make_model(optimizer=lamina.optimizers.SGD(1e20))
    model.fit(samples.x, samples.values, batch_size=2, epochs=50, verbose=0, callbacks=AtBatchEnd(check))
    assert math.isnan(rates[-1])
    assert len(rates) < 20


# -- what a callback costs ---------------------------------------------------------------------------------------------


def test_epoch_hooks_do_not_cut_the_loop(make_model, samples, dispatches):
    class EpochsOnly(lamina.callbacks.Callback):
        on_epoch_begin = on_epoch_end = lambda self, epoch, logs=None: None
        on_train_begin = on_train_end = on_test_begin = on_test_end = lambda self, logs=None: None

    model = make_model()
    arguments = {"batch_size": 1, "validation_data": (samples.x, samples.values), "callbacks": EpochsOnly()}
    model.fit(samples.x, samples.values, epochs=6, verbose=0, **arguments)
    assert sum(dispatches["train"]) == 240
    assert sum(dispatches["test"]) == 240
    assert len(dispatches["train"]) < 60
    assert len(dispatches["test"]) < 60


@pytest.mark.parametrize("hook", ["on_train_batch_begin", "on_train_batch_end", "on_batch_begin", "on_batch_end"])
def test_a_batch_hook_cuts_the_loop_into_steps(make_model, samples, dispatches, hook):
    callback = type("Batches", (lamina.callbacks.Callback,), {hook: lambda self, batch, logs=None: None})()
    model = make_model()
    arguments = {"validation_data": (samples.x, samples.values), "callbacks": callback}
    model.fit(samples.x, samples.values, batch_size=4, epochs=3, verbose=0, **arguments)
    assert dispatches["train"] == [1] * 30
    assert len(dispatches["test"]) < 30


def test_a_hook_of_evaluation_cuts_evaluation_only(make_model, samples, dispatches):
    class Tests(lamina.callbacks.Callback):
        def on_test_batch_end(self, batch, logs=None):
            pass

    arguments = {"batch_size": 4, "validation_data": (samples.x, samples.values), "callbacks": Tests()}
    make_model().fit(samples.x, samples.values, epochs=3, verbose=0, **arguments)
    assert dispatches["test"] == [1] * 30
    assert len(dispatches["train"]) < 30


def test_a_hook_set_on_the_object_counts(make_model, samples):
    batches = []
    callback = lamina.callbacks.Callback()
    callback.on_train_batch_end = lambda batch, logs=None: batches.append(batch)
    make_model().fit(samples.x, samples.values, batch_size=8, verbose=0, callbacks=callback)
    assert batches == [0, 1, 2, 3, 4]


def test_every_hook_of_keras_is_there():
    phases = [f"on_{phase}_{when}" for phase in ("train", "test", "predict") for when in ("begin", "end")]
    batches = [f"on_{phase}batch_{w}" for phase in ("", "train_", "test_", "predict_") for w in ("begin", "end")]
    assert set(HOOKS) == {*phases, *batches, "on_epoch_begin", "on_epoch_end"}
