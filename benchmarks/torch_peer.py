"""PyTorch, eager: the training loop that courses teach, and the same with batches indexed by hand."""

import time
from collections.abc import Iterable

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from works import Work

_LOSSES = {"softmax": nn.CrossEntropyLoss, "sigmoid": nn.BCEWithLogitsLoss, "linear": nn.MSELoss}
_LEARNING_RATES = {"sgd": 0.01, "rmsprop": 0.001}  # Keras's defaults
_OPTIMIZERS = {"sgd": torch.optim.SGD, "rmsprop": torch.optim.RMSprop}


class TorchPeer:
    """A `DataLoader` with `shuffle=True`, and one Python pass over its batches an epoch."""

    def __init__(self, work: Work) -> None:
        self._work = work
        layers: list[nn.Module] = []
        for inputs, units in work.kernels:
            layers += [nn.Linear(inputs, units), nn.ReLU()]
        self._model = nn.Sequential(*layers[:-1])  # the losses take logits, so nothing follows the last Linear
        self._loss = _LOSSES[work.output]()
        self._optimizer = _OPTIMIZERS[work.optimizer](self._model.parameters(), lr=_LEARNING_RATES[work.optimizer])

    def _batches(self, x: torch.Tensor, y: torch.Tensor) -> Iterable[tuple[torch.Tensor, torch.Tensor]]:
        return DataLoader(TensorDataset(x, y), batch_size=self._work.batch_size, shuffle=True)  # type: ignore[return-value]

    def fit(self, x: np.ndarray, y: np.ndarray, epochs: int) -> list[float]:
        """Trains, and returns the clock's reading (seconds) at the end of each epoch."""
        inputs = torch.as_tensor(x, dtype=torch.float32)
        targets = torch.as_tensor(y) if self._work.output == "softmax" else torch.as_tensor(y)[:, None]
        ends = []
        for _ in range(epochs):
            self._epoch(self._batches(inputs, targets))
            ends.append(time.perf_counter())
        return ends

    def _epoch(self, batches: Iterable[tuple[torch.Tensor, torch.Tensor]]) -> tuple[float, int]:
        """One pass, with the running loss and (of a classifier) hits that Keras reports too."""
        total, hits = 0.0, 0
        for inputs, targets in batches:
            outputs = self._model(inputs)
            loss = self._loss(outputs, targets)
            self._optimizer.zero_grad()
            loss.backward()
            self._optimizer.step()
            total += loss.item() * len(inputs)
            if self._work.metrics:
                predicted = outputs.argmax(dim=1) if self._work.output == "softmax" else (outputs > 0).float()
                hits += (predicted == targets).sum().item()
        return total, hits

    @torch.inference_mode()
    def predict(self, x: np.ndarray) -> np.ndarray:
        """The model's outputs for `x`, `(batch, features)`."""
        return self._model(torch.from_numpy(x)).numpy()


class IndexedTorchPeer(TorchPeer):
    """Shuffled row indices, each batch gathered in one call: without the `DataLoader`'s work row by row."""

    def _batches(self, x: torch.Tensor, y: torch.Tensor) -> Iterable[tuple[torch.Tensor, torch.Tensor]]:
        for rows in torch.randperm(len(x)).split(self._work.batch_size):
            yield x[rows], y[rows]
