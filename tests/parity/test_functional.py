"""Functional models give Keras's numbers, names and summaries."""

import numpy as np
import pytest

import lamina

keras = pytest.importorskip("keras")

RNG = np.random.default_rng(0)
A, B = (RNG.normal(size=(101, n)).astype("float32") for n in (5, 6))
Y = (A[:, :1] * B[:, :1]).astype("float32")


def wide_and_deep(k):
    one, two = k.Input((5,), name="wide_input"), k.Input((6,), name="deep_input")
    hidden = k.layers.Dense(30, activation="relu")(two)
    hidden = k.layers.Dropout(0.2)(k.layers.Dense(30, activation="relu")(hidden))
    main = k.layers.Dense(1, name="main")(k.layers.concatenate([one, hidden]))
    side = k.layers.Dense(1, name="side")(hidden)
    return k.Model(inputs=[one, two], outputs=[main, side])


def shared(k):
    one, two = k.Input((5,)), k.Input((5,))
    layer = k.layers.Dense(4, activation="tanh")
    return k.Model([one, two], k.layers.Dense(1)(k.layers.add([layer(one), layer(two)])))


def with_operators(k):
    inputs = k.Input((5,))
    hidden = k.layers.Dense(4)(inputs)
    return k.Model(inputs, k.layers.Dense(1)(hidden * 2 + 1))


def nested(k):
    inner = k.Sequential([k.Input((5,)), k.layers.Dense(3, activation="relu")], name="inner")
    inputs = k.Input((5,))
    return k.Model(inputs, k.layers.Dense(1)(inner(inputs)), name="outer")


MODELS = {
    "wide and deep": (wide_and_deep, [A, B], [Y, Y], {"loss": ["mse", "mse"], "loss_weights": [0.9, 0.1]}),
    "shared layer": (shared, [A, A[::-1].copy()], Y, {"loss": "mse"}),
    "operators": (with_operators, A, Y, {"loss": "mse"}),
    "nested": (nested, A, Y, {"loss": "mse"}),
}


@pytest.mark.parametrize("name", MODELS)
def test_three_epochs(name):
    build, x, y, compiled = MODELS[name]
    found = []
    for k in (keras, lamina):
        k.utils.set_random_seed(3)
        model = build(k)
        model.compile(optimizer="adam", metrics=["mae"] if not isinstance(y, list) else [["mae"], []], **compiled)
        history = model.fit(x, y, epochs=3, verbose=0, batch_size=16, validation_split=0.2).history
        weights = [np.asarray(weight.value) for weight in model.weights]
        found.append((history, weights, model.evaluate(x, y, verbose=0), model.predict(x, verbose=0)))
    (their_history, their_weights, their_values, their_outputs), (history, weights, values, outputs) = found
    assert list(history) == list(their_history)
    for key, series in history.items():
        np.testing.assert_allclose(series, their_history[key], rtol=1e-5)
    for ours, theirs in zip(weights, their_weights, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(values, their_values, rtol=1e-5)
    if isinstance(outputs, list):
        for ours, theirs in zip(outputs, their_outputs, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)
    else:
        np.testing.assert_allclose(outputs, their_outputs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("width", [80, 100])
def test_summary(name, width):
    texts = []
    for k in (keras, lamina):
        k.backend.clear_session(free_memory=False)
        lines = []
        MODELS[name][0](k).summary(line_length=width, print_fn=lambda text, lines=lines, **_: lines.append(text))
        texts.append("\n".join(lines))
    assert texts[1] == texts[0]


@pytest.mark.parametrize("name", MODELS)
def test_layers_in_keras_order(name):
    orders = []
    for k in (keras, lamina):
        k.backend.clear_session(free_memory=False)
        orders.append([layer.name for layer in MODELS[name][0](k).layers if "op" not in type(layer).__name__.lower()])
    theirs = [n for n in orders[0] if n not in ("multiply", "add") or name != "operators"]
    assert orders[1] == theirs
