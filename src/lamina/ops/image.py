"""`keras.ops.image`: images `(height, width, channels)`, or batches of them, of other sizes and colors."""

import math
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.errors import ArgumentError, ShapeError
from lamina.core.operation import operation
from lamina.core.validate import one_of
from lamina.ops.arrays import as_array, as_floats
from lamina.ops.convolution import channels_last, conv
from lamina.ops.core import saturate_cast
from lamina.ops.transforms import affine_transform as affine_transform
from lamina.ops.transforms import elastic_transform as elastic_transform
from lamina.ops.transforms import gaussian_blur as gaussian_blur
from lamina.ops.transforms import map_coordinates as map_coordinates
from lamina.ops.transforms import perspective_transform as perspective_transform
from lamina.ops.transforms import scale_and_translate as scale_and_translate

__all__ = [
    *("affine_transform", "crop_images", "elastic_transform", "extract_patches", "extract_patches_3d"),
    *("gaussian_blur", "hsv_to_rgb", "map_coordinates", "pad_images", "perspective_transform", "resize"),
    *("rgb_to_grayscale", "rgb_to_hsv", "scale_and_translate", "sobel_edges", "ssim"),
]

# Before, behind, and the size that there is to be.
_Border = tuple[int | None, int | None, int | None]

_INTERPOLATIONS = ("bilinear", "nearest", "lanczos3", "lanczos5", "bicubic")


def _images(name: str, images: Any, data_format: str | None) -> tuple[jax.Array, int, int]:
    """Images as an array, and its axes of height and channels, counted from the last.

    Raises:
        ShapeError: for an array that has neither three axes nor four.
    """
    images = as_array(images)
    if images.ndim not in (3, 4):
        raise ShapeError(f"{name} takes an image (3 axes) or a batch of them (4 axes), but got shape {images.shape}.")
    return (images, -3, -1) if channels_last(name, data_format) else (images, -2, -3)


