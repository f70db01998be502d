"""Scores along with one thing that changes: the rows to train on, or a hyperparameter."""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.core.errors import ArgumentError, ArgumentTypeError, suggestion
from lamina.core.tracebacks import public
from lamina.models import Model
from lamina.plots.searches import score_curve
from lamina.population.arguments import check_fit_arguments
from lamina.population.folds import Folds, check_classes, make_folds
from lamina.population.population import Population
from lamina.population.recipe import recipe_for

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class ScoreCurve:
    """Scores of networks along with one thing that changes.

    Args:
        name: of that thing.
        values: what it was.
        training: loss and metrics on the rows that were trained on, arrays `(values, folds)` by name.
        validation: the same on the rows that were held out.
        population: the trained networks, those of a value one after the other.

    Attributes:
        name: as given.
        values: as given.
        training: as given.
        validation: as given.
        population: as given.
    """

    def __init__(
        self,
        name: str,
        values: Sequence[Any],
        training: dict[str, np.ndarray],
        validation: dict[str, np.ndarray],
        population: Population,
    ) -> None:
        self.name = name
        self.values = list(values)
        self.training = training
        self.validation = validation
        self.population = population

    @property
    def best(self) -> Any:
        """The value with the least loss on rows that were held out, on average; `None` if all networks failed."""
        means = self.validation["loss"].mean(axis=1)
        return None if np.isnan(means).all() else self.values[int(np.nanargmin(means))]

    def plot(self, ax: "Axes | None" = None, style: str | None = None, *, metric: str = "loss") -> "Axes":
        """Draws both curves, each with its spread over the folds.

        Args:
            ax: axes to draw on; a new figure if not given.
            style: `"light"` or `"dark"`.
            metric: which score to draw.

        Raises:
            ArgumentError: if there is no such score.
        """
        if metric not in self.validation:
            raise ArgumentError(f"There is no score {metric!r}.", hint=suggestion(metric, self.validation))
        return score_curve(
            self.values, self.training[metric], self.validation[metric], ax, style, name=self.name, metric=metric
        )

    def __repr__(self) -> str:
        means = self.validation["loss"].mean(axis=1)
        shown = ", ".join(f"{value}: {mean:.4g}" for value, mean in zip(self.values, means, strict=True))
        return f"<ScoreCurve of val_loss along {self.name}: {shown}>"


@public
def learning_curve(
    model_or_build: Any,
    x: Any,
    y: Any,
    sizes: Any = (0.1, 0.325, 0.55, 0.775, 1.0),
    cv: Any = 5,
    seed: int | None = None,
    stratify: Any = None,
    groups: Any = None,
    **fit_arguments: Any,
) -> ScoreCurve:
    """Tells how much more data would help: trains on parts of the rows, all sizes and folds at once.

    Args:
        model_or_build: as for `cross_validate`.
        x: inputs.
        y: targets.
        sizes: numbers of rows to train on, or shares of those that a fold has. Smaller parts are within larger ones;
            their rows are drawn at random.
        cv: the folds, as for `cross_validate`.
        seed: of the draw, and of every network.
        stratify: as for `cross_validate`.
        groups: likewise.
        **fit_arguments: as for `Population.fit`: `epochs`, `batch_size`, `callbacks` …

    Raises:
        ArgumentError: for sizes that there are not enough rows for.

    Example:
        >>> import lamina as keras
        >>> def build():
        ...     model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
        ...     model.compile(loss="mse")
        ...     return model
        >>> x = np.arange(60.0).reshape(20, 3) / 60
        >>> curve = learning_curve(build, x, x.sum(axis=1), sizes=[5, 0.5, 1.0], cv=2, verbose=0)
        >>> curve.values, curve.validation["loss"].shape
        ([5, 5, 10], (3, 2))
    """
    owner = "learning_curve"
    check_fit_arguments(learning_curve, fit_arguments)
    folds = make_folds(owner, x, y, cv, 1, seed, stratify, groups)
    generator = np.random if seed is None else np.random.RandomState(seed)
    orders = [generator.permutation(train) for train, _ in folds]
    most = min(map(len, orders))
    if not isinstance(sizes, Iterable) or not (given := list(sizes)):
        raise ArgumentTypeError(f"sizes are several numbers of rows, or shares of all. Received: sizes={sizes!r}")
    counts = [_count(size, most) for size in given]
    parts = [(order[:count], held_out) for count in counts for order, (_, held_out) in zip(orders, folds, strict=True)]
    build = recipe_for(owner, model_or_build)
    return _curve(owner, "rows", counts, build, [{}] * len(counts), parts, x, y, seed, fit_arguments)


