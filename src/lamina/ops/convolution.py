"""Convolutions, and the patches that they look at."""

from collections.abc import Sequence
from typing import Any

import jax

from lamina.core import config
from lamina.core.errors import ShapeError
from lamina.core.operation import operation
from lamina.core.validate import one_of
from lamina.ops.arrays import as_array

__all__ = ["conv", "conv_transpose", "depthwise_conv", "fold", "separable_conv", "unfold"]

Sizes = int | Sequence[int]


def sizes(value: Sizes, count: int) -> tuple[int, ...]:
    """One number per axis."""
    return (value,) * count if isinstance(value, int) else tuple(value)


def channels_last(name: str, data_format: str | None) -> bool:
    """Whether channels are the last axis, and not the second."""
    data_format = data_format or config.image_data_format()
    return one_of(name, "data_format", data_format, ("channels_last", "channels_first")) == "channels_last"


def _dimensions(ndim: int, last: bool) -> tuple[str, str, str]:
    """The letters with which XLA tells axes apart: batch N, channels C, places, kernel's inputs I and outputs O."""
    places = "DHW"[5 - ndim :]
    data = f"N{places}C" if last else f"NC{places}"
    return data, f"{places}IO", data


@operation
def conv(
    inputs: Any,
    kernel: Any,
    strides: Sizes = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Sizes = 1,
) -> jax.Array:
    """The product of a kernel with each place of the inputs, along one, two or three axes.

    Args:
        inputs: `(batch, *places, channels)`, or with the channels behind the batch.
        kernel: `(*sizes, channels, filters)`; with a divisor of the channels, as many groups are apart.
        strides: from one place to the next.
        padding: `"valid"` for places that lie within the inputs, `"same"` for as many as there are inputs.
        data_format: `"channels_last"` or `"channels_first"`.
        dilation_rate: from one entry of the kernel to the next.

    Returns:
        `(batch, *places, filters)`, or with the filters behind the batch.

    Raises:
        ArgumentError: for another padding or data format.
        ShapeError: for channels that do not fit, or if nothing is left.

    Example:
        >>> import jax.numpy as jnp
        >>> conv(jnp.arange(4.0).reshape(1, 4, 1), jnp.ones((2, 1, 1))).ravel()
        Array([1., 3., 5.], dtype=float32)
    """
    kernel = as_array(kernel)
    inputs = as_array(inputs).astype(kernel.dtype)
    last = channels_last("conv", data_format)
    one_of("conv", "padding", padding, ("valid", "same"))
    channels, rank = inputs.shape[-1 if last else 1], inputs.ndim - 2
    groups = channels // kernel.shape[-2]
    if kernel.ndim != inputs.ndim or groups * kernel.shape[-2] != channels or kernel.shape[-1] % groups:
        raise ShapeError(
            f"conv got inputs of shape {inputs.shape} with {channels} channels and a kernel of shape {kernel.shape}.",
            hint="a kernel has the shape (*sizes, channels / groups, filters), and groups divide the filters too.",
        )
    outputs = jax.lax.conv_general_dilated(
        inputs,
        kernel,
        sizes(strides, rank),
        padding.upper(),
        rhs_dilation=sizes(dilation_rate, rank),
        dimension_numbers=_dimensions(inputs.ndim, last),
        feature_group_count=groups,
    )
    if outputs.size == 0 and inputs.size:
        raise ShapeError(
            f"conv leaves nothing of inputs of shape {inputs.shape} with a kernel of shape {kernel.shape}.",
            hint="use padding='same', or a smaller kernel, stride or dilation.",
        )
    return outputs


