"""Learning rates: how a loss takes them, and how schedules change them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.core.errors import ArgumentError, ArgumentTypeError
from lamina.core.tracebacks import public
from lamina.core.validate import positive_int
from lamina.plots.language import word
from lamina.plots.series import Series, draw_series
from lamina.plots.style import add_legend, drawing
from lamina.plots.values import finite_array, flat_array, same_length

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_HIGH = 0.5  # losses that are higher than at first by so much of their way down are not shown


@public
def learning_rate_finder(
    finder: Any,
    losses: Any = None,
    ax: "Axes | None" = None,
    style: str | None = None,
    *,
    suggestion: float | None = None,
) -> "Axes":
    """Draws the loss over learning rates that grow from step to step, and the rate that is suggested.

    Args:
        finder: an object with `rates`, `losses` and `suggestion`; a history with the logs `learning_rate` and `loss`;
            or the rates, with `losses` besides.
        losses: as many as rates, if rates were given. Where a loss has diverged to NaN, there is a gap.
        ax: axes to draw on; a new figure if not given.
        style: `"light"` or `"dark"`; the one of `use_style` if not given.
        suggestion: the rate to mark; that of the finder if not given.

    Returns:
        The axes.

    Raises:
        ArgumentError: if there is nothing to draw, rates are not above zero, or the numbers of both differ.
        MissingExtraError: if matplotlib is not installed.

    Example:
        >>> from matplotlib.figure import Figure
        >>> ax = learning_rate_finder([1e-3, 1e-2, 1e-1], [2.0, 1.0, 3.0], suggestion=1e-2, ax=Figure().subplots())
        >>> ax.get_xscale(), ax.lines[-1].get_label()
        ('log', 'suggestion: 0.01')
    """
    owner = "learning_rate_finder"
    with drawing(owner, ax, style) as (ax, colours):
        rates, curve, marked = _sweep(owner, finder, losses)
        marked = suggestion if suggestion is not None else marked
        ax.plot(rates, curve, **colours.line(0))
        _limit(ax, curve[np.isfinite(curve)])
        if marked is not None:
            label = word("suggestion: {rate}").format(rate=f"{marked:.2g}")
            ax.axvline(float(marked), color=colours.series[1], linestyle="--", linewidth=1.6, label=label)
            add_legend(ax, colours)
        ax.set_xscale("log")
        ax.set(xlabel=word("learning rate"), ylabel=word("loss"))
    return ax


def _sweep(owner: str, finder: Any, losses: Any) -> tuple[np.ndarray, np.ndarray, float | None]:
    marked = None
    if losses is None:
        logs = getattr(finder, "history", finder)
        if hasattr(finder, "rates") and hasattr(finder, "losses"):
            finder, losses, marked = finder.rates, finder.losses, getattr(finder, "suggestion", None)
        elif isinstance(logs, Mapping) and {"learning_rate", "loss"} <= set(logs):
            finder, losses = logs["learning_rate"], logs["loss"]
        else:
            raise ArgumentTypeError(
                f"{owner}: a learning-rate finder, a history with 'learning_rate' and 'loss', or rates and losses are "
                f"expected. Received: a {type(finder).__name__}"
            )
    rates = flat_array(owner, "rates", finder)
    curve = np.asarray(losses, dtype="float64").reshape(-1)
    same_length(owner, rates=rates, losses=curve)
    if rates.min() <= 0:
        raise ArgumentError(f"{owner}: rates must be above zero. Received: {rates.min():g} among them")
    if not np.isfinite(curve).any():
        raise ArgumentError(f"{owner}: all {len(curve)} losses are NaN or infinite.", hint="begin with lower rates.")
    return rates, np.where(np.isfinite(curve), curve, np.nan), marked


def _limit(ax: "Axes", curve: np.ndarray) -> None:
    """Cuts off losses that explode, lest the way down cannot be seen."""
    low, first = curve.min(), curve[0]
    if low < first:
        ax.set_ylim(low - 0.1 * (first - low), min(curve.max() + 0.1 * (first - low), first + _HIGH * (first - low)))


@public
def schedule_curves(
    schedules: Any,
    steps: int = 1000,
    ax: "Axes | None" = None,
    style: str | None = None,
) -> "Axes":
    """Draws the learning rate of schedules over the steps of training.

    Args:
        schedules: one, or several by name: objects of `optimizers.schedules`, or functions of the step.
        steps: the last step to draw.
        ax: axes to draw on; a new figure if not given.
        style: `"light"` or `"dark"`; the one of `use_style` if not given.

    Returns:
        The axes.

    Raises:
        ArgumentTypeError: if one is no function of the step.
        ArgumentError: if there are none, or a rate is NaN.
        MissingExtraError: if matplotlib is not installed.

    Example:
        >>> from lamina.optimizers.schedules import ExponentialDecay
        >>> from matplotlib.figure import Figure
        >>> ax = schedule_curves(ExponentialDecay(0.1, 100, 0.5), steps=100, ax=Figure().subplots())
        >>> ax.lines[0].get_ydata()[[0, -1]].round(3).tolist()
        [0.1, 0.05]
    """
    owner = "schedule_curves"
    with drawing(owner, ax, style) as (ax, colours):
        named = schedules if isinstance(schedules, Mapping) else {"": schedules}
        if not named:
            raise ArgumentError(f"{owner}: there are no schedules to draw.", hint="pass {name: schedule, …}.")
        places = np.arange(positive_int(owner, "steps", steps) + 1)
        draw_series(ax, colours, [Series(name, places, _rates(owner, s, places)) for name, s in named.items()])
        ax.set(xlabel=word("step"), ylabel=word("learning rate"))
        if len(named) > 1:
            add_legend(ax, colours)
    return ax


def _rates(owner: str, schedule: Any, places: np.ndarray) -> np.ndarray:
    if not callable(schedule):
        raise ArgumentTypeError(
            f"{owner}: a schedule is a function of the step. Received: a {type(schedule).__name__}",
            hint="lamina.optimizers.schedules has those of Keras.",
        )
    try:
        rates = np.asarray(schedule(places), dtype="float64")
    except (TypeError, ValueError):  # a function with an `if` takes one step at a time
        rates = np.asarray([schedule(int(step)) for step in places], dtype="float64")
    return finite_array(owner, "the rate", np.broadcast_to(rates, places.shape))
