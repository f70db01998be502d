"""Draws the pictures of docs/plots.md: tests run it into a folder of their own.

python docs/pictures/make.py [folder]
"""

import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import matplotlib as mpl
import numpy as np
from PIL import Image
from sklearn.datasets import load_diabetes, load_digits, load_iris
from sklearn.linear_model import LogisticRegression

import lamina as keras
from lamina import plots

mpl.use("Agg")
from matplotlib.figure import Figure

DARK = ("images", "layers")  # the others are light
PICTURES: dict[str, Callable[[], Figure]] = {}


def picture(draw: Callable[[], Figure]) -> Callable[[], Figure]:
    """Adds a picture, under the function's name."""
    PICTURES[draw.__name__] = draw
    return draw


def panels(columns: int, width: float = 9.0, height: float = 3.4, rows: int = 1) -> tuple[Figure, Any]:
    """A figure with axes beside each other."""
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots(rows, columns)


@cache
def digits() -> SimpleNamespace:
    """Pictures of digits, a network that was trained on them, and what it says of others."""
    keras.utils.set_random_seed(1)
    images, labels = load_digits().images / 16, load_digits().target
    layers = [keras.layers.Dense(32, "relu", name="hidden1"), keras.layers.Dense(32, "relu", name="hidden2")]
    out = keras.layers.Dense(10, "softmax", name="digit")
    model = keras.Sequential([keras.Input((8, 8)), keras.layers.Flatten(), *layers, out])
    model.compile(keras.optimizers.Nadam(0.005), "sparse_categorical_crossentropy", metrics=["accuracy"])
    x, y, x_valid, y_valid = images[:600], labels[:600], images[600:1000], labels[600:1000]
    history = model.fit(x, y, epochs=30, validation_data=(x_valid, y_valid), verbose=0)
    return SimpleNamespace(
        model=model,
        history=history,
        x=x,
        y=y,
        images=x_valid,
        labels=y_valid,
        guesses=model.predict(x_valid, verbose=0),
    )


@cache
def moons() -> tuple[np.ndarray, np.ndarray]:
    """Points on two crescents."""
    rng = np.random.default_rng(3)
    side = rng.integers(0, 2, 240)
    angle = np.pi * rng.random(240) + np.pi * side
    x = np.stack([np.cos(angle) + side, np.sin(angle) + side * 0.4], axis=1) + rng.normal(0, 0.18, (240, 2))
    return x, side


@cache
def moon_model(units: int = 8, epochs: int = 120) -> keras.Model:
    """A small network that tells the crescents apart."""
    keras.utils.set_random_seed(2)
    hidden = [keras.layers.Dense(units, "tanh", name="hidden"), keras.layers.Dense(1, "sigmoid", name="upper")]
    model = keras.Sequential([keras.Input((2,)), *hidden])
    model.compile(keras.optimizers.Adam(0.05), "binary_crossentropy")
    model.fit(*moons(), epochs=epochs, verbose=0)
    return model


@picture
def training() -> Figure:
    """Learning curves and several runs."""
    figure, (left, right) = panels(2)
    plots.learning_curves(digits().history, ax=left, metrics=["loss"])
    runs = {}
    for rate in (0.03, 0.1, 0.3):
        keras.utils.set_random_seed(1)
        model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(10, "softmax")])
        model.compile(keras.optimizers.SGD(rate), "sparse_categorical_crossentropy")
        runs[f"rate {rate}"] = model.fit(digits().x, digits().y, epochs=12, validation_split=0.2, verbose=0)
    plots.compare_runs(runs, ax=right)
    return figure


@picture
def rates() -> Figure:
    """The learning-rate finder's curve, and schedules."""
    figure, (left, right) = panels(2)
    rate = np.geomspace(1e-5, 3, 120)
    loss = 2.3 / (1 + (rate / 4e-3) ** 1.2) + 0.25 + (rate / 0.6) ** 2
    plots.learning_rate_finder(SimpleNamespace(rates=rate, losses=loss, suggestion=8e-3), ax=left)
    schedules = keras.optimizers.schedules
    shown = {
        "exponential": schedules.ExponentialDecay(0.1, 300, 0.2),
        "piecewise": schedules.PiecewiseConstantDecay([300, 600], [0.1, 0.05, 0.01]),
        "cosine": schedules.CosineDecay(0.0, 800, warmup_target=0.1, warmup_steps=200),
        "1cycle": schedules.OneCycle(0.1, total_steps=1000),
    }
    plots.schedule_curves(shown, ax=right)
    return figure


@picture
def images() -> Figure:
    """Digits with predictions, a few of them wrong."""
    data = digits()
    wrong = data.guesses.argmax(axis=1) != data.labels
    rows = np.sort(np.r_[np.flatnonzero(wrong)[:3], np.flatnonzero(~wrong)[:9]])
    figure = Figure(figsize=(7, 3.6), layout="constrained")
    plots.image_grid(data.images[rows], data.labels[rows], data.guesses[rows], fig=figure)
    return figure