@operation
def depthwise_conv(
    inputs: Any,
    kernel: Any,
    strides: Sizes = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Sizes = 1,
) -> jax.Array:
    """A convolution in which each channel has kernels of its own.

    Args:
        inputs: `(batch, *places, channels)`, or with the channels behind the batch.
        kernel: `(*sizes, channels, multiplier)`.
        strides: from one place to the next.
        padding: `"valid"` or `"same"`.
        data_format: `"channels_last"` or `"channels_first"`.
        dilation_rate: from one entry of the kernel to the next.

    Returns:
        `(batch, *places, channels * multiplier)`, or with these behind the batch.

    Raises:
        ShapeError: for channels that do not fit.

    Example:
        >>> import jax.numpy as jnp
        >>> depthwise_conv(jnp.ones((1, 2, 2)), jnp.array([[[1.0], [3.0]]])).shape
        (1, 2, 2)
    """
    inputs, kernel = as_array(inputs), as_array(kernel)
    channels = inputs.shape[-1 if channels_last("depthwise_conv", data_format) else 1]
    if kernel.shape[-2] != channels:
        raise ShapeError(
            f"depthwise_conv got {channels} channels, but a kernel of shape {kernel.shape} for {kernel.shape[-2]}."
        )
    kernel = kernel.reshape(*kernel.shape[:-2], 1, channels * kernel.shape[-1])
    return conv(inputs, kernel, strides, padding, data_format, dilation_rate)


@operation
def separable_conv(
    inputs: Any,
    depthwise_kernel: Any,
    pointwise_kernel: Any,
    strides: Sizes = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Sizes = 1,
) -> jax.Array:
    """A convolution of each channel for itself, then one of all channels at each place.

    Args:
        inputs: `(batch, *places, channels)`, or with the channels behind the batch.
        depthwise_kernel: `(*sizes, channels, multiplier)`.
        pointwise_kernel: `(*ones, channels * multiplier, filters)`.
        strides: from one place to the next.
        padding: `"valid"` or `"same"`.
        data_format: `"channels_last"` or `"channels_first"`.
        dilation_rate: from one entry of the first kernel to the next.

    Returns:
        `(batch, *places, filters)`, or with the filters behind the batch.

    Example:
        >>> import jax.numpy as jnp
        >>> separable_conv(jnp.ones((1, 3, 2)), jnp.ones((2, 2, 1)), jnp.ones((1, 2, 1))).ravel()
        Array([4., 4.], dtype=float32)
    """
    apart = depthwise_conv(inputs, depthwise_kernel, strides, padding, data_format, dilation_rate)
    return conv(apart, pointwise_kernel, data_format=data_format)


