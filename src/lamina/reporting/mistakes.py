"""The rows that a model is most wrong about, as a reader can see them."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from lamina.reporting.examples import as_images, column_names, named
from lamina.reporting.markup import Html, element, joined, number, table
from lamina.reporting.pictures import image

_COLUMNS = 8  # of an input that are shown


class Mistake(NamedTuple):
    """A row that a model is wrong about.

    Attributes:
        row: its number.
        predicted: what the model says, in words.
        true: what is so.
    """

    row: int
    predicted: str
    true: str


def show_mistakes(x: Any, mistakes: Sequence[Mistake], caption: str) -> Html:
    """The rows as images if one of the inputs is of images, and else as a table of their first values.

    Args:
        x: all inputs.
        mistakes: the worst one first.
        caption: what they are.
    """
    inputs = named(x, "input")
    images = next((pixels for array in inputs.values() if (pixels := as_images(array)) is not None), None)
    if images is not None:
        return joined([element("h3", caption), element("ul", *_gallery(images, mistakes), class_="gallery")])
    shown = {name: [_values(array, mistake.row) for mistake in mistakes] for name, array in inputs.items()}
    titles = ["row", "predicted", "true"]
    for name, array in inputs.items():
        titles += _titles(name, array, len(shown[name][0]), single=len(inputs) == 1)
    rows = [
        [mistake.row, mistake.predicted, mistake.true, *(cell for cells in shown.values() for cell in cells[place])]
        for place, mistake in enumerate(mistakes)
    ]
    return table(caption, titles, rows)


def _gallery(images: np.ndarray, mistakes: Sequence[Mistake]) -> list[Html]:
    chosen = np.stack([images[mistake.row] for mistake in mistakes])
    low, high = np.nanmin(chosen), np.nanmax(chosen)
    items = []
    for pixels, (row, predicted, true) in zip(chosen, mistakes, strict=True):
        words = joined([element("span", f"row {row}", class_="faint"), element("span", predicted, class_="wrong")])
        truth = element("span", "is ", true, class_="right")
        drawn = image(pixels, float(low), float(high), f"row {row}: {predicted}, is {true}")
        items.append(element("li", element("figure", drawn, element("figcaption", words, truth))))
    return items


def _values(array: Any, row: int) -> list[Any]:
    """The first values of a row, and dots if there are more."""
    values = np.asarray(array)[row].ravel()
    cells = [number(float(value)) for value in values[:_COLUMNS]]
    return [*cells, "…"] if values.size > _COLUMNS else cells


def _titles(name: str, array: Any, count: int, single: bool) -> list[str]:
    columns = column_names(array)
    if columns is None and count == 1:
        return [name]
    titles = columns or [str(place) if single else f"{name} {place}" for place in range(_COLUMNS)]
    return [*titles[:_COLUMNS], "…"][:count]