@picture
def confusion() -> Figure:
    """Confusion matrices, in numbers and in shares."""
    figure, (left, right) = panels(2, 9.5, 4.4)
    plots.confusion_matrix(digits().labels, digits().guesses, ax=left)
    plots.confusion_matrix(digits().labels, digits().guesses, ax=right, normalize="true")
    return figure


@picture
def thresholds() -> Figure:
    """Precision and recall, ROC and calibration; for two classes and for several."""
    figure, axes = panels(3, 11, 7, rows=2)
    x, y = moons()
    guesses = LogisticRegression().fit(x, y).predict_proba(x)[:, 1]
    for curve, (two, ten) in zip(
        (plots.precision_recall_curve, plots.roc_curve, plots.calibration_curve), axes.T, strict=True
    ):
        curve(y, guesses, ax=two)
        curve(digits().labels, digits().guesses, ax=ten, classes=[1, 3, 8])
    return figure


@picture
def regression() -> Figure:
    """Predictions over targets, and residuals."""
    figure, (left, right) = panels(2)
    x, y = load_diabetes(return_X_y=True)
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.layers.Dense(30, "relu"), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.01), "mse")
    model.fit(x * 10, y / 100, epochs=40, verbose=0)
    guesses = model.predict(x * 10, verbose=0)
    plots.predictions_vs_targets(y / 100, guesses, ax=left)
    plots.residuals(y / 100, guesses, ax=right)
    return figure


@picture
def boundaries() -> Figure:
    """The regions of a network and of an estimator."""
    figure, (left, right) = panels(2)
    plots.decision_boundary(moon_model(), *moons(), ["lower", "upper"], ax=left)
    iris = load_iris(as_frame=True)
    names = ["petal length (cm)", "petal width (cm)"]
    model = LogisticRegression(max_iter=1000).fit(iris.data.to_numpy(), iris.target)
    plots.decision_boundary(model, iris.data, iris.target, iris.target_names, ax=right, features=names)
    return figure


@picture
def activations() -> Figure:
    """Activation functions and their derivatives."""
    figure, ax = panels(1)
    plots.activation_functions(["sigmoid", "tanh", "relu", "selu", "swish"], ax=ax)
    return figure


@picture
def layers() -> Figure:
    """Weights and gradients by layer."""
    figure, axes = panels(3, 11, 3.4)
    data = digits()
    plots.weight_histograms(data.model, ax=axes[0])
    plots.gradient_histograms(data.model, data.x[:128], data.y[:128], ax=axes[1])
    plots.gradient_flow(data.model, data.x[:128], data.y[:128], ax=axes[2])
    return figure


@picture
def first_layer() -> Figure:
    """What the units of the first layer look for."""
    figure, ax = panels(1, 7, 1.7)
    plots.weight_images(digits().model, count=20, columns=10, ax=ax)
    return figure


@picture
def embedding() -> Figure:
    """What a hidden layer makes of digits."""
    figure, (left, right) = panels(2, 10, 4.4)
    data = digits()
    hidden = keras.Model(data.model.inputs, data.model.get_layer("hidden2").output)
    plots.embeddings(hidden.predict(data.images, verbose=0), data.labels, ax=left)
    names = ["king", "queen", "man", "woman", "apple", "pear", "plum"]
    vectors = [[2, 1, 0], [2, -1, 0], [1, 1, 0], [1, -1, 0.2], [-2, 0.1, 1], [-2.2, 0, 1.1], [-1.8, -0.2, 0.9]]
    plots.embeddings(vectors, names=names, ax=right)
    return figure


@picture
def surfaces() -> Figure:
    """The loss around the weights that training has found."""
    figure, (left, right) = panels(2)
    plots.loss_surface(moon_model(), *moons(), ax=left, dimensions=1, points=61)
    plots.loss_surface(moon_model(), *moons(), ax=right)
    return figure


@picture
def paths() -> Figure:
    """The ways of optimizers on a ravine and at a saddle."""
    figure, (left, right) = panels(2)
    plots.optimizer_paths(ax=left)
    plots.optimizer_paths(surface="saddle", ax=right)
    return figure


@picture
def network() -> Figure:
    """A small network neuron by neuron, and a wide one."""
    figure, (left, right) = panels(2, 10, 4.4)
    plots.neurons(moon_model(4), ax=left, input_names=["across", "up"])
    plots.neurons(digits().model, ax=right)
    return figure


def main(folder: str | Path = Path(__file__).parent) -> list[Path]:
    """Draws all pictures and returns their paths."""
    written = []
    for name, draw in PICTURES.items():
        path = Path(folder, f"{name}.png")
        with plots.use_style("dark" if name in DARK else "light"):
            draw().savefig(path, dpi=80)
        with Image.open(path) as full:
            small = full.convert("RGB").quantize(128)
        small.save(path, optimize=True)
        written.append(path)
    _, ax = panels(1, 4.5, 3)
    written.append(Path(folder, "moving_paths.gif"))
    plots.animate_optimizer_paths(written[-1], ax=ax, surface="saddle", steps=60, frames=20, fps=10)
    return written


if __name__ == "__main__":
    for path in main(*sys.argv[1:2]):
        print(path)
