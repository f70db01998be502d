"""The same seed, data and model give Keras's own numbers: losses, metrics, weights, predictions, logs."""

import numpy as np
import pytest

import lamina

keras = pytest.importorskip("keras")

# Keras warns of its own doings; lamina's warnings are errors here, too.
pytestmark = [pytest.mark.filterwarnings(f"ignore::{kind}:keras") for kind in ("DeprecationWarning", "UserWarning")]
pytestmark += [pytest.mark.usefixtures("optimized")]

RTOL = 1e-5
_rng = np.random.default_rng(0)
X = _rng.normal(size=(203, 12)).astype("float32")
CLASSES = (X[:, 0] * 2 + X[:, 1] ** 2).astype(int) % 5
VALUES = X[:, :1] ** 2 + X[:, 1:2]
YES = (X.sum(axis=1) > 0).astype("float32")
WEIGHTS = _rng.uniform(0.1, 2.0, size=203).astype("float32")


def classifier(k, dropout=0.0, **compiled):
    layers = [k.Input((12,)), k.layers.Dense(16, activation="relu"), k.layers.Dropout(dropout)]
    model = k.Sequential([*layers, k.layers.Dense(5, activation="softmax")])
    compiled = {"optimizer": "adam", "metrics": ["accuracy"], **compiled}
    model.compile(loss="sparse_categorical_crossentropy", **compiled)
    return model


def regressor(k, **compiled):
    layers = [k.layers.Dense(20, activation="relu"), k.layers.Dense(20, activation="tanh"), k.layers.Dense(1)]
    model = k.Sequential([k.Input((12,)), *layers])
    model.compile(k.optimizers.SGD(0.01, momentum=0.9, nesterov=True), "mse", **{"metrics": ["mae"], **compiled})
    return model


def yes_or_no(k):
    layers = [k.layers.Dense(16, activation="relu"), k.layers.Dropout(0.5), k.layers.Dense(1, activation="sigmoid")]
    model = k.Sequential([k.Input((12,)), *layers])
    model.compile("rmsprop", "binary_crossentropy", metrics=["accuracy"])
    return model


def linear(k, **layer):
    model = k.Sequential([k.Input((12,)), k.layers.Dense(1, **layer)])
    model.compile(k.optimizers.SGD(0.01), "mse")
    return model


def fitted(model, x, y, **arguments):
    """All that a call of `fit` leaves behind."""
    history = model.fit(x, y, **{"epochs": 3, "verbose": 0, **arguments})
    told = {name: history.params[name] for name in ("verbose", "epochs", "steps")}
    logs = {name: np.array(values) for name, values in history.history.items()}
    return {"params": told, "epoch": history.epoch, "history": logs, "weights": model.get_weights()}


def assert_same(ours, theirs):
    """Equal structure, keys in the same order, numbers that differ by 1e-5 of the largest at most."""
    assert type(ours) is type(theirs)
    if isinstance(theirs, dict):
        assert list(ours) == list(theirs)
        for name in theirs:
            assert_same(ours[name], theirs[name])
    elif isinstance(theirs, list | tuple):
        assert len(ours) == len(theirs)
        for our, their in zip(ours, theirs, strict=True):
            assert_same(our, their)
    elif isinstance(theirs, np.ndarray):
        assert ours.dtype == theirs.dtype
        np.testing.assert_allclose(ours, theirs, rtol=RTOL, atol=RTOL * np.abs(theirs).max(initial=0))
    elif isinstance(theirs, float):
        assert ours == pytest.approx(theirs, rel=RTOL)
    else:
        assert ours == theirs


SCENARIOS = {}


def scenario(function):
    SCENARIOS[function.__name__] = function
    return function


@scenario
def train_a_classifier(k):
    return fitted(classifier(k, dropout=0.3), X, CLASSES, validation_split=0.1)


@scenario
def train_a_regressor(k):
    return fitted(regressor(k), X, VALUES, validation_data=(X[:50], VALUES[:50]))


@scenario
def train_yes_or_no(k):
    return fitted(yes_or_no(k), X, YES)


