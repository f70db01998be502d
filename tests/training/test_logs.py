import json
import pickle

import pytest

import lamina
from lamina.training.logs import Logs, find_log


@pytest.mark.parametrize(
    ("name", "names", "expected"),
    [
        ("lr", ["loss", "learning_rate"], "learning_rate"),
        ("learning_rate", ["lr"], "lr"),
        ("acc", ["accuracy"], "accuracy"),
        ("accuracy", ["acc"], "acc"),
        ("val_acc", ["acc", "val_accuracy"], "val_accuracy"),
        ("val_mean_absolute_error", ["mae", "val_mae"], "val_mae"),
        ("mae", ["mean_absolute_error"], "mean_absolute_error"),
        ("mse", ["mean_squared_error"], "mean_squared_error"),
        ("val_rmse", ["val_root_mean_squared_error"], "val_root_mean_squared_error"),
        ("BinaryAccuracy", ["binary_accuracy"], "binary_accuracy"),
        ("val_main_acc", ["val_other_accuracy", "val_main_accuracy"], "val_main_accuracy"),
        ("acc", ["val_accuracy"], None),
        ("acc", ["binary_accuracy"], None),
        ("mae", ["acc", "mae", "mean_absolute_error"], "mae"),
        ("los", ["loss"], None),
        ("", ["loss"], None),
        (3, ["loss"], None),
    ],
)
def test_names_are_found_by_what_they_mean(name, names, expected):
    assert find_log(name, names) == expected


def test_only_real_names_are_listed():
    logs = Logs(accuracy=0.5)
    assert "acc" in logs
    assert logs["acc"] == logs.get("acc") == 0.5
    assert (list(logs), len(logs), dict(logs)) == (["accuracy"], 1, {"accuracy": 0.5})
    assert logs == {"accuracy": 0.5}
    assert json.dumps(logs) == '{"accuracy": 0.5}'
    assert pickle.loads(pickle.dumps(logs))["acc"] == 0.5
    assert logs.get("loss") is None
    assert logs.get("loss", 3) == 3


def test_a_missing_name_gets_a_suggestion():
    with pytest.raises(KeyError, match=r"(?s)no 'val_los' in the logs.*did you mean val_loss\?"):
        Logs(loss=1, val_loss=2)["val_los"]


def test_histories_find_old_names(samples, make_model):
    schedule = lamina.callbacks.LearningRateScheduler(lambda epoch: 0.1)
    model = make_model(metrics=["mae"])
    history = model.fit(samples.x, samples.values, epochs=2, verbose=0, validation_split=0.2, callbacks=[schedule])
    found = history.history
    assert found["lr"] is found["learning_rate"]
    assert found["val_mean_absolute_error"] is found["val_mae"]
    assert list(found) == ["loss", "mae", "val_loss", "val_mae", "learning_rate"]


def test_histories_as_tables(samples, make_model):
    pandas = pytest.importorskip("pandas")
    history = make_model(metrics=["mae"]).fit(samples.x, samples.values, epochs=2, verbose=0)
    table = pandas.DataFrame(history.history)
    assert list(table.columns) == ["loss", "mae"]
    assert table["mae"].tolist() == history.history["mae"]


def test_callbacks_find_old_names_in_their_logs(samples, make_model):
    seen = []
    look = lamina.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(logs["mean_absolute_error"]))
    history = make_model(metrics=["mae"]).fit(samples.x, samples.values, epochs=2, verbose=0, callbacks=[look])
    assert seen == history.history["mae"]


def test_a_history_goes_on():
    first, second = lamina.callbacks.History(), lamina.callbacks.History()
    first.on_epoch_end(0, {"accuracy": 0.5})
    second.on_train_begin()
    second.set_state(first.get_state())
    second.on_epoch_end(1, {"accuracy": 0.75})
    assert (second.epoch, second.history["acc"]) == ([0, 1], [0.5, 0.75])
    assert first.history == {"accuracy": [0.5]}
