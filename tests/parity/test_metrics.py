"""Metrics against Keras's: running values, state and configs."""

import json

import jax.numpy as jnp
import numpy as np
import pytest

import lamina
from lamina import metrics
from lamina.core.frame import Rows
from lamina.core.functional import purify
from lamina.core.masking import set_mask
from lamina.core.serialization import builtin_names
from lamina.core.state import Binding, State

keras = pytest.importorskip("keras")
pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),  # Keras's variables
    pytest.mark.filterwarnings("ignore:Explicitly requested dtype int64:UserWarning"),  # Keras's confusion matrices
]

COUNTS = ("TruePositives", "FalsePositives", "TrueNegatives", "FalseNegatives")
CURVES = ("ROC", "PR", "PRGAIN")
SUMMATIONS = ("interpolation", "majoring", "minoring")
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
    ("TopKCategoricalAccuracy", {"k": 2}, "one-hot"),
    ("SparseTopKCategoricalAccuracy", {"k": 2}, "classes"),
    ("SparseTopKCategoricalAccuracy", {"k": 2}, "column"),
    ("SparseTopKCategoricalAccuracy", {"k": 2, "from_sorted_ids": True}, "equal-lists"),
    ("MeanAbsolutePercentageError", {}, "real"),
    ("MeanSquaredLogarithmicError", {}, "real"),
    ("LogCoshError", {}, "real"),
    ("CosineSimilarity", {}, "real"),
    ("CosineSimilarity", {"axis": 1}, "real"),
    ("R2Score", {}, "real"),
    ("R2Score", {"class_aggregation": None}, "real"),
    ("R2Score", {"class_aggregation": "variance_weighted_average", "num_regressors": 2}, "real"),
    ("Hinge", {}, "binary"),
    ("SquaredHinge", {}, "binary"),
    ("CategoricalHinge", {}, "one-hot"),
    ("KLDivergence", {}, "one-hot"),
    ("Poisson", {}, "binary"),
    ("PearsonCorrelation", {}, "real"),
    ("ConcordanceCorrelation", {}, "real"),
    *((name, {}, "binary") for name in COUNTS),
    ("TruePositives", {"thresholds": 0.2}, "binary"),
    ("FalseNegatives", {"thresholds": [0.1, 0.25, 0.6]}, "binary"),
    ("TrueNegatives", {"thresholds": [0.0, 0.25, 0.5, 0.75, 1.0]}, "binary"),
    ("Precision", {}, "binary"),
    ("Precision", {"thresholds": [0.1, 0.3]}, "binary"),
    ("Precision", {"thresholds": [0.0, 0.5, 1.0]}, "binary"),
    ("Precision", {"top_k": 2}, "binary"),
    ("Precision", {"class_id": 1, "thresholds": 0.2}, "one-hot"),
    ("Recall", {}, "binary"),
    ("Recall", {"top_k": 2, "class_id": 1}, "one-hot"),
    ("Recall", {"thresholds": [0.1, 0.3]}, "binary"),
    ("SensitivityAtSpecificity", {"specificity": 0.4}, "binary"),
    ("SensitivityAtSpecificity", {"specificity": 0.4, "num_thresholds": 1}, "binary"),
    ("SpecificityAtSensitivity", {"sensitivity": 0.4, "class_id": 2}, "one-hot"),
    ("PrecisionAtRecall", {"recall": 0.6, "num_thresholds": 20}, "binary"),
    ("RecallAtPrecision", {"precision": 0.6}, "binary"),
    *(("AUC", {"curve": c, "summation_method": m}, "binary") for c in CURVES for m in SUMMATIONS),
    ("AUC", {"num_thresholds": 2}, "binary"),
    ("AUC", {"num_thresholds": 3, "from_logits": True}, "real-binary"),
    ("AUC", {"thresholds": [0.1, 0.2, 0.6]}, "binary"),
    ("AUC", {"thresholds": [0.25, 0.5, 0.75]}, "binary"),
    ("AUC", {"label_weights": [0.2, 0.5, 0.0, 1.0]}, "binary"),
    ("AUC", {"label_weights": [0.2, 0.5, 0.0, 1.0], "thresholds": [0.3, 0.4]}, "binary"),
    ("AUC", {"multi_label": True}, "binary"),
    ("AUC", {"multi_label": True, "num_labels": 4, "curve": "PR", "label_weights": [0.2, 0.5, 0.0, 1.0]}, "binary"),
    ("AUC", {"multi_label": True, "thresholds": [0.3, 0.4], "summation_method": "majoring"}, "binary"),
    *(("F1Score", {"average": a}, "one-hot") for a in (None, "micro", "macro", "weighted")),
    ("F1Score", {"threshold": 0.3, "average": "macro"}, "binary"),
    ("FBetaScore", {"beta": 2.0}, "one-hot"),
    ("FBetaScore", {"beta": 0.5, "average": "weighted", "threshold": 0.2}, "binary"),
    ("IoU", {"num_classes": 4, "target_class_ids": [0, 2]}, "labels"),
    ("IoU", {"num_classes": 3, "target_class_ids": [1], "ignore_class": 0, "dtype": "float32"}, "labels"),
    ("MeanIoU", {"num_classes": 4}, "labels"),
    ("MeanIoU", {"num_classes": 4, "sparse_y_pred": False, "dtype": "float32"}, "classes"),
    ("BinaryIoU", {"threshold": 0.3}, "flat"),
    ("BinaryIoU", {"target_class_ids": [1]}, "flat"),
    ("OneHotIoU", {"num_classes": 4, "target_class_ids": [0, 1]}, "one-hot"),
    ("OneHotMeanIoU", {"num_classes": 4, "ignore_class": 2}, "one-hot"),
]
LONG_SUMS = ("R2Score", "AUC", "PearsonCorrelation", "ConcordanceCorrelation", "MeanAbsolutePercentageError")
each_case = pytest.mark.parametrize(("name", "arguments", "kind"), CASES, ids=str)


