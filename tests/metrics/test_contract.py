"""What every metric does, whatever it measures: new ones are found and checked by being registered."""

import json

import jax
import numpy as np
import pytest

from lamina import metrics
from lamina.core.frame import Rows
from lamina.core.functional import purify
from lamina.core.naming import to_snake_case
from lamina.core.serialization import builtin_names
from lamina.core.state import Binding, State
from lamina.metrics.confusion import CountMetric

NEEDED = {
    "SensitivityAtSpecificity": {"specificity": 0.6},
    "SpecificityAtSensitivity": {"sensitivity": 0.6},
    "PrecisionAtRecall": {"recall": 0.6},
    "RecallAtPrecision": {"precision": 0.3},
    "IoU": {"num_classes": 3, "target_class_ids": [0, 2], "sparse_y_true": False, "sparse_y_pred": False},
    "MeanIoU": {"num_classes": 3, "sparse_y_true": False, "sparse_y_pred": False},
    "OneHotIoU": {"num_classes": 3, "target_class_ids": [1]},
    "OneHotMeanIoU": {"num_classes": 3},
}
MORE = {
    "AUC": [
        {"curve": "PR", "num_thresholds": 10},
        {"curve": "PRGAIN", "summation_method": "majoring"},
        {"multi_label": True, "label_weights": [0.5, 0.25, 1.0]},
        {"thresholds": [0.1, 0.35, 0.7], "from_logits": True, "summation_method": "minoring"},
    ],
    "BinaryAccuracy": [{"threshold": 0.3}],
    "BinaryCrossentropy": [{"label_smoothing": 0.1}],
    "CategoricalCrossentropy": [{"label_smoothing": 0.1}],
    "F1Score": [{"average": "macro"}, {"average": "micro"}, {"average": "weighted", "threshold": 0.4}],
    "FBetaScore": [{"beta": 2.0, "average": "weighted"}],
    "Precision": [{"top_k": 2}, {"thresholds": [0.2, 0.4], "class_id": 1}],
    "Recall": [{"top_k": 2, "class_id": 0}, {"thresholds": [0.0, 0.5, 1.0]}],
    "R2Score": [{"class_aggregation": "variance_weighted_average"}, {"class_aggregation": None}],
    "SparseTopKCategoricalAccuracy": [{"k": 2}],
    "TopKCategoricalAccuracy": [{"k": 2}],
    "TruePositives": [{"thresholds": [0.2, 0.6]}],
}
CLASSES = [name for name, item in builtin_names("metrics").items() if isinstance(item, type)]
CASES = [
    (name, {**NEEDED.get(name, {}), **more})
    for name in CLASSES
    if name != "MeanMetricWrapper"
    for more in [{}, *MORE.get(name, [])]
]
each_case = pytest.mark.parametrize(("name", "arguments"), CASES, ids=str)


def make(class_name, arguments=None, **more):
    return getattr(metrics, class_name)(**(arguments or {}), **more)


def batch(name, rows=5):
    """Examples of three classes: their distributions suit every metric but the sparse ones."""
    classes = np.random.randint(0, 3, rows)
    y_pred = np.random.dirichlet(np.ones(3), rows).astype("float32")
    if name in ("Mean", "Sum"):
        return (y_pred[:, 0],)
    if name == "Accuracy":
        return classes, np.random.randint(0, 3, rows)
    return classes if "Sparse" in name else np.eye(3, dtype="float32")[classes], y_pred


def joined(*batches):
    return tuple(np.concatenate(parts) for parts in zip(*batches, strict=True))


@each_case
def test_batches_add_up(name, arguments):
    first, second = batch(name), batch(name, 3)
    metric = make(name, arguments)
    metric.update_state(*first)
    metric.update_state(*second)
    np.testing.assert_allclose(metric.result(), make(name, arguments)(*joined(first, second)), rtol=1e-5)


@each_case
def test_asking_changes_nothing_and_resetting_all(name, arguments):
    metric, data = make(name, arguments), batch(name)
    if metric.built:
        assert not np.any(metric.result())
    else:
        with pytest.raises(ValueError, match=f"{metric.name}' has no result yet(?s:.*)call update_state"):
            metric.result()
    first = metric(*data)
    np.testing.assert_array_equal(metric.result(), first)
    metric.reset_state()
    assert not any(v.numpy().any() for v in metric.variables)
    np.testing.assert_array_equal(metric(*data), first)


@each_case
def test_weights_count_examples(name, arguments):
    data = batch(name)
    twice = joined(data, tuple(part[:2] for part in data))
    chosen = tuple(part[[0, 3]] for part in data)
    for weights, same in (([2, 2, 1, 1, 1], twice), ([1, 0, 0, 1, 0], chosen)):
        expected = make(name, arguments)(*same)
        for shape in [(5,), (5, 1)]:
            each = np.reshape(weights, shape)
            found = make(name, arguments)(*data, sample_weight=np.repeat(each, 3) if name == "BinaryIoU" else each)
            np.testing.assert_allclose(found, expected, rtol=1e-5)


@each_case
def test_a_padded_batch_is_worth_its_real_rows(name, arguments):
    metric, data = make(name, arguments), batch(name)
    if not metric.row_independent(2):
        pytest.skip("short batches have a program of their own")
    metric.update_state(*data)
    metric.reset_state()
    binding = Binding(State(metrics=tuple(metric.variables)), owners=[])
    update = jax.jit(lambda state, rows: purify(metric.update_state, binding)(state, (), *data, rows=rows)[1])
    for count in (1, 3, 5):
        empty = tuple(np.zeros(v.shape, v.dtype) for v in metric.variables)
        state = update(State(metrics=empty), Rows(np.arange(5) < count, count))
        binding.scatter(state)
        expected = make(name, arguments)(*(part[:count] for part in data))
        np.testing.assert_allclose(metric.result(), expected, rtol=1e-6)


@each_case
def test_configs_make_equal_metrics(name, arguments):
    metric, data = make(name, arguments, name="mine"), batch(name)
    config = json.loads(json.dumps(metric.get_config()))
    record = json.loads(json.dumps(metrics.serialize(metric)))
    expected = metric(*data)
    for again in (type(metric).from_config(config), metrics.deserialize(record)):
        assert again.get_config() == config
        np.testing.assert_array_equal(again(*data), expected)


@each_case
def test_sums_have_the_dtype_that_was_asked_for(name, arguments):
    metric = make(name, arguments, dtype="float16")
    metric.update_state(*batch(name))
    assert metric.dtype == "float16"
    # What counts predictions does so in floatx: half precision cannot count beyond 2048.
    counts = isinstance(metric, CountMetric | metrics.R2Score)
    assert {v.dtype for v in metric.variables} == {"float32" if counts else "float16"}


@each_case
def test_names_mean_the_class(name, arguments):
    metric = make(name, arguments)
    assert metrics.get(metric) is metric
    if name not in NEEDED:
        snake = to_snake_case(name)
        assert type(metrics.get(name)) is type(metrics.get(type(metric))) is type(metrics.get(snake)) is type(metric)
    # One target of -1 tells how those of all rows are meant.
    assert metric.row_independent(2) == (name not in ("Hinge", "SquaredHinge"))
