"""What an estimator has its model learn, and who may do that for it."""

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from lamina.training.history import History


@dataclass(frozen=True)
class Training:
    """A training that an estimator has prepared.

    Attributes:
        model: compiled, with its first weights.
        x: inputs.
        targets: as the model's losses read them.
        weights: factors of the rows in the loss, or `None`.
        arguments: of `Model.fit`.
        kept: the rows to train on; all when left out.
        held: the rows to validate on, if they are among those of `x`.
    """

    model: Any
    x: np.ndarray
    targets: Any
    weights: np.ndarray | None
    arguments: dict[str, Any]
    kept: np.ndarray | None = None
    held: np.ndarray | None = None

    def run(self) -> History:
        """Trains the model by itself."""
        x, targets, weights = self._rows(self.kept)
        held_out = {} if self.held is None else {"validation_data": self._rows(self.held)}
        return self.model.fit(x, targets, sample_weight=weights, **self.arguments, **held_out)

    def _rows(self, rows: np.ndarray | None) -> tuple[Any, Any, Any]:
        if rows is None:
            return self.x, self.targets, self.weights
        return self.x[rows], self.targets[rows], None if self.weights is None else self.weights[rows]


class Conductor(Protocol):
    """Who has estimators learn together: what it does not do, they do alone."""

    def has_taught(self, estimator: Any, x: np.ndarray) -> bool:
        """Told that an estimator is about to learn from new data; whether it now knows what it is to learn.

        Args:
            estimator: the one.
            x: its inputs.
        """
        ...

    def teach(self, estimator: Any, training: Training) -> History | None:
        """Trains an estimator's model, or takes note of it and returns `None`.

        Args:
            estimator: the one.
            training: what it has prepared, under the random state that it is to go on with.
        """
        ...


conductor: ContextVar[Conductor | None] = ContextVar("conductor", default=None)
