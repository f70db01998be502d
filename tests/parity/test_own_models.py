"""Models of many shapes and training of one's own give Keras's numbers and log names."""

import jax
import numpy as np
import pytest

import lamina

keras = pytest.importorskip("keras")

RNG = np.random.default_rng(0)
X = RNG.normal(size=(101, 6)).astype("float32")
CLASSES = (X[:, 0] > 0).astype("int32") + (X[:, 1] > 0.5).astype("int32")
YES = (X[:, 2] > 0).astype("float32")[:, None]
TARGET = (X[:, :1] * X[:, 1:2]).astype("float32")
WEIGHTS = RNG.uniform(0.5, 2.0, size=101).astype("float32")

SCENARIOS = {}


def scenario(function):
    """Registers a function of the framework that returns histories and outputs to compare."""
    SCENARIOS[function.__name__.replace("_", " ")] = function
    return function


def trained(model, x, y, **arguments):
    settings = {"epochs": 3, "batch_size": 16, "verbose": 0, **arguments}
    history = model.fit(x, y, **settings).history
    weights = [np.asarray(weight.value) for weight in model.weights]
    told = model.evaluate(x, y, batch_size=len(X), verbose=0, return_dict=True)
    return history, weights, told, model.predict(x, batch_size=len(X), verbose=0)


def two_heads(k, as_dict=False):
    inputs = k.Input((6,), name="x")
    hidden = k.layers.Dense(8, activation="relu")(inputs)
    classes = k.layers.Dense(3, activation="softmax", name="classes")(hidden)
    yes = k.layers.Dense(1, activation="sigmoid", name="yes")(hidden)
    return k.Model(inputs, {"classes": classes, "yes": yes} if as_dict else [classes, yes])


LOSSES = {"classes": "sparse_categorical_crossentropy", "yes": "binary_crossentropy"}


@scenario
def losses_and_metrics_by_name(k):
    model = two_heads(k)
    model.compile(
        "sgd", LOSSES, loss_weights={"yes": 0.3, "classes": 1.0}, metrics={"classes": ["accuracy"], "yes": "mae"}
    )
    return trained(model, X, [CLASSES, YES])


@scenario
def outputs_as_a_dict(k):
    model = two_heads(k, as_dict=True)
    model.compile("sgd", LOSSES, metrics={"yes": ["accuracy", "mae"]}, weighted_metrics={"classes": ["accuracy"]})
    return trained(model, X, {"yes": YES, "classes": CLASSES})


@scenario
def samples_weighed_by_output(k):
    model = two_heads(k)
    model.compile("sgd", list(LOSSES.values()), weighted_metrics=[["accuracy"], ["accuracy"]])
    return trained(model, X, [CLASSES, YES], sample_weight=[WEIGHTS, WEIGHTS[::-1].copy()], validation_split=0.2)


@scenario
def an_output_without_a_loss(k):
    model = two_heads(k)
    model.compile("sgd", ["sparse_categorical_crossentropy", None], metrics=[["accuracy"], []])
    return trained(model, X, [CLASSES, YES])


@scenario
def a_loss_for_one_name_only(k):
    model = two_heads(k, as_dict=True)
    model.compile("sgd", {"classes": "sparse_categorical_crossentropy"})
    return trained(model, X, {"classes": CLASSES, "yes": YES})


@scenario
def a_subclassed_model_with_lists_of_layers(k):
    class Network(k.Model):
        def __init__(self):
            super().__init__()
            self.blocks = [k.layers.Dense(5, activation="relu") for _ in range(2)]
            self.heads = {"out": k.layers.Dense(1)}
            self.dropout = k.layers.Dropout(0.2, seed=7)

        def call(self, x, training=False):
            for index, block in enumerate(self.blocks):
                x = block(x)
                if index == 0 and training:
                    x = self.dropout(x, training=training)
            return self.heads["out"](x)

    model = Network()
    model.compile("adam", "mse", metrics=["mae"])
    return trained(model, X, TARGET)


@scenario
def a_subclassed_model_with_two_outputs(k):
    class Network(k.Model):
        def __init__(self):
            super().__init__()
            self.hidden = k.layers.Dense(5, activation="relu")
            self.first, self.second = k.layers.Dense(1), k.layers.Dense(1)

        def call(self, inputs):
            wide, deep = inputs
            hidden = self.hidden(deep)
            return self.first(k.ops.concatenate([wide, hidden], axis=-1)), self.second(hidden)

    model = Network()
    model.compile("sgd", ["mse", "mse"], loss_weights=[0.9, 0.1])
    history, weights, _, outputs = trained(model, [X[:, :3], X[:, 2:]], [TARGET, TARGET])
    # Keras gives the losses of outputs without names one name, and forgets all but the last.
    return history["loss"], "mse_loss" in history, weights, outputs


