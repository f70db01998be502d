"""What every loss does, whatever it measures: new ones are found and checked by being registered."""

import json

import jax
import numpy as np
import pytest

from lamina import losses
from lamina.core.frame import Rows
from lamina.core.functional import purify
from lamina.core.serialization import builtin_names
from lamina.core.state import Binding, State

# Configurations that are tested beside the defaults.
MORE = {
    "Huber": [{"delta": 0.5}],
    "BinaryCrossentropy": [{"label_smoothing": 0.1}],
    "BinaryFocalCrossentropy": [{"gamma": 1.5, "apply_class_balancing": True, "alpha": 0.4}],
    "CategoricalCrossentropy": [{"label_smoothing": 0.1}],
    "CategoricalFocalCrossentropy": [{"gamma": 1.0, "alpha": [0.2, 0.5, 0.7]}],
    "CategoricalGeneralizedCrossEntropy": [{"q": 0.9}],
    "SparseCategoricalCrossentropy": [{"ignore_class": 1}],
    "Dice": [{"axis": -1}],
    "Tversky": [{"axis": -1, "alpha": 0.3, "beta": 0.6}],
}
CLASSES = [name for name, item in builtin_names("losses").items() if isinstance(item, type)]
CASES = [(name, more) for name in CLASSES if name != "LossFunctionWrapper" for more in [{}, *MORE.get(name, [])]]
each_case = pytest.mark.parametrize(("name", "arguments"), CASES, ids=str)


def make(class_name, arguments=None, **more):
    return getattr(losses, class_name)(**(arguments or {}), **more)


def batch(name):
    """Five examples of three classes: their distributions suit every loss but those of integers."""
    classes = np.array([0, 2, 1, 2, 2])
    y_pred = np.random.dirichlet(np.ones(3), 5).astype("float32")
    if name == "CTC":
        return np.array([[1, 2], [2, 2], [1, 0], [0, 0], [2, 1]]), np.random.normal(size=(5, 6, 3)).astype("float32")
    if name == "Circle":
        return classes, y_pred / np.linalg.norm(y_pred, axis=-1, keepdims=True)
    integers = "Sparse" in name or "Generalized" in name
    return classes if integers else np.eye(3, dtype="float32")[classes], y_pred


def apart(name, arguments):
    return make(name, arguments).row_independent(2)


# What compares examples, or takes the whole batch for one, has no loss for each of them.
each_apart = pytest.mark.parametrize(("name", "arguments"), [case for case in CASES if apart(*case)], ids=str)


def test_losses_that_mix_rows_say_so():
    mixed = {str(case) for case in CASES if not apart(*case)}
    names = ["Circle", "Dice", "Hinge", "SquaredHinge", "Tversky"]
    assert mixed == {str((name, {})) for name in names}
    assert not losses.CosineSimilarity(axis=0).row_independent(2)
    assert not losses.Dice(axis=(-2, -1)).row_independent(2)
    assert losses.Dice(axis=(-2, -1)).row_independent(3)
    assert not losses.MeanSquaredError().row_independent(1)
    assert losses.LossFunctionWrapper(losses.huber).row_independent(2)
    assert not losses.LossFunctionWrapper(lambda y_true, y_pred: y_pred).row_independent(2)
    assert not losses.LossFunctionWrapper(losses.dice).row_independent(2)


@each_case
def test_reductions_agree(name, arguments):
    data = batch(name)
    each = np.asarray(make(name, arguments, reduction="none")(*data))
    assert each.shape == (5,) if apart(name, arguments) or "inge" in name else each.shape in [(), (5,)]
    assert (each >= (-1 if name == "CosineSimilarity" else 0)).all()
    counted = (each > 0).sum() if name == "Circle" else max(each.size - ("ignore_class" in arguments), 1)
    np.testing.assert_allclose(make(name, arguments, reduction="sum")(*data), each.sum(), rtol=1e-6)
    for reduction in ("sum_over_batch_size", "mean", "auto", "mean_with_sample_weight"):
        np.testing.assert_allclose(make(name, arguments, reduction=reduction)(*data), each.sum() / counted, rtol=1e-6)


