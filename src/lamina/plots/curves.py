"""Loss and metrics over the epochs, of one training and of several."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lamina.core.tracebacks import public
from lamina.plots.language import word
from lamina.plots.logs import Record, read_record, records_of
from lamina.plots.series import Series, draw_series
from lamina.plots.style import MARKERS, Style, add_legend, drawing

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@public
def learning_curves(
    history: Any,
    ax: "Axes | None" = None,
    style: str | None = None,
    *,
    metrics: str | Sequence[str] | None = None,
    best: str | None = "val_loss",
    shift: bool = True,
) -> "Axes":
    """Draws a line for each metric over the epochs, dashed for validation, and marks the best epoch.

    A value of training is a mean over its epoch, one of validation is taken at the epoch's end. So training is drawn
    half an epoch earlier, where the two can be compared.

    Args:
        history: what `fit` returned, or its dictionary of one list a metric.
        ax: axes to draw on; a new figure if not given.
        style: `"light"` or `"dark"`; the one of `use_style` if not given.
        metrics: names to draw, without the prefix `val_`; if not given, all but learning rates and those that have
            several numbers an epoch.
        best: the log that tells which epoch was best, such as `"val_accuracy"`; `None` marks no epoch. Without
            validation none is marked unless another log is named.
        shift: whether training is drawn half an epoch earlier.

    Returns:
        The axes.

    Raises:
        ArgumentError: if the history is empty or lacks one of the metrics, or there is no such style.
        MissingExtraError: if matplotlib is not installed.

    Example:
        >>> from matplotlib.figure import Figure
        >>> ax = learning_curves({"loss": [0.9, 0.5], "val_loss": [0.8, 0.6]}, ax=Figure().subplots())
        >>> [line.get_label() for line in ax.lines]
        ['loss', 'loss (validation)', 'best: epoch 2']
    """
    with drawing("learning_curves", ax, style) as (ax, colours):
        record = read_record("learning_curves", history)
        wanted = [metrics] if isinstance(metrics, str) else metrics
        names = record.names() if wanted is None else [_plain(record, name) for name in wanted]
        for index, name in enumerate(names):
            for key in (name, f"val_{name}"):
                if key in record.logs:
                    _draw_log(ax, colours, record, key, index, shift)
        if best is not None and (best in record.logs or best != "val_loss"):
            _mark_best(ax, colours, record, record.find(best), names)
        _count_epochs(ax)
        add_legend(ax, colours)
    return ax


def _plain(record: Record, name: str) -> str:
    return name if f"val_{name}" in record.logs else record.find(name)


def _draw_log(ax: "Axes", colours: Style, record: Record, key: str, index: int, shift: bool) -> None:
    x, y = record.places(key), record.logs[key]
    if key.startswith("val_"):
        dash, label = "--", word("{name} (validation)").format(name=word(key.removeprefix("val_")))
    else:
        dash, label = "-", word(key)
        x = x - 0.5 if shift else x
    # Metrics differ in their markers, too; and a line through one point cannot be seen without.
    marked = {"marker": MARKERS[index % len(MARKERS)], "markevery": max(len(x) // 8, 1), "markersize": 4.5}
    look = marked if index or len(x) == 1 else {}
    ax.plot(x, y, dash, color=colours.colour(index), linewidth=1.8, label=label, **look)


def _mark_best(ax: "Axes", colours: Style, record: Record, judge: str, names: Sequence[str]) -> None:
    """A line at the best epoch, and points on the curves of validation there."""
    place = record.best(judge)
    epoch = int(record.places(judge)[place])
    label = word("best: epoch {epoch}").format(epoch=epoch)
    for index, name in enumerate(names):
        values = record.logs.get(f"val_{name}", ())
        if place < len(values):
            colour = colours.colour(index)
            ax.scatter([epoch], [values[place]], s=42, color=colour, edgecolors=colours.ink, linewidths=1, zorder=3)
    ax.axvline(epoch, color=colours.ink, linestyle=":", linewidth=1.2, label=label, zorder=1)


@public
def compare_runs(
    runs: Any,
    metric: str | None = None,
    ax: "Axes | None" = None,
    style: str | None = None,
) -> "Axes":
    """Draws one metric of several trainings over their epochs; the legend tells each one's best value.

    Args:
        runs: histories by name, or a list of them, such as those of a population. Of many the twelve best have names.
        metric: the log to draw; `"val_loss"` if all have it, or else `"loss"`.
        ax: axes to draw on; a new figure if not given.
        style: `"light"` or `"dark"`; the one of `use_style` if not given.

    Returns:
        The axes.

    Raises:
        ArgumentError: if there are no runs, or one of them is empty or lacks the metric.
        MissingExtraError: if matplotlib is not installed.

    Example:
        >>> from matplotlib.figure import Figure
        >>> runs = {"sgd": {"loss": [0.9, 0.7]}, "adam": {"loss": [0.8, 0.3, 0.4]}}
        >>> ax = compare_runs(runs, ax=Figure().subplots())
        >>> [line.get_label() for line in ax.lines]
        ['sgd: 0.7', 'adam: 0.3']
    """
    with drawing("compare_runs", ax, style) as (ax, colours):
        records = records_of("compare_runs", runs)
        if metric is None:
            metric = "val_loss" if all("val_loss" in record.logs for record in records.values()) else "loss"
        series = [_run(name, record, record.find(metric)) for name, record in records.items()]
        draw_series(ax, colours, series)
        name = metric.removeprefix("val_")
        ax.set_ylabel(word(name) if name == metric else word("{name} (validation)").format(name=word(name)))
        _count_epochs(ax)
        add_legend(ax, colours)
    return ax


def _run(name: str, record: Record, log: str) -> Series:
    values = record.logs[log]
    best = float(values[record.best(log)])
    return Series(f"{name}: {best:.3g}", record.places(log), values, rank=-best if record.rises(log) else best)


def _count_epochs(ax: "Axes") -> None:
    from matplotlib.ticker import MaxNLocator

    ax.set_xlabel(word("epoch"))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