@scenario
def a_layer_that_adds_to_the_loss(k):
    class Reconstructs(k.layers.Layer):
        def build(self, input_shape):
            self.back = k.layers.Dense(input_shape[-1])
            self.back.build((None, 4))
            self.hidden = k.layers.Dense(4, activation="tanh")
            self.hidden.build(input_shape)

        def call(self, x):
            hidden = self.hidden(x)
            self.add_loss(0.1 * k.ops.mean(k.ops.square(self.back(hidden) - x)))
            return hidden

    model = k.Sequential([k.Input((6,)), Reconstructs(), k.layers.Dense(1, kernel_regularizer="l2")])
    model.compile("sgd", "mse")
    return trained(model, X, TARGET)


@scenario
def layers_shared_by_models(k):
    inputs = k.Input((6,))
    encoder = k.Model(inputs, k.layers.Dense(3, activation="relu", name="code")(inputs), name="encoder")
    decoder = k.Sequential([k.Input((3,)), k.layers.Dense(6)], name="decoder")
    model = k.Model(inputs, decoder(encoder(inputs)))
    model.compile("adam", "mse")
    results = trained(model, X, X)
    return *results, encoder.predict(X, verbose=0)


@scenario
def frozen_layers_thawed_later(k):
    inputs = k.Input((6,))
    base = k.Sequential([k.Input((6,)), k.layers.Dense(5, activation="relu"), k.layers.Dense(4, activation="relu")])
    model = k.Model(inputs, k.layers.Dense(1)(base(inputs)))
    base.trainable = False
    model.compile(k.optimizers.SGD(0.1), "mse")
    first = trained(model, X, TARGET)
    base.trainable = True
    model.compile(k.optimizers.SGD(0.01), "mse")
    return *first, *trained(model, X, TARGET)


@scenario
def a_loss_of_ones_own(k):
    class Asymmetric(k.losses.Loss):
        def call(self, y_true, y_pred):
            error = y_true - y_pred
            return k.ops.mean(k.ops.where(error > 0, error, -3 * error), axis=-1)

    class Share(k.metrics.Metric):
        def __init__(self, name="share"):
            super().__init__(name=name)
            self.hits = self.add_variable((), "zeros", name="hits")
            self.all = self.add_variable((), "zeros", name="all")

        def update_state(self, y_true, y_pred, sample_weight=None):
            self.hits.assign(self.hits + k.ops.sum(k.ops.cast(y_true > y_pred, "float32")))
            self.all.assign(self.all + k.ops.cast(k.ops.size(y_true), "float32"))

        def result(self):
            return self.hits / self.all

    model = k.Sequential([k.Input((6,)), k.layers.Dense(1)])
    model.compile("sgd", Asymmetric(), metrics=[Share()])
    return trained(model, X, TARGET)


@scenario
def an_overridden_compute_loss(k):
    class Penalized(k.Model):
        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            loss = super().compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight, training=training)
            return loss + 0.1 * k.ops.mean(k.ops.square(y_pred))

    inputs = k.Input((6,))
    model = Penalized(inputs, k.layers.Dense(1)(inputs))
    model.compile("sgd", "mse", metrics=["mae"])
    return trained(model, X, TARGET)


@scenario
def a_pure_train_step(k):
    class Pure(k.Model):
        def loss_and_updates(self, trained, others, x, y):
            y_pred, others = self.stateless_call(trained, others, x, training=True)
            return self.compute_loss(x, y, y_pred), (y_pred, others)

        def train_step(self, state, data):
            trained, others, slots, sums = state
            x, y = data
            derive = jax.value_and_grad(self.loss_and_updates, has_aux=True)
            (loss, (y_pred, others)), gradients = derive(trained, others, x, y)
            trained, slots = self.optimizer.stateless_apply(slots, gradients, trained)
            count = len(self.tracker.variables)
            first = self.tracker.stateless_update_state(sums[:count], loss)
            rest = self.error.stateless_update_state(sums[count:], y, y_pred)
            logs = {"loss": self.tracker.stateless_result(first), "mae": self.error.stateless_result(rest)}
            return logs, (trained, others, slots, first + rest)

        @property
        def metrics(self):
            return [self.tracker, self.error]

    inputs = k.Input((6,))
    hidden = k.layers.Dropout(0.3, seed=4)(k.layers.Dense(8, activation="relu")(inputs))
    model = Pure(inputs, k.layers.Dense(1)(hidden))
    model.tracker, model.error = k.metrics.Mean(name="loss"), k.metrics.MeanAbsoluteError(name="mae")
    model.compile(k.optimizers.Adam(0.01), "mse")
    history = model.fit(X, TARGET, epochs=3, batch_size=16, verbose=0).history
    return history, [np.asarray(weight.value) for weight in model.weights], {}, model.predict(X, verbose=0)


def assert_close(ours, theirs):
    if isinstance(theirs, dict):
        assert list(ours) == list(theirs)
        for name in theirs:
            np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-5, atol=1e-6, err_msg=name)
    elif isinstance(theirs, list | tuple):
        assert len(ours) == len(theirs)
        for one, other in zip(ours, theirs, strict=True):
            assert_close(one, other)
    else:
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", SCENARIOS)
def test_numbers_and_names_are_those_of_keras(name):
    found = []
    for framework in (keras, lamina):
        framework.utils.set_random_seed(5)
        found.append(SCENARIOS[name](framework))
    assert_close(found[1], found[0])
