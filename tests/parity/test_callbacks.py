"""Callbacks are called as Keras calls them (the same hooks in the same order, with the same logs), and do the same."""

import functools
import re
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import numpy as np
import pytest

import lamina
from lamina.training.directions import metric_direction

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


# -- what the callbacks do ---------------------------------------------------------------------------------------------

NOISY_X = _rng.normal(size=(60, 3)).astype("float32")
NOISY_Y = (np.sin(NOISY_X[:, :1]) + 0.5 * _rng.normal(size=(60, 1))).astype("float32")


def train(k, callbacks, rate=0.3, epochs=12, **fit):
    """A training whose losses of validation fall and rise: 3 batches an epoch, 4 for validation."""
    k.utils.set_random_seed(3)
    layers = [k.Input((3,)), k.layers.Dense(8, activation="tanh"), k.layers.Dense(1)]
    model = k.Sequential(layers)
    model.compile(k.optimizers.SGD(rate, momentum=0.5), "mse", metrics=["mae"])
    arguments = {"batch_size": 12, "validation_split": 0.4, "epochs": epochs, "verbose": 0, **fit}
    return model, model.fit(NOISY_X, NOISY_Y, callbacks=callbacks, **arguments)


def assert_equal_training(ours, theirs):
    (our_model, our), (their_model, their) = ours, theirs
    assert our.epoch == their.epoch
    assert list(our.history) == list(their.history)
    for name in their.history:
        np.testing.assert_allclose(our.history[name], their.history[name], rtol=1e-5, err_msg=name)
    for our_weight, their_weight in zip(our_model.get_weights(), their_model.get_weights(), strict=True):
        np.testing.assert_allclose(our_weight, their_weight, rtol=1e-5, atol=1e-6)
    assert int(our_model.optimizer.iterations) == int(their_model.optimizer.iterations)


STOPPING = {
    "as it is": {},
    "patience": {"patience": 2},
    "restoring": {"patience": 3, "restore_best_weights": True},
    "never stopping": {"patience": 20, "restore_best_weights": True},
    "min_delta": {"min_delta": 0.05, "patience": 2, "restore_best_weights": True},
    "negative min_delta": {"min_delta": -0.05, "patience": 2},
    "baseline out of reach": {"baseline": 0.1, "patience": 4, "restore_best_weights": True},
    "baseline in reach": {"baseline": 0.6, "patience": 3, "restore_best_weights": True},
    "late": {"start_from_epoch": 5, "patience": 1, "restore_best_weights": True},
    "the loss": {"monitor": "loss", "patience": 1},
    "a metric": {"monitor": "val_mae", "patience": 1, "restore_best_weights": True},
    "upwards": {"monitor": "val_mae", "mode": "max", "patience": 1, "restore_best_weights": True},
    "downwards": {"mode": "min", "patience": 1},
}


@pytest.mark.parametrize("arguments", STOPPING.values(), ids=STOPPING)
def test_early_stopping(arguments):
    ours, theirs = (k.callbacks.EarlyStopping(**arguments) for k in (lamina, keras))
    assert_equal_training(train(lamina, [ours]), train(keras, [theirs]))
    assert (ours.wait, ours.stopped_epoch, ours.best_epoch) == (theirs.wait, theirs.stopped_epoch, theirs.best_epoch)
    assert ours.best == pytest.approx(theirs.best, rel=1e-5)
    for our, their in zip(ours.best_weights or [], theirs.best_weights or [], strict=True):
        np.testing.assert_allclose(our, their, rtol=1e-5, atol=1e-6)


def test_a_change_within_float32_is_none():
    ours, theirs = (k.callbacks.EarlyStopping("loss", mode="min", patience=1) for k in (lamina, keras))
    for callback in (ours, theirs):
        callback.set_model(type("Model", (), {"stop_training": False})())
        callback.on_train_begin()
        for epoch, loss in enumerate([1.0, 1.0 - 1e-9, float("nan"), 0.5]):
            callback.on_epoch_end(epoch, {"loss": loss})
    assert (ours.best, ours.wait, ours.stopped_epoch) == (theirs.best, theirs.wait, theirs.stopped_epoch)