@operation
def resize(
    images: Any,
    size: Sequence[int],
    interpolation: str = "bilinear",
    antialias: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    fill_mode: str = "constant",
    fill_value: float = 0.0,
    data_format: str | None = None,
) -> jax.Array:
    """Images of another size.

    Args:
        images: one, or a batch.
        size: height and width.
        interpolation: `"bilinear"`, `"nearest"`, `"bicubic"`, `"lanczos3"` or `"lanczos5"`.
        antialias: whether to blur what is made smaller.
        crop_to_aspect_ratio: whether to cut off what would be distorted.
        pad_to_aspect_ratio: whether to add borders instead of distorting.
        fill_mode: `"constant"`, for borders of one value.
        fill_value: that value.
        data_format: `"channels_last"` or `"channels_first"`.

    Returns:
        Images of this size, in the dtype of `images`.

    Raises:
        ArgumentError: for an unknown interpolation, or both of cropping and padding.
        ShapeError: for another rank.

    Example:
        >>> resize(jnp.ones((2, 2, 1)), (4, 3)).shape
        (4, 3, 1)
    """
    images, vertical, _ = _images("resize", images, data_format)
    one_of("resize", "interpolation", interpolation, _INTERPOLATIONS)
    one_of("resize", "fill_mode", fill_mode, ("constant",))
    if len(size) != 2 or min(size) <= 0:
        raise ArgumentError(f"resize: size is a height and a width, both above zero. Received: size={size}")
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise ArgumentError("resize: crop_to_aspect_ratio and pad_to_aspect_ratio exclude each other.")
    axes = (images.ndim + vertical, images.ndim + vertical + 1)
    present = tuple(images.shape[axis] for axis in axes)
    # The largest part, or the smallest frame, that has the sides' ratio.
    fitting = [int(present[1] * size[0] / size[1]), int(present[0] * size[1] / size[0])]
    if crop_to_aspect_ratio:
        for axis, old, new in zip(axes, present, fitting, strict=True):
            new = max(min(old, new), 1)
            images = jax.lax.slice_in_dim(images, (old - new) // 2, (old - new) // 2 + new, axis=axis)
    if pad_to_aspect_ratio:
        sides = [(0, 0)] * images.ndim
        for axis, old, new in zip(axes, present, fitting, strict=True):
            # Equal borders, so that the frame may be a pixel short.
            sides[axis] = (max(new - old, 0) // 2,) * 2
        images = jnp.pad(images, sides, constant_values=fill_value)
    shape = list(images.shape)
    shape[axes[0]], shape[axes[1]] = size
    resized = jax.image.resize(images, shape, interpolation, antialias=antialias)
    if resized.dtype == images.dtype:
        return resized
    return saturate_cast(jnp.round(resized) if jnp.issubdtype(images.dtype, jnp.integer) else resized, images.dtype)


def _borders(
    name: str, sides: str, size: int, before: int | None, after: int | None, target: int | None, sign: int
) -> tuple[int, int]:
    """The borders before and after, of which one may follow from the size that there is to be."""
    if sum(value is not None for value in (before, after, target)) != 2:
        raise ArgumentError(f"{name} takes two of {sides}. Received: {before}, {after} and {target}")
    if before is None:
        before = sign * (int(target or 0) - size) - int(after or 0)
    if after is None:
        after = sign * (int(target or 0) - size) - int(before)
    if before < 0 or after < 0:
        raise ArgumentError(
            f"{name}: borders must be zero or above, but those of {sides} would be {before} and {after}."
        )
    if sign < 0 and before + after > size:
        raise ArgumentError(f"{name}: {sides} would take off {before + after} of {size}.")
    return before, after


def _with_borders(name: str, images: Any, data_format: str | None, rows: _Border, columns: _Border) -> jax.Array:
    """Images with borders of zeros put around them (`pad_images`), or taken off (`crop_images`)."""
    images, vertical, _ = _images(name, images, data_format)
    what, sign = ("padding", 1) if name == "pad_images" else ("cropping", -1)
    sides = [(0, 0, 0)] * images.ndim
    for axis, (first, second, target), given in (
        (vertical, ("top", "bottom", "height"), rows),
        (vertical + 1, ("left", "right", "width"), columns),
    ):
        names = f"{first}_{what}, {second}_{what} and target_{target}"
        before, after = _borders(name, names, images.shape[axis], *given, sign)
        sides[axis] = (sign * before, sign * after, 0)  # what is below zero is cut off
    return jax.lax.pad(images, jnp.zeros((), images.dtype), sides)


@operation
def pad_images(
    images: Any,
    top_padding: int | None = None,
    left_padding: int | None = None,
    bottom_padding: int | None = None,
    right_padding: int | None = None,
    target_height: int | None = None,
    target_width: int | None = None,
    data_format: str | None = None,
) -> jax.Array:
    """Images with borders of zeros.

    Args:
        images: one, or a batch.
        top_padding: rows above.
        left_padding: columns on the left.
        bottom_padding: rows below.
        right_padding: columns on the right.
        target_height: the height with the borders, in place of one of the two.
        target_width: the width with the borders, in place of one of the two.
        data_format: `"channels_last"` or `"channels_first"`.

    Returns:
        Larger images.

    Raises:
        ArgumentError: unless two of three numbers are given in each direction, and no border is negative.

    Example:
        >>> pad_images(jnp.ones((2, 2, 1)), 1, 0, target_height=4, target_width=5).shape
        (4, 5, 1)
    """
    rows = (top_padding, bottom_padding, target_height)
    columns = (left_padding, right_padding, target_width)
    return _with_borders("pad_images", images, data_format, rows, columns)


@operation
def crop_images(
    images: Any,
    top_cropping: int | None = None,
    left_cropping: int | None = None,
    bottom_cropping: int | None = None,
    right_cropping: int | None = None,
    target_height: int | None = None,
    target_width: int | None = None,
    data_format: str | None = None,
) -> jax.Array:
    """Images without their borders.

    Args:
        images: one, or a batch.
        top_cropping: rows to take off above.
        left_cropping: columns on the left.
        bottom_cropping: rows below.
        right_cropping: columns on the right.
        target_height: the height that is left, in place of one of the two.
        target_width: the width that is left, in place of one of the two.
        data_format: `"channels_last"` or `"channels_first"`.

    Returns:
        Smaller images.

    Raises:
        ArgumentError: unless two of three numbers are given in each direction, and no border is negative.

    Example:
        >>> crop_images(jnp.ones((4, 5, 1)), 1, 0, target_height=2, target_width=3).shape
        (2, 3, 1)
    """
    rows = (top_cropping, bottom_cropping, target_height)
    columns = (left_cropping, right_cropping, target_width)
    return _with_borders("crop_images", images, data_format, rows, columns)


@operation
def extract_patches(
    images: Any,
    size: int | Sequence[int],
    strides: int | Sequence[int] | None = None,
    dilation_rate: int | Sequence[int] = 1,
    padding: str = "valid",
    data_format: str | None = None,
) -> jax.Array:
    """The patches of images, each as one row of channels.

    Args:
        images: one, or a batch; volumes for three sizes.
        size: of a patch: height and width, or one number for both.
        strides: from one patch to the next; `size` when left out.
        dilation_rate: from one pixel of a patch to the next.
        padding: `"valid"` for patches that lie within the image, `"same"` for others as well.
        data_format: `"channels_last"` or `"channels_first"`.

    Returns:
        `(..., rows, columns, pixels * channels)`, or with the last axis before them.

    Raises:
        ArgumentError: for sizes that are neither two nor three.

    Example:
        >>> extract_patches(jnp.ones((4, 4, 3)), 2).shape
        (2, 2, 12)
    """
    if not isinstance(size, int) and len(size) == 3:
        return _patches(images, tuple(size), strides, dilation_rate, padding, data_format)
    size = (size, size) if isinstance(size, int) else tuple(size)
    if len(size) != 2:
        raise ArgumentError(f"extract_patches takes one, two or three sizes. Received: size={size}")
    return _patches(images, size, strides, dilation_rate, padding, data_format)


@operation
def extract_patches_3d(
    volumes: Any,
    size: int | Sequence[int],
    strides: int | Sequence[int] | None = None,
    dilation_rate: int | Sequence[int] = 1,
    padding: str = "valid",
    data_format: str | None = None,
) -> jax.Array:
    """The patches of volumes, each as one row of channels; arguments as for `extract_patches`.

    Example:
        >>> extract_patches_3d(jnp.ones((4, 4, 4, 3)), 2).shape
        (2, 2, 2, 24)
    """
    size = (size,) * 3 if isinstance(size, int) else tuple(size)
    if len(size) != 3:
        raise ArgumentError(f"extract_patches_3d takes one or three sizes. Received: size={size}")
    return _patches(volumes, size, strides, dilation_rate, padding, data_format)


def _patches(
    images: Any, size: tuple[int, ...], strides: Any, dilation_rate: Any, padding: str, data_format: str | None
) -> jax.Array:
    images = as_array(images)
    alone = images.ndim == len(size) + 1
    batch = images[None] if alone else images
    if batch.ndim != len(size) + 2:
        raise ShapeError(f"Patches of size {size} cannot be taken from images of shape {images.shape}.")
    channels = batch.shape[-1 if channels_last("extract_patches", data_format) else 1]
    count = math.prod(size) * channels
    kernel = jnp.eye(count, dtype=images.dtype).reshape(*size, channels, count)
    patches = conv(batch, kernel, strides or size, padding, data_format, dilation_rate)
    return patches[0] if alone else patches


@operation
def rgb_to_grayscale(images: Any, data_format: str | None = None) -> jax.Array:
    """Images without colors: red, green and blue weighted as bright as they look.

    Args:
        images: one, or a batch, of three channels, or one.
        data_format: `"channels_last"` or `"channels_first"`.

    Returns:
        Images of one channel, in the dtype of `images`.

    Raises:
        ShapeError: for another number of channels.

    Example:
        >>> rgb_to_grayscale(jnp.ones((1, 1, 3))).round(3)
        Array([[[1.]]], dtype=float32)
    """
    images, _, channels = _images("rgb_to_grayscale", images, data_format)
    if images.shape[channels] not in (1, 3):
        raise ShapeError(f"rgb_to_grayscale takes images of three channels, but got shape {images.shape}.")
    if images.shape[channels] == 1:
        return images
    wide = as_floats(images)
    weights = jnp.asarray([0.2989, 0.5870, 0.1140], wide.dtype)
    gray = jnp.tensordot(wide, weights, axes=(channels, -1))
    return jnp.expand_dims(gray, channels).astype(images.dtype)


def _color_planes(name: str, images: Any, data_format: str | None) -> tuple[list[jax.Array], int]:
    images, _, channels = _images(name, images, data_format)
    if not jnp.issubdtype(images.dtype, jnp.floating):
        raise ArgumentError(f"{name} takes floats from 0 to 1. Received: images of dtype {images.dtype}")
    if images.shape[channels] != 3:
        raise ShapeError(f"{name} takes images of three channels, but got shape {images.shape}.")
    return list(jnp.moveaxis(images, channels, 0)), channels


@operation
def rgb_to_hsv(images: Any, data_format: str | None = None) -> jax.Array:
    """Hue, saturation and value in place of red, green and blue.

    Args:
        images: floats from 0 to 1, one image or a batch, of three channels.
        data_format: `"channels_last"` or `"channels_first"`.

    Returns:
        Images like these, of numbers from 0 to 1.

    Raises:
        ArgumentError: for integers.

    Example:
        >>> rgb_to_hsv(jnp.array([[[0.0, 1.0, 0.0]]])).round(4)
        Array([[[0.3333, 1.    , 1.    ]]], dtype=float32)
    """
    planes, channels = _color_planes("rgb_to_hsv", images, data_format)
    tiny = jnp.finfo(planes[0].dtype).eps
    red, green, blue = (jnp.where(jnp.abs(plane) < tiny, 0.0, plane) for plane in planes)
    value = jnp.maximum(jnp.maximum(red, green), blue)
    spread = value - jnp.minimum(jnp.minimum(red, green), blue)
    saturation = jnp.where(value > 0, spread / jnp.where(value > 0, value, 1.0), 0.0)
    # A sixth of a turn for each step between two of the colors, starting from the strongest one.
    sixth = 1 / (6 * jnp.where(spread > 0, spread, 1.0))
    hue = jnp.where(value == green, sixth * (blue - red) + 2 / 6, sixth * (red - green) + 4 / 6)
    hue = jnp.where(value == red, sixth * (green - blue), hue)
    hue = jnp.where(spread > 0, hue, 0.0) + (hue < 0).astype(hue.dtype)
    return jnp.stack([hue, saturation, value], axis=channels)


@operation
def hsv_to_rgb(images: Any, data_format: str | None = None) -> jax.Array:
    """Red, green and blue in place of hue, saturation and value.

    Args:
        images: floats from 0 to 1, one image or a batch, of three channels.
        data_format: `"channels_last"` or `"channels_first"`.

    Returns:
        Images like these, of numbers from 0 to 1.

    Raises:
        ArgumentError: for integers.

    Example:
        >>> hsv_to_rgb(jnp.array([[[1 / 3, 1.0, 1.0]]])).round(4) + 0
        Array([[[0., 1., 0.]]], dtype=float32)
    """
    (hue, saturation, value), channels = _color_planes("hsv_to_rgb", images, data_format)
    turn = jnp.mod(hue, 1.0) * 6
    shares = (jnp.abs(turn - 3) - 1, 2 - jnp.abs(turn - 2), 2 - jnp.abs(turn - 4))
    planes = [value * (1 - saturation + saturation * jnp.clip(share, 0, 1)) for share in shares]
    return jnp.stack(planes, axis=channels)


@operation
def sobel_edges(images: Any, data_format: str | None = None) -> jax.Array:
    """How much images change downwards and to the right, by Sobel's kernels.

    Args:
        images: a batch.
        data_format: `"channels_last"` or `"channels_first"`.

    Returns:
        `(..., 2)`: the change along each axis.

    Raises:
        ShapeError: for anything but a batch.

    Example:
        >>> sobel_edges(jnp.ones((1, 3, 3, 1))).shape
        (1, 3, 3, 1, 2)
    """
    images = as_array(images)
    if images.ndim != 4:
        raise ShapeError(f"sobel_edges takes a batch of images (4 axes), but got shape {images.shape}.")
    last = channels_last("sobel_edges", data_format)
    across = jnp.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], images.dtype)
    planes = jnp.moveaxis(images, -1, 1) if last else images
    flat = planes.reshape(-1, 1, *planes.shape[2:])
    changes = [
        conv(flat, kernel[:, :, None, None], padding="same", data_format="channels_first").reshape(planes.shape)
        for kernel in (across.T, across)
    ]
    return jnp.stack([jnp.moveaxis(change, 1, -1) if last else change for change in changes], axis=-1)


