"""Images that are moved, turned, bent and blurred."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import jax.scipy.ndimage

from lamina.core.errors import ShapeError
from lamina.core.operation import operation
from lamina.core.seeds import as_key
from lamina.core.validate import one_of
from lamina.ops.arrays import as_array
from lamina.ops.convolution import channels_last, conv

_FILLS = ("constant", "nearest", "wrap", "mirror", "reflect")
_ORDERS = {"nearest": 0, "bilinear": 1}
_METHODS = ("linear", "bilinear", "trilinear", "cubic", "bicubic", "tricubic", "lanczos3", "lanczos5")


def _planes(name: str, images: Any, data_format: str | None) -> tuple[jax.Array, bool, bool]:
    """A batch `(images, channels, height, width)`, whether there was only one, and whether channels came last.

    Raises:
        ShapeError: for an array that has neither three axes nor four.
    """
    images, last = as_array(images), channels_last(name, data_format)
    if images.ndim not in (3, 4):
        raise ShapeError(f"{name} takes an image (3 axes) or a batch of them (4 axes), but got shape {images.shape}.")
    batch = images if images.ndim == 4 else images[None]
    return (jnp.moveaxis(batch, -1, 1) if last else batch), images.ndim == 3, last


def _images(planes: jax.Array, alone: bool, last: bool) -> jax.Array:
    """What `_planes` made planes of."""
    batch = jnp.moveaxis(planes, 1, -1) if last else planes
    return batch[0] if alone else batch


def _sampled(planes: jax.Array, places: jax.Array, interpolation: str, fill_mode: str, fill_value: float) -> jax.Array:
    """Each image at places `(images, 2, height, width)`, the row first."""

    def sample(plane: jax.Array, places: jax.Array) -> jax.Array:
        order = _ORDERS[interpolation]
        return jax.scipy.ndimage.map_coordinates(plane, list(places), order, fill_mode, fill_value)

    return jax.vmap(jax.vmap(sample, (0, None)))(planes, places)


@operation
def map_coordinates(
    inputs: Any, coordinates: Any, order: int, fill_mode: str = "constant", fill_value: float = 0
) -> jax.Array:
    """The values of an array at places between its entries.

    Args:
        inputs: an array.
        coordinates: `(axes of inputs, ...)`.
        order: 0 for the nearest entry, 1 for a mean of the neighbours, weighted by their distance.
        fill_mode: what lies outside: `"constant"`, `"nearest"`, `"wrap"`, `"mirror"` or `"reflect"`.
        fill_value: the constant.

    Returns:
        An array of the shape of the coordinates but their first axis.

    Raises:
        ArgumentError: for another order or mode.
        ShapeError: unless there is a coordinate for each axis.

    Example:
        >>> map_coordinates([1.0, 2.0, 4.0], [[0.5, 1.5]], order=1)
        Array([1.5, 3. ], dtype=float32)
    """
    inputs, coordinates = as_array(inputs), as_array(coordinates)
    if coordinates.ndim < 2 or len(coordinates) != inputs.ndim:
        raise ShapeError(
            f"map_coordinates takes coordinates (axes of inputs, ...), but got shape {coordinates.shape} for inputs of "
            f"shape {inputs.shape}."
        )
    one_of("map_coordinates", "fill_mode", fill_mode, _FILLS)
    one_of("map_coordinates", "order", order, (0, 1))
    return jax.scipy.ndimage.map_coordinates(inputs, list(coordinates), order, fill_mode, fill_value)


@operation
def affine_transform(
    images: Any,
    transform: Any,
    interpolation: str = "bilinear",
    fill_mode: str = "constant",
    fill_value: float = 0,
    data_format: str | None = None,
) -> jax.Array:
    """Images that are moved, turned, scaled and sheared.

    Args:
        images: one, or a batch.
        transform: `(8,)` or one for each image: the pixel at (x, y) is the one that had been at
            `(a0 x + a1 y + a2, b0 x + b1 y + b2)`, for `[a0, a1, a2, b0, b1, b2, …]`.
        interpolation: `"bilinear"` or `"nearest"`.
        fill_mode: what lies outside: `"constant"`, `"nearest"`, `"wrap"`, `"mirror"` or `"reflect"`.
        fill_value: the constant.
        data_format: `"channels_last"` or `"channels_first"`.

    Returns:
        Images like these.

    Raises:
        ArgumentError: for another interpolation or mode.
        ShapeError: for another rank.

    Example:
        >>> right = [1.0, 0.0, -1.0, 0.0, 1.0, 0.0, 0.0, 0.0]
        >>> affine_transform(jnp.array([[[1.0], [2.0]]]), right).ravel()
        Array([0., 1.], dtype=float32)
    """
    one_of("affine_transform", "interpolation", interpolation, _ORDERS)
    one_of("affine_transform", "fill_mode", fill_mode, _FILLS)
    planes, alone, last = _planes("affine_transform", images, data_format)
    transform = jnp.atleast_2d(as_array(transform))
    if transform.ndim != 2 or transform.shape[-1] != 8:
        raise ShapeError(f"affine_transform takes eight numbers for each image, but got shape {transform.shape}.")
    y, x = jnp.meshgrid(*(jnp.arange(n, dtype=transform.dtype) for n in planes.shape[2:]), indexing="ij")
    a0, a1, a2, b0, b1, b2 = (transform[:, place, None, None] for place in range(6))
    places = jnp.stack([b0 * x + b1 * y + b2, a0 * x + a1 * y + a2], axis=1)
    places = jnp.broadcast_to(places, (len(planes), *places.shape[1:]))
    return _images(_sampled(planes, places, interpolation, fill_mode, fill_value), alone, last)


@operation
def perspective_transform(
    images: Any,
    start_points: Any,
    end_points: Any,
    interpolation: str = "bilinear",
    fill_value: float = 0,
    data_format: str | None = None,
) -> jax.Array:
    """Images as seen from elsewhere: four points are moved, and all others with them.

    Args:
        images: one, or a batch.
        start_points: `(4, 2)` or for each image: where four points lie, as (x, y).
        end_points: where they are to lie.
        interpolation: `"bilinear"` or `"nearest"`.
        fill_value: what lies outside.
        data_format: `"channels_last"` or `"channels_first"`.

    Returns:
        Images like these.

    Raises:
        ArgumentError: for another interpolation.
        ShapeError: for other points.

    Example:
        >>> corners = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]
        >>> perspective_transform(jnp.ones((2, 2, 1)), corners, corners).shape
        (2, 2, 1)
    """
    one_of("perspective_transform", "interpolation", interpolation, _ORDERS)
    planes, alone, last = _planes("perspective_transform", images, data_format)
    start, end = as_array(start_points).astype("float32"), as_array(end_points).astype("float32")
    if start.shape != end.shape or start.ndim not in (2, 3) or start.shape[-2:] != (4, 2):
        raise ShapeError(
            f"perspective_transform takes four points (x, y) for each image, but got shapes {start.shape} and "
            f"{end.shape}."
        )
    numbers = _homography(jnp.reshape(start, (-1, 4, 2)), jnp.reshape(end, (-1, 4, 2)))
    y, x = jnp.meshgrid(*(jnp.arange(n) for n in planes.shape[2:]), indexing="ij")
    h = [numbers[:, place, None, None] for place in range(8)]
    depth = h[6] * x + h[7] * y + 1
    places = jnp.stack([(h[3] * x + h[4] * y + h[5]) / depth, (h[0] * x + h[1] * y + h[2]) / depth], axis=1)
    return _images(_sampled(planes, places, interpolation, "constant", fill_value), alone, last)


def _homography(start: jax.Array, end: jax.Array) -> jax.Array:
    """The eight numbers of the projection from end points back to start points, `(images, 4, 2)` each."""
    x, y, zero, one = end[..., 0], end[..., 1], jnp.zeros(end.shape[:2]), jnp.ones(end.shape[:2])
    u, v = start[..., 0], start[..., 1]
    # u (h6 x + h7 y + 1) = h0 x + h1 y + h2, and likewise for v.
    equations = [[x, y, one, zero, zero, zero, -u * x, -u * y], [zero, zero, zero, x, y, one, -v * x, -v * y]]
    matrix = jnp.concatenate([jnp.stack(row, axis=-1) for row in equations], axis=1)
    return jnp.linalg.solve(matrix, jnp.concatenate([u, v], axis=1)[..., None])[..., 0]


@operation
def gaussian_blur(
    images: Any,
    kernel_size: Sequence[int] = (3, 3),
    sigma: Sequence[Any] = (1.0, 1.0),
    data_format: str | None = None,
) -> jax.Array:
    """Images in which each pixel is a mean of its neighbours, the near ones counting most.

    Args:
        images: one, or a batch.
        kernel_size: how many pixels to look at across and down.
        sigma: how fast they count less, across and down.
        data_format: `"channels_last"` or `"channels_first"`.

    Returns:
        Images like these.

    Raises:
        ShapeError: for another rank.

    Example:
        >>> gaussian_blur(jnp.ones((3, 3, 1)))[1, 1].round(4)
        Array([1.], dtype=float32)
    """
    planes, alone, last = _planes("gaussian_blur", images, data_format)

    def bell(size: int, sigma: Any) -> jax.Array:
        places = jnp.arange(size, dtype=planes.dtype) - jnp.asarray((size - 1) / 2, planes.dtype)
        heights = jnp.exp(-0.5 * (places / jnp.asarray(sigma, planes.dtype)) ** 2)
        return heights / jnp.sum(heights)

    kernel = jnp.outer(bell(kernel_size[1], sigma[1]), bell(kernel_size[0], sigma[0]))
    flat = planes.reshape(-1, 1, *planes.shape[2:])
    blurred = conv(flat, kernel[:, :, None, None], padding="same", data_format="channels_first")
    return _images(blurred.reshape(planes.shape), alone, last)


@operation
def elastic_transform(
    images: Any,
    alpha: float = 20.0,
    sigma: float = 5.0,
    interpolation: str = "bilinear",
    fill_mode: str = "reflect",
    fill_value: float = 0.0,
    seed: Any = None,
    data_format: str | None = None,
) -> jax.Array:
    """Images whose pixels are moved at random, neighbours much alike.

    Args:
        images: one, or a batch.
        alpha: how far pixels are moved.
        sigma: how much alike neighbours are moved.
        interpolation: `"bilinear"` or `"nearest"`.
        fill_mode: what lies outside: `"constant"`, `"nearest"`, `"wrap"`, `"mirror"` or `"reflect"`.
        fill_value: the constant.
        seed: an integer, a `SeedGenerator`, or `None`.
        data_format: `"channels_last"` or `"channels_first"`.

    Returns:
        Images like these.

    Raises:
        ArgumentError: for another interpolation or mode.
        ShapeError: for another rank.

    Example:
        >>> elastic_transform(jnp.ones((4, 4, 1)), seed=1).shape
        (4, 4, 1)

    Reference:
        Simard et al., 2003, "Best practices for convolutional neural networks applied to visual document analysis".
    """
    one_of("elastic_transform", "interpolation", interpolation, _ORDERS)
    one_of("elastic_transform", "fill_mode", fill_mode, _FILLS)
    planes, alone, last = _planes("elastic_transform", images, data_format)
    count, _, height, width = planes.shape
    key = jax.random.wrap_key_data(jnp.asarray(as_key(seed)))
    # Keras draws both directions from one key, so that pixels move along a diagonal.
    noise = jax.random.normal(key, (count, height, width), planes.dtype) * sigma
    size = int(6 * sigma) | 1
    shift = gaussian_blur(noise[:, None], (size, size), (sigma, sigma), data_format="channels_first")
    y, x = jnp.meshgrid(jnp.arange(height), jnp.arange(width), indexing="ij")
    places = jnp.concatenate([y + alpha * shift, x + alpha * shift], axis=1)
    moved = _sampled(planes, places, interpolation, fill_mode, fill_value)
    return _images(moved, alone, last).astype(planes.dtype)


@operation
def scale_and_translate(
    images: Any,
    output_shape: Sequence[int],
    scale: Any,
    translation: Any,
    spatial_dims: Sequence[int],
    method: str,
    antialias: bool = True,
) -> jax.Array:
    """An array, scaled and moved along some axes.

    Args:
        images: an array.
        output_shape: of the result.
        scale: a factor for each of the axes.
        translation: how far to move, for each of the axes.
        spatial_dims: the axes.
        method: `"linear"`, `"cubic"`, `"lanczos3"` or `"lanczos5"`.
        antialias: whether to blur what is made smaller.

    Returns:
        An array of that shape.

    Raises:
        ArgumentError: for another method.

    Example:
        >>> scale_and_translate([1.0, 2.0], (4,), [1.0], [1.0], (0,), "linear")
        Array([0., 1., 2., 0.], dtype=float32)
    """
    one_of("scale_and_translate", "method", method, _METHODS)
    scale, translation = as_array(scale), as_array(translation)
    return jax.image.scale_and_translate(
        as_array(images), tuple(output_shape), spatial_dims, scale, translation, method, antialias
    )
