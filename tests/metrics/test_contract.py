"""What every metric does, whatever it measures: new ones are found and checked by being registered."""

import json

import jax
import numpy as np
import pytest

from lamina import metrics
from lamina.core.frame import Rows
from lamina.core.functional import purify
from lamina.core.serialization import builtin_names
from lamina.core.state import Binding, State

MORE = {
    "BinaryAccuracy": [{"threshold": 0.3}],
    "BinaryCrossentropy": [{"label_smoothing": 0.1}],
    "CategoricalCrossentropy": [{"label_smoothing": 0.1}],
}
CLASSES = [name for name, item in builtin_names("metrics").items() if isinstance(item, type)]
CASES = [(name, more) for name in CLASSES if name != "MeanMetricWrapper" for more in [{}, *MORE.get(name, [])]]
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
    assert float(metric.result()) == 0
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
            found = make(name, arguments)(*data, sample_weight=np.reshape(weights, shape))
            np.testing.assert_allclose(found, expected, rtol=1e-5)


@each_case
def test_a_padded_batch_is_worth_its_real_rows(name, arguments):
    metric, data = make(name, arguments), batch(name)
    binding = Binding(State(metrics=tuple(metric.variables)), owners=[])
    update = jax.jit(lambda state, rows: purify(metric.update_state, binding)(state, (), *data, rows=rows)[1])
    for count in (1, 3, 5):
        state = update(State(metrics=(0.0,) * len(metric.variables)), Rows(np.arange(5) < count, count))
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
    assert {v.dtype for v in metric.variables} == {str(metric.result().dtype)} == {"float16"}


@each_case
def test_names_mean_the_class(name, arguments):
    metric = make(name, arguments)
    assert type(metrics.get(name)) is type(metrics.get(type(metric))) is type(metric)
    assert metrics.get(metric) is metric
    if not arguments:
        assert metric.row_independent
