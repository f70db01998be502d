"""Losses against Keras's: values, gradients and configs."""

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lamina
from lamina import losses
from lamina.core.frame import Rows
from lamina.core.functional import purify
from lamina.core.masking import set_mask
from lamina.core.serialization import builtin_names
from lamina.core.state import Binding, State

keras = pytest.importorskip("keras")
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras's variables

CASES = [
    ("MeanSquaredError", {}),
    ("MeanAbsoluteError", {}),
    ("Huber", {}),
    ("Huber", {"delta": 0.3}),
    ("BinaryCrossentropy", {}),
    ("BinaryCrossentropy", {"from_logits": True}),
    ("BinaryCrossentropy", {"label_smoothing": 0.2}),
    ("CategoricalCrossentropy", {}),
    ("CategoricalCrossentropy", {"from_logits": True}),
    ("CategoricalCrossentropy", {"label_smoothing": 0.1, "from_logits": True}),
    ("SparseCategoricalCrossentropy", {}),
    ("SparseCategoricalCrossentropy", {"from_logits": True}),
    ("SparseCategoricalCrossentropy", {"ignore_class": 1}),
    ("SparseCategoricalCrossentropy", {"ignore_class": -1, "from_logits": True}),
    ("MeanAbsolutePercentageError", {}),
    ("MeanSquaredLogarithmicError", {}),
    ("LogCosh", {}),
    ("Poisson", {}),
    ("KLDivergence", {}),
    ("CosineSimilarity", {}),
    ("CosineSimilarity", {"axis": 1}),
    ("Hinge", {}),
    ("SquaredHinge", {}),
    ("CategoricalHinge", {}),
    ("BinaryFocalCrossentropy", {}),
    ("BinaryFocalCrossentropy", {"apply_class_balancing": True, "alpha": 0.4, "gamma": 1.5, "label_smoothing": 0.1}),
    ("BinaryFocalCrossentropy", {"from_logits": True}),
    ("CategoricalFocalCrossentropy", {}),
    ("CategoricalFocalCrossentropy", {"alpha": [0.1, 0.2, 0.3, 0.4], "gamma": 1.5, "label_smoothing": 0.1}),
    ("CategoricalFocalCrossentropy", {"from_logits": True}),
    ("CategoricalGeneralizedCrossEntropy", {}),
    ("CategoricalGeneralizedCrossEntropy", {"q": 0.8}),
    ("Circle", {}),
    ("Circle", {"gamma": 5.0, "margin": 0.2, "remove_diagonal": False}),
    ("CTC", {}),
    ("Dice", {}),
    ("Dice", {"axis": -1}),
    ("Tversky", {}),
    ("Tversky", {"alpha": 0.2, "beta": 0.7, "axis": 1}),
]
REDUCTIONS = ["sum_over_batch_size", "mean", "mean_with_sample_weight", "sum", "none", None]
each_case = pytest.mark.parametrize(("name", "arguments"), CASES, ids=str)


def pair(name, arguments):
    return getattr(losses, name)(**arguments), getattr(keras.losses, name)(**arguments)


INTEGERS = ("SparseCategoricalCrossentropy", "CategoricalGeneralizedCrossEntropy")
BINARY = ("BinaryCrossentropy", "BinaryFocalCrossentropy", "Dice", "Tversky", "Hinge", "SquaredHinge")
# Losses whose inputs have shapes of their own.
SHAPED = ("Circle", "CTC")


def batch(name, arguments, shape=(6, 4)):
    """Targets and predictions that suit a loss."""
    scores = np.random.normal(size=shape).astype("float32")
    if name == "CTC":
        lengths = np.random.randint(0, 4, (shape[0], 1))
        labels = np.random.randint(1, 5, (shape[0], 3))
        return np.where(np.arange(3) < lengths, labels, 0), np.random.normal(size=(shape[0], 8, 5)).astype("float32")
    if name == "Circle":
        return np.arange(shape[0]) % 3, scores / np.linalg.norm(scores, axis=-1, keepdims=True)
    positive = name in ("MeanSquaredLogarithmicError", "Poisson", "KLDivergence")
    if name not in (*INTEGERS, *BINARY) and "Categorical" not in name:
        targets = np.random.normal(size=shape).astype("float32")
        return (abs(targets), abs(scores)) if positive else (targets, scores)
    spread = 1 / (1 + np.exp(-scores))
    if name not in BINARY:
        spread = spread / spread.sum(-1, keepdims=True)
    classes = np.random.randint(arguments.get("ignore_class") or 0, shape[-1], shape[:-1])
    if name in INTEGERS:
        targets = classes
    elif name in BINARY:
        targets = np.random.randint(0, 2, shape).astype("float32")
    else:
        targets = np.eye(shape[-1], dtype="float32")[classes]
    return targets, scores if arguments.get("from_logits") or "inge" in name else spread


