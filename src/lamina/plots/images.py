"""Pictures with what a classifier takes them for."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from lamina.core.errors import ArgumentError
from lamina.plots.style import Style, find_style, require_matplotlib

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure


def image_grid(
    images: ArrayLike,
    labels: ArrayLike | None = None,
    predictions: ArrayLike | None = None,
    class_names: Sequence[str] | None = None,
    *,
    columns: int = 6,
    fig: "Figure | SubFigure | None" = None,
    style: str = "light",
) -> "list[Axes]":
    r"""Draws pictures in a grid, each under the class that was predicted for it.

    A right prediction is green with a check mark; a wrong one is red, with the true class below.

    Args:
        images: `(pictures, height, width)`, or with 1, 3 or 4 channels last; the darkest and brightest values of
            grey pictures are drawn white and black.
        labels: `(pictures,)`, the true classes, as integers.
        predictions: `(pictures, classes)` probabilities, or `(pictures,)` predicted classes.
        class_names: the word for each class; its number if not given.
        columns: pictures in a row.
        fig: figure to draw on; a new one if not given.
        style: `"light"` or `"dark"`.

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
    require_matplotlib("image_grid()")
    colours = find_style(style)
    images = np.asarray(images)
    if images.ndim not in (3, 4) or not len(images):
        raise ArgumentError(f"images must be (pictures, height, width) or have channels last. Received: {images.shape}")
    captions = _captions(len(images), labels, predictions, class_names)
    columns = min(columns, len(images))
    rows = math.ceil(len(images) / columns)
    if fig is None:
        import matplotlib.pyplot as plt

        fig = plt.figure(figsize=(1.5 * columns, 1.85 * rows), layout="constrained")
    fig.set_facecolor(colours.ground)
    grid = fig.subplots(rows, columns, squeeze=False).flat
    for ax in grid[len(images) :]:
        ax.remove()
    axes = list(grid[: len(images)])
    for ax, image, caption in zip(axes, images, captions, strict=True):
        _draw(ax, image, caption, colours)
    return axes


def _draw(ax: "Axes", image: np.ndarray, caption: tuple[str, bool | None], colours: Style) -> None:
    if image.ndim == 3 and image.shape[-1] == 1:
        image = image[..., 0]
    ax.imshow(image, cmap="gray_r" if image.ndim == 2 else None, interpolation="nearest")
    text, correct = caption
    colour = colours.ink if correct is None else colours.right if correct else colours.wrong
    ax.set_title(text, fontsize=9, color=colour)
    ax.set_xticks([])
    ax.set_yticks([])
    for spine in ax.spines.values():
        spine.set_color(colours.faint if correct is not False else colours.wrong)


def _captions(
    count: int, labels: ArrayLike | None, predictions: ArrayLike | None, class_names: Sequence[str] | None
) -> list[tuple[str, bool | None]]:
    """The text over each picture, and whether the prediction is right (`None` where that is not known)."""
    truth = None if labels is None else np.asarray(labels).reshape(-1)
    scores = None if predictions is None else np.asarray(predictions)
    for name, array in (("labels", truth), ("predictions", scores)):
        if array is not None and len(array) != count:
            raise ArgumentError(f"There are {count} images, but {len(array)} {name}.")

    def word(index: int) -> str:
        return str(index if class_names is None else class_names[index])

    captions: list[tuple[str, bool | None]] = []
    for index in range(count):
        true = None if truth is None else int(truth[index])
        if scores is None:
            captions.append(("" if true is None else word(true), None))
            continue
        guess, sure = _guess(scores[index])
        correct = None if true is None else guess == true
        mark = "" if correct is None else "✓ " if correct else "✗ "
        truly = f"\nis {word(true)}" if true is not None and not correct else ""
        captions.append((f"{mark}{word(guess)}{sure}{truly}", correct))
    return captions


def _guess(score: np.ndarray) -> tuple[int, str]:
    if score.ndim == 0:
        return int(score), ""
    guess = int(score.argmax())
    return guess, f" {score[guess]:.0%}"
