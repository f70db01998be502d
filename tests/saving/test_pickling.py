"""Models, layers and optimizers can be pickled and copied, with all that they have learnt."""

import copy
import json
import pickle
import subprocess
import sys
import textwrap

import numpy as np
import pytest

import lamina
from lamina import layers

X = np.linspace(-1, 1, 24).reshape(8, 3).astype("float32")
Y = X.sum(axis=1, keepdims=True)


def stack():
    return lamina.Sequential(
        [
            lamina.Input((3,)),
            layers.Dense(4, "relu"),
            layers.BatchNormalization(),
            layers.Dropout(0.2, seed=1),
            layers.Dense(1),
        ]
    )


def graph():
    inputs = lamina.Input((3,))
    hidden = layers.Dense(3, activation="tanh")(inputs)
    return lamina.Model(inputs, layers.Dense(1)(layers.add([hidden, inputs]) * 2.0))


def fitted(build, optimizer="adam"):
    model = build()
    model.compile(optimizer, "mse", metrics=["mae"])
    model.fit(X, Y, epochs=2, shuffle=False, verbose=0)
    return model


def go_on(model):
    return model.fit(X, Y, epochs=3, shuffle=False, verbose=0).history["loss"]


COPIES = {"deepcopy": copy.deepcopy, "pickle": lambda item: pickle.loads(pickle.dumps(item))}


@pytest.mark.parametrize("way", COPIES)
@pytest.mark.parametrize("build", [stack, graph])
@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_copies_go_on_training_equally(build, optimizer, way):
    model = fitted(build, optimizer)
    twin = COPIES[way](model)
    np.testing.assert_array_equal(model.predict(X, verbose=0), twin.predict(X, verbose=0))
    assert go_on(model) == go_on(twin)
    assert twin.optimizer is not model.optimizer
    assert twin.history is not None


@pytest.mark.parametrize("way", COPIES)
def test_a_copy_is_a_model_of_its_own(way):
    model = fitted(stack)
    before = model.get_weights()
    go_on(COPIES[way](model))
    for mine, old in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(mine, old)


@pytest.mark.parametrize("way", COPIES)
def test_layers_and_optimizers_are_copied(way):
    layer = layers.Dense(2)
    layer(X)
    np.testing.assert_array_equal(COPIES[way](layer)(X), layer(X))
    optimizer = fitted(stack).optimizer
    twin = COPIES[way](optimizer)
    for mine, other in zip(twin.get_weights(), optimizer.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, other)


OTHER = """
    import json, pickle, sys
    import numpy as np
    with open(sys.argv[1], "rb") as file:
        model, x, y = pickle.load(file)
    print(json.dumps(model.fit(x, y, epochs=3, shuffle=False, verbose=0).history["loss"]))
"""


@pytest.mark.parametrize("build", [stack, graph])
def test_another_process_goes_on_training_equally(tmp_path, build):
    model = fitted(build)
    (tmp_path / "model.pickle").write_bytes(pickle.dumps((model, X, Y)))
    command = [sys.executable, "-c", textwrap.dedent(OTHER), str(tmp_path / "model.pickle")]
    found = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert json.loads(found) == go_on(model)