def batch(kind, rows=6, width=4):
    scores = np.random.random((rows, width)).astype("float32")
    classes = np.random.randint(0, width, rows)
    if kind == "equal":
        return classes, np.random.randint(0, width, rows).astype("float32")
    if kind == "equal-lists":
        return classes, np.argsort(-scores).astype("float32")
    if kind == "labels":
        return classes, np.random.randint(0, width, rows)
    if kind == "flat":
        return classes % 2, scores[:, 0]
    targets = {
        "real": np.random.normal(size=(rows, width)),
        "binary": np.random.randint(0, 2, (rows, width)),
        "one-hot": np.eye(width)[classes],
        "classes": classes,
        "column": classes[:, None],
        "real-binary": np.random.randint(0, 2, (rows, width)),
    }[kind]
    return targets, scores if kind.startswith("real") else scores / scores.sum(-1, keepdims=True)


def weights_for(name, rows):
    """Weights of all ranks that a metric takes."""
    if "IoU" in name:
        return [None, np.arange(rows) % 3, np.arange(rows)[:, None] % 2]
    return weights_of(rows)[: 2 if name in ("F1Score", "FBetaScore") else None]


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
    if own.built:
        assert_equal(own, theirs)
    for rows in (6, 3):
        for weight in weights_for(name, rows):
            y_true, y_pred = batch(kind, rows)
            own.update_state(y_true, y_pred, sample_weight=weight)
            theirs.update_state(y_true, y_pred, sample_weight=weight)
            assert_equal(own, theirs, rtol=1e-5 if name in LONG_SUMS else 1e-6, atol=1e-6)
    own.reset_state()
    assert not any(np.any(v) for v in own.variables)
    y_true, y_pred = batch(kind)
    theirs.reset_state()
    np.testing.assert_allclose(own(y_true, y_pred), keras.ops.convert_to_numpy(theirs(y_true, y_pred)), rtol=1e-5)


@each_case
def test_state_has_kerass_names_and_order(name, arguments, kind):
    own, theirs = pair(name, {**arguments, "name": "mine"})
    for metric in (own, theirs):
        metric.update_state(*batch(kind))
    assert [(v.shape, v.dtype) for v in own.variables] == [(v.shape, v.dtype) for v in theirs.variables]
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
    for weight in weights_for(name, 6):
        own, theirs = pair(name, arguments)
        if not own.row_independent(y_pred.ndim) or (y_pred.ndim == 1 and isinstance(own, metrics.MeanMetricWrapper)):
            pytest.skip("short batches have a program of their own")
        own.update_state(y_true, y_pred)
        own.reset_state()
        binding = Binding(State(metrics=tuple(own.variables)), owners=[])
        state = purify(own.update_state, binding)(binding.gather(), (), y_true, y_pred, weight, rows=rows)[1]
        binding.scatter(state)
        theirs.update_state(y_true[:4], y_pred[:4], None if weight is None else weight[:4])
        assert_equal(own, theirs, rtol=1e-5)


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
    expected = json.loads(json.dumps(theirs.get_config(), default=lambda a: np.asarray(a, float).round(6).tolist()))
    assert expected == {key: config[key] for key in expected}
    assert set(config) - set(expected) <= (set(arguments) & {"axis"})  # Keras leaves it out
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


