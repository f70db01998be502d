"""What metrics cost: steps of the Fashion-MNIST MLP with and without them.

python benchmarks/metrics.py           some minutes
python benchmarks/metrics.py --save    also replaces its part of benchmarks/RESULTS.md
"""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
from comparison import Case, Fitting, main

ROWS = 12_800
CLASSES = 10
AT_MOST = 1.25  # of a step without metrics


def _network(keras: ModuleType, metrics: list[Any]) -> Fitting:
    """784-300-100-10 with one-hot targets, batches of 32, SGD."""
    rng = np.random.default_rng(42)
    x = rng.random((ROWS, 784), dtype=np.float32)
    y = np.eye(CLASSES, dtype=np.float32)[(x @ rng.standard_normal((784, CLASSES), dtype=np.float32)).argmax(axis=1)]
    layers = keras.layers
    hidden = [layers.Dense(300, activation="relu"), layers.Dense(100, activation="relu")]
    model = keras.Sequential([keras.Input((784,)), *hidden, layers.Dense(CLASSES, activation="softmax")])
    model.compile(loss="categorical_crossentropy", optimizer="sgd", metrics=metrics)
    return Fitting(model, x, y, epochs=4)


def _with(make: Callable[[Any], list[Any]]) -> Callable[[ModuleType], Fitting]:
    return lambda keras: _network(keras, make(keras.metrics))


def _three(metrics: Any) -> list[Any]:
    return ["accuracy", metrics.AUC(), metrics.F1Score(average="macro")]


def _case(title: str, make: Callable[[Any], list[Any]], limit: float | None = None) -> Case:
    return Case(title, _with(make), base="none", base_limit=limit)


CASES = {
    "none": Case("no metrics", _with(lambda metrics: [])),
    "three": _case("accuracy, AUC and F1", _three, AT_MOST),
    "accuracy": _case("accuracy", lambda metrics: ["accuracy"]),
    "auc": _case("AUC", lambda metrics: [metrics.AUC()]),
    "auc-labels": _case("AUC of each label", lambda metrics: [metrics.AUC(multi_label=True)]),
    "f1": _case("F1", lambda metrics: [metrics.F1Score(average="macro")]),
    "precision-recall": _case("precision and recall", lambda metrics: [metrics.Precision(), metrics.Recall()]),
}

if __name__ == "__main__":
    main("Metrics", "metrics", CASES)
