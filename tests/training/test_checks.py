import warnings

import numpy as np
import pytest

import lamina
from lamina.core.errors import DataError, ShapeError
from lamina.data.arrays import DataWarning


class Told(lamina.callbacks.Callback):
    """Counts the calls that a faulty call of `fit` must not make."""

    calls = 0

    def set_model(self, model):
        self.calls += 1

    on_train_begin = on_epoch_begin = lambda self, *args, logs=None: setattr(self, "calls", self.calls + 1)


def assert_refused(model, x, y, error, parts, hint, **arguments):
    before, told = model.get_weights(), Told()
    with pytest.raises(error) as caught:
        model.fit(x, y, verbose=0, callbacks=[told], **arguments)
    fact, _, given_hint = str(caught.value).partition("\n\nhint: ")
    for part in parts:
        assert part in fact
    assert (hint or "") in given_hint
    assert told.calls == 0
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
    assert isinstance(caught.value, ValueError)


X = np.random.default_rng(1).normal(size=(12, 3)).astype("float32")
CLASSES = np.arange(12) % 3
ONE_HOT = np.eye(3)[CLASSES]
VALUES = X[:, :1]


@pytest.mark.parametrize(
    ("x", "error", "parts", "hint"),
    [
        (X[:, :2], ShapeError, ["Sequential '", "inputs of shape (None, 3)", "float32[12, 2]"], "compare the shape"),
        (X[:, None], ShapeError, ["(None, 3)", "float32[12, 1, 3]"], "Flatten"),
        (X[:, 0], ShapeError, ["(None, 3)", "float32[12]"], "a single row is x[None, :]"),
        ([X, X], ShapeError, ["expects 1 input", "got float32[12, 3], float32[12, 3]"], None),
        (X.astype(str), DataError, ["x holds values of dtype <U32, which are no real numbers"], "text into numbers"),
        ([["a", "b", "c"]] * 12, DataError, ["x holds values of dtype <U1"], "text into numbers"),
        (np.array([[1, "a", 2]] * 12, object), DataError, ["x holds values that are no numbers, such as 'a'"], "text"),
        (X.astype(complex), DataError, ["dtype complex128"], "real and imaginary"),
        (np.zeros((12, 3), "datetime64[D]"), DataError, ["dtype datetime64[D]"], "text"),
        ([[1.0, 2.0, 3.0]] * 11 + [[1.0]], DataError, ["x is a list whose items differ in length"], "pad the items"),
        (X[:0], DataError, ["The data set is empty: there are no rows in x."], None),
        (3.0, DataError, ["x is a single number, not an array of examples"], None),
        (None, DataError, ["There are no data: x is None."], None),
        ((X, CLASSES), DataError, ["x is a tuple of 2"], "fit(x, y)"),
    ],
)
def test_inputs(make_classifier, x, error, parts, hint):
    y = None if isinstance(x, tuple) else CLASSES
    assert_refused(make_classifier(), x, y, error, parts, hint)


@pytest.mark.parametrize(
    ("y", "parts", "hint"),
    [
        (CLASSES[:9], ["The numbers of rows differ: x has 12, y has 9."], "each row of x needs its own target"),
        (CLASSES + 1, ["y holds the class 3", "3 outputs, for the classes 0 to 2"], "number the classes from 0"),
        (CLASSES - 1, ["y holds the class -1", "the classes 0 to 2"], "number the classes from 0"),
        (CLASSES + 0.5, ["no integers", "sparse_categorical_crossentropy", "0 to 2"], "regression loss"),
        (ONE_HOT, ["y is float64[12, 3]", "one integer per example"], "categorical_crossentropy"),
        (np.zeros((12, 2), int), ["y is int64[12, 2]"], "without the last axis"),
        (np.array(list("abc") * 4), ["y holds values of dtype <U1"], "text into numbers"),
        (None, ["y is missing, but there is a loss for it"], "pass targets, as y=."),
        ([CLASSES, CLASSES], ["y has 2 items, but the model has 1 output."], None),
        ({"main": CLASSES}, ["y names the output 'main'", "the model's outputs are"], "choose from"),
    ],
)
def test_classes(make_classifier, y, parts, hint):
    assert_refused(make_classifier(), X, y, DataError, parts, hint)


@pytest.mark.parametrize(
    ("y", "parts", "hint"),
    [
        (CLASSES, ["y is int64[12]", "one-hot rows of the output's shape [None, 3]"], "to_categorical(y, 3)"),
        (CLASSES[:, None], ["y is int64[12, 1]", "one-hot"], "sparse_categorical_crossentropy"),
        (np.eye(5)[CLASSES], ["y is float64[12, 5]", "[None, 3]"], "units of the last layer equal"),
    ],
)
def test_one_hot_rows(make_classifier, y, parts, hint):
    assert_refused(make_classifier("categorical_crossentropy"), X, y, DataError, parts, hint)


