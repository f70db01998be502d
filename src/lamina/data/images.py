"""Image files and arrays, with the package Pillow."""

import io
import os
from pathlib import Path
from typing import Any

import numpy as np

from lamina.core import config
from lamina.core.errors import (
    ArgumentError,
    ArgumentTypeError,
    DataError,
    FileError,
    MissingFileError,
    ShapeError,
    missing_extra,
)
from lamina.core.tracebacks import public, warn_user
from lamina.core.validate import one_of

COLOR_MODES = {"grayscale": 1, "rgb": 3, "rgba": 4}
_FORMATS = ("channels_last", "channels_first")
_GREY = ("L", "I;16", "I")
_FILTERS = ("nearest", "bilinear", "bicubic", "hamming", "box", "lanczos")


def pillow(purpose: str) -> Any:
    """The module `PIL.Image`.

    Raises:
        MissingExtraError: if it is not installed.
    """
    try:
        import PIL.Image
    except ImportError:
        raise missing_extra("images", "pillow", purpose) from None
    return PIL.Image


@public
def load_img(
    path: Any,
    color_mode: str = "rgb",
    target_size: tuple[int, int] | None = None,
    interpolation: str = "nearest",
    keep_aspect_ratio: bool = False,
) -> Any:
    """Reads an image file.

    Args:
        path: of the file, or its bytes as `io.BytesIO`.
        color_mode: `"rgb"`, `"rgba"` or `"grayscale"`.
        target_size: height and width to resize it to.
        interpolation: `"nearest"`, `"bilinear"`, `"bicubic"`, `"lanczos"`, `"box"` or `"hamming"`.
        keep_aspect_ratio: whether to cut edges off rather than distort it.

    Returns:
        A `PIL.Image.Image`.

    Raises:
        MissingExtraError: if Pillow is not installed.
        ArgumentError: for other words than these.
        DataError: if the file holds no image.

    Example:
        >>> file = io.BytesIO()
        >>> save_img(file, np.zeros((4, 6, 3)), file_format="png")
        >>> load_img(file, target_size=(2, 3)).size
        (3, 2)
    """
    image_module = pillow("load_img")
    one_of("load_img", "color_mode", color_mode, tuple(COLOR_MODES))
    image = _opened(image_module, path)
    wanted = {"grayscale": "L", "rgb": "RGB", "rgba": "RGBA"}[color_mode]
    if image.mode != wanted and not (color_mode == "grayscale" and image.mode in _GREY):
        image = image.convert(wanted)
    if target_size is None or image.size == (target_size[1], target_size[0]):
        return image
    one_of("load_img", "interpolation", interpolation, _FILTERS)
    resample = getattr(image_module.Resampling, interpolation.upper())
    box = _middle(image.size, (target_size[1], target_size[0])) if keep_aspect_ratio else None
    return image.resize((target_size[1], target_size[0]), resample, box=box)


def _opened(image_module: Any, path: Any) -> Any:
    """The image with its pixels read, so that a fault shows here."""
    if not isinstance(path, io.BytesIO | str | bytes | os.PathLike):
        raise ArgumentTypeError(f"An image is read from a path or io.BytesIO, not from a {type(path).__name__}.")
    source = path if isinstance(path, io.BytesIO) else io.BytesIO(_bytes_of(os.fsdecode(path)))
    try:
        image = image_module.open(source)
        image.load()
    except (OSError, ValueError, SyntaxError, EOFError, image_module.DecompressionBombError) as error:
        name = "The data" if isinstance(path, io.BytesIO) else f"The file {os.fsdecode(path)!r}"
        reason = "it is cut off or damaged" if "truncated" in str(error) else "no image can be made of it"
        raise DataError(f"{name} cannot be read: {reason}.", hint="remove or replace it.") from error
    return image


