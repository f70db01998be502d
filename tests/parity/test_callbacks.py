"""Callbacks are called as Keras calls them: the same hooks in the same order, with the same arguments and logs."""

import numpy as np
import pytest

import lamina

keras = pytest.importorskip("keras")

pytestmark = [pytest.mark.filterwarnings(f"ignore::{kind}:keras") for kind in ("DeprecationWarning", "UserWarning")]

_rng = np.random.default_rng(0)
X = _rng.normal(size=(50, 3)).astype("float32")
Y = X[:, :1]
EPOCH_HOOKS = ("on_train_begin", "on_train_end", "on_epoch_begin", "on_epoch_end", "on_test_begin", "on_test_end")
BATCH_HOOKS = tuple(f"on_{phase}_batch_{when}" for phase in ("train", "test", "predict") for when in ("begin", "end"))
ALL_HOOKS = (*EPOCH_HOOKS, *BATCH_HOOKS, "on_predict_begin", "on_predict_end", "on_batch_begin", "on_batch_end")


def recorder(k, hooks):
    """A callback that writes down each call of some hooks."""
    calls = []

    def recording(name):
        def hook(self, *args, logs=None):
            *numbers, told = (*args, logs) if logs is not None or not args else args
            calls.append((name, numbers, {key: np.asarray(value) for key, value in (told or {}).items()}))

        return hook

    return type("Recorder", (k.callbacks.Callback,), {name: recording(name) for name in hooks})(), calls


def both(run, hooks):
    """What `run(k, model, callback)` lets a callback see in lamina and in Keras."""
    found = []
    for k in (lamina, keras):
        k.utils.set_random_seed(3)
        model = k.Sequential([k.Input((3,)), k.layers.Dense(1)])
        model.compile(k.optimizers.SGD(0.1), "mse", metrics=["mae"])
        callback, calls = recorder(k, hooks)
        run(model, callback)
        found.append(calls)
    return found


def assert_equal_calls(ours, theirs):
    assert [(name, numbers) for name, numbers, _ in ours] == [(name, numbers) for name, numbers, _ in theirs]
    for (name, _, our), (_, _, their) in zip(ours, theirs, strict=True):
        assert list(our) == list(their), name
        for key in their:
            np.testing.assert_allclose(our[key], their[key], rtol=1e-5, err_msg=f"{name}: {key}")


@pytest.mark.parametrize("hooks", [EPOCH_HOOKS, BATCH_HOOKS, ALL_HOOKS], ids=["epochs", "batches", "all"])
@pytest.mark.parametrize("more", [{}, {"validation_split": 0.3, "validation_freq": 2}], ids=["plain", "validated"])
def test_fit(hooks, more):
    def run(model, callback):
        model.fit(X, Y, epochs=2, batch_size=16, verbose=0, callbacks=[callback], **more)

    ours, theirs = both(run, hooks)
    assert len(ours) > 3
    assert_equal_calls(ours, theirs)


def test_evaluate_and_predict():
    def run(model, callback):
        model.evaluate(X, Y, batch_size=16, verbose=0, callbacks=[callback])
        model.predict(X, batch_size=20, verbose=0, callbacks=[callback])
        model.predict(X, verbose=0, callbacks=[callback])

    ours, theirs = both(run, ALL_HOOKS)
    assert len(ours) > 10
    assert_equal_calls(ours, theirs)


@pytest.mark.parametrize("hook", ["on_train_batch_end", "on_epoch_end"])
def test_stopping(hook):
    def run(model, callback):
        told = getattr(callback, hook)

        def stop(*args, **kwargs):
            told(*args, **kwargs)
            callback.model.stop_training = True

        setattr(callback, hook, stop)
        model.fit(X, Y, epochs=3, batch_size=16, verbose=0, validation_split=0.3, callbacks=[callback])

    assert_equal_calls(*both(run, ALL_HOOKS))
