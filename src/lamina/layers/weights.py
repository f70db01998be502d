"""What layers own: weights, and dtypes for them."""

from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from typing import Any

import jax.numpy as jnp
import numpy as np

from lamina import constraints, initializers, regularizers
from lamina.core.errors import ArgumentError, NotBuiltError, ShapeError, UnknownAttributeError
from lamina.core.precision import DTypePolicy, as_policy
from lamina.core.seeds import SeedGenerator
from lamina.core.tracking import Trackable, leaves
from lamina.core.variable import Variable

_INITIALIZE = "call super().__init__() in its __init__, before layers or weights are set."


class WeightOwner(Trackable):
    """The half of a layer that has to do with weights."""

    name: str
    built: bool
    autocast: bool
    _trainable: bool
    _weights: list[Variable]
    _losses: list[Any]
    nodes: list[Any]

    def _prepare(self) -> None:
        """What must exist even if a subclass sets attributes before it calls `super().__init__()`."""
        for name, make in (("_weights", list), ("_losses", list), ("nodes", list)):
            if name not in self.__dict__:
                object.__setattr__(self, name, make())

    # -- when weights may come into being ----------------------------------------------------------------

    _complete = False

    @contextmanager
    def being_built(self) -> Iterator[None]:
        """Lets weights and layers be added; when the outermost block of this layer ends, it is complete."""
        if self.__dict__.get("_in_build"):
            yield
            return
        for name, value in (("_in_build", True), ("_complete", False)):
            object.__setattr__(self, name, value)
        try:
            yield
            object.__setattr__(self, "_complete", self.is_fixed)
        finally:
            object.__delattr__(self, "_in_build")

    @property
    def is_fixed(self) -> bool:
        """Whether nothing can be added once it is built."""
        return True

    def __setattr__(self, name: str, value: Any) -> None:
        adds = self._complete and name not in self._untracked
        if adds and any(isinstance(leaf, Variable | WeightOwner) for _, leaf in leaves(name, value)):
            self._refuse_addition(f"the attribute {name!r}")
        super().__setattr__(name, value)

    def _refuse_addition(self, what: str) -> None:
        raise ArgumentError(
            f"{type(self).__name__} '{self.name}' is built already, so {what} cannot bring it new weights or layers.",
            hint="make all layers in __init__, and all weights in __init__ or build(); not in call(), and not later.",
        )

    def __getattr__(self, name: str) -> Any:
        # Only what is not there arrives here, and properties that raised an AttributeError: they say more.
        if isinstance(found := getattr(type(self), name, None), property) and found.fget is not None:
            return found.fget(self)
        if "_build_shapes" not in self.__dict__ and not name.startswith("_"):
            raise UnknownAttributeError(
                f"{type(self).__name__} has no attribute {name!r}: it was not initialized.", hint=_INITIALIZE
            )
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def _check_initialized(self) -> None:
        if "_build_shapes" not in self.__dict__:
            raise NotBuiltError(
                f"{type(self).__name__} was used before it was initialized.",
                hint=_INITIALIZE,
            )

    # -- weights -------------------------------------------------------------------------------------------

    def add_weight(
        self,
        shape: Sequence[int] | None = None,
        initializer: Any = None,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        aggregation: str = "none",
        overwrite_with_gradient: bool = False,
        name: str | None = None,
    ) -> Variable:
        """Makes a weight and keeps it.

        Args:
            shape: a scalar when left out.
            initializer: by name or as an object; Glorot-uniform for floats when left out, else zeros.
            dtype: the layer's variable dtype when left out.
            trainable: whether training may change it.
            autocast: whether the layer sees it in its compute dtype.
            regularizer: a penalty on it.
            constraint: what it is brought back to after each step.
            aggregation: kept for Keras's sake.
            overwrite_with_gradient: kept for Keras's sake.
            name: shown in summaries.

        Returns:
            The variable.
        """
        self._check_initialized()
        if self._complete:
            self._refuse_addition(f"the weight {name!r}" if name else "add_weight()")
        shape = () if shape is None else (shape,) if isinstance(shape, int) else tuple(shape)
        dtype = str(dtype or self.variable_dtype)
        floating = jnp.issubdtype(jnp.dtype(dtype), jnp.floating)
        chosen = initializers.get(initializer) or initializers.get("glorot_uniform" if floating else "zeros")
        name = name or f"variable{f'_{len(self._weights)}' if self._weights else ''}"
        variable = Variable(
            chosen, shape=shape, dtype=dtype, trainable=trainable, autocast=autocast, aggregation=aggregation, name=name
        )
        variable.path = f"{self.name}/{name}"
        variable.regularizer = regularizers.get(regularizer)
        variable.constraint = constraints.get(constraint)
        variable.overwrite_with_gradient = overwrite_with_gradient
        variable.trainable = trainable and self._trainable
        self._weights.append(variable)
        return variable

    def children(self) -> Iterator[tuple[str, Any]]:
        """The layer's own weights, then what its attributes hold."""
        self._prepare()
        for variable in self._weights:
            yield variable.name, variable
            for name in ("regularizer", "constraint"):
                if isinstance(getattr(variable, name), Trackable):
                    yield f"{variable.name}_{name}", getattr(variable, name)
        yield from super().children()

    def _direct(self, kind: type | tuple[type, ...]) -> list[Any]:
        """The children of a kind, each once."""
        return list({id(child): child for _, child in self.children() if isinstance(child, kind)}.values())

    def _own_variables(self) -> list[Variable]:
        own = self._direct(Variable)
        return [v for v in own if v.made_trainable] + [v for v in own if not v.made_trainable]

    def _sublayers(self) -> list[Any]:
        return self._direct(WeightOwner)

    def flatten_layers(self) -> list["WeightOwner"]:
        """This layer and all below it, each once."""
        return [node for _, node in self.walk() if isinstance(node, WeightOwner)]

    @property
    def variables(self) -> list[Variable]:
        """All variables: weights and the states of seed generators."""
        seeds = [generator.state for generator in self._direct(SeedGenerator)]
        below = [variable for layer in self._sublayers() for variable in layer.variables]
        return unique([*self._own_variables(), *seeds, *below])

    @property
    def weights(self) -> list[Variable]:
        """The weights, the layer's own first, then those of its sublayers."""
        below = [variable for layer in self._sublayers() for variable in layer.weights]
        return unique([*self._own_variables(), *below])

    @property
    def trainable_variables(self) -> list[Variable]:
        """The variables that training changes."""
        return [variable for variable in self.variables if variable.trainable] if self.trainable else []

    @property
    def non_trainable_variables(self) -> list[Variable]:
        """The variables that it does not."""
        changed = {id(variable) for variable in self.trainable_variables}
        return [variable for variable in self.variables if id(variable) not in changed]

    @property
    def trainable_weights(self) -> list[Variable]:
        """The weights that training changes."""
        return [variable for variable in self.weights if variable.trainable] if self.trainable else []

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The weights that it does not."""
        changed = {id(variable) for variable in self.trainable_weights}
        return [variable for variable in self.weights if id(variable) not in changed]

    @property
    def trainable(self) -> bool:
        """Whether training may change the weights; takes effect at the next `compile`."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = bool(value)
        for variable in self._own_variables():
            variable.trainable = bool(value) and variable.made_trainable
        for layer in self._sublayers():
            layer.trainable = value

    def get_weights(self) -> list[np.ndarray]:
        """Copies of all weights, as NumPy arrays."""
        return [variable.numpy() for variable in self.weights]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Replaces all weights.

        Args:
            weights: arrays of the same number, order and shapes as `get_weights` returns.

        Raises:
            ShapeError: if number or shapes differ.
        """
        own = self.weights
        if len(own) != len(weights):
            raise ShapeError(
                f"{type(self).__name__} '{self.name}' has {len(own)} weights, but {len(weights)} were given.",
                hint=None if own else "build the model first, by giving it an input shape or calling it once.",
            )
        for variable, value in zip(own, weights, strict=True):
            if tuple(np.shape(value)) != variable.shape:
                raise ShapeError(
                    f"Weight '{variable.path}' has shape {variable.shape}, but was given one of {np.shape(value)}."
                )
        for variable, value in zip(own, weights, strict=True):
            variable.assign(value)

    # -- files -----------------------------------------------------------------------------------------------

    def save_own_variables(self, store: MutableMapping[str, Any]) -> None:
        """Writes the layer's own weights, not those of its sublayers, into a mapping; may be overridden.

        Args:
            store: from names, here the numbers of the weights, to arrays.
        """
        for index, variable in enumerate(self._own_variables()):
            store[str(index)] = np.asarray(variable.stored)

    def load_own_variables(self, store: Mapping[str, Any]) -> None:
        """Reads the layer's own weights from where `save_own_variables` wrote them.

        Args:
            store: the mapping.

        Raises:
            ShapeError: if number or shapes differ.
        """
        own = self._own_variables()
        if len(store) != len(own):
            unbuilt = "" if self.built else "; it has not been built yet"
            names = ", ".join(variable.name for variable in own) or "none"
            raise ShapeError(f"it has {len(own)} weights ({names}), but {len(store)} are in the file{unbuilt}.")
        for index, variable in enumerate(own):
            variable.assign(store[str(index)])

    def count_params(self) -> int:
        """The number of entries in all weights.

        Raises:
            NotBuiltError: if there are none yet.
        """
        if not self.built:
            raise NotBuiltError(
                f"{type(self).__name__} '{self.name}' has no weights yet, so they cannot be counted.",
                hint="call it on data, or call build(input_shape).",
            )
        return sum(variable.size for variable in self.weights)

    # -- dtypes ----------------------------------------------------------------------------------------------

    @property
    def dtype_policy(self) -> DTypePolicy:
        """In what the layer computes, and in what it keeps its weights; may be set, by name too."""
        return self._dtype_policy

    @dtype_policy.setter
    def dtype_policy(self, policy: Any) -> None:
        self._dtype_policy = as_policy(policy)

    @property
    def own_policy(self) -> DTypePolicy:
        """The policy of this very layer, where policies are chosen by names."""
        return self.dtype_policy.of(self.name)

    @property
    def dtype(self) -> str:
        """The dtype of the weights."""
        return self.own_policy.variable_dtype

    @property
    def variable_dtype(self) -> str:
        """The dtype of the weights."""
        return self.own_policy.variable_dtype

    @property
    def compute_dtype(self) -> str:
        """The dtype of the computation and of the outputs."""
        return self.own_policy.compute_dtype

    @property
    def autocast_dtype(self) -> str | None:
        """The dtype in which `call` sees the weights, if it is not their own."""
        policy = self.own_policy
        return policy.compute_dtype if self.autocast and policy.compute_dtype != policy.variable_dtype else None


def unique(variables: list[Variable]) -> list[Variable]:
    """The variables, each once, in order."""
    return list({id(variable): variable for variable in variables}.values())
