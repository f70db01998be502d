"""What layers share that work on the axes between the batch and the channels."""

from collections.abc import Sequence
from typing import Any

from lamina.core import config
from lamina.core.errors import ArgumentError
from lamina.core.validate import one_of
from lamina.layers.input_spec import InputSpec
from lamina.layers.layer import Layer

Pair = tuple[int, int]


def check_data_format(owner: str, data_format: str | None) -> str:
    """`"channels_last"` or `"channels_first"`; the configured one for `None`.

    Args:
        owner: the name of the class, for messages.
        data_format: as it was given.

    Raises:
        ArgumentError: for anything else.
    """
    formats = ("channels_last", "channels_first")
    return one_of(owner, "data_format", data_format or config.image_data_format(), formats)


def check_sizes(owner: str, name: str, value: Any, count: int, low: int) -> tuple[int, ...]:
    """One integer for each of `count` axes; a single one serves all.

    Args:
        owner: the name of the class, for messages.
        name: of the argument.
        value: as it was given.
        count: how many are wanted.
        low: the smallest that is allowed.

    Raises:
        ArgumentError: for anything else.
    """
    items = tuple(value) if isinstance(value, list | tuple) else (value,) * count
    if len(items) != count or any(type(item) is not int or item < low for item in items):
        several = f"{count} integers, {low} or above, or one for all" if count > 1 else f"an integer, {low} or above"
        raise ArgumentError(f"{owner}: {name} must be {several}. Received: {name}={value!r}")
    return items


def check_pairs(owner: str, name: str, value: Any, count: int) -> tuple[Pair, ...]:
    """How much lies before and behind for each of `count` axes.

    Args:
        owner: the name of the class, for messages.
        name: of the argument.
        value: an integer for all, an integer for each axis, or a pair for each axis.
        count: how many pairs are wanted.

    Raises:
        ArgumentError: for anything else.
    """
    items = tuple(value) if isinstance(value, list | tuple) else (value,) * count
    if count == 1:
        # A sequence has one axis: its pair may stand alone.
        items = (items,) if len(items) == 2 else items
    pairs = tuple(tuple(item) if isinstance(item, list | tuple) else (item, item) for item in items)
    if len(pairs) != count or any(len(p) != 2 or any(type(n) is not int or n < 0 for n in p) for p in pairs):
        wanted = f"{count} of them, or {count} pairs (before, behind)" if count > 1 else "a pair (before, behind)"
        raise ArgumentError(f"{owner}: {name} must be an integer, zero or above, {wanted}. Received: {name}={value!r}")
    return pairs  # type: ignore[return-value]


class SpatialLayer(Layer):
    """Base of layers that change the sizes of the axes between batch and channels.

    Args:
        data_format: where the channels are.
        **kwargs: as for every layer.
    """

    row_independent = True
    spatial_axes = 0

    def __init__(self, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = check_data_format(type(self).__name__, data_format)
        self.input_spec = InputSpec(ndim=self.spatial_axes + 2)

    @property
    def places(self) -> range:
        """The spatial axes of an input."""
        first = 2 if self.data_format == "channels_first" else 1
        return range(first, first + self.spatial_axes)

    def new_size(self, index: int, size: int, shape: Sequence[int | None]) -> int:
        """The size that a spatial axis will have.

        Args:
            index: which of them, counted from 0.
            size: that it has.
            shape: of the input, for messages.
        """
        raise NotImplementedError(f"{type(self).__name__} has to define new_size(self, index, size, shape).")

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        """That of the inputs, with other sizes of the spatial axes."""
        shape = list(input_shape)
        for index, place in enumerate(self.places):
            if shape[place] is not None:
                shape[place] = self.new_size(index, shape[place], tuple(input_shape))
        return tuple(shape)

    def output_dtype(self, inputs: Any) -> str:
        """That of the inputs."""
        return inputs.dtype
