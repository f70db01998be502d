"""Models of any shape, a step each: wide and deep with two inputs and outputs, subclassed and functional twins.

python benchmarks/models.py            a few minutes
python benchmarks/models.py --save     also replaces its part of benchmarks/RESULTS.md
"""

from types import ModuleType
from typing import Any

import numpy as np
from comparison import Case, Fitting, main

ROWS = 11_610  # the training set of California housing


def _data() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(42)
    x = rng.random((ROWS, 8), dtype=np.float32)
    return x, (x @ rng.standard_normal(8, dtype=np.float32))[:, None]


def _wide_and_deep(keras: ModuleType) -> Fitting:
    wide, deep = keras.Input((5,), name="wide"), keras.Input((6,), name="deep")
    hidden = keras.layers.Dense(30, activation="relu")(deep)
    hidden = keras.layers.Dense(30, activation="relu")(hidden)
    joined = keras.layers.Concatenate()([wide, hidden])
    main_output = keras.layers.Dense(1, name="main")(joined)
    aux = keras.layers.Dense(1, name="aux")(hidden)
    model = keras.Model([wide, deep], [main_output, aux])
    model.compile(loss=["mse", "mse"], loss_weights=[0.9, 0.1], optimizer=keras.optimizers.SGD(0.001))
    x, y = _data()
    return Fitting(model, [x[:, :5], x[:, 2:]], [y, y], epochs=10)


def _functional(keras: ModuleType) -> Fitting:
    inputs = keras.Input((8,))
    hidden = keras.layers.Dense(30, activation="relu")(inputs)
    hidden = keras.layers.Dense(30, activation="relu")(hidden)
    model = keras.Model(inputs, keras.layers.Dense(1)(hidden))
    model.compile(loss="mse", optimizer="sgd")
    return Fitting(model, *_data(), epochs=20)


def _subclassed(keras: ModuleType) -> Fitting:
    class Network(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.hidden = [keras.layers.Dense(30, activation="relu") for _ in range(2)]
            self.out = keras.layers.Dense(1)

        def call(self, x: Any) -> Any:
            for layer in self.hidden:
                x = layer(x)
            return self.out(x)

    model = Network()
    model.compile(loss="mse", optimizer="sgd")
    return Fitting(model, *_data(), epochs=20)


def _sequential(keras: ModuleType) -> Fitting:
    layers = [keras.layers.Dense(30, activation="relu"), keras.layers.Dense(30, activation="relu")]
    model = keras.Sequential([keras.Input((8,)), *layers, keras.layers.Dense(1)])
    model.compile(loss="mse", optimizer="sgd")
    return Fitting(model, *_data(), epochs=20)


CASES = {
    "wide-and-deep": Case("wide and deep, two inputs and outputs, housing", _wide_and_deep, limit=8),
    "sequential": Case("Sequential 8-30-30-1", _sequential),
    "functional": Case("the same, functional", _functional, base="sequential", base_limit=1.05),
    "subclassed": Case("the same, subclassed", _subclassed, base="functional", base_limit=1.05),
}

if __name__ == "__main__":
    main("Models of any shape", "models", CASES)
