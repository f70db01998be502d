"""Looking for a learning rate before training."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import jax
import numpy as np

from lamina.core.errors import ArgumentError
from lamina.core.seeds import draw_seed, seeded
from lamina.core.tracebacks import public
from lamina.core.validate import above_zero, at_least, one_of, positive_int
from lamina.data.arrays import count_rows, host_arrays
from lamina.data.dataset import DEFAULT_BATCH
from lamina.models import Model
from lamina.plots.rates import learning_rate_finder
from lamina.population.population import Population
from lamina.population.recipe import recipe_for
from lamina.training.checks import check_lengths

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FEWEST_STEPS = 100
_MEMORY = 0.95  # the share of what came before in the smoothed loss of a step
_TOO_MUCH = 4.0  # a sweep ends where the smoothed loss is so many times the least
_BELOW_TURN = 10.0


class LearningRates:
    """Losses for learning rates, and which rate to take.

    Args:
        way: `"sweep"` or `"population"`.
        rates: that were tried, ascending.
        losses: of a sweep, smoothed over its steps; of a population, in the last epoch. NaN where they diverged.
        suggestion: a rate to begin with; `None` if none of them did any good.
        why: the reason, in words.

    Attributes:
        way: as given.
        rates: as given.
        losses: as given.
        suggestion: as given.
        why: as given.
    """

    def __init__(self, way: str, rates: np.ndarray, losses: np.ndarray, suggestion: float | None, why: str) -> None:
        self.way = way
        self.rates = rates
        self.losses = losses
        self.suggestion = suggestion
        self.why = why

    def plot(self, ax: "Axes | None" = None, style: str | None = None) -> "Axes":
        """Draws the losses over the rates, and the suggestion.

        Args:
            ax: axes to draw on; a new figure if not given.
            style: `"light"` or `"dark"`.
        """
        return learning_rate_finder(self, ax=ax, style=style)

    def __repr__(self) -> str:
        return f"<LearningRates by {self.way}: suggestion {self.suggestion}. {self.why}>"


@public
def find_learning_rate(
    model_or_build: Any,
    x: Any,
    y: Any,
    low: float = 1e-5,
    high: float = 10.0,
    way: str = "sweep",
    batch_size: int | None = None,
    steps: int | None = None,
    count: int = 25,
    epochs: int = 1,
    seed: int | None = None,
) -> LearningRates:
    """Tries learning rates, and suggests one.

    A sweep trains one network, and raises the rate a little at every step: the loss falls, then turns, and soon is
    beyond all bounds. A tenth of the rate where it turns is a good one to begin with. A population trains a network
    for each of `count` rates, all from the same weights, and tells which has come furthest.

    The model itself is not trained: copies of it are.

    Args:
        model_or_build: a compiled model, or a function without arguments that returns one.
        x: inputs.
        y: targets.
        low: the least rate.
        high: the highest; those between are evenly spaced on a logarithmic scale.
        way: `"sweep"` or `"population"`.
        batch_size: rows per step, 32 when left out.
        steps: of a sweep; those of an epoch when left out, but 100 at least.
        count: how many rates a population has.
        epochs: that a population trains for.
        seed: of weights and shuffles; drawn when left out.

    Returns:
        Rates, losses, the suggestion and the reason for it.

    Raises:
        ArgumentError: for rates out of order.

    Example:
        >>> import lamina as keras
        >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        >>> model.compile(optimizer=keras.optimizers.SGD(), loss="mse")
        >>> x = np.linspace(-1, 1, 320)[:, None]
        >>> found = find_learning_rate(model, x, 3 * x + 1, seed=0)
        >>> 0.001 < found.suggestion < 0.5
        True
    """
    owner = "find_learning_rate"
    one_of(owner, "way", way, ("sweep", "population"))
    low, high = above_zero(owner, "low", low), above_zero(owner, "high", high)
    if low >= high:
        raise ArgumentError(f"{owner}: low must be less than high. Received: low={low}, high={high}")
    check_lengths(host_arrays(x, "x"), host_arrays(y, "y"), None, ("x", "y", "sample_weight"))
    batch = DEFAULT_BATCH if batch_size is None else positive_int(owner, "batch_size", batch_size)
    make = recipe_for(owner, model_or_build, keeps_weights=True)
    seed = draw_seed() if seed is None else seed
    if way == "population":
        rates = np.geomspace(low, high, at_least(owner, "count", count, 2))
        return _compared(rates, _constant_rates(make, x, y, rates, batch, positive_int(owner, "epochs", epochs), seed))
    rows = count_rows(host_arrays(x, "x"), "x")
    steps = max(-(-rows // batch), _FEWEST_STEPS) if steps is None else at_least(owner, "steps", steps, 2)
    with seeded(seed):
        rates, losses = _sweep(make(), x, y, np.geomspace(low, high, steps), batch)
    return _turning(rates, losses)


def _sweep(model: Model, x: Any, y: Any, rates: np.ndarray, batch: int) -> tuple[np.ndarray, np.ndarray]:
    """The smoothed loss at each rate, up to where it has diverged."""
    x, y = host_arrays(x, "x"), host_arrays(y, "y")
    rows = count_rows(x, "x")
    batch = min(batch, rows)
    order = np.zeros(0, int)
    mean, smoothed = 0.0, []
    for step, rate in enumerate(rates):
        if len(order) < batch:
            order = np.concatenate([order, np.random.permutation(rows)])
        chosen, order = order[:batch], order[batch:]
        part, targets = jax.tree.map(lambda array, chosen=chosen: array[chosen], (x, y))
        model.optimizer.learning_rate = float(rate)
        model.reset_metrics()
        loss = model.train_on_batch(part, targets, return_dict=True)["loss"]
        mean = _MEMORY * mean + (1 - _MEMORY) * float(loss)
        smoothed.append(mean / (1 - _MEMORY ** (step + 1)))
        lost = step > 10 and smoothed[-1] > _TOO_MUCH * max(min(smoothed), 1e-12)
        if lost or not np.isfinite(smoothed[-1]):
            break
    return rates[: len(smoothed)], np.array(smoothed)


def _constant_rates(
    make: Callable[..., Model], x: Any, y: Any, rates: np.ndarray, batch: int, epochs: int, seed: int
) -> np.ndarray:
    def build(rate: float) -> Model:
        model = make()
        model.optimizer.learning_rate = rate
        return model

    population = Population(build, [{"rate": float(rate)} for rate in rates], seeds=seed)
    histories = population.fit(x, y, batch_size=batch, epochs=epochs, verbose=0)
    losses = np.array([history.history["loss"][-1] for history in histories])
    return np.where(np.isfinite(losses), losses, np.nan)


def _turning(rates: np.ndarray, losses: np.ndarray) -> LearningRates:
    """What a sweep tells."""
    known = np.where(np.isfinite(losses), losses, np.inf)
    turn = int(known.argmin())
    if not np.isfinite(losses[0]):
        return LearningRates(
            "sweep", rates, losses, None, "The loss is no number from the first step on: see the data."
        )
    if turn == 0:
        why = f"The loss only rises, from a rate of {rates[0]:.2g} on: try lower ones, or look at the data."
        return LearningRates("sweep", rates, losses, None, why)
    suggestion = float(max(rates[turn] / _BELOW_TURN, rates[0]))
    if turn == len(rates) - 1:
        why = f"The loss still falls at the highest rate, {rates[turn]:.2g}; this is a tenth of it. Try higher ones."
    else:
        why = f"The loss falls up to a rate of {rates[turn]:.2g} and then turns; this is a tenth of it."
    return LearningRates("sweep", rates, losses, suggestion, why)


def _compared(rates: np.ndarray, losses: np.ndarray) -> LearningRates:
    """What a population tells."""
    if np.isnan(losses).all():
        why = f"All networks have diverged, even that with a rate of {rates[0]:.2g}: try lower ones."
        return LearningRates("population", rates, losses, None, why)
    best = int(np.nanargmin(losses))
    why = f"Of {len(rates)} networks, that with this rate has the least loss, {losses[best]:.4g}"
    lost = np.flatnonzero(np.isnan(losses))
    why += f"; those with {rates[lost[0]]:.2g} and more have diverged." if lost.size else "."
    return LearningRates("population", rates, losses, float(rates[best]), why)
