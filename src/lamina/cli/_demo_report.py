"""What `lamina demo` tells of the data, of the result and of single predictions: in words and in pictures."""

import shutil
import textwrap
from pathlib import Path
from typing import Any

import numpy as np

from lamina import plots
from lamina.cli._demo_data import DOLLARS, Problem
from lamina.training.progress import Screen
from lamina.version import __version__

_SAMPLES = 12
_MOST_WRONG = 3  # of the samples: the mistakes are what one wants to see, however few they are


def say(text: str) -> None:
    """Prints lines, broken between words where the window is narrow."""
    columns = shutil.get_terminal_size().columns - 1
    for line in text.split("\n"):
        print("\n".join(textwrap.wrap(line, columns, break_on_hyphens=False)) if len(line) > columns else line)


def introduction(problem: Problem) -> str:
    """The data in a sentence."""
    sizes = [f"{len(inputs):,}" for inputs, _ in (problem.train, problem.validation, problem.test)]
    return (
        f"lamina {__version__}: {problem.about}; training on {sizes[0]}, validation on {sizes[1]}, test on {sizes[2]}"
    )


def result(problem: Problem, scores: dict[str, float]) -> str:
    """How good the model is, in a line."""
    if problem.class_names:
        return f"Test accuracy: {scores['accuracy']:.4f}"
    return f"Mean absolute test error: ${scores['mae'] * DOLLARS:,.0f}"


def samples(problem: Problem, predictions: np.ndarray) -> np.ndarray:
    """Rows of the test set to show: the first ones, but with a few mistakes among them.

    Args:
        problem: the data.
        predictions: `(examples, classes)`, or `(examples, 1)` where the targets are numbers.

    Returns:
        Indices of rows, ascending.
    """
    if not problem.class_names:
        return np.arange(min(_SAMPLES, len(predictions)))
    correct = predictions.argmax(axis=1) == problem.test[1]
    mistakes = np.flatnonzero(~correct)[:_MOST_WRONG]
    return np.sort(np.concatenate([mistakes, np.flatnonzero(correct)[: _SAMPLES - len(mistakes)]]))


def sample_table(problem: Problem, predictions: np.ndarray, rows: np.ndarray, screen: Screen) -> str:
    """A line for each of the rows: what is predicted, and what is true."""
    targets = problem.test[1]
    if not problem.class_names:
        lines = [f"{predictions[row, 0] * DOLLARS:11,.0f} {targets[row] * DOLLARS:11,.0f}" for row in rows]
        return "\n".join([f"{'predicted $':>11} {'actual $':>11}", *lines])
    width = max(map(len, problem.class_names))
    right, wrong = ("✓", "✗") if screen.unicode else ("+", "x")
    lines = []
    for row in rows:
        guess, true = int(predictions[row].argmax()), int(targets[row])
        mark = (right, "32") if guess == true else (wrong, "31")
        truth = "" if guess == true else f"  is {problem.class_names[true]}"
        words = f" {problem.class_names[guess]:<{width}} {predictions[row, guess]:4.0%}{truth}"
        lines.append(screen.paint([("  ", ""), mark, (words, "")]))
    correct = int((predictions[rows].argmax(axis=1) == targets[rows]).sum())
    return "\n".join([f"{correct} right predictions, {len(rows) - correct} wrong:", *lines])


def draw(problem: Problem, history: Any, predictions: np.ndarray, rows: np.ndarray, folder: Path) -> list[str]:
    """Writes the two pictures.

    Args:
        problem: the data.
        history: what `fit` returned.
        predictions: for the test set.
        rows: which of its examples to show.
        folder: where the pictures go.

    Returns:
        Their full paths.
    """
    from matplotlib.figure import Figure

    metric = "accuracy" if problem.class_names else "mae"
    curves = Figure(figsize=(9, 3.6), layout="constrained")
    for ax, name in zip(curves.subplots(1, 2), ("loss", metric), strict=True):
        plots.learning_curves(history, ax=ax, metrics=[name])

    inputs, targets = problem.test
    if problem.class_names:
        shown = Figure(figsize=(9, 4), layout="constrained")
        plots.image_grid(inputs[rows], targets[rows], predictions[rows], problem.class_names, fig=shown)
    else:
        shown = Figure(figsize=(5.5, 5.5), layout="constrained")
        ax = plots.predictions_vs_targets(targets, predictions, ax=shown.subplots())
        ax.set(xlabel="median house value, $100,000", ylabel="prediction, $100,000")

    paths = []
    for figure, name in ((curves, "learning_curves.png"), (shown, "predictions.png")):
        path = (folder / name).resolve()
        figure.savefig(path, dpi=120)
        paths.append(str(path))
    return paths