@public
def validation_curve(
    build: Callable[..., Any],
    x: Any,
    y: Any,
    name: str,
    values: Sequence[Any],
    cv: Any = 5,
    seed: int | None = None,
    stratify: Any = None,
    groups: Any = None,
    **fit_arguments: Any,
) -> ScoreCurve:
    """Tells what a hyperparameter does: trains with several values of it, all values and folds at once.

    Args:
        build: a function that takes the hyperparameter and returns a compiled model.
        x: inputs.
        y: targets.
        name: of the hyperparameter.
        values: to try.
        cv: the folds, as for `cross_validate`.
        seed: of every network.
        stratify: as for `cross_validate`.
        groups: likewise.
        **fit_arguments: as for `Population.fit`: `epochs`, `batch_size`, `callbacks` …

    Raises:
        UnexpectedArgumentError: if `build` has no such argument.

    Example:
        >>> import lamina as keras
        >>> def build(rate):
        ...     model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
        ...     model.compile(loss="mse", optimizer=keras.optimizers.SGD(rate))
        ...     return model
        >>> x = np.arange(60.0).reshape(20, 3) / 60
        >>> curve = validation_curve(build, x, x.sum(axis=1), "rate", [1e-5, 0.1], cv=2, seed=0, verbose=0, epochs=3)
        >>> curve.best
        0.1
    """
    owner = "validation_curve"
    check_fit_arguments(validation_curve, fit_arguments)
    if isinstance(build, Model):
        raise ArgumentTypeError(
            f"{owner} takes a function with an argument {name!r} that returns a compiled model. Received: {build!r}"
        )
    values = list(values)
    if not values:
        raise ArgumentError(f"{owner}: there are no values of {name!r}.")
    folds = make_folds(owner, x, y, cv, 1, seed, stratify, groups)
    candidates = [{name: value} for value in values]
    return _curve(
        owner, name, values, recipe_for(owner, build), candidates, folds * len(values), x, y, seed, fit_arguments
    )


def _count(size: Any, most: int) -> int:
    share = isinstance(size, float | np.floating)
    if isinstance(size, bool) or not (share or isinstance(size, int | np.integer)):
        raise ArgumentTypeError(f"sizes are numbers of rows, or shares of all. Received: {size!r}")
    count = int(size * most) if share else int(size)
    if not 1 <= count <= most:
        raise ArgumentError(
            f"learning_curve: {size!r} is no size of a part of {most} rows, which is what a fold has to train on.",
            hint=f"choose integers from 1 to {most}, or shares such as 0.5.",
        )
    return count


def _curve(
    owner: str,
    name: str,
    values: Sequence[Any],
    build: Callable[..., Any],
    candidates: Sequence[dict[str, Any]],
    folds: Folds,
    x: Any,
    y: Any,
    seed: int | None,
    fit_arguments: dict[str, Any],
) -> ScoreCurve:
    """Trains candidates on their folds; as many for each, in a row."""
    each = len(folds) // len(candidates)
    population = Population(build, [candidate for candidate in candidates for _ in range(each)], seeds=seed)
    check_classes(owner, folds, y, population.members)
    population.fit(x, y, folds=folds, **fit_arguments)
    weights = fit_arguments.get("sample_weight")
    batch = fit_arguments.get("validation_batch_size") or fit_arguments.get("batch_size")

    def scores(chosen: Any) -> dict[str, np.ndarray]:
        found = population.evaluate(x, y, batch, sample_weight=weights, folds=chosen, return_dict=True)
        given = [slot for slot in range(len(folds)) if slot not in {refusal.index for refusal in population.refused}]
        return {score: _table(row, given, len(candidates), each) for score, row in found.items()}

    return ScoreCurve(name, values, scores([(train, train) for train, _ in folds]), scores(folds), population)


def _table(row: np.ndarray, slots: Sequence[int], count: int, each: int) -> np.ndarray:
    """Scores of members as `(values, folds)`; those of candidates that were refused are NaN."""
    table = np.full(count * each, np.nan)
    table[list(slots)] = row
    return table.reshape(count, each)
