import pytest

import lamina
from lamina.callbacks import Callback, CallbackList, History, LambdaCallback, ProgbarLogger


def recorder(calls):
    return LambdaCallback(
        **{
            hook: lambda *args, hook=hook, **named: calls.append((hook, args, named))
            for hook in dir(Callback)
            if hook.startswith("on_")
        }
    )


def test_all_are_told_in_order():
    calls = []
    one, two = (LambdaCallback(on_epoch_end=lambda epoch, logs, n=n: calls.append((n, epoch, logs))) for n in (1, 2))
    callbacks = CallbackList([one, two])
    callbacks.on_epoch_end(3, {"loss": 1.0})
    callbacks.on_epoch_end(4)
    assert calls == [(1, 3, {"loss": 1.0}), (2, 3, {"loss": 1.0}), (1, 4, {}), (2, 4, {})]


def test_every_hook_is_passed_on():
    calls = []
    callbacks = CallbackList(recorder(calls))
    for hook in [name for name in dir(Callback) if name.startswith("on_")]:
        arguments = (0,) if "batch" in hook or "epoch" in hook else ()
        getattr(callbacks, hook)(*arguments, logs={"a": 1})
        assert calls[-1][0] == hook


def test_what_is_added():
    plain = CallbackList([Callback()])
    assert (len(list(plain)), plain.history) == (1, None)
    full = CallbackList(add_history=True, add_progbar=True)
    assert {type(callback) for callback in full} == {History, ProgbarLogger}
    mine = History()
    assert CallbackList([mine], add_history=True).history is mine


def test_model_and_params(fake):
    callback = Callback()
    callbacks = CallbackList([callback], add_history=True, model=fake, epochs=3, steps=5)
    assert callback.model is fake
    assert callback.params == {"epochs": 3, "steps": 5}
    assert fake.history is callbacks.history


def test_appending():
    calls = []
    callbacks = CallbackList()
    assert not callbacks.wants_batches("train")
    callbacks.append(LambdaCallback(on_train_batch_end=lambda batch, logs: calls.append(batch)))
    callbacks.on_train_batch_end(7)
    assert calls == [7]
    assert callbacks.wants_batches("train")


@pytest.mark.parametrize("given", [History, "early_stopping", 3])
def test_what_is_no_callback(given):
    with pytest.raises(ValueError, match=r"(?s)is no callback.*hint: pass objects of subclasses"):
        CallbackList([given])


def test_the_names_of_keras_are_there():
    names = """CSVLogger Callback CallbackList EarlyStopping History LambdaCallback LearningRateScheduler
    ModelCheckpoint ProgbarLogger ReduceLROnPlateau RemoteMonitor TerminateOnNaN"""
    for name in names.split():
        assert getattr(lamina.callbacks, name).__name__ == name
    with pytest.raises(AttributeError, match=r"(?s)no 'EarlyStoping'.*did you mean EarlyStopping"):
        lamina.callbacks.EarlyStoping  # noqa: B018


def test_state_of_a_callback_of_ones_own():
    class Best(Callback):
        state_names = ("best", "seen")

        def __init__(self):
            super().__init__()
            self.best, self.seen = None, []

        def on_epoch_end(self, epoch, logs=None):
            self.seen.append(logs["loss"])
            self.best = min(self.seen)

    first, second = Best(), Best()
    first.on_epoch_end(0, {"loss": 1.0})
    state = first.get_state()
    first.on_epoch_end(1, {"loss": 0.5})
    assert state == {"best": 1.0, "seen": [1.0]}
    second.set_state(state)
    second.on_epoch_end(1, {"loss": 2.0})
    assert (second.best, second.seen) == (1.0, [1.0, 2.0])
    assert state["seen"] == [1.0]
    assert Callback().get_state() == {}


def test_a_progress_bar_of_ones_own_may_look_at_batches(train):
    batches = []

    class Bar(ProgbarLogger):
        def on_train_batch_end(self, batch, logs=None):
            batches.append(batch)

    train(Bar(), epochs=2)
    assert batches == [0, 1, 2] * 2
    assert not CallbackList(ProgbarLogger()).wants_batches("train")
