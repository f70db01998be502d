"""Which classes are taken for which."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from lamina.core.tracebacks import public
from lamina.core.validate import one_of
from lamina.plots.classes import check_classes, check_names, class_numbers, class_words, decide
from lamina.plots.language import word
from lamina.plots.style import Style, drawing
from lamina.plots.values import same_length

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_NUMBERS = 20  # classes for whose cells there is room to write in


@public
def confusion_matrix(
    labels: ArrayLike,
    predictions: ArrayLike,
    class_names: Sequence[str] | None = None,
    ax: "Axes | None" = None,
    style: str | None = None,
    *,
    normalize: str | None = None,
) -> "Axes":
    """Draws how many examples of each true class, in rows, were predicted as each class, in columns.

    Args:
        labels: `(examples,)` classes as integers, or one-hot rows.
        predictions: `(examples, classes)` scores; `(examples,)` or `(examples, 1)` probabilities of class 1 of two;
            or `(examples,)` classes as integers.
        class_names: the word for each class; its number if not given.
        ax: axes to draw on; a new figure if not given.
        style: `"light"` or `"dark"`; the one of `use_style` if not given.
        normalize: `"true"` for shares of each true class, `"pred"` of each predicted one, `"all"` of all examples;
            numbers of examples if not given.

    Returns:
        The axes.

    Raises:
        ArgumentError: if the arguments do not fit together, or hold NaN.
        MissingExtraError: if matplotlib is not installed.

    Example:
        >>> from matplotlib.figure import Figure
        >>> ax = confusion_matrix([0, 1, 1], [[0.1], [0.2], [0.7]], ["cat", "dog"], ax=Figure().subplots())
        >>> ax.images[0].get_array().tolist()
        [[1.0, 0.0], [1.0, 1.0]]
    """
    owner = "confusion_matrix"
    with drawing(owner, ax, style, (6.0, 5.4)) as (ax, colours):
        one_of(owner, "normalize", normalize, (None, "true", "pred", "all"))
        true, decisions = class_numbers(owner, "labels", labels), decide(owner, predictions)
        same_length(owner, labels=true, predictions=decisions.classes)
        words = class_words(owner, class_names)
        count = decisions.count or int(max(true.max(), decisions.classes.max(), len(words or ()) - 1)) + 1
        check_classes(owner, true, count)
        check_names(owner, words, count)
        matrix = np.zeros((count, count))
        np.add.at(matrix, (true, decisions.classes), 1)
        shares = _normalized(matrix, normalize)
        image = ax.imshow(shares, cmap=colours.shades(), vmin=0, vmax=1 if normalize else None)
        names = words or [str(number) for number in range(count)]
        _name_axes(ax, colours, names)
        if count <= _MOST_NUMBERS:
            _write_numbers(ax, colours, shares, ".0%" if normalize else ",.0f")
        else:
            bar = ax.figure.colorbar(image, ax=ax)
            bar.ax.tick_params(colors=colours.ink)
            bar.outline.set_edgecolor(colours.faint)  # type: ignore[operator]
    return ax


def _normalized(matrix: np.ndarray, normalize: str | None) -> np.ndarray:
    if normalize is None:
        return matrix
    axis = {"true": 1, "pred": 0, "all": None}[normalize]
    return matrix / np.maximum(matrix.sum(axis=axis, keepdims=True), 1)


def _name_axes(ax: "Axes", colours: Style, names: list[str]) -> None:
    places = np.arange(0, len(names), -(-len(names) // 30))  # of many classes only some have room for names
    shown = [names[place] for place in places]
    turned = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"} if sum(map(len, shown)) > 24 else {}
    ax.set_xticks(places, shown, **turned)
    ax.set_yticks(places, shown)
    ax.grid(False)
    for spine in ax.spines.values():
        spine.set_visible(True)
        spine.set_color(colours.faint)
    ax.set(xlabel=word("predicted class"), ylabel=word("true class"))


def _write_numbers(ax: "Axes", colours: Style, shares: np.ndarray, form: str) -> None:
    """The number in each cell, as large as fits, in the colour that shows on its ground."""
    texts = [[format(value, form) for value in row] for row in shares]
    width = ax.get_window_extent().width / ax.figure.dpi * 72 / len(shares)
    size = float(np.clip(1.3 * width / max(len(text) for row in texts for text in row), 5, 11))
    high = shares.max() if form == ",.0f" else 1.0
    for (row, column), value in np.ndenumerate(shares):
        colour = colours.ground if value > 0.55 * high else colours.ink
        look = {"color": colour, "fontsize": size, "alpha": 1.0 if value else 0.45}
        ax.text(column, row, texts[row][column], ha="center", va="center", **look)
