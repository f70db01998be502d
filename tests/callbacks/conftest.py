"""Small trainings, and models that only look like one."""

import numpy as np
import pytest

import lamina

_rng = np.random.default_rng(0)


class Samples:
    """60 rows whose noise a network soon learns by heart, so that the loss of validation falls, then rises."""

    x = _rng.normal(size=(60, 3)).astype("float32")
    y = (np.sin(x[:, :1]) + 0.5 * _rng.normal(size=(60, 1))).astype("float32")


@pytest.fixture
def samples():
    return Samples


@pytest.fixture
def make_model():
    """Makes a compiled model."""

    def make(rate=0.3, **compiled):
        lamina.utils.set_random_seed(3)
        layers = [lamina.Input((3,)), lamina.layers.Dense(8, activation="tanh"), lamina.layers.Dense(1)]
        model = lamina.Sequential(layers)
        arguments = {"optimizer": lamina.optimizers.SGD(rate, momentum=0.5), "loss": "mse", "metrics": ["mae"]}
        model.compile(**{**arguments, **compiled})
        return model

    return make


@pytest.fixture
def train(make_model):
    """Trains a model with callbacks; returns it with its history."""

    def run(*callbacks, model=None, rate=0.3, epochs=12, **fit):
        model = model or make_model(rate)
        arguments = {"batch_size": 12, "validation_split": 0.4, "epochs": epochs, "verbose": 0, **fit}
        return model, model.fit(Samples.x, Samples.y, callbacks=list(callbacks), **arguments)

    return run


class Fake:
    """What callbacks need of a model, for loops of one's own."""

    def __init__(self):
        self.stop_training = False
        self.kept = [np.zeros(2)]
        self.saved = []

    def get_weights(self):
        return [weight.copy() for weight in self.kept]

    def set_weights(self, weights):
        self.kept = list(weights)

    def save(self, path, overwrite):
        self.saved.append(path)
        with open(path, "wb") as file:
            file.write(b"model")

    def save_weights(self, path, overwrite):
        self.saved.append(path)
        with open(path, "wb") as file:
            file.write(b"weights")


@pytest.fixture
def fake():
    return Fake()


@pytest.fixture
def run_epochs():
    """Calls a callback as a loop of one's own does: with a log for each epoch, until it says to stop."""

    def run(callback, model, *logs):
        callback.set_model(model)
        callback.on_train_begin()
        for epoch, log in enumerate(logs):
            callback.on_epoch_begin(epoch)
            callback.on_epoch_end(epoch, log)
            if getattr(model, "stop_training", False):
                break
        callback.on_train_end()

    return run
