"""Metrics against Keras's: running values, state and configs."""

import json

import jax.numpy as jnp
import numpy as np
import pytest

import lamina
from lamina import metrics
from lamina.core.frame import Rows
from lamina.core.functional import purify
from lamina.core.serialization import builtin_names
from lamina.core.state import Binding, State

keras = pytest.importorskip("keras")
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras's variables

CASES = [
    ("MeanSquaredError", {}, "real"),
    ("MeanAbsoluteError", {}, "real"),
    ("RootMeanSquaredError", {}, "real"),
    ("BinaryCrossentropy", {}, "binary"),
    ("BinaryCrossentropy", {"from_logits": True, "label_smoothing": 0.1}, "binary"),
    ("CategoricalCrossentropy", {}, "one-hot"),
    ("CategoricalCrossentropy", {"from_logits": True, "label_smoothing": 0.1}, "one-hot"),
    ("SparseCategoricalCrossentropy", {}, "classes"),
    ("SparseCategoricalCrossentropy", {"from_logits": True}, "classes"),
    ("SparseCategoricalCrossentropy", {"ignore_class": 1}, "classes"),
    ("SparseCategoricalCrossentropy", {"ignore_class": 1}, "column"),
    ("Accuracy", {}, "equal"),
    ("BinaryAccuracy", {}, "binary"),
    ("BinaryAccuracy", {"threshold": 0.3}, "binary"),
    ("CategoricalAccuracy", {}, "one-hot"),
    ("SparseCategoricalAccuracy", {}, "classes"),
    ("SparseCategoricalAccuracy", {}, "column"),
]
each_case = pytest.mark.parametrize(("name", "arguments", "kind"), CASES, ids=str)


def batch(kind, rows=6, width=4):
    scores = np.random.random((rows, width)).astype("float32")
    classes = np.random.randint(0, width, rows)
    if kind == "equal":
        return classes, np.random.randint(0, width, rows).astype("float32")
    targets = {
        "real": np.random.normal(size=(rows, width)),
        "binary": np.random.randint(0, 2, (rows, width)),
        "one-hot": np.eye(width)[classes],
        "classes": classes,
        "column": classes[:, None],
    }[kind]
    return targets, scores / scores.sum(-1, keepdims=True) if kind != "real" else scores


def weights_of(rows):
    return [None, np.random.random(rows).astype("float32"), np.random.random((rows, 1)), np.arange(rows) % 2]


def pair(name, arguments):
    return getattr(metrics, name)(**arguments), getattr(keras.metrics, name)(**arguments)


def value(metric):
    return np.asarray(keras.ops.convert_to_numpy(metric.result()))


def assert_equal(own, theirs, **tolerance):
    np.testing.assert_allclose(np.asarray(own.result()), value(theirs), **{"rtol": 1e-6, **tolerance})


def test_every_metric_is_compared():
    classes = {name for name, item in builtin_names("metrics").items() if isinstance(item, type)}
    assert classes - {"Mean", "Sum", "MeanMetricWrapper"} == {name for name, *_ in CASES}


@each_case
def test_running_values_are_kerass(name, arguments, kind):
    own, theirs = pair(name, arguments)
    assert_equal(own, theirs)
    for rows in (6, 3):
        for weight in weights_of(rows):
            y_true, y_pred = batch(kind, rows)
            own.update_state(y_true, y_pred, sample_weight=weight)
            theirs.update_state(y_true, y_pred, sample_weight=weight)
            assert_equal(own, theirs)
    own.reset_state()
    assert float(own.result()) == 0
    y_true, y_pred = batch(kind)
    theirs.reset_state()
    np.testing.assert_allclose(own(y_true, y_pred), keras.ops.convert_to_numpy(theirs(y_true, y_pred)), rtol=1e-6)


@each_case
def test_state_has_kerass_names_and_order(name, arguments, kind):
    own, theirs = pair(name, {**arguments, "name": "mine"})
    assert [v.path for v in own.variables] == [v.path for v in theirs.variables]
    assert own.name == theirs.name


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@each_case
def test_half_precision_predictions(name, arguments, kind, dtype):
    own, theirs = pair(name, arguments)
    y_true, y_pred = batch(kind)
    own.update_state(y_true, jnp.asarray(y_pred, dtype))
    theirs.update_state(y_true, jnp.asarray(y_pred, dtype))
    assert_equal(own, theirs, rtol=1e-5)


@pytest.mark.parametrize("target", ["bool", "uint8", "int64", "float64"])
@pytest.mark.parametrize("case", [c for c in CASES if c[2] == "binary"], ids=str)
def test_targets_of_all_dtypes(case, target):
    name, arguments, kind = case
    own, theirs = pair(name, arguments)
    y_true, y_pred = batch(kind)
    own.update_state(y_true.astype(target), y_pred)
    theirs.update_state(y_true.astype(target), y_pred)
    assert_equal(own, theirs)


@each_case
def test_padded_rows_do_not_count(name, arguments, kind):
    y_true, y_pred = batch(kind)
    rows = Rows(np.arange(6) < 4, 4)
    for weight in weights_of(6):
        own, theirs = pair(name, arguments)
        binding = Binding(State(metrics=tuple(own.variables)), owners=[])
        state = purify(own.update_state, binding)(binding.gather(), (), y_true, y_pred, weight, rows=rows)[1]
        binding.scatter(state)
        theirs.update_state(y_true[:4], y_pred[:4], None if weight is None else weight[:4])
        assert_equal(own, theirs)