REDUCING = {
    "factor": {"factor": 0.5, "patience": 1},
    "patience": {"factor": 0.5, "patience": 2},
    "no patience": {"factor": 0.9, "patience": 0},
    "cooldown": {"factor": 0.5, "patience": 1, "cooldown": 2},
    "min_lr": {"factor": 0.1, "patience": 1, "min_lr": 0.02},
    "min_delta": {"factor": 0.5, "patience": 2, "min_delta": 0.1},
    "upwards": {"factor": 0.5, "patience": 1, "mode": "max"},
    "the loss": {"factor": 0.5, "patience": 1, "monitor": "loss"},
}


@pytest.mark.parametrize("arguments", REDUCING.values(), ids=REDUCING)
def test_reducing_the_rate(arguments):
    ours, theirs = (k.callbacks.ReduceLROnPlateau(**arguments) for k in (lamina, keras))
    our, their = train(lamina, [ours]), train(keras, [theirs])
    assert_equal_training(our, their)
    assert len(set(our[1].history["learning_rate"])) > 1
    assert (ours.wait, ours.cooldown_counter) == (theirs.wait, theirs.cooldown_counter)
    assert ours.best == pytest.approx(theirs.best, rel=1e-5)
    assert float(our[0].optimizer.learning_rate) == float(their[0].optimizer.learning_rate)


SCHEDULES = {
    "of two": lambda epoch, rate: rate if epoch < 2 else rate * float(np.exp(-0.1)),
    "of one": lambda epoch: 0.1 / (1 + epoch),
    "of defaults": lambda epoch, rate=0.2, factor=0.5: rate * factor,
}


@pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES)
def test_scheduling_the_rate(schedule):
    ours, theirs = (train(k, [k.callbacks.LearningRateScheduler(schedule)], epochs=5) for k in (lamina, keras))
    assert_equal_training(ours, theirs)
    assert ours[1].history["learning_rate"] == theirs[1].history["learning_rate"]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_several_together(order):
    def made(k):
        stop = k.callbacks.EarlyStopping(patience=4, restore_best_weights=True)
        reduce = k.callbacks.ReduceLROnPlateau(factor=0.5, patience=1)
        schedule = k.callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.95)
        return [(stop, reduce, schedule)[index] for index in order]

    assert_equal_training(train(lamina, made(lamina)), train(keras, made(keras)))


@pytest.mark.parametrize("rate", [1e6, 1e12, 1e19], ids=["in time", "soon", "at once"])
@pytest.mark.parametrize("batch_hook", [False, True], ids=["alone", "beside a hook for batches"])
def test_terminating(rate, batch_hook, capsys):
    trained = []
    for k in (lamina, keras):
        seen = []
        more = [k.callbacks.LambdaCallback(on_train_batch_end=lambda *a, seen=seen, **b: seen.append(a[0]))]
        callbacks = [k.callbacks.TerminateOnNaN(), *(more if batch_hook else [])]
        trained.append((*train(k, callbacks, rate=rate, validation_split=0.0), seen, capsys.readouterr().out))
    (our_model, our, our_batches, our_text), (their_model, their, their_batches, their_text) = trained
    assert_equal_training((our_model, our), (their_model, their))
    assert our_batches == their_batches
    assert not np.isfinite(our.history["loss"][-1])
    batch = their_text.split("Batch ")[1].split(":")[0]
    assert f"Batch {batch}: " in our_text


def csv_files(folder, make, **fit):
    """What both write, as text with numbers rounded."""
    texts = []
    for k in (lamina, keras):
        path = folder / k.__name__
        for callbacks in make(k, str(path)):
            with np.errstate(all="ignore"):
                train(k, callbacks, epochs=3, **fit)
        texts.append(re.sub(r"\d+\.\d+(e-?\d+)?", lambda number: f"{float(number[0]):.4e}", path.read_bytes().decode()))
    return texts


CSV = {
    "plain": lambda k, path: [[k.callbacks.CSVLogger(path)]],
    "again": lambda k, path: [[k.callbacks.CSVLogger(path)], [k.callbacks.CSVLogger(path)]],
    "the same again": lambda k, path: [[k.callbacks.CSVLogger(path)]] * 2,
    "separated": lambda k, path: [[k.callbacks.CSVLogger(path, separator=";")]],
    "appended": lambda k, path: [[k.callbacks.CSVLogger(path)], [k.callbacks.CSVLogger(path, append=True)]],
    "appended to nothing": lambda k, path: [[k.callbacks.CSVLogger(path, append=True)]],
    "with rates": lambda k, path: [[k.callbacks.ReduceLROnPlateau("loss"), k.callbacks.CSVLogger(path)]],
    "with other values": lambda k, path: [[adding(k, {"a": np.arange(3), "b": "c,d"}), k.callbacks.CSVLogger(path)]],
}


