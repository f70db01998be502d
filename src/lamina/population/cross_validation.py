"""Cross-validation: the networks of all folds, trained at once."""

from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from lamina.core.errors import ArgumentError, ArgumentTypeError
from lamina.core.tracebacks import public
from lamina.core.validate import at_least, positive_int
from lamina.models import Model, clone_model
from lamina.population.population import Population
from lamina.training.history import History


class CrossValidation:
    """What came out of a cross-validation.

    Args:
        population: the trained networks, one per fold.
        folds: the rows of each: trained on, and held out.
        scores: loss and metrics on the rows that were held out, arrays over folds by name.

    Attributes:
        population: as given.
        folds: as given.
        scores: as given.
    """

    def __init__(
        self, population: Population, folds: list[tuple[np.ndarray, np.ndarray]], scores: dict[str, np.ndarray]
    ) -> None:
        self.population = population
        self.folds = folds
        self.scores = scores

    @property
    def models(self) -> list[Model]:
        """The networks, one per fold."""
        return self.population.members

    @property
    def histories(self) -> list[History]:
        """Their histories."""
        return self.population.histories

    @property
    def mean(self) -> dict[str, float]:
        """The mean of each score over the folds."""
        return {name: float(np.mean(values)) for name, values in self.scores.items()}

    @property
    def std(self) -> dict[str, float]:
        """How far scores spread around their mean."""
        return {name: float(np.std(values)) for name, values in self.scores.items()}

    def curve(self, name: str) -> np.ndarray:
        """The mean over the folds of a log, epoch by epoch, as long as all were in training.

        Args:
            name: of the log, such as `"val_loss"`.
        """
        rows = [history.history[name] for history in self.histories]
        shortest = min(map(len, rows))
        return np.mean([row[:shortest] for row in rows], axis=0)

    def __repr__(self) -> str:
        shown = ", ".join(f"{name} {self.mean[name]:.4g} ± {self.std[name]:.2g}" for name in self.scores)
        return f"<CrossValidation of {len(self.folds)} folds: {shown}>"


@public
def cross_validate(
    model_or_build: Any, x: Any, y: Any, cv: Any = 5, repeats: int = 1, seed: int | None = None, **fit_arguments: Any
) -> CrossValidation:
    """Trains a network for each fold, all at once, and measures it on the rows that it did not see.

    Args:
        model_or_build: a compiled model, of which each fold trains a clone with new weights; or a function without
            arguments that returns one.
        x: inputs.
        y: targets.
        cv: the number of folds, which cut the rows as they lie; an object with a method `split(x, y)`, as
            scikit-learn has them; or pairs of row indices `(train, validation)`.
        repeats: how often to cut; from the second time on the rows are shuffled before.
        seed: of the shuffles of `repeats`, and of every network; drawn from the global generators when left out.
        **fit_arguments: as for `Population.fit`: `epochs`, `batch_size`, `callbacks` …

    Returns:
        Scores, histories and networks.

    Raises:
        ArgumentError: for more folds than rows, or fewer than two.

    Example:
        >>> import lamina as keras
        >>> def build():
        ...     model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
        ...     model.compile(loss="mse")
        ...     return model
        >>> x = np.arange(60.0).reshape(20, 3) / 60
        >>> result = cross_validate(build, x, x.sum(axis=1), cv=4, epochs=2, verbose=0)
        >>> result.scores["loss"].shape, len(result.histories)
        ((4,), 4)
    """
    rows = len(jax.tree.leaves(x)[0])
    folds = _folds(cv, positive_int("cross_validate", "repeats", repeats), x, y, rows, seed)
    population = Population(_builder(model_or_build), len(folds), seeds=seed)
    population.fit(x, y, folds=folds, **fit_arguments)
    weights = fit_arguments.get("sample_weight")
    batch = fit_arguments.get("validation_batch_size") or fit_arguments.get("batch_size")
    scores = population.evaluate(x, y, batch, sample_weight=weights, folds=folds, return_dict=True)
    return CrossValidation(population, folds, scores)


def _builder(given: Any) -> Callable[..., Any]:
    if isinstance(given, Model):
        if not given.compiled:
            raise ArgumentError(
                f"cross_validate: model '{given.name}' is not compiled.",
                hint="call model.compile(optimizer=…, loss=…) first.",
            )
        return lambda: clone_model(given)
    if not callable(given):
        raise ArgumentTypeError(
            f"cross_validate takes a compiled model or a function that returns one. Received: model_or_build={given!r}"
        )
    return given


def _folds(cv: Any, repeats: int, x: Any, y: Any, rows: int, seed: int | None) -> list[tuple[np.ndarray, np.ndarray]]:
    if isinstance(cv, int | np.integer) and not isinstance(cv, bool):
        count = at_least("cross_validate", "cv", cv, 2)
        if count > rows:
            raise ArgumentError(f"cross_validate: {count} folds need as many rows, but there are {rows}.")
        generator = np.random if seed is None else np.random.RandomState(seed)
        orders = [np.arange(rows), *(generator.permutation(rows) for _ in range(repeats - 1))]
        return [pair for order in orders for pair in _cut(order, count)]
    if repeats != 1:
        raise ArgumentError(
            "cross_validate: repeats goes with a number of folds.", hint="list all folds in cv, as often as wanted."
        )
    splits: Any = cv
    pairs = splits.split(x, y) if hasattr(splits, "split") else splits
    return [(np.asarray(train), np.asarray(held_out)) for train, held_out in pairs]


def _cut(order: np.ndarray, count: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Each part of an order held out in turn; the first ones are longer by a row if it does not come out even."""
    parts = np.array_split(order, count)
    return [(np.concatenate([*parts[:n], *parts[n + 1 :]]), part) for n, part in enumerate(parts)]