@scenario
def use_weights_of_examples_and_classes(k):
    model = classifier(k, weighted_metrics=["accuracy", "sparse_categorical_crossentropy"])
    by_example = fitted(model, X, CLASSES, sample_weight=WEIGHTS, validation_split=0.2)
    return [by_example, fitted(model, X[:162], CLASSES[:162], class_weight={0: 2.0, 3: 0.5}, epochs=1)]


@scenario
def validate_with_weights(k):
    model = regressor(k, weighted_metrics=["mae"])
    return fitted(model, X, VALUES, validation_data=(X[:40], VALUES[:40], WEIGHTS[:40]), validation_batch_size=7)


@scenario
def keep_the_order(k):
    return fitted(classifier(k), X, CLASSES, shuffle=False)


@scenario
def shuffle_within_batches(k):
    return fitted(linear(k), X, VALUES, shuffle="batch", batch_size=16)


@scenario
def run_a_single_batch(k):
    return fitted(classifier(k), X, CLASSES, batch_size=512)


@scenario
def run_batches_of_one(k):
    return fitted(linear(k), X[:10], VALUES[:10], batch_size=1)


@scenario
def read_bytes(k):
    pixels = np.random.default_rng(1).integers(0, 256, (70, 4, 3), "uint8")
    model = k.Sequential([k.Input((4, 3)), k.layers.Flatten(), k.layers.Rescaling(1 / 255), k.layers.Dense(5)])
    loss = k.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("sgd", loss, metrics=["accuracy"])
    return fitted(model, pixels, CLASSES[:70].astype("uint8"))


@scenario
def cut_passes_by_epochs(k):
    return fitted(linear(k), X[:96], VALUES[:96], steps_per_epoch=2, epochs=5)


@scenario
def cut_passes_that_do_not_divide(k):
    return fitted(linear(k), X, VALUES, batch_size=30, steps_per_epoch=3, epochs=6)


@scenario
def validate_on_the_same_part(k):
    arguments = {"validation_data": (X[:64], VALUES[:64]), "validation_steps": 2, "validation_batch_size": 16}
    return fitted(linear(k), X, VALUES, **arguments)


@scenario
def start_late_and_validate_sometimes(k):
    arguments = {"validation_data": (X[:64], CLASSES[:64]), "validation_freq": 2, "validation_steps": 1}
    return fitted(classifier(k), X, CLASSES, initial_epoch=2, epochs=6, **arguments)


@scenario
def validate_after_listed_epochs(k):
    return fitted(linear(k), X, VALUES, epochs=4, validation_split=0.3, validation_freq=[1, 4])


@scenario
def fit_twice(k):
    model = classifier(k, dropout=0.2)
    return [fitted(model, X, CLASSES, epochs=2), fitted(model, X[:43], CLASSES[:43], epochs=1)]


@scenario
def compile_again_between_fits(k):
    model = classifier(k)
    first = fitted(model, X, CLASSES, epochs=1)
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return [first, fitted(model, X, CLASSES, epochs=2)]


@scenario
def evaluate_first(k):
    model = classifier(k)
    before = model.evaluate(X, CLASSES, verbose=0)
    return [before, fitted(model, X, CLASSES, epochs=2), model.evaluate(X, CLASSES, verbose=0, return_dict=True)]


@scenario
def evaluate_in_part(k):
    model = regressor(k)
    by_steps = model.evaluate(X, VALUES, batch_size=20, steps=3, verbose=0)
    weighted = model.evaluate(X, VALUES, sample_weight=WEIGHTS, verbose=0, return_dict=True)
    return [by_steps, weighted, linear(k).evaluate(X, VALUES, verbose=0)]


@scenario
def predict_any_number_of_rows(k):
    model = classifier(k)
    parts = [model.predict(X[:n], verbose=0) for n in (1, 7, 203)]
    return [*parts, model.predict(X, batch_size=50, verbose=0), model.predict(X, batch_size=50, steps=2, verbose=0)]


