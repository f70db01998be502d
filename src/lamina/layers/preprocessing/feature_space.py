"""FeatureSpace: the columns of a table, each prepared in its own way, as one array."""

from collections.abc import Sequence
from typing import Any, cast

import jax
import jax.numpy as jnp
import numpy as np

from lamina.core.configurable import Configurable
from lamina.core.errors import ArgumentError, DataError, NotAdaptedError
from lamina.core.naming import unique_name
from lamina.core.serialization import builtin, deserialize_keras_object, serialize_keras_object
from lamina.core.validate import one_of, positive_int
from lamina.layers.input_layer import Input
from lamina.layers.layer import Layer
from lamina.layers.preprocessing.batches import rows_of
from lamina.layers.preprocessing.discretization import Discretization
from lamina.layers.preprocessing.encoding import encode
from lamina.layers.preprocessing.hashed_crossing import HashedCrossing
from lamina.layers.preprocessing.hashing import Hashing
from lamina.layers.preprocessing.host_layer import HostLayer, as_host_array
from lamina.layers.preprocessing.index_lookup import IndexLookup
from lamina.layers.preprocessing.integer_lookup import IntegerLookup
from lamina.layers.preprocessing.normalization import Normalization
from lamina.layers.preprocessing.rescaling import Rescaling
from lamina.layers.preprocessing.string_lookup import StringLookup

_PLACE = "src.layers.preprocessing.feature_space"  # where Keras's configs say that these are


@builtin(_PLACE)
class Cross(Configurable):
    """Features whose combination is a feature.

    Args:
        feature_names: two or more of them.
        crossing_dim: bins for the combinations.
        output_mode: `"one_hot"` or `"int"`.
    """

    def __init__(self, feature_names: Sequence[str], crossing_dim: int, output_mode: str = "one_hot") -> None:
        self.feature_names = tuple(feature_names)
        self.crossing_dim = positive_int("Cross", "crossing_dim", crossing_dim)
        self.output_mode = one_of("Cross", "output_mode", output_mode, ("int", "one_hot"))

    @property
    def name(self) -> str:
        """The names of the features, joined."""
        return "_X_".join(self.feature_names)


@builtin(_PLACE)
class Feature(Configurable):
    """How a column is prepared.

    Args:
        dtype: of the column.
        preprocessor: a layer, or the config of one.
        output_mode: `"float"`, `"int"`, or `"one_hot"` to encode the integers of the layer.
    """

    def __init__(self, dtype: str, preprocessor: Any, output_mode: str) -> None:
        self.dtype = dtype
        self.preprocessor = deserialize_keras_object(preprocessor)
        self.output_mode = one_of("Feature", "output_mode", output_mode, ("int", "one_hot", "float"))


@builtin(_PLACE)
class TFDIdentity(Layer):
    """Leaves a column as it is; named as in Keras's configs."""

    def call(self, x: Any) -> Any:
        """The column."""
        return x


_KINDS = (
    *("float", "float_normalized", "float_rescaled", "float_discretized", "integer_categorical"),
    *("string_categorical", "integer_hashed", "string_hashed"),
)


