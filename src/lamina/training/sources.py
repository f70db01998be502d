"""What `fit` and its kin were given, sorted out: arrays or a stream, checked before the first step."""

from typing import Any

import jax
import numpy as np

from lamina.core.errors import ArgumentError, DataError
from lamina.data.arrays import host_arrays
from lamina.data.dataset import DEFAULT_BATCH
from lamina.data.feeds import ChunkedFeed, Feed, ResidentFeed, StreamFeed
from lamina.data.streams import Stream, as_stream
from lamina.data.weights import apply_class_weight, split
from lamina.training.checks import check_activation, check_finite, check_lengths, check_targets, check_values

# How much of an accelerator's memory the data may take; on CPU they are in the same memory anyway.
_DEVICE_SHARE = 0.6
_NAMES_OF_A_BATCH = ("x of a batch", "y of a batch", "sample_weight of a batch")


class ArraySource:
    """Arrays `(x, y, sample_weight)` on the host.

    Args:
        arrays: the structures.
        names: of the three, for messages.
    """

    def __init__(self, arrays: tuple[Any, Any, Any], names: tuple[str, str, str] = ("x", "y", "sample_weight")) -> None:
        self.arrays = arrays
        self._names = names
        check_lengths(*arrays, names)

    def example(self, size: int | None, steps: int | None = None) -> Any:
        """The first batch, as long as those of the feeds."""
        size = self._batch_size(size, steps)
        return jax.tree.map(lambda a: a[:size], self.arrays)

    def check(self, model: Any, method: str) -> None:
        """Looks for faults that the whole of the data can have."""
        x, y, sample_weight = self.arrays
        model.check_inputs(x)
        check_values(model, x)
        self.check_targets(model)
        if method == "fit":
            check_activation(model.objective, model)
        if not method.endswith("on_batch"):
            check_finite(x, y, sample_weight, self._names)

    def check_targets(self, model: Any) -> None:
        """Looks for targets and weights that do not suit a model's outputs and losses."""
        _, y, sample_weight = self.arrays
        if model.matches_targets:
            check_targets(model.objective, y, sample_weight, self._names[1:])

    def weighted(self, class_weight: Any, model: Any) -> "ArraySource":
        """This source, with the weights of the examples' classes in it."""
        if class_weight is not None:
            x, y, sample_weight = self.arrays
            self.arrays = (x, y, apply_class_weight(y, sample_weight, class_weight, model.output_names))
        return self

    def spend_permutation(self, shuffle: Any, size: int | None) -> None:
        """Draws the order that Keras draws, and drops, when it first builds a model from shuffled data."""
        rows = len(jax.tree.leaves(self.arrays)[0])
        if shuffle:
            np.random.permutation(min(size or DEFAULT_BATCH, rows) if shuffle == "batch" else rows)

    def training_feed(self, size: int | None, shuffle: Any, steps: int | None, capacity: int | None) -> Feed:
        """The feed of `fit`: on the device once, if it fits there."""
        size = self._batch_size(size, steps)
        if _fits(self.arrays):
            return ResidentFeed(self.arrays, size, shuffle, steps)
        return ChunkedFeed(self.arrays, size, shuffle, steps, capacity=capacity)

    def test_feed(self, size: int | None, steps: int | None, *, keep: bool) -> Feed:
        """The feed of an evaluation; `keep` for one that is repeated."""
        size = self._batch_size(size, steps)
        if steps is not None:
            self.arrays = jax.tree.map(lambda a: a[: steps * size], self.arrays)
        return ChunkedFeed(self.arrays, size, keep=keep and _fits(self.arrays))

    def _batch_size(self, size: int | None, steps: int | None) -> int:
        """What was given, else what makes so many steps of all rows, else Keras's own."""
        return size or (-(-len(jax.tree.leaves(self.arrays)[0]) // steps) if steps else DEFAULT_BATCH)


class StreamSource:
    """Batches that come one after the other.

    Args:
        stream: where from.
        model: that they are for.
        class_weight: from class to factor, or `None`.
    """

    def __init__(self, stream: Stream, model: Any, class_weight: Any = None) -> None:
        self._stream = stream
        self._model = model
        self._class_weight = class_weight
        self._first = StreamFeed(stream, False, None, self._checked)

    def _checked(self, x: Any, y: Any, sample_weight: Any) -> Any:
        check_lengths(x, y, sample_weight, _NAMES_OF_A_BATCH)
        x = self._model.fit_rank(x)
        if self._model.objective is not None and self._model.objective.resolved and self._model.matches_targets:
            check_targets(self._model.objective, y, sample_weight, _NAMES_OF_A_BATCH[1:])
        if self._class_weight is not None:
            names = self._model.output_names
            sample_weight = apply_class_weight(y, sample_weight, self._class_weight, names)
        return x, y, sample_weight

    def example(self, size: int | None, steps: int | None = None) -> Any:
        """A batch; it comes again."""
        del size, steps
        return self._first.example()

    def check(self, model: Any, method: str) -> None:
        """Looks for faults in the first batch; each later one is looked at when it comes."""
        x, y, sample_weight = self._first.example()
        model.check_inputs(x)
        check_values(model, x)
        if model.matches_targets:
            check_targets(model.objective, y, sample_weight, _NAMES_OF_A_BATCH[1:])
        check_finite(x, y, sample_weight, _NAMES_OF_A_BATCH)
        if method == "fit":
            check_activation(model.objective, model)

    def spend_permutation(self, shuffle: Any, size: int | None) -> None:
        """Draws the order that Keras draws, and drops, for a data set of numbered batches."""
        self._stream.spend_order(shuffle)

    def training_feed(self, size: int | None, shuffle: Any, steps: int | None, capacity: int | None) -> Feed:
        """The feed of `fit`."""
        del size
        return self._first.configured(shuffle, steps, capacity)

    def test_feed(self, size: int | None, steps: int | None, *, keep: bool) -> Feed:
        """The feed of an evaluation."""
        del size, keep
        return self._first.configured(False, steps, None, afresh=True)


def training_source(
    model: Any, x: Any, y: Any, sample_weight: Any, class_weight: Any, validation_split: float
) -> tuple[ArraySource | StreamSource, ArraySource | None]:
    """The data to train on, and those held back for validation.

    Raises:
        DataError: for data that cannot be trained on.
        ArgumentError: for `y` or a split beside a source of batches.
    """
    stream = as_stream(x)
    if stream is not None:
        for name, given in (("y", y), ("sample_weight", sample_weight), ("validation_split", validation_split)):
            if given is not None and not (isinstance(given, float) and given == 0.0):
                raise ArgumentError(
                    f"{name} cannot be given beside a source of batches, which brings its own.",
                    hint="yield (x, y) or (x, y, sample_weight), and pass validation_data instead of a split.",
                )
        return StreamSource(stream, model, class_weight), None
    source = _array_source(model, x, y, sample_weight)
    held_back = None
    if validation_split:
        source.arrays, held = split(source.arrays, validation_split)
        held_back = ArraySource(held)
    return source.weighted(class_weight, model), held_back


def batch_source(model: Any, x: Any, y: Any, sample_weight: Any, class_weight: Any) -> ArraySource:
    """The data of a single batch.

    Raises:
        DataError: for a source of batches, and data that cannot be trained on.
    """
    if as_stream(x) is not None:
        raise DataError(f"x is a {type(x).__name__}, but one batch of arrays is expected.", hint="use fit(x) instead.")
    return _array_source(model, x, y, sample_weight).weighted(class_weight, model)


def evaluation_source(model: Any, x: Any, y: Any, sample_weight: Any) -> ArraySource | StreamSource:
    """The data of an evaluation."""
    return training_source(model, x, y, sample_weight, None, 0.0)[0]


def validation_source(model: Any, given: Any) -> ArraySource | StreamSource:
    """What was given as `validation_data`.

    Raises:
        DataError: unless it is `(x, y)`, `(x, y, sample_weight)` or a source of batches.
    """
    stream = as_stream(given)
    if stream is not None:
        return StreamSource(stream, model)
    if not isinstance(given, tuple | list) or not 1 <= len(given) <= 3:
        shown = f"{len(given)} parts" if isinstance(given, tuple | list) else f"a {type(given).__name__}"
        raise DataError(
            f"validation_data is {shown}, but (x, y) or (x, y, sample_weight) is expected.",
            hint="pass a tuple: validation_data=(x_valid, y_valid).",
        )
    x, y, weights = (*given, None, None)[:3]
    inner = as_stream(x)
    if inner is not None:
        return StreamSource(inner, model)
    names = ("x of validation_data", "y of validation_data", "sample_weight of validation_data")
    return _array_source(model, x, y, weights, names)


def _array_source(
    model: Any, x: Any, y: Any, sample_weight: Any, names: tuple[str, str, str] = ("x", "y", "sample_weight")
) -> ArraySource:
    if x is None:
        raise DataError(f"There are no data: {names[0]} is None.")
    if isinstance(x, tuple) and y is None and not hasattr(x, "shape") and len(x) in (2, 3) and model.input_count == 1:
        raise DataError(
            f"{names[0]} is a tuple of {len(x)}, and y is missing.", hint="pass inputs and targets apart: fit(x, y)."
        )
    x = host_arrays(x, names[0])
    if isinstance(x, list | tuple) and len(x) == 1:
        x = x[0]
    arrays = (x, host_arrays(y, names[1]), host_arrays(sample_weight, names[2]))
    source = ArraySource(arrays, names)
    source.arrays = (model.fit_rank(x), *arrays[1:])
    return source


def _fits(arrays: Any) -> bool:
    """Whether arrays may lie on the device as a whole."""
    leaves = jax.tree.leaves(arrays)
    if any(isinstance(leaf, np.memmap) for leaf in leaves):
        return False
    device = jax.devices()[0]
    if device.platform == "cpu":
        return True
    limit = (device.memory_stats() or {}).get("bytes_limit")
    return limit is None or sum(leaf.nbytes for leaf in leaves) < _DEVICE_SHARE * limit