@pytest.mark.parametrize(
    ("y", "parts", "hint"),
    [
        (CLASSES, ["from 0 to 2", "binary_crossentropy expects 0 for no and 1 for yes"], "more than two classes"),
        (2 * (CLASSES > 0) - 1, ["from -1 to 1"], "turn -1 into 0"),
        (ONE_HOT, ["y is float64[12, 3]", "[None, 1]"], "one unit per column"),
    ],
)
def test_yes_or_no(make_model, y, parts, hint):
    model = make_model(activation="sigmoid", loss="binary_crossentropy")
    assert_refused(model, X, y, DataError, parts, hint)


@pytest.mark.parametrize("loss", ["mse", "mae", "huber"])
def test_values(make_model, loss):
    parts = ["y is float64[12, 3]", "the model's output is [None, 1]", "compares them entry by entry"]
    assert_refused(make_model(loss=loss), X, ONE_HOT, DataError, parts, "one unit per column")


def test_targets_may_lack_the_last_axis(make_model):
    assert make_model().fit(X, VALUES[:, 0], verbose=0).history["loss"][0] > 0


@pytest.mark.parametrize(
    ("arguments", "parts", "hint"),
    [
        ({"sample_weight": np.ones(5)}, ["x has 12, y has 12, sample_weight has 5"], "its own target and weight"),
        ({"sample_weight": np.ones((12, 3))}, ["sample_weight is float64[12, 3]", "shape [rows]"], "loss_weights"),
        ({"sample_weight": ["a"] * 12}, ["sample_weight holds values of dtype <U1"], "text"),
        ({"class_weight": {"a": 2}}, ["class_weight maps integer classes", "class_weight={'a': 2}"], "{0: 1.0"),
        ({"class_weight": {0: None}}, ["class_weight={0: None}"], "{0: 1.0"),
        ({"class_weight": 3}, ["class_weight=3"], "{0: 1.0"),
        ({"validation_data": X}, ["validation_data is a ndarray, but (x, y)"], "validation_data=(x_valid, y_valid)"),
        ({"validation_data": (X, CLASSES, X, X)}, ["validation_data is 4 parts"], "pass a tuple"),
        (
            {"validation_data": (X, CLASSES[:5])},
            ["x of validation_data has 12, y of validation_data has 5"],
            "each row",
        ),
        ({"validation_data": (X, CLASSES + 7)}, ["y of validation_data holds the class 9", "0 to 2"], "number the"),
        ({"validation_data": (X[:, :2], CLASSES)}, ["(None, 3)", "float32[12, 2]"], "compare the shape"),
        ({"validation_data": (X,)}, ["y of validation_data is missing"], "pass targets"),
        ({"validation_data": (X[:0], CLASSES[:0])}, ["no rows in x of validation_data and y of valid"], None),
    ],
)
def test_weights_and_validation_data(make_classifier, arguments, parts, hint):
    assert_refused(make_classifier(), X, CLASSES, ValueError, parts, hint, **arguments)


def test_a_split_needs_rows_for_both_parts(make_classifier):
    parts = ["1 rows cannot be split with validation_split=0.5", "would be empty"]
    assert_refused(make_classifier(), X[:1], CLASSES[:1], DataError, parts, None, validation_split=0.5)


@pytest.mark.parametrize("method", ["evaluate", "train_on_batch", "test_on_batch"])
def test_other_methods_check_too(make_classifier, method):
    call = getattr(make_classifier(), method)
    with pytest.raises(DataError, match="y holds the class 3, but the model has 3 outputs"):
        call(X, CLASSES + 1)
    with pytest.raises(DataError, match="x has 12, y has 5"):
        call(X, CLASSES[:5])
    with pytest.raises(ShapeError, match=r"inputs of shape \(None, 3\), but got float32\[12, 2\]"):
        call(X[:, :2], CLASSES)


def test_predict_checks_too(make_model):
    model = make_model()
    with pytest.raises(ShapeError, match=r"but got float32\[12, 2\]"):
        model.predict(X[:, :2], verbose=0)
    with pytest.raises(DataError, match="x is empty, so there is nothing to predict"):
        model.predict(X[:0], verbose=0)
    with pytest.raises(DataError, match="dtype <U32"):
        model.predict(X.astype(str), verbose=0)


