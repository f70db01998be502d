"""The frameworks compared, behind one face: a model of a `Work` that can be fitted and can predict."""

import importlib
import importlib.util
import os
import time
from dataclasses import dataclass
from types import ModuleType
from typing import Protocol

import numpy as np
from works import Work


@dataclass(frozen=True)
class Framework:
    """A way to train: its title in the report, and the packages it needs."""

    title: str
    packages: tuple[str, ...]

    @property
    def on_jax(self) -> bool:
        """Whether JAX does its computing; Keras may import JAX on any backend."""
        return "jax" in self.packages

    @property
    def missing(self) -> list[str]:
        """The packages that are not installed; asks without importing them."""
        return [package for package in self.packages if importlib.util.find_spec(package) is None]


FRAMEWORKS = {
    "lamina": Framework("lamina", ("lamina", "jax")),
    "keras-jax": Framework("Keras on JAX", ("keras", "jax")),
    "keras-tensorflow": Framework("Keras on TensorFlow", ("keras", "tensorflow")),
    "pytorch": Framework("PyTorch eager", ("torch",)),
    "pytorch-indexed": Framework("PyTorch eager, hand-indexed", ("torch",)),
}


class Peer(Protocol):
    """A built and compiled model."""

    def fit(self, x: np.ndarray, y: np.ndarray, epochs: int) -> list[float]:
        """Trains, and returns the clock's reading (seconds) at the end of each epoch."""
        ...

    def predict(self, x: np.ndarray) -> np.ndarray:
        """The model's outputs for `x`, `(batch, features)`."""
        ...


def load(framework: str, work: Work) -> Peer:
    """Imports a framework and builds the work's model in it; one framework a process.

    Args:
        framework: a key of `FRAMEWORKS`.
        work: what to build.
    """
    if framework == "lamina":
        return KerasPeer(importlib.import_module("lamina"), work)
    if framework.startswith("keras-"):
        return KerasPeer(import_keras(framework.removeprefix("keras-")), work)
    torch_peer = importlib.import_module("torch_peer")
    return (torch_peer.TorchPeer if framework == "pytorch" else torch_peer.IndexedTorchPeer)(work)


def import_keras(backend: str) -> ModuleType:
    """Keras on the backend named; TensorFlow's start-up notices are silenced."""
    os.environ["KERAS_BACKEND"] = backend
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    return importlib.import_module("keras")


class KerasPeer:
    """Anything with the Keras API: Keras on a backend of its own, or lamina."""

    def __init__(self, keras: ModuleType, work: Work) -> None:
        self._keras = keras
        self._batch_size = work.batch_size
        layers = [keras.layers.Dense(units, activation="relu") for units in work.units[:-1]]
        layers.append(keras.layers.Dense(work.units[-1], activation=work.output))
        self._model = keras.models.Sequential([keras.layers.Input((work.features,)), *layers])
        self._model.compile(loss=work.loss, optimizer=work.optimizer, metrics=list(work.metrics))

    def fit(self, x: np.ndarray, y: np.ndarray, epochs: int) -> list[float]:
        """Trains, and returns the clock's reading (seconds) at the end of each epoch."""
        ends: list[float] = []

        class EpochClock(self._keras.callbacks.Callback):
            def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
                ends.append(time.perf_counter())

        self._model.fit(x, y, batch_size=self._batch_size, epochs=epochs, verbose=0, callbacks=[EpochClock()])
        return ends

    def predict(self, x: np.ndarray) -> np.ndarray:
        """The model's outputs for `x`, `(batch, features)`."""
        return self._model.predict(x, verbose=0)
