"""Vectors in two dimensions."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from lamina.core.errors import ArgumentError
from lamina.core.tracebacks import public
from lamina.plots.language import word
from lamina.plots.style import MARKERS, add_legend, drawing
from lamina.plots.values import finite_array, same_length

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_WORDS = 60


@public
def embeddings(
    vectors: ArrayLike,
    labels: ArrayLike | None = None,
    ax: "Axes | None" = None,
    style: str | None = None,
    *,
    names: Sequence[str] | None = None,
) -> "Axes":
    """Draws vectors by their two principal components: the directions in which they differ most.

    Args:
        vectors: `(points, dimensions)`, such as the weights of an `Embedding` layer or outputs of a hidden one.
        labels: `(points,)`, a class for each, which tells its colour and its marker; up to ten classes.
        ax: axes to draw on; a new figure if not given.
        style: `"light"` or `"dark"`; the one of `use_style` if not given.
        names: a word for each point, which is written beside it; of many, those farthest out have theirs.

    Returns:
        The axes; their labels tell which share of the variance each component has.

    Raises:
        ArgumentError: if vectors are not `(points, dimensions)` or hold NaN, or the numbers of points differ.
        MissingExtraError: if matplotlib is not installed.

    Example:
        >>> from matplotlib.figure import Figure
        >>> ax = embeddings([[0, 0, 3], [0, 0, -3], [0, 1, 0], [0, -1, 0]], ax=Figure().subplots())
        >>> ax.get_xlabel(), ax.get_ylabel()
        ('component 1 (90%)', 'component 2 (10%)')
    """
    with drawing("embeddings", ax, style, (5.6, 5.0)) as (ax, colours):
        array = finite_array("embeddings", "vectors", vectors, rank=2)
        points, shares = principal(array)
        kinds = np.zeros(len(array)) if labels is None else np.asarray(labels).reshape(-1)
        same_length("embeddings", vectors=array, labels=kinds)
        found = np.unique(kinds)
        if len(found) > len(MARKERS):
            raise ArgumentError(
                f"embeddings: there are {len(found)} different labels, but only {len(MARKERS)} can be told apart.",
                hint="words for single points are names=.",
            )
        for number, kind in enumerate(found):
            look = {"color": colours.colour(number), "marker": MARKERS[number], "s": 26, "alpha": 0.8}
            chosen = points[kinds == kind]
            ax.scatter(*chosen.T, label=str(kind), edgecolors=colours.ground, linewidths=0.5, **look)
        if names is not None:
            same_length("embeddings", vectors=array, names=np.asarray(names, dtype=object))
            for place in np.argsort(-np.linalg.norm(points, axis=1), kind="stable")[:_MOST_WORDS]:
                where = {"xytext": (5, 3), "textcoords": "offset points", "fontsize": 8}
                ax.annotate(str(names[place]), (points[place, 0], points[place, 1]), color=colours.ink, **where)
        for number, axis in enumerate((ax.xaxis, ax.yaxis)):
            text = word("component {number} ({share:.0%})")
            axis.set_label_text(text.format(number=number + 1, share=shares[number]))
        ax.margins(0.1)
        if labels is not None:
            add_legend(ax, colours, beside=True)
    return ax


def principal(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The two principal components of vectors, and the share of the variance that each has.

    Args:
        vectors: `(points, dimensions)`; of a single dimension, the second component is zero.

    Returns:
        `(points, 2)` and `(2,)`.

    Example:
        >>> points, shares = principal(np.array([[1.0, 0.0], [-1.0, 0.0]]))
        >>> np.abs(points[:, 0]).round(6).tolist(), shares.tolist()
        ([1.0, 1.0], [1.0, 0.0])
    """
    centred = vectors - vectors.mean(axis=0)
    left, lengths, directions = np.linalg.svd(centred, full_matrices=False)
    largest = np.abs(directions).argmax(axis=1)
    signs = np.sign(directions[np.arange(len(directions)), largest])  # they are arbitrary otherwise
    points = np.zeros((len(vectors), 2))
    count = min(2, len(lengths))
    points[:, :count] = (left * lengths * signs)[:, :count]
    shares = np.zeros(2)
    shares[:count] = (lengths**2 / max(float(np.sum(lengths**2)), 1e-300))[:count]
    return points, shares
