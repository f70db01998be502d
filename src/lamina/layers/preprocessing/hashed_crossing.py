"""HashedCrossing: combinations of features as one of a number of bins."""

from typing import Any

import numpy as np

from lamina.core.errors import DataError, ShapeError
from lamina.core.serialization import builtin
from lamina.core.validate import one_of, positive_int
from lamina.layers.preprocessing.category_encoding import refuse_sparse
from lamina.layers.preprocessing.encoding import encode, output_shape
from lamina.layers.preprocessing.fingerprints import cross_fingerprints, fingerprint64
from lamina.layers.preprocessing.host_layer import HostLayer, as_host_array, as_texts

# What the fingerprints of all features are combined with, so that the hashes are TensorFlow's.
_START = np.uint64(0xDECAFCAFFE)


@builtin("layers")
class HashedCrossing(HostLayer):
    """Puts the combination of two or more features into a bin by its hash.

    Args:
        num_bins: how many bins there are.
        output_mode: `"int"` for bin numbers or `"one_hot"`.
        sparse: only `False`; accepted as Keras does.
        **kwargs: as for every layer.

    Raises:
        ArgumentError: for numbers and modes that are none.
        ShapeError: for features of different shapes, or of others than `()`, `(batch,)` and `(batch, 1)`.
        DataError: for features that are neither text nor integers.

    Example:
        >>> HashedCrossing(5)((np.array(["A", "B", "A", "B", "A"]), np.array([101, 101, 101, 102, 102])))
        Array([1, 4, 1, 1, 3], dtype=int32)
    """

    def __init__(self, num_bins: int, output_mode: str = "int", sparse: bool = False, **kwargs: Any) -> None:
        self.output_mode = one_of("HashedCrossing", "output_mode", output_mode, ("int", "one_hot"))
        if output_mode == "int" and kwargs.get("dtype") is None:
            kwargs["dtype"] = "int64"
        super().__init__(**kwargs)
        refuse_sparse(self, sparse)
        self.num_bins = positive_int("HashedCrossing", "num_bins", num_bins)
        self.sparse = sparse

    def call(self, inputs: Any) -> np.ndarray:
        """The bins of the rows.

        Args:
            inputs: a list of features, each text or integers of shape `()`, `(batch,)` or `(batch, 1)`.
        """
        if not isinstance(inputs, list | tuple) or len(inputs) < 2:
            raise ShapeError(
                f"HashedCrossing '{self.name}' takes a list of two or more features. Received: "
                + (f"{len(inputs)} in a list" if isinstance(inputs, list | tuple) else type(inputs).__name__)
            )
        features = [as_host_array(feature, self.name) for feature in inputs]
        shapes = [feature.shape for feature in features]
        if len(set(shapes)) > 1 or len(shapes[0]) > 2 or (len(shapes[0]) == 2 and shapes[0][1] != 1):
            raise ShapeError(
                f"HashedCrossing '{self.name}' takes features of one shape: (), (batch,) or (batch, 1). "
                f"Received: {', '.join(map(str, shapes))}"
            )
        crossed = np.full(features[0].size, _START)
        for feature in features:
            crossed = cross_fingerprints(crossed, self._fingerprints(feature))
        bins = (crossed % np.uint64(self.num_bins)).astype("int64").reshape(shapes[0])
        return encode(bins, self.output_mode, self.num_bins, np.dtype(self.compute_dtype))

    def _fingerprints(self, feature: np.ndarray) -> np.ndarray:
        """Integers stand for themselves."""
        if feature.dtype.kind in "iu":
            return feature.ravel().astype("int64").view("uint64")
        if feature.dtype.kind in "SUOT":
            return fingerprint64([text.encode() for text in as_texts(feature, self.name).ravel().tolist()])
        raise DataError(
            f"HashedCrossing '{self.name}' takes text or integers, but got dtype {feature.dtype}.",
            hint="put numbers into bins first, with Discretization.",
        )

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of a feature, with the bins as the last axis if they are encoded."""
        return output_shape(input_shape[0], self.output_mode, self.num_bins)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer."""
        return {name: getattr(self, name) for name in ("num_bins", "output_mode", "sparse", "name", "dtype")}
