"""The contract of metrics: sums that are kept over batches."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lamina import initializers
from lamina.core import config
from lamina.core.errors import ArgumentError, NotBuiltError, ShapeError
from lamina.core.frame import current_rows
from lamina.core.functional import purify
from lamina.core.masking import mask_of
from lamina.core.naming import auto_name
from lamina.core.precision import as_policy
from lamina.core.serialization import is_builtin
from lamina.core.state import Binding, State
from lamina.core.tracking import Trackable
from lamina.core.variable import Variable
from lamina.losses.loss import broadcast_weights, match_ranks


class Metric(Trackable):
    """Base of metrics: make variables in `__init__`, change them in `update_state`, read them in `result`.

    Args:
        dtype: of the values; `floatx()` when left out.
        name: in logs; chosen when left out.

    Example:
        >>> class Largest(Metric):
        ...     def __init__(self, name="largest"):
        ...         super().__init__(name=name)
        ...         self.value = self.add_variable((), "zeros", name="value")
        ...     def update_state(self, y_true, y_pred, sample_weight=None):
        ...         self.value.assign(jnp.maximum(self.value.value, jnp.max(jnp.asarray(y_pred))))
        ...     def result(self):
        ...         return self.value.value
        >>> metric = Largest()
        >>> float(metric([0.0], [3.0])), float(metric([0.0], [2.0]))
        (3.0, 3.0)
    """

    _sums: list[Variable]

    def __init__(self, dtype: Any = None, name: str | None = None) -> None:
        self.name = name or auto_name(self)
        self._dtype = as_policy(dtype or config.floatx()).compute_dtype
        self._prepare()

    def _prepare(self) -> None:
        if "_sums" not in self.__dict__:
            object.__setattr__(self, "_sums", [])

    @property
    def dtype(self) -> str:
        """The dtype of the values."""
        return self._dtype

    @property
    def built(self) -> bool:
        """Whether all variables are there; some metrics make theirs for the shapes of the first batch."""
        return bool(self.variables)

    def row_independent(self, rank: int) -> bool:
        """Whether padded rows leave the sums as they are; only lamina's own classes are trusted to see to it.

        Args:
            rank: of the predictions.
        """
        del rank
        return is_builtin(type(self))

    def add_variable(
        self,
        shape: Sequence[int],
        initializer: Any,
        dtype: Any = None,
        aggregation: str = "sum",
        name: str | None = None,
    ) -> Variable:
        """Makes a variable and keeps it.

        Args:
            shape: of the variable.
            initializer: by name or as an object.
            dtype: `floatx()` when left out.
            aggregation: kept for Keras's sake.
            name: for messages.
        """
        self._prepare()
        dtype = str(dtype or config.floatx())
        variable = Variable(
            initializers.get(initializer), tuple(shape), dtype, trainable=False, aggregation=aggregation, name=name
        )
        variable.path = f"{self.name}/{variable.name}"
        self._sums.append(variable)
        return variable

    def add_weight(
        self, shape: Sequence[int] = (), initializer: Any = None, dtype: Any = None, name: str | None = None
    ) -> Variable:
        """`add_variable` under the name that layers have for it."""
        return self.add_variable(shape, initializer or "zeros", dtype, name=name)

    def children(self) -> Iterator[tuple[str, Any]]:
        """The metric's variables, then what its attributes hold."""
        for variable in self._sums:
            yield variable.name, variable
        yield from super().children()

    @property
    def variables(self) -> list[Variable]:
        """All variables, those of inner metrics included."""
        return [node for _, node in self.walk() if isinstance(node, Variable)]

    def update_state(self, *args: Any, **kwargs: Any) -> Any:
        """Takes a batch into account."""
        raise NotImplementedError(f"{type(self).__name__} has to define update_state().")

    def result(self) -> Any:
        """The value over all batches so far."""
        raise NotImplementedError(f"{type(self).__name__} has to define result().")

    def reset_state(self) -> None:
        """Starts anew: all variables become zero."""
        for variable in self.variables:
            variable.assign(np.zeros(variable.shape))

    # -- without changing the metric -------------------------------------------------------------

    def stateless_update_state(self, metric_variables: Sequence[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """What the variables would be after a batch.

        Args:
            metric_variables: their values before it.
            *args: as for `update_state`.
            **kwargs: likewise.

        Raises:
            ArgumentError: if there are not as many values as variables.
        """
        return list(self._pure(self.update_state, metric_variables, *args, **kwargs)[1])

    def stateless_result(self, metric_variables: Sequence[Any]) -> Any:
        """The value that these variables stand for.

        Args:
            metric_variables: values of the variables.

        Raises:
            ArgumentError: if there are not as many values as variables.
        """
        return self._pure(self.result, metric_variables)[0]

    def stateless_reset_state(self) -> list[Any]:
        """The values with which the variables start."""
        return list(self._pure(self.reset_state, [variable.value for variable in self.variables])[1])

    def _pure(self, method: Callable[..., Any], values: Sequence[Any], *args: Any, **kwargs: Any) -> tuple[Any, Any]:
        variables = self.variables
        if len(values) != len(variables):
            raise ArgumentError(
                f"metric_variables must have a value for each variable of the metric {self.name!r}. "
                f"Received: {len(values)} values, for {len(variables)} variables.",
                hint="pass [v.value for v in metric.variables], or what the last stateless call returned.",
            )
        binding = Binding(State(metrics=tuple(variables)), owners=[])
        output, state, _ = purify(method, binding)(State(metrics=tuple(values)), (), *args, **kwargs)
        return output, state.metrics

    def _require_built(self) -> None:
        if not self.built:
            raise NotBuiltError(
                f"The metric {self.name!r} has no result yet: no batch has told it how many outputs there are.",
                hint="call update_state(y_true, y_pred) first.",
            )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Takes a batch into account and returns the value so far."""
        self.update_state(*args, **kwargs)
        return self.result()

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal metric."""
        return {"name": self.name, "dtype": self._dtype}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"


def samplewise(
    values: Any, sample_weight: Any, dtype: str, reduce: Callable[..., jax.Array] = jnp.mean
) -> tuple[jax.Array, Any]:
    """One value and one weight per example: means over further axes, weighted where there are weights.

    Args:
        values: `(batch, ...)`, or a scalar.
        sample_weight: broadcasts to the values, or `None`.
        dtype: of the result.
        reduce: what is done over further axes, if not the mean.

    Returns:
        The weighted values `(batch,)`, and the weights, or `None`.

    Raises:
        ShapeError: if there are more weights than values.
    """
    mask = mask_of(values)
    values = jnp.asarray(values).astype(dtype)
    weights = None
    if sample_weight is not None:
        values, weights = match_ranks(values, weights_of(sample_weight, mask, dtype))
        if values.ndim > weights.ndim:
            values = reduce(values, axis=tuple(range(weights.ndim, values.ndim)))
        rank = weights.ndim
        values, weights = broadcast_weights(values, weights)
        if np.broadcast_shapes(values.shape, weights.shape) != values.shape:
            raise ShapeError(f"There are weights of shape {weights.shape} for values of shape {values.shape}.")
        weights = jnp.broadcast_to(weights, values.shape)
        values = values * weights
        if rank > 1:
            weights = reduce(weights, axis=tuple(range(1, rank)))
    if values.ndim > 1:
        values = reduce(values, axis=tuple(range(1, values.ndim)))
    return values, weights


def weights_of(sample_weight: Any, mask: Any, dtype: Any) -> jax.Array | None:
    """The weights of examples of which some are hidden.

    Args:
        sample_weight: factors, or `None`.
        mask: bool, false where nothing counts, or `None`.
        dtype: of the result.

    Raises:
        ShapeError: if the two do not broadcast.
    """
    if sample_weight is None:
        return None if mask is None else jnp.asarray(mask).astype(dtype)
    weights = jnp.asarray(sample_weight).astype(dtype)
    if mask is None:
        return weights
    mask, weights = broadcast_weights(jnp.asarray(mask).astype(dtype), weights)
    return mask * weights


def of_real_rows(weights: jax.Array) -> jax.Array:
    """Weights `(batch, ...)`, zero in padded rows."""
    rows = current_rows()
    if rows is None or weights.shape[:1] != rows.mask.shape:
        return weights
    return jnp.where(rows.mask.reshape(-1, *(1,) * (weights.ndim - 1)), weights, 0)


def sum_and_count(values: jax.Array, weights: Any) -> tuple[jax.Array, Any]:
    """The sum of one value per example, and the sum of their weights; padded rows have none."""
    rows = current_rows()
    if values.ndim == 0:
        return values, 1 if weights is None else weights
    if rows is not None and values.shape[0] == rows.mask.shape[0]:
        values = jnp.where(rows.mask, values, 0)
        count = rows.count if weights is None else jnp.sum(jnp.where(rows.mask, weights, 0))
        return jnp.sum(values), count
    return jnp.sum(values), values.shape[0] if weights is None else jnp.sum(weights)