@each_apart
def test_weights_of_zero_leave_examples_out(name, arguments):
    y_true, y_pred = batch(name)
    weights = [1, 1, 0, 1, 0]
    loss = make(name, arguments, reduction="mean_with_sample_weight")
    chosen = np.array(weights, bool)
    expected = make(name, arguments)(y_true[chosen], y_pred[chosen])
    np.testing.assert_allclose(loss(y_true, y_pred, weights), expected, rtol=1e-6)
    assert float(loss(y_true, y_pred, np.zeros(5))) == 0


@each_apart
def test_a_padded_batch_is_worth_its_real_rows(name, arguments):
    y_true, y_pred = batch(name)
    padded = purify(make(name, arguments), Binding(State(), owners=[]))
    for count in (1, 3, 5):
        found = padded(State(), (), y_true, y_pred, rows=Rows(np.arange(5) < count, count))[0]
        np.testing.assert_allclose(found, make(name, arguments)(y_true[:count], y_pred[:count]), rtol=1e-6)


@each_apart
def test_gradients_of_padded_rows_are_zero(name, arguments):
    y_true, y_pred = batch(name)
    padded = purify(make(name, arguments), Binding(State(), owners=[]))
    gradient = jax.grad(lambda p: padded(State(), (), y_true, p, rows=Rows(np.arange(5) < 3, 3))[0])(y_pred)
    assert not np.asarray(gradient[3:]).any()
    expected = jax.grad(lambda p: make(name, arguments)(y_true[:3], p))(y_pred[:3])
    np.testing.assert_allclose(gradient[:3], expected, rtol=1e-5, atol=1e-7)


@each_case
def test_gradients_are_slopes(name, arguments):
    y_true, y_pred = batch(name)
    loss = make(name, arguments)
    gradient = jax.grad(lambda p: loss(y_true, p))(y_pred)
    direction = np.random.normal(size=y_pred.shape).astype("float32")
    ahead, behind = (float(loss(y_true, y_pred + way * 1e-3 * direction)) for way in (1, -1))
    np.testing.assert_allclose(np.vdot(gradient, direction), (ahead - behind) / 2e-3, rtol=0.02, atol=5e-3)


@each_case
def test_compiled_values_are_the_same(name, arguments):
    data, loss = batch(name), make(name, arguments)
    np.testing.assert_allclose(jax.jit(loss)(*data), loss(*data), rtol=1e-6)


@each_case
def test_configs_make_equal_losses(name, arguments):
    loss = make(name, arguments, reduction="sum", name="mine")
    config = json.loads(json.dumps(loss.get_config()))
    record = json.loads(json.dumps(losses.serialize(loss)))
    assert config["name"] == "mine"
    data = batch(name)
    for again in (type(loss).from_config(config), losses.deserialize(record)):
        assert again.get_config() == config
        np.testing.assert_array_equal(again(*data), loss(*data))


@each_case
def test_lists_of_numbers_are_arrays(name, arguments):
    y_true, y_pred = batch(name)
    loss = make(name, arguments)
    np.testing.assert_array_equal(loss(y_true.tolist(), y_pred.tolist()), loss(y_true, y_pred))


@each_case
def test_the_function_has_the_name_of_the_class(name, arguments):
    loss = make(name, arguments)
    y_true, y_pred = batch(name)
    function = losses.get(loss.fn.__name__)
    each = make(name, arguments, reduction=None)(y_true, y_pred)
    np.testing.assert_allclose(function(y_true, y_pred, **arguments), each, rtol=1e-6)
    assert type(losses.get(name)) is type(loss)
    assert type(losses.get(type(loss))) is type(loss)


@pytest.mark.parametrize("name", sorted({name for name, _ in CASES}))
def test_misspelt_reductions(name):
    with pytest.raises(ValueError, match=rf"{name}: reduction must be one of.*'summ'(?s:.*)did you mean sum"):
        make(name, reduction="summ")
