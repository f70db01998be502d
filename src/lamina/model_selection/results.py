"""The results of a search as a table."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from lamina.core.errors import ArgumentError, ArgumentTypeError, suggestion
from lamina.core.tracebacks import public
from lamina.core.validate import positive_int


class ResultsTable:
    """Candidates and their scores, the best first; prints as a table.

    Args:
        columns: what stands in each column, by its title.
    """

    def __init__(self, columns: dict[str, list[str]]) -> None:
        self.columns = columns

    def __str__(self) -> str:
        table = [[title, *cells] for title, cells in self.columns.items()]
        widths = [max(map(len, column)) for column in table]
        lines = [
            "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
            for row in zip(*table, strict=True)
        ]
        return "\n".join(line.rstrip() for line in lines)

    __repr__ = __str__


@public
def results_table(results: Any, count: int = 10, score: str = "score") -> ResultsTable:
    """The best candidates of a search, with their scores, times and parameters.

    Args:
        results: a search that has been fitted, or its `cv_results_`.
        count: how many candidates to show.
        score: which score, if there are several.

    Raises:
        ArgumentTypeError: for anything but a search.
        ArgumentError: if there is no such score.

    Example:
        >>> results_table({
        ...     "params": [{"rate": 0.1}, {"rate": 0.01}], "rank_test_score": [2, 1], "mean_fit_time": [1.2, 1.25],
        ...     "mean_test_score": [0.51, 0.8], "std_test_score": [0.1, 0.02],
        ... })
        rank        score  seconds  rate
           1  0.8 ± 0.020     1.25  0.01
           2  0.51 ± 0.10      1.2   0.1
    """
    table = getattr(results, "cv_results_", results)
    if not isinstance(table, Mapping) or "params" not in table:
        raise ArgumentTypeError(
            f"results_table: a search or its cv_results_ is expected. Received: a {type(results).__name__}",
            hint="call fit() of the search first.",
        )
    if f"mean_test_{score}" not in table:
        known = [name.removeprefix("mean_test_") for name in table if name.startswith("mean_test_")]
        raise ArgumentError(f"results_table: there is no score {score!r}.", hint=suggestion(score, known))
    ranks = np.asarray(table[f"rank_test_{score}"])
    shown = ranks.argsort(kind="stable")[: positive_int("results_table", "count", count)]
    means, stds = (np.asarray(table[f"{kind}_test_{score}"])[shown] for kind in ("mean", "std"))
    names = list(dict.fromkeys(name for params in table["params"] for name in params))
    return ResultsTable(
        {
            "rank": [str(rank) for rank in ranks[shown]],
            score: [f"{mean:.4g} ± {std:#.2g}" for mean, std in zip(means, stds, strict=True)],
            "seconds": [f"{seconds:.3g}" for seconds in np.asarray(table["mean_fit_time"])[shown]],
            **{name: [_cell(table["params"][n].get(name, "")) for n in shown] for name in names},
        }
    )


def _cell(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
