"""Cross-validation: the networks of all folds, trained at once."""

from typing import Any

import numpy as np

from lamina.core.tracebacks import public
from lamina.models import Model
from lamina.population.arguments import check_fit_arguments
from lamina.population.folds import Folds, check_classes, make_folds
from lamina.population.population import Population
from lamina.population.recipe import recipe_for
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

    def __init__(self, population: Population, folds: Folds, scores: dict[str, np.ndarray]) -> None:
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
    model_or_build: Any,
    x: Any,
    y: Any,
    cv: Any = 5,
    repeats: int = 1,
    seed: int | None = None,
    stratify: Any = None,
    groups: Any = None,
    **fit_arguments: Any,
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
        stratify: `True` cuts so that all folds have the classes of `y` in equal shares; labels `(rows,)` do so for
            these.
        groups: labels `(rows,)`, such as patients: rows of one group are never in both parts of a fold.
        **fit_arguments: as for `Population.fit`: `epochs`, `batch_size`, `callbacks` …

    Returns:
        Scores, histories and networks.

    Raises:
        ArgumentError: for more folds than rows, or fewer than two.
        DataError: for folds that are validated on classes that they are not trained on.
        MissingExtraError: for `stratify` and `groups` without scikit-learn.

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
    owner = "cross_validate"
    check_fit_arguments(cross_validate, fit_arguments)
    folds = make_folds(owner, x, y, cv, repeats, seed, stratify, groups)
    population = Population(recipe_for(owner, model_or_build), len(folds), seeds=seed)
    check_classes(owner, folds, y, population.members)
    population.fit(x, y, folds=folds, **fit_arguments)
    weights = fit_arguments.get("sample_weight")
    batch = fit_arguments.get("validation_batch_size") or fit_arguments.get("batch_size")
    scores = population.evaluate(x, y, batch, sample_weight=weights, folds=folds, return_dict=True)
    return CrossValidation(population, folds, scores)
