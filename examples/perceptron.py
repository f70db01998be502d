"""What a perceptron can tell apart, and what it cannot: irises by a line, but not XOR, which takes a hidden layer.

python examples/perceptron.py [picture.png]
"""

import sys
import warnings

import numpy as np
from matplotlib.figure import Figure
from sklearn.datasets import load_iris
from sklearn.exceptions import ConvergenceWarning

import lamina as keras

XOR = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])


def petals():
    """Length and width of the petals of 150 irises, and which are setosa."""
    iris = load_iris()
    return iris.data[:, (2, 3)], (iris.target == 0).astype(int)


def trained():
    """The three estimators with their data, by title."""
    x, setosa = petals()
    perceptron = keras.estimators.Perceptron(max_iter=1000, tol=1e-3, random_state=42)
    network = keras.estimators.MLPClassifier((8,), alpha=0, learning_rate_init=0.1, tol=0, max_iter=200, random_state=3)
    with warnings.catch_warnings(action="ignore", category=ConvergenceWarning):
        return {
            "Iris: a perceptron": (perceptron.fit(x, setosa), x, setosa),
            "XOR: a perceptron": (keras.estimators.Perceptron(random_state=42).fit(*XOR), *XOR),
            "XOR: one hidden layer": (network.fit(*XOR), *XOR),
        }


def main(path="perceptron.png"):
    """Draws the picture, prints the weights, and returns the estimators."""
    cases = trained()
    figure = Figure(figsize=(11, 3.8), layout="constrained")
    panels = figure.subplots(1, 3)
    for axes, (title, (estimator, x, y)) in zip(panels, cases.items(), strict=True):
        keras.plots.decision_boundary(estimator, x, y, ax=axes)
        axes.set_title(f"{title}\n{estimator.score(x, y):.0%} right", fontsize=11)
    panels[0].set(xlabel="petal length (cm)", ylabel="petal width (cm)")
    figure.savefig(path, dpi=120)
    perceptron = cases["Iris: a perceptron"][0]
    print(f"weights {perceptron.coef_[0]}, bias {perceptron.intercept_[0]}, after {perceptron.n_iter_} epochs")
    return {title: case[0] for title, case in cases.items()}


if __name__ == "__main__":
    main(*sys.argv[1:])
