"""Many networks in one picture: searches, populations, curves of scores and intervals of ensembles."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.core.errors import ArgumentError, ArgumentTypeError, suggestion
from lamina.core.tracebacks import public
from lamina.plots.language import word
from lamina.plots.logs import records_of
from lamina.plots.style import Style, add_legend, drawing
from lamina.plots.values import finite_array, flat_array, interval_of, number_array, same_length

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LABELLED = 8  # values on a logarithmic axis that all have room for their names


@public
def parallel_coordinates(
    results: Any,
    ax: "Axes | None" = None,
    style: str | None = None,
    *,
    score: str = "mean_test_score",
) -> "Axes":
    """Draws each candidate of a search as a line through its parameters to its score.

    The darker the line, the better; the best is thick.

    Args:
        results: a search that has been fitted, or its `cv_results_`.
        ax: axes to draw on; a new figure if not given.
        style: `"light"` or `"dark"`; the one of `use_style` if not given.
        score: the column of `cv_results_` that tells how good a candidate is.

    Returns:
        The axes.

    Raises:
        ArgumentError: if there is no such column, or no candidate has a score.
        MissingExtraError: if matplotlib is not installed.

    Example:
        >>> from matplotlib.figure import Figure
        >>> results = {"params": [{"rate": 0.1}, {"rate": 0.01}], "mean_test_score": [0.5, 0.8]}
        >>> ax = parallel_coordinates(results, ax=Figure().subplots())
        >>> [label.get_text() for label in ax.get_xticklabels()]
        ['rate', 'mean_test_score']
    """
    owner = "parallel_coordinates"
    table = getattr(results, "cv_results_", results)
    if not isinstance(table, Mapping) or "params" not in table:
        raise ArgumentTypeError(
            f"{owner}: a search or its cv_results_ is expected. Received: a {type(results).__name__}",
            hint="call fit() of the search first.",
        )
    if score not in table:
        raise ArgumentError(f"{owner}: the results have no column {score!r}.", hint=suggestion(score, table))
    scores = np.asarray(table[score], "float64")
    known = np.flatnonzero(np.isfinite(scores))
    if not known.size:
        raise ArgumentError(f"{owner}: no candidate has a score.")
    names = list(dict.fromkeys(name for params in table["params"] for name in params))
    with drawing(owner, ax, style, (1.6 * (len(names) + 1) + 2, 4.2)) as (ax, colours):
        columns = [_scaled([table["params"][n].get(name) for n in known]) for name in names]
        columns.append(_scaled(scores[known].tolist(), few=1))
        heights = np.stack([places for places, _ in columns], axis=1)
        ranks = scores[known].argsort().argsort()
        shades = colours.shades()
        for line, rank in sorted(zip(heights, ranks, strict=True), key=lambda pair: pair[1]):
            best = rank == len(known) - 1
            look = (
                {"color": colours.series[1], "linewidth": 2.8, "label": word("best")}
                if best
                else {"color": shades(0.25 + 0.75 * (rank + 1) / len(known)), "linewidth": 1.2}
            )
            ax.plot(np.arange(len(columns)), line, marker="o", markersize=3.5, **look)
        for place, (_, marks) in enumerate(columns):
            _draw_scale(ax, colours, place, marks)
        ax.set_xticks(range(len(columns)), [*names, score])
        ax.set(yticks=[], ylim=(-0.08, 1.08), xlim=(-0.3, len(columns) - 0.4))
        ax.grid(False)
        ax.spines["left"].set_visible(False)
        add_legend(ax, colours, beside=True)
    return ax


def _scaled(values: Sequence[Any], few: int = 5) -> tuple[np.ndarray, list[tuple[float, str]]]:
    """Places between 0 and 1, and what stands at some of them; so few different values are spread evenly."""
    numeric = all(isinstance(v, int | float | np.number) and not isinstance(v, bool) for v in values)
    kinds = sorted(set(values)) if numeric else list(dict.fromkeys(map(str, values)))
    if len(kinds) <= few:
        heights = {kind: (n + 0.5) / len(kinds) for n, kind in enumerate(kinds)}
        places = np.array([heights[value if numeric else str(value)] for value in values])
        return places, [(height, f"{kind:.3g}" if numeric else str(kind)) for kind, height in heights.items()]
    if not numeric:
        heights = {kind: n / (len(kinds) - 1) for n, kind in enumerate(kinds)}
        return np.array([heights[str(v)] for v in values]), [(height, kind) for kind, height in heights.items()]
    low, high = float(kinds[0]), float(kinds[-1])
    logarithmic = low > 0 and high / low >= 50
    turn = np.log if logarithmic else lambda v: v
    back = np.exp if logarithmic else lambda v: v
    ends = turn(low), turn(high)
    marks = [(share, f"{back(ends[0] + share * (ends[1] - ends[0])):.3g}") for share in (0.0, 0.25, 0.5, 0.75, 1.0)]
    return (turn(np.array(values, "float64")) - ends[0]) / (ends[1] - ends[0]), marks


def _draw_scale(ax: "Axes", colours: Style, place: int, marks: Sequence[tuple[float, str]]) -> None:
    ax.axvline(place, color=colours.faint, linewidth=1, zorder=0)
    for height, text in marks:
        ground = {"facecolor": colours.ground, "edgecolor": "none", "alpha": 0.75, "pad": 0.6}
        ax.annotate(
            text, (place, height), (5, 0), textcoords="offset points", color=colours.ink, fontsize=8, va="center",
            bbox=ground, zorder=4,
        )  # fmt: skip


@public
def member_curves(
    histories: Any,
    metric: str | None = None,
    ax: "Axes | None" = None,
    style: str | None = None,
) -> "Axes":
    """Draws one metric of all members of a population over the epochs, and marks the best.

    Args:
        histories: of the members, or an object that has them: a `Population`, an `Ensemble`, a `CrossValidation`.
        metric: the log to draw; `"val_loss"` if there is one, else `"loss"`.
        ax: axes to draw on; a new figure if not given.
        style: `"light"` or `"dark"`; the one of `use_style` if not given.

    Returns:
        The axes.

    Raises:
        ArgumentError: if there are no histories, or one lacks the metric.
        MissingExtraError: if matplotlib is not installed.

    Example:
        >>> from matplotlib.figure import Figure
        >>> ax = member_curves([{"loss": [0.9, 0.7]}, {"loss": [0.8, 0.3]}], ax=Figure().subplots())
        >>> [line.get_label() for line in ax.lines if not line.get_label().startswith("_")]
        ['best: network 2, epoch 2']
    """
    owner = "member_curves"
    records = list(records_of(owner, getattr(histories, "histories", histories)).values())
    chosen = metric or ("val_loss" if all("val_loss" in record.logs for record in records) else "loss")
    with drawing(owner, ax, style) as (ax, colours):
        from matplotlib.ticker import MaxNLocator

        logs = [record.find(chosen) for record in records]
        sign = -1 if records[0].rises(logs[0]) else 1
        tops = [sign * record.logs[log][record.best(log)] for record, log in zip(records, logs, strict=True)]
        winner = int(np.argmin(tops))
        others = {"color": colours.tint(0, 0.55), "linewidth": 1.0, "alpha": max(0.15, min(0.9, 20 / len(records)))}
        for record, log in zip(records, logs, strict=True):
            ax.plot(record.places(log), record.logs[log], **others)
        record, log = records[winner], logs[winner]
        epoch = record.best(log)
        label = word("best: network {number}, epoch {epoch}").format(
            number=winner + 1, epoch=int(record.places(log)[epoch])
        )
        ax.plot(record.places(log), record.logs[log], color=colours.series[1], linewidth=2.2, label=label)
        ax.scatter(record.places(log)[epoch], record.logs[log][epoch], s=42, color=colours.series[1],
                   edgecolors=colours.ink, linewidths=1, zorder=5)  # fmt: skip
        name = chosen.removeprefix("val_")
        _show_most(ax, [value for record, log in zip(records, logs, strict=True) for value in record.logs[log]], sign)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        ax.set(xlabel=word("epoch"))
        ax.set(ylabel=word(name) if name == chosen else word("{name} (validation)").format(name=word(name)))
        add_legend(ax, colours)
    return ax


def _show_most(ax: "Axes", values: Sequence[float], sign: int) -> None:
    """Leaves out what lies far on the bad side, so that the others can be told apart."""
    known = sign * np.asarray(values)
    known = known[np.isfinite(known)]
    low, middle, far = known.min(), np.median(known), known.max()
    bound = middle + 4 * (middle - low)
    if far > bound > low:
        margin = 0.05 * (bound - low)
        ax.set_ylim(*sorted((sign * (low - margin), sign * bound)))


@public
def score_curve(
    values: Sequence[Any],
    training: Any,
    validation: Any,
    ax: "Axes | None" = None,
    style: str | None = None,
    *,
    name: str = "rows",
    metric: str = "loss",
) -> "Axes":
    """Draws scores along the size of the training set or a hyperparameter: means over folds, and their spread.

    Args:
        values: numbers, or names.
        training: scores on the rows that were trained on, `(values, folds)`.
        validation: scores on others, `(values, folds)`.
        ax: axes to draw on; a new figure if not given.
        style: `"light"` or `"dark"`; the one of `use_style` if not given.
        name: what the values are.
        metric: what the scores are.

    Returns:
        The axes.

    Raises:
        ArgumentError: if shapes do not fit.
        MissingExtraError: if matplotlib is not installed.

    Example:
        >>> from matplotlib.figure import Figure
        >>> ax = score_curve([10, 20], [[0.1], [0.2]], [[0.9], [0.5]], ax=Figure().subplots())
        >>> [line.get_label() for line in ax.lines]
        ['training', 'validation']
    """
    owner = "score_curve"
    tables = {
        name: (scores := np.atleast_1d(number_array(owner, name, table))).reshape(len(scores), -1)
        for name, table in (("training", training), ("validation", validation))
    }
    values = list(values) if isinstance(values, Iterable) else [values]
    same_length(owner, values=values, **tables)
    with drawing(owner, ax, style) as (ax, colours):
        numbers = all(isinstance(v, int | float | np.number) and not isinstance(v, bool) for v in values)
        places = np.array(values, "float64") if numbers else np.arange(len(values), dtype="float64")
        for index, (label, table) in enumerate(
            zip((word("training"), word("validation")), tables.values(), strict=True)
        ):
            mean, spread = np.nanmean(table, axis=1), np.nanstd(table, axis=1)
            ax.plot(places, mean, marker="os"[index], markersize=5, label=label, **colours.line(index))
            ax.fill_between(places, mean - spread, mean + spread, color=colours.colour(index), alpha=0.15, linewidth=0)
        if not numbers:
            ax.set_xticks(places, [str(value) for value in values])
        elif places.min() > 0 and places.max() / places.min() >= 50:
            ax.set_xscale("log")
            if len(places) <= _LABELLED:
                ax.set_xticks(places, [f"{value:g}" for value in places])
                ax.minorticks_off()
        ax.set(xlabel=word(name), ylabel=word(metric))
        add_legend(ax, colours)
    return ax


@public
def prediction_intervals(
    x: Any,
    mean: Any,
    band: Any,
    y: Any = None,
    ax: "Axes | None" = None,
    style: str | None = None,
    *,
    members: Any = None,
) -> "Axes":
    """Draws predictions along one input, with the interval in which the truth is to be expected.

    Args:
        x: `(rows,)` or `(rows, 1)`.
        mean: the predictions, likewise.
        band: `(low, high)`, or what `Ensemble.interval` returned.
        y: the truth, likewise, drawn as points.
        ax: axes to draw on; a new figure if not given.
        style: `"light"` or `"dark"`; the one of `use_style` if not given.
        members: predictions of the single networks, `(members, rows)` or `(members, rows, 1)`.

    Returns:
        The axes.

    Raises:
        ArgumentError: if lengths differ, or there is more than one input.
        MissingExtraError: if matplotlib is not installed.

    Example:
        >>> from matplotlib.figure import Figure
        >>> ax = prediction_intervals([0, 1], [1, 2], ([0, 1], [2, 3]), ax=Figure().subplots())
        >>> [line.get_label() for line in ax.lines]
        ['mean']
    """
    owner = "prediction_intervals"
    low, high = interval_of(owner, "band", band[:2] if isinstance(band, tuple) else band)
    arrays = {"x": x, "mean": mean, "low": low, "high": high, **({} if y is None else {"y": y})}
    columns = {name: flat_array(owner, name, given) for name, given in arrays.items()}
    same_length(owner, **columns)
    order = columns["x"].argsort(kind="stable")
    inputs, middle, low, high = (columns[name][order] for name in ("x", "mean", "low", "high"))
    with drawing(owner, ax, style) as (ax, colours):
        level = getattr(band, "level", None)
        label = word("interval") if level is None else word("interval of {level:.0%}").format(level=level)
        ax.fill_between(inputs, low, high, color=colours.colour(0), alpha=0.18, linewidth=0, label=label)
        if members is not None:
            lines = finite_array(owner, "members", members).reshape(len(members), -1)
            for number, line in enumerate(lines):
                named: dict[str, Any] = {"label": word("networks")} if number == 0 else {}
                ax.plot(inputs, line[order], color=colours.tint(0, 0.6), linewidth=0.8, **named)
        ax.plot(inputs, middle, color=colours.colour(0), linewidth=2.2, label=word("mean"))
        if y is not None:
            ax.scatter(inputs, columns["y"][order], s=12, color=colours.colour(1), label=word("truth"), zorder=3)
        ax.set(xlabel="x", ylabel="y")
        add_legend(ax, colours)
    return ax