def assert_equal(found, expected, **tolerance):
    found, expected = np.asarray(found, "float32"), np.asarray(keras.ops.convert_to_numpy(expected), "float32")
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, **{"rtol": 1e-6, "atol": 1e-7, **tolerance})


def weights_of(rows):
    return [None, np.random.random(rows).astype("float32"), np.random.random((rows, 1)), np.arange(rows) % 2]


def test_every_loss_is_compared():
    classes = {name for name, item in builtin_names("losses").items() if isinstance(item, type)}
    assert classes - {"LossFunctionWrapper"} == {name for name, _ in CASES}


@pytest.mark.parametrize("reduction", REDUCTIONS)
@each_case
def test_values_are_kerass(name, arguments, reduction):
    own, theirs = pair(name, {**arguments, "reduction": reduction})
    y_true, y_pred = batch(name, arguments)
    for weight in weights_of(6):
        assert_equal(own(y_true, y_pred, weight), theirs(y_true, y_pred, weight))


@pytest.mark.parametrize("shape", [(6, 1), (5, 3, 4)])
@each_case
def test_other_ranks(name, arguments, shape):
    if name in SHAPED or (shape[-1] == 1 and ("Categorical" in name or arguments.get("axis") == 1)):
        pytest.skip("not a shape for this loss")
    own, theirs = pair(name, arguments)
    y_true, y_pred = batch(name, arguments, shape)
    pairs = [(y_true, y_pred)]
    if shape[-1] == 1:
        pairs += [(y_true[:, 0], y_pred), (y_true, y_pred[:, 0])]
        pairs += [] if name in BINARY else [(y_true[:, 0], y_pred[:, 0])]
    elif name.startswith("Sparse"):  # the generalized one cannot do that in Keras
        pairs += [(y_true[..., None], y_pred)]
    for one in pairs:
        assert_equal(own(*one), theirs(*one))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
@each_case
def test_targets_of_all_dtypes(name, arguments, dtype):
    own, theirs = pair(name, arguments)
    y_true, y_pred = batch(name, arguments)
    y_pred = jnp.asarray(y_pred, dtype) if dtype != "float64" else y_pred.astype(dtype)
    kinds = ["int32", "int64", "float32", *([] if arguments.get("ignore_class") == -1 else ["uint8"])]
    for kind in kinds + (["bool"] if name in ("BinaryCrossentropy", "MeanSquaredError") else []):
        assert_equal(own(y_true.astype(kind), y_pred), theirs(y_true.astype(kind), y_pred))


@each_case
def test_half_precision_losses(name, arguments):
    own, theirs = pair(name, {**arguments, "dtype": "bfloat16"})
    y_true, y_pred = batch(name, arguments)
    found = own(y_true, y_pred)
    assert found.dtype == "bfloat16"
    assert_equal(found, theirs(y_true, y_pred), rtol=0.02)


@each_case
def test_functions_are_kerass(name, arguments):
    own, theirs = pair(name, arguments)
    y_true, y_pred = batch(name, arguments)
    other = {key: value for key, value in theirs._fn_kwargs.items() if key != "ignore_class"}
    assert_equal(own.fn(y_true, y_pred, **other), theirs.fn(y_true, y_pred, **other))


@each_case
def test_gradients_are_kerass(name, arguments):
    own, theirs = pair(name, arguments)
    y_true, y_pred = batch(name, arguments)
    found = jax.grad(lambda p: own(y_true, p))(y_pred)
    assert np.isfinite(found).all()
    assert_equal(found, jax.grad(lambda p: theirs(y_true, p))(y_pred), rtol=1e-5)


@each_case
def test_gradients_at_the_ends_are_finite(name, arguments):
    if name in (*SHAPED, "CategoricalGeneralizedCrossEntropy"):
        pytest.skip("its logits have no end, or its slope is infinite there")
    own, _ = pair(name, arguments)
    y_true, _ = batch(name, arguments, (4, 4))
    ends = np.where(np.eye(4, dtype="float32") > 0, 50.0, -50.0) if arguments.get("from_logits") else np.eye(4)
    assert np.isfinite(jax.grad(lambda p: own(y_true, p))(ends.astype("float32"))).all()


@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "mean_with_sample_weight", "sum"])
@each_case
def test_padded_rows_do_not_count(name, arguments, reduction):
    own, theirs = pair(name, {**arguments, "reduction": reduction})
    y_true, y_pred = batch(name, arguments)
    if not own.row_independent(y_pred.ndim):
        pytest.skip("short batches have a program of their own")
    rows = Rows(np.arange(6) < 4, 4)
    for weight in weights_of(6):
        padded = purify(own, Binding(State(), owners=[]))(State(), (), y_true, y_pred, weight, rows=rows)[0]
        assert_equal(padded, theirs(y_true[:4], y_pred[:4], None if weight is None else weight[:4]))