def _transposed_padding(size: int, stride: int, padding: str, extra: int | None) -> tuple[int, int]:
    """What XLA adds before and behind the spread-out inputs, for Keras's words.

    Args:
        size: of the kernel, dilated.
        stride: from one input to the next.
        padding: `"valid"` or `"same"`.
        extra: Keras's `output_padding`.
    """
    if padding == "valid":
        return size - 1, size - 1 + (max(size, stride) - size if extra is None else extra)
    total = size + stride - 2 if extra is None else size + size % 2 - 2 + extra
    before = min(-(-total // 2), size - 1)
    return before, total - before


@operation
def conv_transpose(
    inputs: Any,
    kernel: Any,
    strides: Sizes = 1,
    padding: str = "valid",
    output_padding: Sizes | None = None,
    data_format: str | None = None,
    dilation_rate: Sizes = 1,
) -> jax.Array:
    """The transpose of a convolution: each input adds its multiple of the kernel around its place.

    Args:
        inputs: `(batch, *places, channels)`, or with the channels behind the batch.
        kernel: `(*sizes, filters, channels)`.
        strides: from the place of one input to that of the next.
        padding: `"valid"` or `"same"`.
        output_padding: how many outputs more there are at the end; chosen when left out.
        data_format: `"channels_last"` or `"channels_first"`.
        dilation_rate: from one entry of the kernel to the next.

    Returns:
        `(batch, *places, filters)`, or with the filters behind the batch.

    Raises:
        ArgumentError: for another padding or data format.
        ShapeError: for channels that do not fit.

    Example:
        >>> import jax.numpy as jnp
        >>> conv_transpose(jnp.ones((1, 2, 1)), jnp.ones((2, 1, 1)), strides=2).ravel()
        Array([1., 1., 1., 1.], dtype=float32)
    """
    inputs, kernel = as_array(inputs), as_array(kernel)
    last = channels_last("conv_transpose", data_format)
    one_of("conv_transpose", "padding", padding, ("valid", "same"))
    rank, channels = inputs.ndim - 2, inputs.shape[-1 if last else 1]
    if kernel.ndim != inputs.ndim or kernel.shape[-1] != channels:
        raise ShapeError(
            f"conv_transpose got inputs of shape {inputs.shape} with {channels} channels and a kernel of shape "
            f"{kernel.shape}.",
            hint="a kernel has the shape (*sizes, filters, channels).",
        )
    steps, spread = sizes(strides, rank), sizes(dilation_rate, rank)
    extras = (None,) * rank if output_padding is None else sizes(output_padding, rank)
    sides = [
        _transposed_padding((size - 1) * rate + 1, step, padding, extra)
        for size, rate, step, extra in zip(kernel.shape, spread, steps, extras, strict=False)
    ]
    return jax.lax.conv_transpose(
        inputs,
        kernel,
        steps,
        sides,
        rhs_dilation=spread,
        dimension_numbers=_dimensions(inputs.ndim, last),
        transpose_kernel=True,
    )


@operation
def unfold(x: Any, kernel_size: Sizes, dilation: Sizes = 1, padding: Sizes = 0, stride: Sizes = 1) -> jax.Array:
    """The patches of images, as columns.

    Args:
        x: `(batch, channels, height, width)`.
        kernel_size: height and width of a patch.
        dilation: from one pixel of a patch to the next.
        padding: how many rows and columns of zeros to add on each side.
        stride: from one patch to the next.

    Returns:
        `(batch, channels * height * width of a patch, patches)`.

    Raises:
        ShapeError: for another rank.

    Example:
        >>> import jax.numpy as jnp
        >>> unfold(jnp.arange(9.0).reshape(1, 1, 3, 3), 2)[0, :, 0]
        Array([0., 1., 3., 4.], dtype=float32)
    """
    x = as_array(x)
    if x.ndim != 4:
        raise ShapeError(f"unfold takes images (batch, channels, height, width), but got shape {x.shape}.")
    patches = jax.lax.conv_general_dilated_patches(
        x,
        sizes(kernel_size, 2),
        sizes(stride, 2),
        [(side, side) for side in sizes(padding, 2)],
        rhs_dilation=sizes(dilation, 2),
    )
    return patches.reshape(*patches.shape[:2], -1)


@operation
def fold(
    x: Any, output_size: Sizes, kernel_size: Sizes, dilation: Sizes = 1, padding: Sizes = 0, stride: Sizes = 1
) -> jax.Array:
    """The sum of patches at their places in an image: the transpose of `unfold`.

    Args:
        x: `(batch, channels * height * width of a patch, patches)`.
        output_size: height and width of the images.
        kernel_size: height and width of a patch.
        dilation: from one pixel of a patch to the next.
        padding: how many rows and columns had been added on each side.
        stride: from one patch to the next.

    Returns:
        `(batch, channels, height, width)`.

    Raises:
        ShapeError: for another rank.

    Example:
        >>> import jax.numpy as jnp
        >>> fold(unfold(jnp.ones((1, 1, 3, 3)), 2), 3, 2)[0, 0]
        Array([[1., 2., 1.],
               [2., 4., 2.],
               [1., 2., 1.]], dtype=float32)
    """
    x = as_array(x)
    if x.ndim != 3:
        raise ShapeError(f"fold takes patches (batch, entries of a patch, patches), but got shape {x.shape}.")
    height, width = sizes(kernel_size, 2)
    image = jax.ShapeDtypeStruct((len(x), x.shape[1] // (height * width), *sizes(output_size, 2)), x.dtype)
    place = jax.linear_transpose(lambda image: unfold(image, (height, width), dilation, padding, stride), image)
    return place(x)[0]