def makes_itself(name):
    try:
        return bool(keras.metrics.get(name))
    except TypeError:  # arguments are missing
        return False


@pytest.mark.parametrize("name", sorted(filter(makes_itself, set(NAMES) - {"Metric", "metric"})))
def test_every_name_of_keras_means_the_same(name):
    own, theirs = metrics.get(name), keras.metrics.get(name)
    assert type(own).__name__ == type(theirs).__name__
    assert own.name.rstrip("_0123456789") == theirs.name.rstrip("_0123456789")


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


def measured(module):
    """The history of a network with nearly all metrics there are, on batches of which the last is short."""
    m = module.metrics
    rng = np.random.default_rng(0)
    x, y, weights = rng.random((50, 3), "float32"), np.eye(3, dtype="float32")[CLASSES], rng.random(50)
    module.utils.set_random_seed(1)
    model = module.Sequential([module.layers.Input((3,)), module.layers.Dense(3, "softmax")])
    weighted = [
        *(m.AUC(name="auc"), m.AUC(multi_label=True, name="auc_labels"), m.AUC(curve="PR", name="pr")),
        *(m.Precision(name="precision"), m.Recall(thresholds=0.3, name="recall"), m.TruePositives(name="tp")),
        *(m.F1Score(average="macro"), m.FBetaScore(average="micro", beta=0.5), m.R2Score()),
        *(m.PrecisionAtRecall(0.5), m.SensitivityAtSpecificity(0.5), m.TopKCategoricalAccuracy(2)),
        *(m.CosineSimilarity(), m.KLDivergence(), m.Poisson(), m.CategoricalHinge(), m.RootMeanSquaredError()),
        *(m.MeanAbsolutePercentageError(), m.LogCoshError(), m.ConcordanceCorrelation()),
    ]
    plain = ["accuracy", "hinge", m.OneHotMeanIoU(3, name="iou"), m.SquaredHinge(), m.PearsonCorrelation(), m.AUC(5)]
    model.compile("sgd", "kld", metrics=plain, weighted_metrics=weighted)
    history = model.fit(x, y, batch_size=16, epochs=2, sample_weight=weights, verbose=0).history
    return history, model.evaluate(x, y, batch_size=16, verbose=0)


def test_many_metrics_at_once_in_training():
    (found, scores), (expected, others) = measured(lamina), measured(keras)
    assert [name.rstrip("_0123456789") for name in found] == [name.rstrip("_0123456789") for name in expected]
    for name, mine, theirs in zip(found, found.values(), expected.values(), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-5, err_msg=name)
    np.testing.assert_allclose(scores, others, rtol=1e-5)


@pytest.mark.parametrize("loss", ["hinge", "dice", "tversky", "log_cosh", "cosine_similarity", "msle"])
def test_short_batches_with_losses_of_all_kinds(loss):
    own_metric = [loss] if loss in ("hinge", "cosine_similarity", "msle") else []
    found, expected = (
        fitted(k, 3, "softmax", loss, lambda k: k.optimizers.SGD(0.1), np.eye(3)[CLASSES], metrics=["mse", *own_metric])
        for k in (lamina, keras)
    )
    assert list(found) == list(expected)
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-5, err_msg=name)


@pytest.mark.parametrize("weight", [None, (4, 3), (4, 1)], ids=str)
@pytest.mark.parametrize("name", ["MeanSquaredError", "LogCoshError", "MeanAbsoluteError"])
def test_masks_of_predictions_are_honoured(name, weight):
    own, theirs = pair(name, {})
    y_true, y_pred = (np.random.random((4, 3, 2)).astype("float32") for _ in range(2))
    mask = jnp.array(np.random.random((4, 3)) < 0.6)
    weight = None if weight is None else np.random.random(weight).astype("float32")
    mine, other = jnp.array(y_pred), jnp.array(y_pred)
    set_mask(mine, mask)
    keras.src.backend.set_keras_mask(other, mask)
    own.update_state(y_true, mine, weight)
    theirs.update_state(y_true, other, weight)
    assert_equal(own, theirs)


def test_stateless_updates():
    for module in (metrics, keras.metrics):
        metric = module.AUC(num_thresholds=4)
        start = metric.stateless_reset_state()
        state = metric.stateless_update_state(start, np.array([0.0, 1.0, 1.0]), np.array([0.2, 0.3, 0.9]))
        assert float(metric.stateless_result(state)) == 0.75
        assert float(metric.result()) == 0
        with pytest.raises(ValueError, match="metric_variables"):
            metric.stateless_result(state[:2])