def adding(k, values):
    return k.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: logs.update(values))


@pytest.mark.parametrize("validation", [0.0, 0.4], ids=["trained", "validated"])
@pytest.mark.parametrize("make", CSV.values(), ids=CSV)
def test_csv_files(tmp_path, make, validation):
    ours, theirs = csv_files(tmp_path, make, validation_split=validation)
    assert ours == theirs
    assert theirs.count("\r\n") >= 4


CHECKPOINTS = {
    "each": ("{epoch:02d}-{val_loss:.3f}.keras", {}),
    "best": ("{epoch}.keras", {"save_best_only": True}),
    "best in one": ("best.h5", {"save_best_only": True}),
    "best upwards": ("{epoch}.keras", {"save_best_only": True, "monitor": "val_mae", "mode": "max"}),
    "better than": ("{epoch}.keras", {"save_best_only": True, "initial_value_threshold": 0.62}),
    "weights": ("{epoch}-{mae:.3f}.weights.h5", {"save_weights_only": True}),
    "batches": ("{epoch}-{batch:02d}.keras", {"save_freq": 5}),
    "each batch": ("{epoch}-{batch}-{loss:.3f}.keras", {"save_freq": 1}),
    "more batches than in an epoch": ("{epoch}-{batch}.keras", {"save_freq": 8}),
    "best batches": (
        "{epoch}-{batch}.keras",
        {"save_freq": 4, "save_best_only": True, "monitor": "loss", "mode": "min"},
    ),
    "folders": ("a/{epoch}/b.keras", {}),
}


@pytest.mark.parametrize(("name", "arguments"), CHECKPOINTS.values(), ids=CHECKPOINTS)
def test_checkpoints(tmp_path, monkeypatch, name, arguments):
    saved, best = [], []
    for k in (lamina, keras):
        calls = []

        def save(model, path, overwrite, calls=calls, kind=None):
            assert overwrite
            calls.append((kind, path.removeprefix(str(tmp_path)), model.get_weights()[0]))

        for method in ("save", "save_weights"):
            monkeypatch.setattr(k.Model, method, functools.partialmethod(save, kind=method), raising=False)
        callback = k.callbacks.ModelCheckpoint(tmp_path / name, **arguments)
        train(k, [callback], epochs=6)
        saved.append(calls)
        best.append(callback.best)
    assert [call[:2] for call in saved[0]] == [call[:2] for call in saved[1]]
    assert len(saved[0]) > 0
    for ours, theirs in zip(*saved, strict=True):
        np.testing.assert_allclose(ours[2], theirs[2], rtol=1e-5, atol=1e-6)
    assert (best[0] or 0) == pytest.approx(best[1] or 0, rel=1e-5)


def test_lambdas_are_called_alike():
    def run(model, callback):
        model.fit(X, Y, epochs=2, batch_size=16, verbose=0, callbacks=[callback])

    found = []
    for k in (lamina, keras):
        k.utils.set_random_seed(3)
        model = k.Sequential([k.Input((3,)), k.layers.Dense(1)])
        model.compile(k.optimizers.SGD(0.1), "mse")
        calls = []
        hooks = {
            name: lambda *a, logs=None, n=name, c=calls: c.append((n, len(a) + (logs is not None)))
            for name in ALL_HOOKS
        }
        run(model, k.callbacks.LambdaCallback(**hooks))
        found.append(calls)
    assert [name for name, _ in found[0]] == [name for name, _ in found[1]]
    assert len(found[0]) > 20


def test_directions_of_metrics():
    ours = {name: getattr(lamina.metrics, name) for name in lamina.metrics.__all__}
    checked = []
    for name, cls in ours.items():
        theirs = getattr(keras.metrics, name, None)
        if not isinstance(cls, type) or not isinstance(theirs, type) or name in ("Metric", "MeanMetricWrapper"):
            continue
        arguments = METRIC_ARGUMENTS.get(name, {})
        expected = getattr(theirs(**arguments), "_direction", None)
        assert metric_direction(cls(**arguments)) == expected, name
        checked.append(name)
    assert len(checked) > 8