@pytest.mark.parametrize("name", ["Mean", "Sum"])
@pytest.mark.parametrize("shape", [(), (4,), (4, 1), (4, 3), (4, 3, 2)])
def test_means_and_sums_of_all_ranks(name, shape):
    own, theirs = pair(name, {})
    for weight in [None, *([np.float32(2.0)] if not shape else weights_of(4)[1:])]:
        values = np.random.normal(size=shape).astype("float32")
        own.update_state(values, sample_weight=weight)
        theirs.update_state(values, sample_weight=weight)
        assert_equal(own, theirs, rtol=1e-5)


@each_case
def test_configs_travel_both_ways(name, arguments, kind):
    own, theirs = pair(name, {**arguments, "name": "mine"})
    config = json.loads(json.dumps(own.get_config()))
    assert theirs.get_config().items() <= config.items()
    y_true, y_pred = batch(kind)
    theirs.update_state(y_true, y_pred)
    for again in (
        type(own).from_config(config),
        type(own).from_config(theirs.get_config()),
        metrics.deserialize(keras.metrics.serialize(theirs)),
        type(theirs).from_config(config),
        keras.metrics.deserialize(metrics.serialize(own)),
    ):
        again.update_state(y_true, y_pred)
        np.testing.assert_allclose(value(again), value(theirs), rtol=1e-6)
        assert again.name == "mine"


NAMES = [n for n, item in keras.src.metrics.ALL_OBJECTS_DICT.items() if item.__name__ in builtin_names("metrics")]


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"MeanMetricWrapper", "mean_metric_wrapper"}))
def test_every_name_of_keras_means_the_same(name):
    own, theirs = metrics.get(name), keras.metrics.get(name)
    assert (type(own).__name__, own.name) == (type(theirs).__name__, theirs.name)


FUNCTIONS = ["binary_accuracy", "categorical_accuracy", "sparse_categorical_accuracy", "mean_squared_error"]


@pytest.mark.parametrize("name", [*FUNCTIONS, "binary_crossentropy", "mean_absolute_error"])
def test_functions_return_what_kerass_do(name):
    kind = {"b": "binary", "c": "one-hot", "s": "column", "m": "real"}[name[0]]
    y_true, y_pred = batch(kind)
    found, expected = getattr(metrics, name)(y_true, y_pred), getattr(keras.metrics, name)(y_true, y_pred)
    assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_wrapped_functions():
    worst = lambda y_true, y_pred, power=1: abs(y_true - y_pred).max(axis=-1) ** power  # noqa: E731
    own, theirs = (module.MeanMetricWrapper(worst, power=2) for module in (metrics, keras.metrics))
    assert own.name.startswith("mean_metric_wrapper")
    assert theirs.name.startswith("mean_metric_wrapper")
    y_true, y_pred = batch("real")
    own.update_state(y_true, y_pred)
    theirs.update_state(y_true, y_pred)
    assert_equal(own, theirs)
    known = metrics.MeanMetricWrapper(metrics.mean_squared_error, name="mine")
    again = metrics.MeanMetricWrapper.from_config(json.loads(json.dumps(known.get_config())))
    np.testing.assert_allclose(again(y_true, y_pred), known(y_true, y_pred))


def fitted(module, outputs, activation, loss, optimizer, y, **given):
    """The history of two epochs with sample weights and a short last batch."""
    rng = np.random.default_rng(0)
    x, weights = rng.random((50, 3), "float32"), rng.random(50)
    module.utils.set_random_seed(1)
    model = module.Sequential([module.layers.Input((3,)), module.layers.Dense(outputs, activation)])
    model.compile(optimizer(module), loss(module) if callable(loss) else loss, **given)
    return model.fit(x, y, batch_size=16, epochs=2, sample_weight=weights, verbose=0).history


CLASSES = np.arange(50) ** 2 % 3
FITS = [
    (3, "softmax", "sparse_categorical_crossentropy", lambda k: k.optimizers.Adam(0.05, weight_decay=0.1), CLASSES),
    (
        3,
        "softmax",
        lambda k: k.losses.CategoricalCrossentropy(label_smoothing=0.1),
        lambda k: k.optimizers.RMSprop(0.05, momentum=0.5, global_clipnorm=0.1),
        np.eye(3)[CLASSES],
    ),
    (
        3,
        None,
        lambda k: k.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=1),
        lambda k: k.optimizers.SGD(0.05, momentum=0.5, nesterov=True),
        CLASSES[:, None],
    ),
    (1, "sigmoid", "bce", lambda k: k.optimizers.SGD(0.05, clipnorm=0.1), CLASSES > 0),
]


@pytest.mark.parametrize("case", FITS, ids=["sparse", "one-hot", "ignored", "binary"])
def test_logs_of_training_have_kerass_names_and_values(case):
    given = {"metrics": ["acc", "accuracy", "acc"], "weighted_metrics": ["acc", "acc", "accuracy", "acc"]}
    found, expected = fitted(lamina, *case, **given), fitted(keras, *case, **given)
    assert list(found) == list(expected)
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-5, err_msg=name)
