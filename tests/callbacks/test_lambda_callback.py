import pytest

from lamina.callbacks import LambdaCallback
from lamina.training import driver


def test_each_function_is_called(train):
    calls = []
    hooks = ["on_train_begin", "on_train_end", "on_epoch_begin", "on_epoch_end", "on_train_batch_begin"]
    hooks += ["on_train_batch_end", "on_test_begin", "on_test_batch_end"]
    callback = LambdaCallback(**{hook: lambda *args, hook=hook: calls.append(hook) for hook in hooks})
    train(callback, epochs=1)
    assert set(calls) == set(hooks)
    assert calls.count("on_train_batch_end") == 3


def test_what_is_left_out_costs_nothing(train, monkeypatch):
    dispatches = []
    run = driver.run_with
    monkeypatch.setattr(driver, "run_with", lambda *args: (dispatches.append(1), run(*args))[1])
    train(epochs=1)
    train(LambdaCallback(on_epoch_end=lambda epoch, logs: None, on_train_batch_end=None), epochs=6)
    few = len(dispatches)
    dispatches.clear()
    train(LambdaCallback(on_train_batch_end=lambda batch, logs: None), epochs=6)
    assert few < len(dispatches)


def test_bad_functions():
    with pytest.raises(ValueError, match=r"LambdaCallback: on_epoch_end must be a function. Received: on_epoch_end=3"):
        LambdaCallback(on_epoch_end=3)
    with pytest.raises(TypeError, match=r"(?s)no hook 'on_epoch_ends'.*did you mean on_epoch_end"):
        LambdaCallback(on_epoch_ends=print)
