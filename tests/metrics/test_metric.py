"""Metrics by name, as functions, and of the user's own."""

import numpy as np
import pytest

import lamina as keras
from lamina import metrics, ops


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *((name, "MeanSquaredError") for name in ("mse", "MSE", "mean_squared_error", "MeanSquaredError")),
        *((name, "MeanAbsoluteError") for name in ("mae", "MAE", "mean_absolute_error")),
        *((name, "RootMeanSquaredError") for name in ("rmse", "RMSE", "root_mean_squared_error")),
        *((name, "BinaryCrossentropy") for name in ("bce", "BCE", "binary_crossentropy")),
        *((name, "Accuracy") for name in ("accuracy", "Accuracy")),
        ("binary_accuracy", "BinaryAccuracy"),
        ("sparse_categorical_accuracy", "SparseCategoricalAccuracy"),
        ("categorical_crossentropy", "CategoricalCrossentropy"),
        ("mean", "Mean"),
    ],
)
def test_aliases(name, kind):
    assert type(metrics.get(name)).__name__ == kind


@pytest.mark.parametrize(("name", "meant"), [("acuracy", "accuracy"), ("binary_acuracy", "binary_accuracy")])
def test_misspelt_names(name, meant):
    with pytest.raises(ValueError, match=rf"'{name}' is not the name of a metric(?s:.*)did you mean .*{meant}"):
        metrics.get(name)
    with pytest.raises(AttributeError, match=rf"no '{name}'(?s:.*)did you mean"):
        getattr(metrics, name)


def test_other_objects():
    own = lambda y_true, y_pred: y_pred  # noqa: E731
    assert metrics.get(own) is own
    assert metrics.get(None) is None
    with pytest.raises(ValueError, match="Cannot make sense of 3 as a metric"):
        metrics.get(3)


class Extremes(metrics.Metric):
    """Smallest and largest prediction; one variable made the old way, one the new."""

    def __init__(self, name="extremes", **kwargs):
        super().__init__(name=name, **kwargs)
        self.low = self.add_weight(name="low", initializer="zeros")
        self.high = self.add_variable(shape=(), initializer="zeros", name="high")
        self.inner = metrics.Mean(name="inner")

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.low.assign(ops.minimum(self.low, ops.min(y_pred)))
        self.high.assign(ops.maximum(self.high, ops.max(y_pred)))
        self.inner.update_state(y_pred)

    def result(self):
        return {"low": self.low, "high": self.high, "mean": self.inner.result()}


def test_custom_metrics():
    metric = Extremes()
    metric.update_state(None, np.array([-1.0, 4.0]))
    found = metric(None, np.array([3.0, 2.0]))
    assert {name: float(value) for name, value in found.items()} == {"low": -1, "high": 4, "mean": 2}
    assert [v.path for v in metric.variables] == ["extremes/low", "extremes/high", "inner/total", "inner/count"]
    metric.reset_state()
    assert {float(value) for value in metric.result().values()} == {0}
    assert Extremes.from_config(metric.get_config()).name == "extremes"


def test_custom_metrics_with_dicts_are_logged_while_training():
    x = np.linspace(0, 1, 10, dtype="float32")[:, None]
    model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1, kernel_initializer="ones")])
    model.compile(keras.optimizers.SGD(0.0), "mse", metrics=[Extremes(), "mae"])
    history = model.fit(x, x + 1, batch_size=4, verbose=0)
    assert set(history.history) == {"loss", "low", "high", "mean", "mae"}
    assert history.history["high"] == [1.0]
    assert history.history["mae"] == [pytest.approx(1.0)]


def test_automatic_names_are_counted():
    class Largest(metrics.Metric):
        pass

    first, second = Largest().name, Largest().name
    assert (first, second) == ("largest", "largest_1")


@pytest.mark.parametrize("method", ["update_state", "result"])
def test_what_a_metric_has_to_define(method):
    with pytest.raises(NotImplementedError, match=rf"Metric has to define {method}\(\)"):
        getattr(metrics.Metric(), method)()


def test_a_dtype_and_a_name():
    metric = metrics.Metric(dtype="float16", name="mine")
    assert (metric.get_config(), repr(metric)) == ({"name": "mine", "dtype": "float16"}, "<Metric name=mine>")


def test_ignored_classes_with_and_without_weights():
    data = [0, 1, 1], [[0.5, 0.5]] * 3
    metric = metrics.SparseCategoricalCrossentropy(ignore_class=0)
    np.testing.assert_allclose(metric(*data), np.log(2) * 2 / 3, rtol=1e-6)
    metric.reset_state()
    np.testing.assert_allclose(metric(*data, sample_weight=[1, 1, 1]), np.log(2), rtol=1e-6)
