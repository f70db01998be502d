"""Where gradients vanish or explode: the same deep network with each initialization and each activation.

Ten hidden layers tell two spirals apart. For each pair the picture shows how long the gradient of each layer's
kernel is before training, on a logarithmic scale: a level line means that all layers learn at one pace, a falling
one that the gradient grows on its way back to the inputs, a rising one that it vanishes. The table says what came
of it: the share of points told apart after some epochs.

    python examples/vanishing_gradients.py [picture.png]
"""

import sys
from typing import NamedTuple

import jax
import matplotlib as mpl
import numpy as np

import lamina as keras

mpl.use("Agg")
import matplotlib.pyplot as plt

DEPTH = 10
UNITS = 32
INITIALIZATIONS = {
    "N(0, 1)": lambda: keras.initializers.RandomNormal(stddev=1.0),
    "N(0, 0.01)": lambda: keras.initializers.RandomNormal(stddev=0.01),
    "Glorot": lambda: keras.initializers.GlorotNormal(),
    "He": lambda: keras.initializers.HeNormal(),
    "LeCun": lambda: keras.initializers.LecunNormal(),
}
ACTIVATIONS = ("sigmoid", "tanh", "relu", "selu")
COLOURS = ("#c8501e", "#8a4fbf", "#0b6fb8", "#1f8a5b", "#a07800")


class Outcome(NamedTuple):
    """How a network began, and how it ended."""

    norms: np.ndarray  # (layers,), of the gradient of each kernel before training
    accuracy: float  # after training


def spirals(points=1000, seed=0):
    """Points on two arms that wind around each other, and which arm each is on."""
    rng = np.random.default_rng(seed)
    arm = rng.integers(0, 2, points)
    way = np.sqrt(rng.random(points))
    angle = 1.5 * np.pi * way + np.pi * arm
    x = np.stack([way * np.cos(angle), way * np.sin(angle)], axis=1) * 2 + rng.normal(0, 0.05, (points, 2))
    return x.astype("float32"), arm.astype("float32")[:, None]


def network(initialization, activation):
    """The network, compiled."""
    hidden = [
        keras.layers.Dense(UNITS, activation, kernel_initializer=INITIALIZATIONS[initialization]())
        for _ in range(DEPTH)
    ]
    output = keras.layers.Dense(1, kernel_initializer=INITIALIZATIONS[initialization]())
    model = keras.Sequential([keras.Input((2,)), *hidden, output])
    # Logits, so that the loss of a network that errs by far has a gradient, however large.
    model.compile(
        loss=keras.losses.BinaryCrossentropy(from_logits=True),
        optimizer=keras.optimizers.SGD(0.01, momentum=0.9),
        metrics=[keras.metrics.BinaryAccuracy("accuracy", threshold=0.0)],
    )
    return model


def gradient_function(model):
    """A function of weights and data: how long the gradient of the loss is for each layer's kernel."""

    def loss(weights, x, y):
        outputs, _ = model.stateless_call(weights, [], x, training=True)
        return model.loss(y, outputs)

    gradients = jax.jit(jax.grad(loss))

    def norms(weights, x, y):
        values = [weight.value for weight in weights]
        return np.array([np.linalg.norm(gradient) for gradient in gradients(values, x, y) if gradient.ndim == 2])

    return norms


def compare(epochs=30):
    """Every initialization with every activation."""
    x, y = spirals()
    outcomes = {}
    for activation in ACTIVATIONS:
        # Networks of one shape share what is compiled: the function is told whose weights to look at.
        gradient_norms = gradient_function(network("Glorot", activation))
        for initialization in INITIALIZATIONS:
            keras.utils.set_random_seed(42)
            model = network(initialization, activation)
            norms = gradient_norms(model.trainable_weights, x, y)
            history = model.fit(x, y, epochs=epochs, verbose=0).history
            outcomes[activation, initialization] = Outcome(norms, history["accuracy"][-1])
    return outcomes


def draw(outcomes, path):
    """One panel per activation, one line per initialization."""
    figure, panels = plt.subplots(
        1, len(ACTIVATIONS), figsize=(15, 4.2), sharex=True, sharey=True, layout="constrained"
    )
    layers = np.arange(1, DEPTH + 2)
    for panel, activation in zip(panels, ACTIVATIONS, strict=True):
        for colour, initialization in zip(COLOURS, INITIALIZATIONS, strict=True):
            norms, accuracy = outcomes[activation, initialization]
            shown = np.clip(norms, 1e-12, 1e12)  # a logarithm has no place for zero
            panel.semilogy(layers, shown, "o-", ms=3, color=colour, label=f"{initialization}: {accuracy:.0%}")
        panel.set_title(activation)
        panel.set_xlabel("layer, from the inputs")
        panel.grid(color="#e3e6ec")
        panel.legend(title="initialization: accuracy", fontsize=8, title_fontsize=8, loc="upper right")
    panels[0].set_xticks(layers)
    panels[0].set_ylim(1e-13, 1e17)  # with room for the legends
    panels[0].set_ylabel("length of the kernel's gradient at the start")
    figure.savefig(path, dpi=110)
    plt.close(figure)


def main(path="vanishing_gradients.png", epochs=30):
    """Trains all, saves the picture, and prints the table."""
    outcomes = compare(epochs)
    draw(outcomes, path)
    print(f"{'activation':12}{'initialization':16}{'first layer':>14}{'last hidden':>14}{'accuracy':>10}")
    for (activation, initialization), (norms, accuracy) in outcomes.items():
        print(f"{activation:12}{initialization:16}{norms[0]:14.1e}{norms[-2]:14.1e}{accuracy:10.1%}")
    print(f"The picture is in {path}.")
    return outcomes


if __name__ == "__main__":
    main(*sys.argv[1:2])