@each_case
def test_configs_travel_both_ways(name, arguments):
    own, theirs = pair(name, {**arguments, "reduction": "sum", "name": "mine"})
    own_config, their_config = json.loads(json.dumps(own.get_config())), theirs.get_config()
    # Keras leaves some arguments out; lamina tells them where they are not the default.
    assert their_config == {key: own_config[key] for key in their_config}
    assert set(own_config) - set(their_config) <= (set(arguments) & {"delta", "axis"})
    y_true, y_pred = batch(name, arguments)
    for again in (type(own).from_config(own_config), losses.deserialize(losses.serialize(own))):
        assert_equal(again(y_true, y_pred), theirs(y_true, y_pred))
    records = [] if "Generalized" in name else [losses.serialize(own)]  # Keras has forgotten to register that
    for again in (type(theirs).from_config(own_config), *map(keras.losses.deserialize, records)):
        assert_equal(own(y_true, y_pred), again(y_true, y_pred))
    expected = type(theirs).from_config(their_config)(y_true, y_pred)
    for again in (type(own).from_config(their_config), losses.deserialize(keras.losses.serialize(theirs))):
        assert_equal(again(y_true, y_pred), expected)


NAMES = sorted(
    name
    for name, item in keras.src.losses.ALL_OBJECTS_DICT.items()
    if item.__name__ in builtin_names("losses") and name != "LossFunctionWrapper"
)


@pytest.mark.parametrize("name", NAMES)
def test_every_name_of_keras_means_the_same(name):
    own, theirs = losses.get(name), keras.losses.get(name)
    assert getattr(own, "__name__", type(own).__name__) == getattr(theirs, "__name__", type(theirs).__name__)


def test_functions_in_wrappers_travel():
    own, theirs = (
        module.MeanSquaredError().__class__.__base__(module.huber, name="mine", delta=0.5)
        for module in (losses, keras.losses)
    )
    y_true, y_pred = batch("Huber", {})
    assert_equal(own(y_true, y_pred), theirs(y_true, y_pred))
    assert_equal(type(own).from_config(own.get_config())(y_true, y_pred), theirs(y_true, y_pred))
    assert_equal(type(own).from_config(theirs.get_config())(y_true, y_pred), theirs(y_true, y_pred))


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("weight", [None, (4, 3), (4, 1)], ids=str)
@pytest.mark.parametrize("name", ["MeanSquaredError", "SparseCategoricalCrossentropy", "LogCosh"])
def test_masks_of_predictions_are_honoured(name, weight, reduction):
    arguments = {"reduction": reduction, **({"ignore_class": 1} if name.startswith("Sparse") else {})}
    own, theirs = pair(name, arguments)
    y_true, y_pred = batch(name, {}, (4, 3, 5))
    mask = np.random.random((4, 3)) < 0.6
    weight = None if weight is None else np.random.random(weight).astype("float32")
    for hidden in (mask, np.zeros_like(mask)):
        mine, other = jnp.array(y_pred), jnp.array(y_pred)
        set_mask(mine, jnp.array(hidden))
        keras.src.backend.set_keras_mask(other, jnp.array(hidden))
        assert_equal(own(y_true, mine, weight), theirs(y_true, other, weight))


@pytest.mark.parametrize("rows", [0, 1])
@pytest.mark.parametrize("name", ["MeanSquaredError", "BinaryCrossentropy", "CategoricalCrossentropy", "Hinge", "Dice"])
def test_batches_of_hardly_anything(name, rows):
    own, theirs = pair(name, {})
    y_true, y_pred = batch(name, {}, (rows, 4))
    assert_equal(own(y_true, y_pred), theirs(y_true, y_pred))


@pytest.mark.parametrize("name", ["mean_squared_error", "hinge", "categorical_crossentropy", "log_cosh"])
def test_functions_draw_graphs(name):
    own, theirs = lamina.Input((3,)), keras.Input((3,))
    assert getattr(losses, name)(own, own).shape == (None,)
    if name != "hinge":  # Keras's fails there
        assert getattr(keras.losses, name)(theirs, theirs).shape == (None,)


def test_names_of_keras_2():
    for alias, function in {
        "MSE": "mean_squared_error",
        "mape": "mean_absolute_percentage_error",
        "KLD": "kl_divergence",
        "kullback_leibler_divergence": "kl_divergence",
        "logcosh": "log_cosh",
        "cosine_proximity": "cosine_similarity",
    }.items():
        assert losses.get(alias) is getattr(losses, alias) is getattr(losses, function)


@pytest.mark.parametrize("axis", [1, -2])
@pytest.mark.parametrize("name", ["CategoricalCrossentropy", "CategoricalFocalCrossentropy"])
def test_classes_on_another_axis(name, axis):
    own, theirs = pair(name, {"axis": axis, "label_smoothing": 0.1})
    y_true, y_pred = (np.moveaxis(a, -1, 1) for a in batch(name, {}, (4, 3, 5)))
    assert_equal(own(y_true, y_pred), theirs(y_true, y_pred))