@operation
def ssim(
    image1: Any,
    image2: Any,
    max_val: float = 1.0,
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
    data_format: str | None = None,
) -> jax.Array:
    """The structural similarity of two images: one if they are equal.

    Args:
        image1: one, or a batch.
        image2: the other, of the same shape.
        max_val: the largest value that a pixel can have.
        filter_size: of the windows that are compared.
        filter_sigma: how fast pixels count less, away from the middle of a window.
        k1: keeps the comparison of brightness finite.
        k2: keeps the comparison of contrast finite.
        data_format: `"channels_last"` or `"channels_first"`.

    Returns:
        A number for each image.

    Raises:
        ShapeError: for another rank.

    Example:
        >>> float(ssim(jnp.ones((12, 12, 1)), jnp.ones((12, 12, 1))))
        1.0

    Reference:
        Wang et al., 2004, "Image quality assessment: from error visibility to structural similarity".
    """
    one, _, channels = _images("ssim", image1, data_format)
    two, _, _ = _images("ssim", image2, data_format)
    dtype = one.dtype
    # Each channel is a picture of its own: (pictures, height, width, 1).
    one, two = (jnp.moveaxis(as_floats(image), channels, -3) for image in (one, two))
    places = jnp.arange(filter_size, dtype=one.dtype) - (filter_size - 1) / 2
    weights = jnp.exp(-(places**2) / (2 * filter_sigma**2))
    weights = weights / jnp.sum(weights)
    kernel = jnp.outer(weights, weights)[:, :, None, None]

    def blurred(pictures: jax.Array) -> jax.Array:
        return conv(pictures.reshape(-1, *pictures.shape[-2:], 1), kernel, data_format="channels_last")

    mean1, mean2 = blurred(one), blurred(two)
    variance1, variance2 = blurred(one * one) - mean1 * mean1, blurred(two * two) - mean2 * mean2
    covariance = blurred(one * two) - mean1 * mean2
    c1, c2 = (k1 * max_val) ** 2, (k2 * max_val) ** 2
    alike = (2 * mean1 * mean2 + c1) * (2 * covariance + c2)
    each = alike / ((mean1 * mean1 + mean2 * mean2 + c1) * (variance1 + variance2 + c2))
    return jnp.mean(jnp.mean(each, axis=(1, 2, 3)).reshape(one.shape[:-2]), axis=-1).astype(dtype)