def test_tracebacks_end_in_the_users_line(make_classifier):
    with pytest.raises(DataError) as caught:
        make_classifier().fit(X, CLASSES + 1)
    files = [entry.path.name for entry in caught.traceback]
    assert files == ["test_checks.py", "tracebacks.py"]  # the last is the door through which errors leave


def test_custom_losses_take_what_they_like(make_model):
    model = make_model(loss=lambda y, p: lamina.ops.mean(p, axis=-1) * y[:, 0])
    assert np.isfinite(model.fit(X, np.full((12, 2), 7), verbose=0).history["loss"]).all()


# -- warnings ----------------------------------------------------------------------------------------------------------


def messages_of(call):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    assert all(issubclass(warning.category, DataWarning) for warning in caught)
    assert all(warning.filename == __file__ for warning in caught)
    return [str(warning.message) for warning in caught]


def test_nan_in_the_inputs_is_told_once_and_where(make_model):
    x = X.copy()
    x[4, 1] = x[7, 1] = np.nan
    x[5, 2] = np.inf
    found = messages_of(lambda: make_model().fit(x, VALUES, epochs=3, verbose=0))
    assert len(found) == 1
    assert "x holds NaN or infinite values in columns 1, 2: 3 of 12 rows, the first is row 4." in found[0]


def test_nan_in_the_targets_is_told_once_and_where(make_model):
    y = VALUES.copy()
    y[3] = -np.inf
    found = messages_of(lambda: make_model().fit(X, y, epochs=2, verbose=0))
    assert len(found) == 1
    assert "y holds NaN or infinite values: 1 of 12 rows, the first is row 3." in found[0]


def test_nan_in_the_weights_is_told(make_model):
    weights = np.ones(12)
    weights[2] = np.nan
    found = messages_of(lambda: make_model().fit(X, VALUES, sample_weight=weights, verbose=0))
    assert len(found) == 1
    assert "sample_weight holds NaN or infinite values: 1 of 12 rows, the first is row 2." in found[0]


def test_numbers_too_large_for_the_device_are_told(make_model):
    x = X.astype("float64")
    x[4, 1] = 1e300
    with np.errstate(over="ignore"):  # NumPy warns of the cast as well
        found = messages_of(lambda: make_model().fit(x, VALUES, verbose=0))
    assert "x holds NaN or infinite values in column 1: 1 of 12 rows, the first is row 4." in found[0]


def test_infinities_that_cancel_are_found(make_model):
    x = X.copy()
    x[1, 0], x[2, 0] = np.inf, -np.inf
    assert "column 0: 2 of 12 rows" in messages_of(lambda: make_model().fit(x, VALUES, verbose=0))[0]


def test_large_numbers_are_finite(make_model):
    assert messages_of(lambda: make_model().fit(np.full((12, 3), 3e38, "float32"), VALUES, verbose=0)) == []


def test_one_unit_of_softmax_learns_nothing(make_model):
    model = make_model(activation="softmax", loss="mse")
    found = messages_of(lambda: model.fit(X, VALUES, epochs=2, verbose=0))
    assert len(found) == 1
    assert f"Layer '{model.layers[-1].name}' has a softmax over one unit" in found[0]
    assert "sigmoid" in found[0]


@pytest.mark.parametrize(
    ("activation", "units", "loss", "y"),
    [
        ("softmax", 3, lamina.losses.SparseCategoricalCrossentropy(from_logits=True), CLASSES),
        ("softmax", 3, lamina.losses.CategoricalCrossentropy(from_logits=True), ONE_HOT),
        ("sigmoid", 1, lamina.losses.BinaryCrossentropy(from_logits=True), CLASSES % 2),
    ],
)
def test_an_activation_is_not_applied_twice(make_model, activation, units, loss, y):
    model = make_model(units=units, activation=activation, loss=loss)
    found = messages_of(lambda: model.fit(X, y, epochs=2, verbose=0))
    assert len(found) == 1
    assert f"activation {activation!r}" in found[0]
    assert "from_logits=True" in found[0]


@pytest.mark.parametrize("dtype", ["uint8", "float32", "int64"])
def test_unscaled_pixels_are_fine(make_classifier, dtype):
    pixels = (np.arange(36) * 7 % 256).reshape(12, 3).astype(dtype)
    assert messages_of(lambda: make_classifier().fit(pixels, CLASSES, verbose=0)) == []


def test_plain_models_are_fine(make_classifier, make_model):
    assert messages_of(lambda: make_classifier().fit(X, CLASSES, verbose=0)) == []
    logits = lamina.losses.SparseCategoricalCrossentropy(from_logits=True)
    assert messages_of(lambda: make_model(units=3, loss=logits).fit(X, CLASSES, verbose=0)) == []
