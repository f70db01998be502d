"""Resizing of images on the host, with the numbers of `keras.ops.image.resize`."""

import functools
import math
from collections.abc import Callable

import numpy as np

from lamina.core.errors import ArgumentError, ShapeError
from lamina.core.validate import one_of


def _triangle(x: np.ndarray) -> np.ndarray:
    return np.maximum(0, 1 - x)


def _keys(x: np.ndarray) -> np.ndarray:
    near, far = ((1.5 * x - 2.5) * x) * x + 1, ((-0.5 * x + 2.5) * x - 4) * x + 2
    return np.where(x >= 1, np.where(x >= 2, 0, far), near)


def _mitchell(x: np.ndarray) -> np.ndarray:
    near, far = ((7 / 6 * x - 2) * x) * x + 8 / 9, ((-7 / 18 * x + 2) * x - 10 / 3) * x + 16 / 9
    return np.where(x >= 1, np.where(x >= 2, 0, far), near)


def _lanczos(radius: int) -> Callable[[np.ndarray], np.ndarray]:
    return lambda x: np.where(x > radius, 0, np.sinc(x) * np.sinc(x / radius))


def _gaussian(x: np.ndarray) -> np.ndarray:
    return np.where(x < 1.5, np.exp(-2 * x**2), 0)


_KERNELS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "bilinear": _triangle,
    "bicubic": _keys,
    "lanczos3": _lanczos(3),
    "lanczos5": _lanczos(5),
    "gaussian": _gaussian,
    "mitchellcubic": _mitchell,
}
INTERPOLATIONS = (*_KERNELS, "nearest", "area")
_SMOOTHING = ("gaussian", "mitchellcubic")  # these mix neighbours even where the size stays


@functools.lru_cache(64)
def _taps(given: int, wanted: int, interpolation: str) -> tuple[np.ndarray, np.ndarray]:
    """From which places, and with which weights, each new place is made: both `(taps, wanted)`."""
    scale = given / wanted
    if interpolation == "nearest":
        places = np.floor((np.arange(wanted) + 0.5) * scale).astype(int)
        return np.minimum(places, given - 1)[None], np.ones((1, wanted), "float32")
    old, new = np.arange(given)[:, None], np.arange(wanted)[None]
    if interpolation == "area":
        overlap = np.minimum(old + 1, (new + 1) * scale) - np.maximum(old, new * scale)
        weights = np.maximum(0, overlap)
    else:
        weights = _KERNELS[interpolation](np.abs((new + 0.5) * scale - 0.5 - old))
    weights = weights / weights.sum(axis=0)
    count = int((weights != 0).sum(axis=0).max())
    places = np.sort(np.argsort(-np.abs(weights), axis=0, kind="stable")[:count], axis=0)
    return places, np.take_along_axis(weights, places, axis=0).astype("float32")


def resize(image: np.ndarray, size: tuple[int, int], interpolation: str = "bilinear") -> np.ndarray:
    """An image in another size; centres of pixels stay in proportion, nothing is smoothed beforehand.

    Args:
        image: `(…, height, width, channels)`.
        size: the new height and width.
        interpolation: one of `INTERPOLATIONS`.

    Returns:
        float32; with `"nearest"`, the dtype of the image.

    Raises:
        ArgumentError: for another interpolation.

    Example:
        >>> resize(np.array([[[0.0], [4.0]]]), (1, 4)).ravel()
        array([0., 1., 3., 4.], dtype=float32)
    """
    one_of("resize", "interpolation", interpolation, INTERPOLATIONS)
    result = np.asarray(image, None if interpolation == "nearest" else "float32")
    for axis, wanted in ((-3, size[0]), (-2, size[1])):
        if result.shape[axis] == wanted and interpolation not in _SMOOTHING:
            continue
        places, weights = _taps(result.shape[axis], wanted, interpolation)
        if interpolation == "nearest":
            result = np.take(result, places[0], axis=axis)
            continue
        # Broadcast over the axes behind this one.
        weights = weights.reshape(*weights.shape, *(1,) * (-axis - 1))
        parts = (np.take(result, p, axis=axis) * w for p, w in zip(places, weights, strict=True))
        result = functools.reduce(np.add, parts)
    return result


def centre_crop(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """The largest part in the middle of an image that has the proportions of `size`.

    Args:
        image: `(…, height, width, channels)`.
        size: height and width.

    Example:
        >>> centre_crop(np.zeros((340, 500, 3)), (200, 200)).shape
        (340, 340, 3)
    """
    height, width = image.shape[-3:-1]
    rows = max(1, min(height, int(width * size[0] / size[1])))
    columns = max(1, min(width, int(height * size[1] / size[0])))
    top, left = (height - rows) // 2, (width - columns) // 2
    return image[..., top : top + rows, left : left + columns, :]


def resize_with_padding(image: np.ndarray, size: tuple[int, int], interpolation: str = "bilinear") -> np.ndarray:
    """An image in another size, with black edges where its proportions are others.

    Args:
        image: `(height, width, channels)`.
        size: the new height and width.
        interpolation: one of `INTERPOLATIONS`.

    Example:
        >>> resize_with_padding(np.ones((2, 4, 1)), (4, 4))[:, 0, 0]
        array([0., 1., 1., 0.], dtype=float32)
    """
    height, width = image.shape[:2]
    ratio = max(height / size[0], width / size[1])
    inner = max(1, math.floor(height / ratio)), max(1, math.floor(width / ratio))
    top, left = (int((whole - part / ratio) / 2) for whole, part in zip(size, (height, width), strict=True))
    resized = resize(image, inner, interpolation)
    result = np.zeros((*size, image.shape[2]), resized.dtype)
    result[top : top + inner[0], left : left + inner[1]] = resized
    return result


def smart_resize(
    x: np.ndarray,
    size: tuple[int, int],
    interpolation: str = "bilinear",
    data_format: str = "channels_last",
) -> np.ndarray:
    """An image in another size without distortion: what is too wide or too high is cut off.

    Args:
        x: `(height, width, channels)`, with a batch in front or not; for `"channels_first"` accordingly.
        size: the new height and width.
        interpolation: `"bilinear"`, `"nearest"`, `"bicubic"`, `"lanczos3"`, `"lanczos5"`, …
        data_format: where the channels are.

    Raises:
        ShapeError: for arrays that are no images.
        ArgumentError: for another size or interpolation.

    Example:
        >>> smart_resize(np.zeros((30, 50, 3)), (20, 20)).shape
        (20, 20, 3)
    """
    image = np.asarray(x)
    if image.ndim not in (3, 4):
        raise ShapeError(f"smart_resize takes images of shape (height, width, channels). Received: {image.shape}")
    if len(size) != 2:
        raise ArgumentError(f"smart_resize: size must be a height and a width. Received: {size}")
    first = data_format == "channels_first"
    image = np.moveaxis(image, -3, -1) if first else image
    result = resize(centre_crop(image, (size[0], size[1])), (size[0], size[1]), interpolation)
    return np.moveaxis(result, -1, -3) if first else result