@scenario
def go_batch_by_batch(k):
    model = classifier(k, weighted_metrics=["accuracy"])
    found = [model.train_on_batch(X[:20], CLASSES[:20], return_dict=True)]
    found.append(model.train_on_batch(X[20:50], CLASSES[20:50], WEIGHTS[20:50], return_dict=True))
    found.append(model.train_on_batch(X[50:80], CLASSES[50:80], class_weight={1: 3.0}, return_dict=True))
    model.reset_metrics()
    found.append(model.test_on_batch(X[:20], CLASSES[:20], WEIGHTS[:20], return_dict=True))
    return [*found, model.predict_on_batch(X[:3]), model.get_weights()]


@scenario
def return_lists_of_a_batch(k):
    model = classifier(k)
    trained, tested = model.train_on_batch(X[:20], CLASSES[:20]), model.test_on_batch(X[20:33], CLASSES[20:33])
    return [trained, tested, linear(k).train_on_batch(X[:20], VALUES[:20])]


@scenario
def train_a_lazily_built_model(k):
    model = k.Sequential([k.layers.Dense(8, activation="relu"), k.layers.Dropout(0.2), k.layers.Dense(1)])
    model.compile("adam", "mse")
    return fitted(model, X, VALUES)


@scenario
def penalise_weights(k):
    layer = {"kernel_regularizer": k.regularizers.L1L2(0.01, 0.02), "activity_regularizer": k.regularizers.L2(0.01)}
    return fitted(linear(k, **layer), X, VALUES, validation_split=0.2)


@scenario
def read_a_data_set_of_batches(k):
    class Batches(k.utils.PyDataset):
        def __len__(self):
            return 4

        def __getitem__(self, index):
            rows = slice(50 * index, 50 * index + 50)
            return X[rows], CLASSES[rows], WEIGHTS[rows]

    return fitted(classifier(k, weighted_metrics=["accuracy"]), Batches(), None, validation_data=Batches())


@scenario
def read_a_generator(k):
    def batches():
        while True:
            for start in range(0, 200, 40):
                yield X[start : start + 40], CLASSES[start : start + 40]

    return fitted(classifier(k), batches(), None, steps_per_epoch=3, epochs=4)


@scenario
def read_batches_of_changing_size(k):
    def batches():
        start = 0
        for size in (32, 32, 7, 40, 1):
            yield X[start : start + size], VALUES[start : start + size]
            start += size

    return fitted(regressor(k), batches(), None, epochs=1)


@scenario
def train_a_layer_of_ones_own(k):
    class Centre(k.layers.Layer):
        """Takes the mean of the batch away, so that a padded row would show."""

        def build(self, input_shape):
            self.scale = self.add_weight(shape=(input_shape[-1],), initializer="ones")

        def call(self, x):
            return (x - k.ops.mean(x, axis=0)) * self.scale

    model = k.Sequential([k.Input((12,)), Centre(), k.layers.Dense(1)])
    model.compile(k.optimizers.SGD(0.01), "mse", metrics=["mae"])
    return [fitted(model, X, VALUES, validation_split=0.2), model.evaluate(X, VALUES, verbose=0)]


@scenario
def use_functions_of_ones_own(k):
    def quartic(y_true, y_pred):
        return k.ops.mean((y_true - y_pred) ** 4, axis=-1)

    model = k.Sequential([k.Input((12,)), k.layers.Dense(4, activation="tanh"), k.layers.Dense(1)])
    model.compile(k.optimizers.SGD(0.001), quartic, metrics=[quartic, "mse"])
    return fitted(model, X, VALUES, validation_split=0.2)


@scenario
def freeze_a_layer(k):
    model = classifier(k)
    model.layers[0].trainable = False
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return fitted(model, X, CLASSES)


@pytest.mark.parametrize("name", SCENARIOS)
def test_numbers_are_those_of_keras(name):
    outcomes = []
    for framework in (lamina, keras):
        framework.utils.set_random_seed(7)
        outcomes.append(SCENARIOS[name](framework))
    assert_same(*outcomes)
