"""Discretization: numbers as the bins that they fall into."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lamina.core import config
from lamina.core.errors import ArgumentError, DataError, NotAdaptedError
from lamina.core.serialization import builtin
from lamina.core.validate import at_least, one_of
from lamina.layers.preprocessing.batches import rows_of
from lamina.layers.preprocessing.category_encoding import refuse_sparse
from lamina.layers.preprocessing.encoding import encode, output_shape
from lamina.layers.preprocessing.preparation_layer import PreparationLayer

_MODES = ("int", "one_hot", "multi_hot", "count")


@builtin("layers")
class Discretization(PreparationLayer):
    """Tells into which bin each number falls; works in models, too.

    Args:
        bin_boundaries: ascending; bin 0 is below the first, the last bin from the last one on.
        num_bins: how many bins `adapt` is to make, with about equally many numbers in each.
        epsilon: the fraction of the data by which the boundaries of `adapt` may be off.
        output_mode: `"int"` for bin numbers, or `"one_hot"`, `"multi_hot"`, `"count"` as for `CategoryEncoding`.
        sparse: only `False`; accepted as Keras does.
        **kwargs: as for every layer.

    Raises:
        ArgumentError: unless exactly one of `bin_boundaries` and `num_bins` is given.
        NotAdaptedError: if the layer is called before it has boundaries.

    Example:
        >>> Discretization([0.0, 1.0, 2.0])(np.array([[-1.5, 1.0], [3.4, 0.5]]))
        Array([[0, 2],
               [3, 1]], dtype=int32)
        >>> layer = Discretization(num_bins=4)
        >>> layer.adapt(np.arange(100.0))
        >>> [round(edge, 3) for edge in layer.bin_boundaries]
        [24.0, 49.0, 74.0]
    """

    row_independent = True

    def __init__(
        self,
        bin_boundaries: Any = None,
        num_bins: int | None = None,
        epsilon: float = 0.01,
        output_mode: str = "int",
        sparse: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        refuse_sparse(self, sparse)
        if (bin_boundaries is None) == (num_bins is None):
            raise ArgumentError(
                "Discretization takes either bin_boundaries or num_bins. "
                f"Received: bin_boundaries={bin_boundaries}, num_bins={num_bins}"
            )
        self.output_mode = one_of("Discretization", "output_mode", output_mode, _MODES)
        self.num_bins = None if num_bins is None else at_least("Discretization", "num_bins", num_bins, 0)
        self.bin_boundaries = None if bin_boundaries is None else _ascending(bin_boundaries)
        if not 0 < epsilon < 1:
            raise ArgumentError(f"Discretization: epsilon must be between 0 and 1. Received: epsilon={epsilon}")
        self.epsilon = epsilon
        self.sparse = sparse
        self._summary = _EMPTY

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Finds boundaries that put about as many numbers into each bin.

        Args:
            data: numbers, as an array, or an iterable of batches.
            steps: at most so many batches of an iterable.

        Raises:
            ArgumentError: if the layer was given its boundaries.
            DataError: if there are no numbers.
        """
        if self.num_bins is None:
            raise ArgumentError(
                f"Discretization '{self.name}' was given bin_boundaries, so it cannot adapt.",
                hint="make it with num_bins instead.",
            )
        self.reset_state()
        for batch in rows_of(data, steps):
            self.update_state(batch)
        self.finalize_state()

    def reset_state(self) -> None:
        """Forgets the numbers that were seen."""
        self._summary = _EMPTY

    def update_state(self, data: Any) -> None:
        """Takes in a batch of numbers."""
        try:
            values = np.asarray(data).astype("float32")
        except (TypeError, ValueError) as error:
            raise DataError(f"Discretization '{self.name}' takes in numbers, but got others: {error}.") from error
        if values.size:
            self._summary = _merge(_summarize(values, self.epsilon), self._summary, self.epsilon)

    def finalize_state(self) -> None:
        """Makes boundaries of the numbers that were seen."""
        if self.num_bins is None:
            return
        if not self._summary.size:
            raise DataError(f"Discretization '{self.name}' cannot adapt to an empty data set.")
        self.bin_boundaries = _compress(self._summary, 1.0 / max(1, self.num_bins))[0, :-1].tolist()

    def call(self, inputs: Any) -> jax.Array:
        """The bins, in the output mode."""
        if self.bin_boundaries is None:
            raise NotAdaptedError(
                f"Discretization '{self.name}' has no boundaries yet.", hint="call layer.adapt(data) first."
            )
        edges = jnp.asarray(self.bin_boundaries, config.floatx())
        indices = jnp.digitize(jnp.asarray(inputs), edges)
        return encode(indices, self.output_mode, len(self.bin_boundaries) + 1, self.output_dtype(inputs))

    def output_dtype(self, inputs: Any) -> str:
        """int32 for bin numbers, else the compute dtype."""
        del inputs
        return "int32" if self.output_mode == "int" else self.compute_dtype

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The inputs' shape, with the bins as the last axis if they are encoded."""
        depth = self.num_bins if self.bin_boundaries is None else len(self.bin_boundaries) + 1
        return output_shape(input_shape, self.output_mode, depth)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer; after `adapt`, its boundaries too."""
        names = ("bin_boundaries", "num_bins", "epsilon", "output_mode", "sparse", "name", "dtype")
        return {name: getattr(self, name) for name in names}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Discretization":
        """The layer with this config."""
        if config.get("num_bins") is None:
            return cls(**config)
        layer = cls(**{name: value for name, value in config.items() if name != "bin_boundaries"})
        layer.bin_boundaries = config.get("bin_boundaries")
        return layer


def _ascending(boundaries: Any) -> list[float]:
    values = np.asarray(boundaries)
    if values.ndim != 1 or not values.size or values.dtype.kind not in "biuf" or (np.diff(values) < 0).any():
        raise ArgumentError(
            f"Discretization: bin_boundaries must be a list of ascending numbers. Received: {boundaries}"
        )
    return values.tolist()


# A summary of many numbers: some of them, in order, above how many each stands for. Merged and compressed batch by
# batch, it stays small, and gives the quantiles of all to within epsilon.
_EMPTY = np.zeros((2, 0), "float32")


def _summarize(values: np.ndarray, epsilon: float) -> np.ndarray:
    values = np.sort(values.ravel())
    step = max(values.size * epsilon, 1.0)
    kept = values[int(step - 1) :: int(step)]
    return np.stack([kept, np.full_like(kept, step)])


def _merge(one: np.ndarray, other: np.ndarray, epsilon: float) -> np.ndarray:
    merged = np.concatenate((one, other), axis=1)
    return _compress(merged[:, np.argsort(merged[0])], epsilon)


def _compress(summary: np.ndarray, epsilon: float) -> np.ndarray:
    if summary.shape[1] * epsilon < 1:
        return summary
    percents = epsilon + np.arange(0.0, 1.0, epsilon)
    cumulated = summary[1].cumsum()
    shares = cumulated / cumulated[-1]
    values = np.interp(percents, shares, summary[0])
    weights = np.diff(np.interp(percents, shares, cumulated), prepend=0)
    return np.stack((values, weights)).astype("float32")