METRIC_ARGUMENTS = {
    "IoU": {"num_classes": 2, "target_class_ids": [0]},
    "OneHotIoU": {"num_classes": 2, "target_class_ids": [0]},
    "MeanIoU": {"num_classes": 2},
    "OneHotMeanIoU": {"num_classes": 2},
    "SensitivityAtSpecificity": {"specificity": 0.5},
    "SpecificityAtSensitivity": {"sensitivity": 0.5},
    "PrecisionAtRecall": {"recall": 0.5},
    "RecallAtPrecision": {"precision": 0.5},
}


def test_remote_monitors_post_alike():
    pytest.importorskip("requests")
    posts = []

    class Recorder(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            posts.append((self.path, self.headers["Content-Type"], body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            pass

    with HTTPServer(("localhost", 0), Recorder) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        root = f"http://localhost:{server.server_port}"
        for k in (lamina, keras):
            for arguments in ({}, {"path": "/a", "field": "f"}, {"send_as_json": True}):
                k.callbacks.RemoteMonitor(root, **arguments).on_epoch_end(2, {"loss": 0.5, "n": np.int64(3)})
        server.shutdown()
        thread.join()
    assert len(posts) == 6
    ours, theirs = ([(*post[:2], post[2].replace(" ", "")) for post in some] for some in (posts[:3], posts[3:]))
    assert ours == theirs


@pytest.mark.parametrize("hook", ["on_train_begin", "on_epoch_begin"])
def test_stopping_before_the_first_batch(hook):
    def run(model, callback):
        told = getattr(callback, hook)

        def stop(*args, **kwargs):
            told(*args, **kwargs)
            callback.model.stop_training = True

        setattr(callback, hook, stop)
        model.fit(X, Y, epochs=3, batch_size=16, verbose=0, validation_split=0.3, callbacks=[callback])

    for hooks in (EPOCH_HOOKS, ALL_HOOKS):
        ours, theirs = both(run, hooks)
        assert_equal_calls(ours, theirs)


def test_stopping_evaluation_and_prediction():
    def run(model, callback):
        told, flags = {}, {"on_test_batch_end": "stop_evaluating", "on_predict_batch_end": "stop_predicting"}

        def stop(batch, logs=None, *, hook):
            told[hook](batch, logs)
            setattr(callback.model, flags[hook], batch == 1)

        for hook in flags:
            told[hook] = getattr(callback, hook)
            setattr(callback, hook, functools.partial(stop, hook=hook))
        model.fit(X, Y, epochs=2, batch_size=16, verbose=0, validation_data=(X, Y), callbacks=[callback])
        model.evaluate(X, Y, batch_size=16, verbose=0, callbacks=[callback])
        assert len(model.predict(X, batch_size=16, verbose=0, callbacks=[callback])) == 32

    assert_equal_calls(*both(run, ALL_HOOKS))


AVERAGING = {
    "no callback": (False, None, {}),
    "as it is": (True, {}, {}),
    "on epochs": (True, {"swap_on_epoch": True}, {}),
    "overwriting": (True, {}, {"ema_overwrite_frequency": 5}),
}


@pytest.mark.parametrize(("given", "arguments", "more"), AVERAGING.values(), ids=AVERAGING)
def test_averaged_weights(given, arguments, more):
    trained = []
    for k in (lamina, keras):
        k.utils.set_random_seed(3)
        model = k.Sequential([k.Input((3,)), k.layers.Dense(8, activation="tanh"), k.layers.Dense(1)])
        model.compile(k.optimizers.SGD(0.3, use_ema=True, ema_momentum=0.8, **more), "mse", metrics=["mae"])
        seen = []
        look = k.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs, s=seen, m=model: s.append(m.get_weights()))
        callbacks = [k.callbacks.SwapEMAWeights(**arguments)] if given else []
        data = {"batch_size": 12, "validation_split": 0.4, "verbose": 0}
        history = model.fit(NOISY_X, NOISY_Y, epochs=4, callbacks=[*callbacks, look], **data)
        found = model.evaluate(NOISY_X, NOISY_Y, verbose=0, callbacks=[type(c)() for c in callbacks])
        trained.append((model, history, seen, found))
    (our_model, our, our_seen, our_found), (their_model, their, their_seen, their_found) = trained
    assert_equal_training((our_model, our), (their_model, their))
    for our_weights, their_weights in zip(our_seen, their_seen, strict=True):
        np.testing.assert_allclose(our_weights[0], their_weights[0], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(our_found, their_found, rtol=1e-5)
