"""The Keras face of optimizers; a recipe only says how one array follows from its gradient."""

import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lamina import initializers
from lamina.core.configurable import argument_names, refuse_unexpected
from lamina.core.engine import is_traced
from lamina.core.errors import ArgumentError, NotBuiltError
from lamina.core.hyperparameter import Hyperparameter, is_off
from lamina.core.naming import auto_name
from lamina.core.serialization import deserialize_keras_object, serialize_keras_object
from lamina.core.tracebacks import warn_user
from lamina.core.tracking import Trackable
from lamina.core.validate import not_negative
from lamina.core.variable import Variable

# Keras writes these into every config; while they are off they change nothing.
_OFF_IN_CONFIGS = ("use_ema", "ema_overwrite_frequency", "loss_scale_factor", "gradient_accumulation_steps")


class Optimizer(Trackable):
    """Base of optimizers: gradients in, variables changed.

    A recipe names its `slots` (arrays that it keeps for each variable) and overrides `step`. The
    numbers that it works with are `Hyperparameter`s. An optimizer written the Keras way, which
    overrides `build` and `update_step` and assigns variables, works as well.

    Args:
        learning_rate: a number, a schedule from the step's number to one, or a function without arguments.
        weight_decay: the share of each weight that is taken off at each step, times the rate.
        clipnorm: the largest norm of each gradient.
        clipvalue: the largest entry of each gradient.
        global_clipnorm: the largest norm of all gradients together.
        name: chosen when left out.
        **kwargs: `lr`, Keras 2's word for `learning_rate`.

    Raises:
        ArgumentError: for a negative rate or decay, or more than one way of clipping.
        UnexpectedArgumentError: for an argument that does not exist.

    Example:
        >>> class Descent(Optimizer):
        ...     def step(self, value, gradient, rate, slots):
        ...         return value - rate * gradient, slots
        >>> w = Variable([1.0])
        >>> Descent(0.5).apply([[1.0]], [w])
        >>> w.numpy()
        array([0.5], dtype=float32)
    """

    weight_decay: Any = Hyperparameter()
    clipnorm: Any = Hyperparameter()
    clipvalue: Any = Hyperparameter()
    global_clipnorm: Any = Hyperparameter()

    def __init__(
        self,
        learning_rate: Any = 0.001,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        learning_rate = kwargs.pop("lr", learning_rate)
        kwargs = {key: value for key, value in kwargs.items() if value or key not in _OFF_IN_CONFIGS}
        if "use_ema" not in kwargs:
            kwargs.pop("ema_momentum", None)
        refuse_unexpected(self, kwargs, "lr")
        if sum(clip is not None for clip in (clipnorm, clipvalue, global_clipnorm)) > 1:
            raise ArgumentError(
                "Only one of clipnorm, clipvalue and global_clipnorm can be set. "
                f"Received: clipnorm={clipnorm}, clipvalue={clipvalue}, global_clipnorm={global_clipnorm}"
            )
        for word, clip in (("clipnorm", clipnorm), ("clipvalue", clipvalue), ("global_clipnorm", global_clipnorm)):
            if clip is not None and clip <= 0:
                raise ArgumentError(f"{type(self).__name__}: {word} must be above 0. Received: {word}={clip!r}")
        self.name = name or auto_name(self)
        owner = type(self).__name__
        self.weight_decay = None if weight_decay is None else not_negative(owner, "weight_decay", weight_decay)
        self.clipnorm, self.clipvalue, self.global_clipnorm = clipnorm, clipvalue, global_clipnorm
        self.built = False
        self._slots: dict[str, list[Variable]] = {}
        self._place: dict[int, int] = {}
        self._trained: list[Variable] = []
        self.iterations = Variable(np.int32(0), dtype="int32", trainable=False, name="iteration")
        self.iterations.path = f"{self.name}/iteration"
        self._set_rate(learning_rate)
        self._added: list[Variable] = []

    # -- to be overridden ----------------------------------------------------------------------------

    def slots(self) -> Sequence[str | tuple[str, ...]]:
        """The names of the arrays that the recipe keeps for each variable; they start from zero.

        Slots follow each other in `variables` and in files; those named in one tuple take turns
        there, variable by variable.
        """
        return ()

    def step(
        self, value: jax.Array, gradient: jax.Array, rate: jax.Array, slots: dict[str, jax.Array]
    ) -> tuple[jax.Array, dict[str, jax.Array]]:
        """The recipe for one variable.

        Args:
            value: of the variable.
            gradient: of the loss, of the same shape.
            rate: the learning rate, a scalar of the same dtype.
            slots: the kept arrays by name.

        Returns:
            The new value, and the new slots.
        """
        raise NotImplementedError(f"{type(self).__name__} has to define step() or update_step().")

    # -- the learning rate -----------------------------------------------------------------------------

    def _set_rate(self, rate: Any) -> None:
        if isinstance(rate, dict):
            rate = deserialize_keras_object(rate)
        self._schedule = rate if callable(rate) and not isinstance(rate, Variable) else None
        if self._schedule is not None:
            self.__dict__.pop("_rate", None)
            self._tracked.pop("_rate", None)
        else:
            self._rate = Variable(
                np.float32(self._checked(rate)), trainable=False, autocast=False, name="learning_rate"
            )
            self._rate.path = f"{self.name}/learning_rate"

    def _checked(self, rate: Any) -> float:
        try:
            number = float(rate)
        except (TypeError, ValueError):
            number = float("nan")
        if not 0 <= number < float("inf"):
            raise ArgumentError(
                f"{type(self).__name__}: learning_rate must be a finite number, zero or above, or a schedule. "
                f"Received: learning_rate={rate!r}"
            )
        return number

    @property
    def learning_rate(self) -> Any:
        """The rate of the next step; setting it to another number compiles nothing."""
        if self._schedule is None:
            return self._rate
        return self._schedule(self.iterations.value) if _takes_step(self._schedule) else self._schedule()

    @learning_rate.setter
    def learning_rate(self, rate: Any) -> None:
        is_number = isinstance(rate, Variable | np.ndarray | jax.Array) or not (
            callable(rate) or isinstance(rate, dict)
        )
        if is_number and self._schedule is None:
            self._rate.assign(rate if is_traced(rate) else self._checked(rate))
        else:
            self._set_rate(rate)

    lr = learning_rate

    # -- state -------------------------------------------------------------------------------------------

    _untracked = frozenset({"_trained", "_slots", "learning_rate", "lr"})

    @property
    def variables(self) -> list[Variable]:
        """The step counter, the learning rate, then the slots as they were made."""
        found = [node for _, node in self.walk() if isinstance(node, Variable)]
        return [variable for variable in found if id(variable) not in self._place]

    def build(self, variables: Sequence[Variable]) -> None:
        """Makes the slots.

        Args:
            variables: those that will be trained, in order.
        """
        if self.built:
            return
        self._trained = list(variables)
        self._place = {id(variable): index for index, variable in enumerate(variables)}
        for names in self.slots():
            names = (names,) if isinstance(names, str) else names
            self._slots.update(zip(names, self.add_optimizer_variables(variables, names), strict=True))
        self.built = True

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        # A copy trains the copies of the variables.
        self._place = {id(variable): index for index, variable in enumerate(self._trained)}

    # -- for optimizers written the Keras way ------------------------------------------------------------

    def add_variable(
        self,
        shape: Sequence[int],
        initializer: Any = "zeros",
        dtype: Any = None,
        aggregation: str = "none",
        layout: Any = None,
        name: str | None = None,
    ) -> Variable:
        """Makes a variable of the optimizer's own.

        Args:
            shape: of the variable.
            initializer: by name or as an object.
            dtype: `floatx()` when left out.
            aggregation: kept for Keras's sake.
            layout: accepted as Keras does.
            name: for messages.
        """
        del layout
        variable = Variable(
            initializers.get(initializer),
            tuple(shape),
            dtype,
            trainable=False,
            autocast=False,
            aggregation=aggregation,
            name=name,
        )
        variable.path = f"{self.name}/{variable.name}"
        self._added = [*self._added, variable]
        return variable

    def add_variable_from_reference(
        self, reference_variable: Variable, name: str | None = None, initializer: Any = "zeros"
    ) -> Variable:
        """Makes a variable of the shape and dtype of another."""
        name = f"{reference_variable.path.replace('/', '_')}_{name or 'var'}"
        return self.add_variable(reference_variable.shape, initializer, reference_variable.stored.dtype, name=name)

    def add_optimizer_variables(
        self, trainable_variables: Sequence[Variable], name: str | Sequence[str], initializer: Any = "zeros"
    ) -> Any:
        """Makes a variable for each of those that are trained, or several that take turns.

        Args:
            trainable_variables: those that will be trained.
            name: one name, or several.
            initializer: of all, or a list with one for each name.

        Returns:
            A list of variables, or a tuple of lists if `name` is a sequence.
        """
        names = [name] if isinstance(name, str) else list(name)
        drawn = list(initializer) if isinstance(initializer, list | tuple) else [initializer] * len(names)
        made = [
            [self.add_variable_from_reference(v, *pair) for pair in zip(names, drawn, strict=True)]
            for v in trainable_variables
        ]
        groups = tuple([row[index] for row in made] for index in range(len(names)))
        return groups[0] if isinstance(name, str) else groups

    def assign(self, variable: Variable, value: Any) -> None:
        """Replaces the value of a variable."""
        variable.assign(value)

    def assign_add(self, variable: Variable, value: Any) -> None:
        """Adds to a variable."""
        variable.assign_add(value)

    def assign_sub(self, variable: Variable, value: Any) -> None:
        """Subtracts from a variable."""
        variable.assign_sub(value)

    def _get_variable_index(self, variable: Variable) -> int:
        """The place of a variable among those that are trained; optimizers written for Keras ask for it."""
        return self._place[id(variable)]

    # -- applying ------------------------------------------------------------------------------------------

    def apply_gradients(self, grads_and_vars: Iterable[tuple[Any, Variable]]) -> Variable:
        """Changes variables by pairs of gradient and variable, and returns the step counter."""
        pairs = list(grads_and_vars)
        self.apply([gradient for gradient, _ in pairs], [variable for _, variable in pairs])
        return self.iterations

    def apply(self, grads: Iterable[Any], trainable_variables: Iterable[Variable] | None = None) -> None:
        """Changes the variables by their gradients, and counts the step.

        Args:
            grads: one array per variable; `None` leaves its variable as it is, with a warning.
            trainable_variables: in the same order; those of `build` when left out.

        Raises:
            NotBuiltError: without variables, if `build` has not been called.
            ArgumentError: if their numbers differ, or a variable is new to a built optimizer.
        """
        pairs = self._given(list(grads), trainable_variables)
        if not pairs:
            return
        variables = [variable for variable, _ in pairs]
        gradients = self._clipped([jnp.asarray(gradient) for _, gradient in pairs])
        rate = jnp.asarray(self.learning_rate)
        for gradient, variable in zip(gradients, variables, strict=True):
            if not is_off(self.weight_decay):
                variable.assign(variable.value * (1 - self.weight_decay * rate.astype(variable.dtype)))
            self.update_step(gradient.astype(variable.dtype), variable, rate.astype(variable.dtype))
        for variable in variables:
            if variable.constraint is not None:
                variable.assign(variable.constraint(variable.value))
        self.iterations.assign_add(1)

    def _given(
        self, gradients: list[Any], trainable_variables: Iterable[Variable] | None
    ) -> list[tuple[Variable, Any]]:
        """The variables that have a gradient, with it; builds the optimizer the first time."""
        if trainable_variables is None and not self.built:
            raise NotBuiltError(
                f"Optimizer '{self.name}' got gradients without variables, and was not built for any.",
                hint="call build(variables) first, or pass the variables too.",
            )
        variables = self._trained if trainable_variables is None else list(trainable_variables)
        if len(gradients) != len(variables):
            raise ArgumentError(f"{len(gradients)} gradients were given for {len(variables)} variables.")
        if not self.built:
            self.build(variables)
            self.built = True
        unknown = next((v for v in variables if id(v) not in self._place), None)
        if unknown is not None:
            raise ArgumentError(
                f"Optimizer '{self.name}' was built for other variables; it does not know '{unknown.path}'.",
                hint="make a new optimizer for these variables, or compile the model again.",
            )
        without = [v.path for v, gradient in zip(variables, gradients, strict=True) if gradient is None]
        if without and len(without) == len(variables):
            raise ArgumentError(f"Optimizer '{self.name}' got no gradient for any of {', '.join(without)}.")
        if without:
            warn_user(f"There is no gradient for {', '.join(without)}; they stay as they are.")
        return [pair for pair in zip(variables, gradients, strict=True) if pair[1] is not None]

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """Changes one variable by its gradient."""
        place = self._place[id(variable)]
        slots = {name: group[place].value for name, group in self._slots.items()}
        value, slots = self.step(variable.value, gradient, learning_rate, slots)
        variable.assign(value)
        for name, slot in slots.items():
            self._slots[name][place].assign(slot)

    def _clipped(self, gradients: list[jax.Array]) -> list[jax.Array]:
        if not is_off(self.clipnorm):
            return [_shorten(gradient, _norm([gradient]), self.clipnorm) for gradient in gradients]
        if not is_off(self.global_clipnorm):
            norm = _norm(gradients)
            return [_shorten(gradient, norm, self.global_clipnorm) for gradient in gradients]
        if not is_off(self.clipvalue):
            return [jnp.clip(gradient, -self.clipvalue, self.clipvalue) for gradient in gradients]
        return gradients

    # -- config ----------------------------------------------------------------------------------------------

    def structure(self) -> list[Any]:
        """The arguments that are part of a program."""
        hidden = {"name", "learning_rate", *self.__dict__["_numbers"]}
        own = [getattr(self, name) for name in argument_names(type(self)) if name not in hidden]
        return [self._schedule, *own]

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal optimizer, without its state."""
        rate = float(self._rate.value) if self._schedule is None else self._schedule
        values = {name: rate if name == "learning_rate" else getattr(self, name) for name in argument_names(type(self))}
        return {name: serialize_keras_object(value) for name, value in values.items()}


def _takes_step(schedule: Callable[..., Any]) -> bool:
    """Whether a schedule wants to know the step's number; plain functions may not."""
    try:
        inspect.signature(schedule).bind(0)
    except TypeError:
        return False
    return True


def _norm(gradients: Sequence[jax.Array]) -> jax.Array:
    return jnp.sqrt(sum(jnp.sum(jnp.square(gradient)) for gradient in gradients))


def _shorten(gradient: jax.Array, norm: jax.Array, limit: Any) -> jax.Array:
    return gradient * (limit / jnp.maximum(norm, limit)).astype(gradient.dtype)
