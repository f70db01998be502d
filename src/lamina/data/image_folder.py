"""Data sets of folders of images."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from lamina.core import config
from lamina.core.errors import ArgumentError
from lamina.core.tracebacks import public
from lamina.core.validate import one_of
from lamina.data.directories import Selection
from lamina.data.images import COLOR_MODES, img_to_array, load_img, pillow
from lamina.data.resizing import INTERPOLATIONS, centre_crop, resize, resize_with_padding

ENDINGS = (".bmp", ".gif", ".jpeg", ".jpg", ".png")
_OWNER = "image_dataset_from_directory"
# Pillow decodes outside of Python's lock.
_WORKERS = min(8, os.cpu_count() or 1)


@public
def image_dataset_from_directory(
    directory: str | os.PathLike[str],
    labels: Any = "inferred",
    label_mode: str | None = "int",
    class_names: Sequence[str] | None = None,
    color_mode: str = "rgb",
    batch_size: int | None = 32,
    image_size: int | tuple[int, int] = (256, 256),
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    interpolation: str = "bilinear",
    follow_links: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    data_format: str | None = None,
    format: str = "tf",
    verbose: bool = True,
) -> Any:
    """Makes a data set of the images in a folder, one folder below it a class.

    Images (BMP, GIF, JPEG, PNG) are read when they are needed, by threads, while the device works on earlier ones.

    Args:
        directory: the folder.
        labels: `"inferred"` from the folders, `None` for images alone, or an integer per file, in the alphabetic
            order of their paths.
        label_mode: `"int"` for int32 `(batch,)`, `"categorical"` for one-hot float32 `(batch, classes)`, `"binary"`
            for float32 `(batch, 1)`, `None` for images alone.
        class_names: the folders to read, in the order of their labels; all, in alphabetic order, when left out.
        color_mode: `"rgb"`, `"rgba"` or `"grayscale"`.
        batch_size: images per batch; `None` for single ones.
        image_size: height and width that they are resized to.
        shuffle: whether each pass has an order of its own; otherwise they come in alphabetic order.
        seed: of these orders, and of the split.
        validation_split: the fraction of the files to hold back.
        subset: `"training"`, `"validation"`, or `"both"` for a list of both.
        interpolation: `"bilinear"`, `"nearest"`, `"bicubic"`, `"area"`, `"lanczos3"`, `"lanczos5"`, `"gaussian"` or
            `"mitchellcubic"`.
        follow_links: whether to go into folders that are links.
        crop_to_aspect_ratio: whether to cut edges off rather than distort images.
        pad_to_aspect_ratio: whether to add black edges rather than distort them.
        data_format: where the channels come; as configured when left out.
        format: accepted as Keras does.
        verbose: whether to tell how many files there are.

    Returns:
        A data set of batches `(images, labels)`, images float32 `(batch, height, width, channels)` from 0 to 255
        (uint8 with `interpolation="nearest"`), with the attributes `class_names` and `file_paths`; or a list of two.

    Raises:
        ArgumentError: for arguments that do not go together.
        DataError: for a folder without images, labels that do not fit, and, when it is read, a damaged file.
        MissingFolderError: if there is no such folder.
        MissingExtraError: if Pillow is not installed.
    """
    pillow(_OWNER)
    one_of(_OWNER, "color_mode", color_mode, tuple(COLOR_MODES))
    one_of(_OWNER, "format", format, ("tf", "grain"))
    layout = data_format or config.image_data_format()
    one_of(_OWNER, "data_format", layout, ("channels_last", "channels_first"))
    method = one_of(_OWNER, "interpolation", str(interpolation).lower(), INTERPOLATIONS)
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise ArgumentError(f"{_OWNER}: only one of crop_to_aspect_ratio and pad_to_aspect_ratio can be True.")
    size = _check_size(image_size)
    dtype = "uint8" if method == "nearest" else "float32"

    def load(path: str) -> np.ndarray:
        image = img_to_array(load_img(path, color_mode), "channels_last", dtype)
        if pad_to_aspect_ratio:
            image = resize_with_padding(image, size, method)
        else:
            image = resize(centre_crop(image, size) if crop_to_aspect_ratio else image, size, method)
        return image.transpose(2, 0, 1) if layout == "channels_first" else image

    def load_all(paths: list[str]) -> np.ndarray:
        with ThreadPoolExecutor(_WORKERS) as pool:
            return np.stack(list(pool.map(load, paths)))

    selection = Selection(
        *(_OWNER, directory, labels, label_mode, class_names, batch_size, shuffle, seed),
        *(validation_split, subset, follow_links, verbose),
    )
    return selection.datasets(ENDINGS, load_all)


def _check_size(size: Any) -> tuple[int, int]:
    pair = (size, size) if isinstance(size, int) else size
    whole = isinstance(pair, list | tuple) and len(pair) == 2 and all(isinstance(n, int | np.integer) for n in pair)
    if not whole or min(pair) < 1:
        raise ArgumentError(f"{_OWNER}: image_size must be a height and a width. Received: image_size={size}")
    return int(pair[0]), int(pair[1])
