"""One network of a population."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import jax
import numpy as np

from lamina.callbacks.early_stopping import EarlyStopping
from lamina.core.engine import on_device
from lamina.core.state import Binding, State
from lamina.core.structure import ProgramKey
from lamina.models import Model
from lamina.population.rows import Shuffle
from lamina.training.history import History
from lamina.training.loan import Loan
from lamina.training.logs import Logs
from lamina.training.step import Learner


class Member:
    """A candidate with its model, and how far it has come.

    To `EarlyStopping` it looks like a model: it has weights and can be stopped.

    Args:
        index: the number of the candidate.
        candidate: its parameters.
        model: compiled.
        randomness: the state of the random generators that its training goes on with; `None` for the global ones.

    Attributes:
        status: "waiting", "training", "trained", "stopped early", "diverged" or "interrupted".
        history: the logs of its epochs.
        train: the rows that it is trained on, drawn anew each epoch.
        held_out: the rows that it is validated on.
        is_new: whether the next training is the first to see the model built.
    """

    def __init__(self, index: int, candidate: dict[str, Any], model: Model, randomness: dict[str, Any] | None) -> None:
        self.index = index
        self.candidate = candidate
        self.model = model
        self.randomness = randomness
        self.status = "waiting"
        self.history = History()
        self.stop_training = False
        self.train: Shuffle
        self.held_out: np.ndarray | None = None
        self.is_new = False
        self._log_names: list[str] = []
        self._stoppers: list[EarlyStopping] = []
        self._weights: Callable[[], list[np.ndarray]] = list
        self._loan: Loan | None = None

    # -- what programs need ----------------------------------------------------------------------------------------

    @property
    def learner(self) -> Learner:
        """The model with its binding."""
        return self.model.learner("fit")[0]

    @property
    def key(self) -> ProgramKey:
        """What its programs are made of: members with equal keys train together."""
        return self.model.learner("fit")[1]

    @property
    def binding(self) -> Binding:
        """Where its variables stand in the state."""
        return self.learner.binding

    @property
    def is_done(self) -> bool:
        """Whether its last training is over."""
        return self.status not in ("waiting", "training")

    def named(self, error: Exception) -> Exception:
        """An error, with a note which of several candidates it is about."""
        if self.index:
            error.add_note(f"This is candidate {self.index}, {self.candidate}; those before it take the data.")
        return error

    # -- a training --------------------------------------------------------------------------------------------------

    def begin(self, stoppers: Sequence[EarlyStopping]) -> State:
        """Takes the state out of the model for a training.

        Args:
            stoppers: its own.
        """
        self._loan = Loan(self.binding)
        self.status, self.stop_training = "training", False
        self.history = self.model.history = History()
        self._stoppers = list(stoppers)
        for callback in (self.history, *self._stoppers):
            callback.set_model(self)
            callback.on_train_begin({})
        return self._loan.state

    def end_epoch(self, epoch: int, logs: dict[str, Any], weights: Callable[[], list[np.ndarray]]) -> None:
        """Takes note of an epoch.

        Args:
            epoch: its number.
            logs: what came out.
            weights: gives views of the present ones, in the order of the model's.
        """
        self._weights = weights
        self.history.on_epoch_end(epoch, logs)
        for stopper in self._stoppers:
            stopper.on_epoch_end(epoch, Logs(logs))
        if not np.isfinite(logs.get("loss", 0.0)).all():
            self.status, self.stop_training = "diverged", True
        elif self.stop_training:
            self.status = "stopped early"

    def leave(self, state: State) -> None:
        """Ends its part in the training.

        Args:
            state: that it has come to, in arrays that nobody else will change.
        """
        assert self._loan is not None
        if self.randomness is not None:  # others may go on drawing
            self.randomness["numpy"] = self.train.generator.get_state(legacy=False)
        self._loan.state = jax.tree.map(on_device, state)

    def settle(self) -> None:
        """Gives the state back to the model, which from then on is one like any other."""
        if self._loan is None:
            return
        self._loan.settle()
        self._loan = None
        if self.history.epoch:
            self.model.optimizer.finalize_variable_values(self.model.trained_variables())
        for callback in (self.history, *self._stoppers):
            callback.set_model(self.model)
            callback.on_train_end({})
        self._weights, self._stoppers = list, []  # what they hold is the whole block's

    # -- what a callback sees of a model -------------------------------------------------------------------------

    def get_weights(self) -> list[np.ndarray]:
        """Copies of the present weights."""
        return [np.array(weight) for weight in self._weights()]

    def log_names(self) -> list[str]:
        """The names of the metrics in logs."""
        return self._log_names

    def name_logs(self, first: "Member") -> None:
        """Gives logs the names that they have in the first member, where only the numbers of automatic names differ.

        Args:
            first: of the population, prepared like this one.
        """
        named: dict[str, list[str]] = {}
        for name in first.model.log_names():
            named.setdefault(_unnumbered(name), []).append(name)
        used = {kind: iter(names) for kind, names in named.items()}
        self._log_names = [next(used.get(_unnumbered(name), iter(())), name) for name in self.model.log_names()]

    @property
    def metrics(self) -> list[Any]:
        """The metrics."""
        return self.model.metrics

    def __repr__(self) -> str:
        return f"<Member {self.index} {self.candidate}: {self.status}>"


def _unnumbered(name: str) -> str:
    """A name without the number that tells it from others of its kind.

    Example:
        >>> _unnumbered("auc_2")
        'auc'
    """
    return re.sub(r"_\d+$", "", name)
