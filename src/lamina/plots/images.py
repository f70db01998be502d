"""Pictures with what a classifier takes them for, and the weights of first layers as pictures."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from lamina.core.errors import ArgumentError
from lamina.core.tracebacks import public
from lamina.core.validate import positive_int
from lamina.plots.classes import check_names, class_numbers, class_words, decide
from lamina.plots.language import word
from lamina.plots.networks import first_kernel
from lamina.plots.style import Style, divide, drawing, frame_picture
from lamina.plots.values import finite_array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

Caption = tuple[str, bool | None]


@public
def image_grid(
    images: ArrayLike,
    labels: ArrayLike | None = None,
    predictions: ArrayLike | None = None,
    class_names: Sequence[str] | None = None,
    *,
    columns: int = 6,
    fig: "Figure | SubFigure | None" = None,
    ax: "Axes | None" = None,
    style: str | None = None,
) -> "list[Axes]":
    r"""Draws pictures in a grid, each under the class that was predicted for it.

    A right prediction is green with a check mark; a wrong one is red with a cross, with the true class below.

    Args:
        images: `(pictures, height, width)`, or with 1, 3 or 4 channels last; the darkest and brightest values of
            grey pictures are drawn white and black.
        labels: `(pictures,)`, the true classes, as integers, or one-hot rows.
        predictions: `(pictures, classes)` probabilities, `(pictures, 1)` those of class 1 of two, or `(pictures,)`
            predicted classes.
        class_names: the word for each class; its number if not given.
        columns: pictures in a row.
        fig: figure to draw on; a new one if neither it nor `ax` is given.
        ax: axes whose place the pictures take.
        style: `"light"` or `"dark"`; the one of `use_style` if not given.

    Returns:
        The axes, one for each picture.

    Raises:
        ArgumentError: if the arguments do not fit together, or there is no such style.
        MissingExtraError: if matplotlib is not installed.

    Example:
        >>> from matplotlib.figure import Figure
        >>> images, probabilities = np.zeros((2, 8, 8)), [[0.9, 0.1], [0.8, 0.2]]
        >>> axes = image_grid(images, [0, 1], probabilities, ["cat", "dog"], fig=Figure())
        >>> [ax.get_title() for ax in axes]
        ['✓ cat 90%', '✗ cat 80%\nis dog']
    """
    pictures = np.asarray(images)
    if pictures.ndim not in (3, 4) or not len(pictures) or pictures.shape[3:] not in ((), (1,), (3,), (4,)):
        raise ArgumentError(
            f"images must be (pictures, height, width) or have 1, 3 or 4 channels last. Received: {pictures.shape}"
        )
    captions = _captions(len(pictures), labels, predictions, class_names)
    return _grid("image_grid", _prepared(pictures), captions, columns, fig, ax, style, cmap="gray_r")


@public
def weight_images(
    layer: Any,
    image_shape: Sequence[int] | None = None,
    *,
    count: int = 32,
    columns: int = 8,
    ax: "Axes | None" = None,
    style: str | None = None,
) -> "list[Axes]":
    """Draws what each unit of a layer looks for: its weights as a picture, zero in the same grey on all of them.

    Args:
        layer: a `Dense` or convolution layer; a model, whose first such layer it is; or a kernel, `(inputs, units)` or
            `(height, width, channels, filters)`.
        image_shape: `(height, width)`, or with channels, of the pictures that a dense layer sees as flat vectors; that
            of the model's input, or else a square, if not given.
        count: units to draw, the first ones.
        columns: pictures in a row.
        ax: axes whose place the pictures take; a new figure if not given.
        style: `"light"` or `"dark"`; the one of `use_style` if not given.

    Returns:
        The axes, one for each unit.

    Raises:
        ArgumentError: if there are no such weights, or they do not fit the shape.
        NotBuiltError: if the layer has no weights yet.
        MissingExtraError: if matplotlib is not installed.

    Example:
        >>> from matplotlib.figure import Figure
        >>> axes = weight_images(np.ones((16, 3)), ax=Figure().subplots())
        >>> len(axes), axes[0].images[0].get_array().shape
        (3, (4, 4))
    """
    kernel, shape = first_kernel("weight_images", layer)
    pictures = _unit_pictures(kernel, image_shape or shape)[: positive_int("weight_images", "count", count)]
    reach = float(np.abs(pictures).max()) or 1.0
    if pictures.ndim == 4:
        pictures = 0.5 + pictures / (2 * reach)
    captions: list[Caption] = [("", None)] * len(pictures)
    return _grid("weight_images", pictures, captions, columns, None, ax, style, cmap="gray", vmin=-reach, vmax=reach)


def _unit_pictures(kernel: np.ndarray, shape: Sequence[int] | None) -> np.ndarray:
    """The weights of each unit: `(units, height, width)`, or with three channels last."""
    if kernel.ndim == 2:
        side = math.isqrt(len(kernel))
        wanted = (side, side) if shape is None else tuple(np.atleast_1d(shape).tolist())
        if math.prod(wanted) != len(kernel) or len(wanted) not in (2, 3):
            raise ArgumentError(
                f"weight_images: {len(kernel)} weights of each unit do not make a picture of shape {wanted}.",
                hint="say the shape of the pictures that the layer sees: image_shape=(height, width).",
            )
        kernel = kernel.reshape(*wanted, -1)
    pictures = np.moveaxis(kernel, -1, 0)
    if pictures.ndim == 4 and pictures.shape[-1] != 3:
        pictures = pictures.mean(axis=-1)  # there are no colours for other numbers of channels
    return pictures


def _grid(
    owner: str,
    pictures: np.ndarray,
    captions: list[Caption],
    columns: int,
    fig: "Figure | SubFigure | None",
    ax: "Axes | None",
    style: str | None,
    **look: Any,
) -> "list[Axes]":
    columns = min(positive_int(owner, "columns", columns), len(pictures))
    rows = math.ceil(len(pictures) / columns)
    if fig is not None:
        ax = fig.subplots()
    height = 1.85 if any(text for text, _ in captions) else 1.2
    with drawing(owner, ax, style, (1.5 * columns * height / 1.85, height * rows)) as (whole, colours):
        axes = divide(whole, rows, columns, len(pictures), colours)
        for cell, picture, caption in zip(axes, pictures, captions, strict=True):
            _draw(cell, picture, caption, colours, look)
    return axes


def _draw(ax: "Axes", picture: np.ndarray, caption: Caption, colours: Style, look: dict[str, Any]) -> None:
    ax.imshow(picture, interpolation="nearest", **(look if picture.ndim == 2 else {}))
    frame_picture(ax, colours)
    text, correct = caption
    colour = colours.ink if correct is None else colours.right if correct else colours.wrong
    ax.set_title(text, fontsize=9, color=colour)
    if correct is False:
        for spine in ax.spines.values():
            spine.set(color=colours.wrong, linewidth=1.5)


def _prepared(pictures: np.ndarray) -> np.ndarray:
    """Pictures as matplotlib takes them: numbers in colour from 0 to 1, or bytes."""
    if pictures.shape[3:] == (1,):
        pictures = pictures[..., 0]
    finite_array("image_grid", "images", pictures)
    if pictures.ndim == 4 and pictures.dtype.kind == "f" and (pictures.min() < 0 or pictures.max() > 1):
        low, high = (0, 255) if pictures.min() >= 0 and pictures.max() <= 255 else (pictures.min(), pictures.max())
        pictures = (pictures - low) / ((high - low) or 1)
    return pictures


def _captions(
    count: int, labels: ArrayLike | None, predictions: ArrayLike | None, class_names: Sequence[str] | None
) -> list[Caption]:
    """The text over each picture, and whether the prediction is right (`None` where that is not known)."""
    truth = None if labels is None else class_numbers("image_grid", "labels", labels)
    decisions = None if predictions is None else decide("image_grid", predictions)
    guesses = None if decisions is None else decisions.classes
    for name, array in (("labels", truth), ("predictions", guesses)):
        if array is not None and len(array) != count:
            raise ArgumentError(f"There are {count} images, but {len(array)} {name}.")
    highest = max((int(array.max()) for array in (truth, guesses) if array is not None), default=0)
    words = class_words("image_grid", class_names)
    if words is not None and highest >= len(words):
        check_names("image_grid", words, highest + 1)
    names = words or [str(number) for number in range(highest + 1)]
    if decisions is None:
        return [("" if truth is None else names[truth[index]], None) for index in range(count)]
    captions: list[Caption] = []
    for index, guess in enumerate(decisions.classes):
        sure = "" if decisions.sure is None else f" {decisions.sure[index]:.0%}"
        correct = None if truth is None else bool(guess == truth[index])
        mark = "" if correct is None else "✓ " if correct else "✗ "
        truly = "\n" + word("is {name}").format(name=names[truth[index]]) if truth is not None and not correct else ""
        captions.append((f"{mark}{names[guess]}{sure}{truly}", correct))
    return captions