def _bytes_of(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        raise MissingFileError(f"There is no image file {path!r}.") from None
    except OSError as fault:
        raise FileError(f"The image file {path!r} cannot be read: {fault.strerror or fault}.") from fault


def _pixels(owner: str, image: Any, dtype: Any) -> np.ndarray:
    try:
        return np.asarray(image, dtype or config.floatx())
    except (TypeError, ValueError) as error:
        raise ArgumentTypeError(
            f"{owner} takes an image, as numbers of a dtype. Received: {type(image).__name__}, dtype={dtype!r}"
        ) from error


def _middle(size: tuple[int, int], target: tuple[int, int]) -> list[int]:
    """The largest box in the middle of an image that has the proportions of the target: left, top, right, bottom."""
    width, height = size
    inner_height = min(height, (width * target[1]) // target[0])
    inner_width = min(width, (height * target[0]) // target[1])
    left, top = (width - inner_width) // 2, (height - inner_height) // 2
    return [left, top, left + inner_width, top + inner_height]


def _check_format(owner: str, data_format: str | None) -> str:
    return one_of(owner, "data_format", data_format or config.image_data_format(), _FORMATS)


@public
def img_to_array(img: Any, data_format: str | None = None, dtype: Any = None) -> np.ndarray:
    """An image as an array of its pixels, from 0 to 255.

    Args:
        img: a `PIL.Image.Image`.
        data_format: where the channels come: `"channels_last"` or `"channels_first"`; as configured when left out.
        dtype: of the array; `floatx` when left out.

    Returns:
        `(height, width, channels)`, or `(channels, height, width)`.

    Raises:
        ShapeError: if it is no image.
    """
    first = _check_format("img_to_array", data_format) == "channels_first"
    array = _pixels("img_to_array", img, dtype)
    if array.ndim == 2:
        array = array[:, :, None]
    if array.ndim != 3:
        raise ShapeError(f"img_to_array takes an image. Received: an array of shape {array.shape}")
    return array.transpose(2, 0, 1) if first else array


@public
def array_to_img(x: Any, data_format: str | None = None, scale: bool = True, dtype: Any = None) -> Any:
    """An array of pixels as an image.

    Args:
        x: `(height, width, channels)` with 1, 3 or 4 channels, or `(channels, height, width)`.
        data_format: where the channels are; as configured when left out.
        scale: whether to stretch the values to 0 to 255.
        dtype: to calculate in; `floatx` when left out.

    Returns:
        A `PIL.Image.Image`.

    Raises:
        MissingExtraError: if Pillow is not installed.
        ShapeError: if the array is no image.
    """
    first = _check_format("array_to_img", data_format) == "channels_first"
    image_module = pillow("array_to_img")
    array = _pixels("array_to_img", x, dtype)
    if array.ndim != 3:
        raise ShapeError(f"array_to_img takes an image of three axes. Received: the shape {array.shape}")
    array = array.transpose(1, 2, 0) if first else array
    if array.shape[2] not in COLOR_MODES.values():
        raise ShapeError(f"array_to_img takes 1, 3 or 4 channels. Received: {array.shape[2]} in {array.shape}")
    if scale:
        array = array - array.min()
        array = array / (array.max() or 1) * 255
    if array.shape[2] > 1:
        return image_module.fromarray(array.astype("uint8"))
    return image_module.fromarray(array[:, :, 0].astype("int32" if array.max() > 255 else "uint8"))


@public
def save_img(
    path: Any,
    x: Any,
    data_format: str | None = None,
    file_format: str | None = None,
    scale: bool = True,
    **kwargs: Any,
) -> None:
    """Writes an array of pixels to an image file.

    Args:
        path: of the file, or a file that is open.
        x: `(height, width, channels)` with 1, 3 or 4 channels, or `(channels, height, width)`.
        data_format: where the channels are; as configured when left out.
        file_format: such as `"png"`; as the path ends when left out.
        scale: whether to stretch the values to 0 to 255.
        **kwargs: as for `PIL.Image.Image.save`.

    Raises:
        MissingExtraError: if Pillow is not installed.
        ArgumentError: if no format is given or it is unknown.
        ShapeError: if the array is no image.
    """
    if file_format is None and isinstance(path, str | os.PathLike):
        file_format = Path(path).suffix[1:]
    name = (file_format or "").lower()
    if not name:
        raise ArgumentError("save_img needs a file_format, or a path that ends in one, such as .png.")
    image = array_to_img(x, data_format=data_format, scale=scale)
    if image.mode == "RGBA" and name in ("jpg", "jpeg"):
        warn_user("JPEG files hold no transparency: the image is saved without it.")
        image = image.convert("RGB")
    try:
        image.save(path, format="jpeg" if name == "jpg" else name, **kwargs)
    except KeyError:
        raise ArgumentError(f"save_img knows no format {name!r}.", hint="use png, jpeg, bmp or gif.") from None