@builtin("utils")
class FeatureSpace(HostLayer):
    """Prepares the columns of a table, and joins them.

    Args:
        features: from the name of a column to its kind: `"float"`, `"float_normalized"`, `"float_rescaled"`,
            `"float_discretized"`, `"integer_categorical"`, `"string_categorical"`, `"integer_hashed"`,
            `"string_hashed"`; or what the methods of these names return.
        output_mode: `"concat"` for one array, `"dict"` for one for each feature.
        crosses: names of columns whose combinations are features, too: `[("age", "job")]`.
        crossing_dim: bins for each cross.
        hashing_dim: bins for each hashed feature.
        num_discretization_bins: bins for each `"float_discretized"`.
        name: chosen when left out.

    Raises:
        ArgumentError: for unknown kinds and columns.
        NotAdaptedError: if it is called before `adapt` where a feature needs that.

    Example:
        >>> space = FeatureSpace({"age": "float_normalized", "job": "string_categorical"})
        >>> table = {"age": [20.0, 40.0], "job": ["cook", "poet"]}
        >>> space.adapt(table)
        >>> space(table)
        Array([[-1.,  0.,  0.,  1.],
               [ 1.,  0.,  1.,  0.]], dtype=float32)
    """

    def __init__(
        self,
        features: dict[str, Any],
        output_mode: str = "concat",
        crosses: Sequence[Any] | None = None,
        crossing_dim: int = 32,
        hashing_dim: int = 32,
        num_discretization_bins: int = 32,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name)
        if not features or not isinstance(features, dict):
            raise ArgumentError("FeatureSpace needs features, a dict from the names of columns to their kinds.")
        self.crossing_dim, self.hashing_dim = crossing_dim, hashing_dim
        self.num_discretization_bins = num_discretization_bins
        self.output_mode = one_of("FeatureSpace", "output_mode", output_mode, ("concat", "dict"))
        self.features = {key: self._as_feature(key, value) for key, value in features.items()}
        self.preprocessors = {key: feature.preprocessor for key, feature in self.features.items()}
        self.crosses = [self._as_cross(cross) for cross in crosses or ()]
        self.crossers = {cross.name: HashedCrossing(cross.crossing_dim, name=cross.name) for cross in self.crosses}
        self._adapted = not self._to_adapt()
        self._widths: Any = None

    def _as_feature(self, name: str, value: Any) -> Feature:
        if isinstance(value, dict):
            value = deserialize_keras_object(value)
        if isinstance(value, Feature):
            return value
        one_of("FeatureSpace", f"the kind of {name!r}", value, _KINDS)
        sizes = {"integer_hashed": self.hashing_dim, "string_hashed": self.hashing_dim}
        sizes["float_discretized"] = self.num_discretization_bins
        return getattr(self, value)(*([sizes[value]] if value in sizes else []), name=name)

    def _as_cross(self, value: Any) -> Cross:
        cross = deserialize_keras_object(value) if isinstance(value, dict) else value
        cross = cross if isinstance(cross, Cross) else Cross(cross, self.crossing_dim)
        if unknown := [name for name in cross.feature_names if name not in self.features]:
            raise ArgumentError(f"FeatureSpace: crosses names {unknown[0]!r}, which is not among the features.")
        return cross

    # -- kinds of features -----------------------------------------------------------------------------------------

    @classmethod
    def cross(cls, feature_names: Sequence[str], crossing_dim: int, output_mode: str = "one_hot") -> Cross:
        """The combination of features, as the bin of its hash."""
        return Cross(feature_names, crossing_dim, output_mode)

    @classmethod
    def feature(cls, dtype: str, preprocessor: Any, output_mode: str) -> Feature:
        """A column, prepared by a layer of one's own choice."""
        return Feature(dtype, preprocessor, output_mode)

    @classmethod
    def float(cls, name: str | None = None) -> Feature:
        """A number, as it is."""
        return _feature("float", name, "float32", "float", TFDIdentity, dtype="float32")

    @classmethod
    def float_normalized(cls, name: str | None = None) -> Feature:
        """A number, with mean 0 and variance 1."""
        return _feature("float_normalized", name, "float32", "float", Normalization, axis=-1)

    @classmethod
    def float_rescaled(cls, scale: Any = 1.0, offset: Any = 0.0, name: str | None = None) -> Feature:
        """A number, times `scale`, plus `offset`."""
        return _feature("float_rescaled", name, "float32", "float", Rescaling, scale=scale, offset=offset)

    @classmethod
    def float_discretized(
        cls, num_bins: int | None, bin_boundaries: Any = None, output_mode: str = "one_hot", name: str | None = None
    ) -> Feature:
        """A number, as its bin."""
        given = {"num_bins": num_bins, "bin_boundaries": bin_boundaries}
        return _feature("float_discretized", name, "float32", output_mode, Discretization, **given)

    @classmethod
    def integer_categorical(
        cls,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        output_mode: str = "one_hot",
        name: str | None = None,
    ) -> Feature:
        """An integer, as its place in a vocabulary."""
        given = {"max_tokens": max_tokens, "num_oov_indices": num_oov_indices}
        return _feature("integer_categorical", name, "int32", output_mode, IntegerLookup, **given)

    @classmethod
    def string_categorical(
        cls,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        output_mode: str = "one_hot",
        name: str | None = None,
    ) -> Feature:
        """Text, as its place in a vocabulary."""
        given = {"max_tokens": max_tokens, "num_oov_indices": num_oov_indices}
        return _feature("string_categorical", name, "string", output_mode, StringLookup, **given)

    @classmethod
    def string_hashed(cls, num_bins: int, output_mode: str = "one_hot", name: str | None = None) -> Feature:
        """Text, as the bin of its hash."""
        return _feature("string_hashed", name, "string", output_mode, Hashing, num_bins=num_bins)

    @classmethod
    def integer_hashed(cls, num_bins: int, output_mode: str = "one_hot", name: str | None = None) -> Feature:
        """An integer, as the bin of its hash."""
        return _feature("integer_hashed", name, "int32", output_mode, Hashing, num_bins=num_bins)

    # -- learning --------------------------------------------------------------------------------------------------

    def _to_adapt(self) -> list[str]:
        """The features whose layers learn from data, and were not given what they learn."""
        return [key for key, layer in self.preprocessors.items() if hasattr(layer, "adapt") and not _is_given(layer)]

    def adapt(self, dataset: Any) -> None:
        """Lets the layers of all features learn.

        Args:
            dataset: a dict of columns, a data frame, or an iterable of batches of such dicts.

        Raises:
            DataError: if a column is missing.
        """
        if isinstance(dataset, dict) or hasattr(dataset, "columns"):
            batches = [dataset]
        else:
            batches = list(rows_of(dataset))
        for key in self._to_adapt():
            self.preprocessors[key].adapt([self._column(batch, key) for batch in batches])
        self._adapted, self.built = True, True

    def _column(self, table: Any, name: str) -> np.ndarray:
        """A column of a table, `(rows, 1)`."""
        if not isinstance(table, dict) and not hasattr(table, "columns"):
            raise DataError(f"FeatureSpace '{self.name}' takes a dict of columns, but got a {type(table).__name__}.")
        if name not in table:
            raise DataError(f"FeatureSpace '{self.name}' needs the column {name!r}, but the data have {list(table)}.")
        column = as_host_array(table[name], f"column {name!r}")
        return column.reshape(-1, 1) if column.ndim < 2 else column

    # -- encoding --------------------------------------------------------------------------------------------------

    def call(self, inputs: Any) -> Any:
        """The features of a table: `(rows, features)`, or a dict of arrays.

        Args:
            inputs: a dict of columns `(rows,)` or `(rows, 1)`, or of single values for one row.
        """
        if not self._adapted:
            raise NotAdaptedError(f"FeatureSpace '{self.name}' has not learnt its features.", hint="call adapt(data).")
        columns = {key: self._column(inputs, key) for key in self.features}
        plain = {key: np.asarray(self.preprocessors[key](column)) for key, column in columns.items()}
        crossed = {c.name: self.crossers[c.name]([plain[key] for key in c.feature_names]) for c in self.crosses}
        joined = {key: self._encoded(key, values) for key, values in sorted(plain.items())}
        joined |= {key: self._encoded(key, np.asarray(values)) for key, values in sorted(crossed.items())}
        if np.ndim(inputs[next(iter(self.features))]) == 0:
            joined = {key: values[0] for key, values in joined.items()}
        if self.output_mode == "dict":
            return joined
        for key, values in joined.items():
            if values.dtype.kind != "f":
                raise DataError(
                    f"FeatureSpace '{self.name}' cannot join feature {key!r}, which is of dtype {values.dtype}.",
                    hint="use output_mode='dict', or encode it with output_mode='one_hot'.",
                )
        return np.concatenate(list(joined.values()), axis=-1)

    def _encoded(self, name: str, values: np.ndarray) -> np.ndarray:
        spec = self.features.get(name) or next(cross for cross in self.crosses if cross.name == name)
        if spec.output_mode != "one_hot":
            return values
        layer = self.preprocessors.get(name) or self.crossers[name]
        depth = _cardinality(layer)
        if depth is None or values.dtype.kind not in "iu":
            raise DataError(
                f"FeatureSpace '{self.name}' cannot encode feature {name!r}: how many values there are is not known.",
                hint="use output_mode='int' for it.",
            )
        return encode(values, "multi_hot", depth, "float32")

    def get_encoded_features(self) -> Any:
        """Input tensors for a model that is trained on what a call returns."""
        first = {key: np.zeros(1, _EXAMPLES[feature.dtype]) for key, feature in self.features.items()}
        shapes = cast(Any, self(first))
        return jax.tree.map(lambda a: Input(a.shape[1:], dtype=str(jnp.asarray(a).dtype)), shapes)

    # -- config ------------------------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal space; what was learnt is not among them."""
        return {
            "features": serialize_keras_object(self.features),
            "output_mode": self.output_mode,
            "crosses": serialize_keras_object(self.crosses),
            "crossing_dim": self.crossing_dim,
            "hashing_dim": self.hashing_dim,
            "num_discretization_bins": self.num_discretization_bins,
        }


_EXAMPLES = {"float32": "float32", "int32": "int32", "string": "U1"}


def _feature(kind: str, name: str | None, dtype: str, output_mode: str, layer: type, /, **arguments: Any) -> Feature:
    made = layer(name=f"{name or unique_name(kind)}_preprocessor", **arguments)
    return Feature(dtype=dtype, preprocessor=made, output_mode=output_mode)


def _is_given(layer: Any) -> bool:
    """Whether a layer was made with what it would learn."""
    if isinstance(layer, Normalization):
        return layer.input_mean is not None
    if isinstance(layer, Discretization):
        return layer.num_bins is None
    return isinstance(layer, IndexLookup) and layer.has_input_vocabulary


def _cardinality(layer: Any) -> int | None:
    """How many integers a layer can return."""
    if isinstance(layer, IndexLookup):
        return layer.vocabulary_size()
    if isinstance(layer, Discretization):
        return len(layer.bin_boundaries or ()) + 1 if layer.num_bins is None else layer.num_bins
    return getattr(layer, "num_tokens", getattr(layer, "num_bins", None))
