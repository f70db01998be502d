"""Networks with one kind of layer or another, a step each: normalization, noise, embedding.

python benchmarks/layers.py            some ten minutes
python benchmarks/layers.py --save     also replaces its part of benchmarks/RESULTS.md
"""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
from comparison import Case, Fitting, main

ROWS = 9_600  # no short batch: Keras compiles a second program for one
FEATURES = 64
HIDDEN = 4


def _data() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(42)
    x = rng.normal(size=(ROWS, FEATURES)).astype(np.float32)
    return x, (x @ rng.standard_normal(FEATURES, dtype=np.float32))[:, None]


def _network(keras: ModuleType, between: Callable[[Any], list[Any]], activation: str = "relu") -> Fitting:
    """Four hidden layers of 64 units, with other layers behind each."""
    layers: list[Any] = [keras.Input((FEATURES,))]
    for _ in range(HIDDEN):
        layers += [keras.layers.Dense(64, activation=activation), *between(keras.layers)]
    model = keras.Sequential([*layers, keras.layers.Dense(1)])
    model.compile(loss="mse", optimizer="adam")
    return Fitting(model, *_data(), epochs=8)


def _with(between: Callable[[Any], list[Any]], activation: str = "relu") -> Callable[[ModuleType], Fitting]:
    return lambda keras: _network(keras, between, activation)


def _uneven(keras: ModuleType) -> Fitting:
    model, x, y, batch_size, epochs = _network(keras, lambda layers: [layers.BatchNormalization(), layers.Dropout(0.2)])
    return Fitting(model, x[:-9], y[:-9], batch_size, epochs)


def _words(keras: ModuleType) -> Fitting:
    model = keras.Sequential(
        [
            keras.Input((20,), dtype="int32"),
            keras.layers.Embedding(1000, 16),
            keras.layers.Flatten(),
            keras.layers.Dense(1),
        ]
    )
    model.compile(loss="mse", optimizer="adam")
    rng = np.random.default_rng(42)
    return Fitting(model, rng.integers(0, 1000, (ROWS, 20)).astype("int32"), rng.random((ROWS, 1), "float32"), epochs=6)


CASES = {
    "batchnorm-dropout": Case(
        "4 × 64 with BatchNormalization, Dropout and Adam",
        _with(lambda layers: [layers.BatchNormalization(), layers.Dropout(0.2)]),
        limit=2.3,
    ),
    "uneven": Case("the same, with a short last batch", _uneven, base="batchnorm-dropout"),
    "plain": Case("4 × 64, Adam", _with(lambda layers: [])),
    "batchnorm": Case("with BatchNormalization", _with(lambda layers: [layers.BatchNormalization()]), base="plain"),
    "layernorm": Case("with LayerNormalization", _with(lambda layers: [layers.LayerNormalization()]), base="plain"),
    "groupnorm": Case("with GroupNormalization", _with(lambda layers: [layers.GroupNormalization(8)]), base="plain"),
    "dropout": Case("with Dropout", _with(lambda layers: [layers.Dropout(0.2)]), base="plain"),
    "alpha-dropout": Case(
        "with AlphaDropout, selu", _with(lambda layers: [layers.AlphaDropout(0.1)], "selu"), base="plain"
    ),
    "gaussian-noise": Case("with GaussianNoise", _with(lambda layers: [layers.GaussianNoise(0.1)]), base="plain"),
    "embedding": Case("Embedding of 20 words out of 1000", _words),
}

if __name__ == "__main__":
    main("Layers", "layers", CASES)
