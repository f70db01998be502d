"""Loss and metrics over the epochs."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lamina.core.errors import ArgumentError, suggestion
from lamina.plots.style import find_style, prepare_axes, require_matplotlib

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def learning_curves(
    history: Any,
    ax: "Axes | None" = None,
    style: str = "light",
    *,
    metrics: Sequence[str] | None = None,
) -> "Axes":
    """Draws a line for each metric over the epochs, dashed for validation.

    Args:
        history: what `fit` returned, or its dictionary of one list a metric.
        ax: axes to draw on; a new figure if not given.
        style: `"light"` or `"dark"`.
        metrics: names to draw, without the prefix `val_`; all of them if not given.

    Returns:
        The axes.

    Raises:
        ArgumentError: if the history is empty or lacks one of the metrics, or there is no such style.
        MissingExtraError: if matplotlib is not installed.

    Example:
        >>> from matplotlib.figure import Figure
        >>> ax = learning_curves({"loss": [0.9, 0.5], "val_loss": [0.8, 0.6]}, ax=Figure().subplots())
        >>> [line.get_label() for line in ax.lines]
        ['loss', 'loss (validation)']
    """
    require_matplotlib("learning_curves()")
    from matplotlib.ticker import MaxNLocator

    colours = find_style(style)
    logs: Mapping[str, Sequence[float]] = getattr(history, "history", history)
    names = _checked(logs, metrics)
    ax = prepare_axes(ax, colours)
    for index, name in enumerate(names):
        colour = colours.series[index % len(colours.series)]
        for key, dash, label in ((name, "-", name), (f"val_{name}", "--", f"{name} (validation)")):
            if key in logs:
                epochs = _epochs(history, len(logs[key]))
                marker = "o" if len(epochs) == 1 else None  # a line through one point cannot be seen
                ax.plot(epochs, logs[key], dash, marker=marker, color=colour, linewidth=1.8, label=label)
    ax.set_xlabel("epoch")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend(frameon=False, labelcolor=colours.ink)
    return ax


def _checked(logs: Mapping[str, Sequence[float]], metrics: Sequence[str] | None) -> list[str]:
    known = [name for name in logs if not (name.startswith("val_") and name[4:] in logs)]
    if not known or not any(len(values) for values in logs.values()):
        raise ArgumentError("The history is empty: no epoch has ended yet.", hint="call fit() first.")
    # Keras puts the metrics before the loss in the logs; the loss is what a reader looks for first.
    names = list(metrics) if metrics is not None else sorted(known, key=lambda name: name != "loss")
    for name in names:
        if name not in logs:
            raise ArgumentError(f"The history has no metric {name!r}.", hint=suggestion(name, known))
    return names


def _epochs(history: Any, count: int) -> list[int]:
    """Epoch numbers from 1; those of the history itself where it continues an earlier one."""
    epochs = list(getattr(history, "epoch", []))
    if len(epochs) == count:
        return [epoch + 1 for epoch in epochs]
    last = len(epochs) or count  # validation_freq leaves gaps: the values belong to evenly spaced epochs
    step = max(last // max(count, 1), 1)
    return [step * (index + 1) for index in range(count)]
