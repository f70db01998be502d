"""Train a first network on real data: watch it learn, test it, and draw what it predicts."""

import argparse
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np

from lamina import callbacks, layers, models, optimizers, plots, utils
from lamina.cli import _demo_report as report
from lamina.cli._demo_data import RECIPES, Problem, Recipe
from lamina.core.errors import ArgumentError, suggestion
from lamina.reporting import report as write_report
from lamina.training.progress import Screen, format_duration


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options of `lamina demo`."""
    parser.add_argument(
        "--dataset",
        type=_dataset,
        default="digits",
        metavar="NAME",
        help=f"one of {', '.join(RECIPES)} (default: digits, which needs no download)",
    )
    parser.add_argument("--epochs", type=_epochs, metavar="N", help="rounds through the training data")
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("lamina-demo"),
        metavar="DIR",
        help="folder for the pictures (default: lamina-demo)",
    )
    parser.add_argument(
        "--report", action="store_true", help="write a page about the trained model, too, which any browser shows"
    )
    parser.add_argument("--quiet", action="store_true", help="print only the result and the paths of the pictures")


def run(arguments: argparse.Namespace) -> int:
    """Trains, tests and draws.

    Args:
        arguments: `dataset`, `epochs`, `out`, `report` and `quiet`.

    Returns:
        The exit status.

    Raises:
        MissingExtraError: if matplotlib, or scikit-learn for the digits, is not installed.
        DownloadError: if the data cannot be fetched.
        ArgumentError: if the folder cannot be made.
    """
    began = time.perf_counter()
    plots.require_matplotlib("lamina demo")
    _make_folder(arguments.out)
    recipe = RECIPES[arguments.dataset]
    problem = recipe.load()
    model = _network(problem, recipe)
    if not arguments.quiet:
        report.say(report.introduction(problem))
        model.summary()

    stopwatch = _Stopwatch()
    history = model.fit(
        *problem.train,
        epochs=arguments.epochs or recipe.epochs,
        validation_data=problem.validation,
        callbacks=[stopwatch],
        verbose=0 if arguments.quiet else 1,
    )
    result = report.result(problem, model.evaluate(*problem.test, verbose=0, return_dict=True))
    predictions = np.asarray(model.predict(problem.test[0], verbose=0))
    rows = report.samples(problem, predictions)
    paths = report.draw(problem, history, predictions, rows, arguments.out)
    if arguments.report:
        page, words = arguments.out / "report.html", problem.class_names
        paths.append(
            write_report(model, history, problem.test, page, class_names=words, title=f"Demo: {problem.about}")
        )
    if arguments.quiet:
        print("\n".join([result, *paths]))
        return 0
    report.say(f"\n{result}\n")
    print(report.sample_table(problem, predictions, rows, Screen()))
    seconds = time.perf_counter() - began
    report.say(f"\n{len(history.epoch)} epochs, {stopwatch.step_time()} a step; {seconds:.1f}s in all. Drawn:")
    print("\n".join(paths))  # whole, so that they can be copied
    return 0


class _Stopwatch(callbacks.Callback):
    """Measures the training part of each epoch."""

    def __init__(self) -> None:
        super().__init__()
        self._began: float | None = None
        self._epochs: list[float] = []

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._began = time.perf_counter()

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._stop()  # validation is no training

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._stop()

    def _stop(self) -> None:
        if self._began is not None:
            self._epochs.append(time.perf_counter() - self._began)
            self._began = None

    def step_time(self) -> str:
        """The time of a step in the median epoch, so that compiling, in the first one, does not count."""
        return format_duration(statistics.median(self._epochs) / self.params["steps"])


def _dataset(name: str) -> str:
    if name not in RECIPES:
        raise argparse.ArgumentTypeError(f"there is no data set {name!r}; {suggestion(name, RECIPES)}")
    return name


def _epochs(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number, 1 or more, not {text!r}")
    return int(text)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ArgumentError(
            f"The folder {folder} cannot be made: {error.strerror}.", hint="name another one with --out."
        ) from error


def _network(problem: Problem, recipe: Recipe) -> models.Sequential:
    """The network of the problem, compiled: the same at each run."""
    utils.set_random_seed(42)
    inputs = problem.train[0]
    if problem.class_names:
        first, hidden, outputs = layers.Flatten(), (300, 100), len(problem.class_names)
        activation, loss, metric = "softmax", "sparse_categorical_crossentropy", "accuracy"
    else:
        first, hidden, outputs = layers.Normalization(), (30, 30), 1
        first.adapt(inputs)
        activation, loss, metric = None, "mse", "mae"
    model = models.Sequential([layers.Input(inputs.shape[1:]), first])
    for units in hidden:
        model.add(layers.Dense(units, activation="relu"))
    model.add(layers.Dense(outputs, activation=activation))
    model.compile(optimizers.SGD(learning_rate=recipe.learning_rate), loss, metrics=[metric])
    return model
