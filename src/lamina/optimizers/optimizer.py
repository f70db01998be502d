"""The Keras face of optimizers; a recipe only says how one array follows from its gradient."""

from collections.abc import Iterable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lamina.core.configurable import argument_names, refuse_unexpected
from lamina.core.errors import ArgumentError
from lamina.core.hyperparameter import Hyperparameter, is_off
from lamina.core.naming import auto_name
from lamina.core.serialization import deserialize_keras_object, serialize_keras_object
from lamina.core.tracking import Trackable
from lamina.core.variable import Variable


class Optimizer(Trackable):
    """Base of optimizers: gradients in, variables changed.

    A recipe names its `slots` (arrays that it keeps for each variable) and overrides `step`. The
    numbers that it works with are `Hyperparameter`s. An optimizer written the Keras way, which
    overrides `build` and `update_step` and assigns variables, works as well.

    Args:
        learning_rate: a number, or a schedule from the step's number to one.
        weight_decay: the share of each weight that is taken off at each step, times the rate.
        clipnorm: the largest norm of each gradient.
        clipvalue: the largest entry of each gradient.
        global_clipnorm: the largest norm of all gradients together.
        name: chosen when left out.
        **kwargs: `lr`, Keras 2's word for `learning_rate`.

    Raises:
        ArgumentError: for a negative rate, or more than one way of clipping.

    Example:
        >>> class Descent(Optimizer):
        ...     def step(self, value, gradient, rate, slots):
        ...         return value - rate * gradient, slots
        >>> w = Variable([1.0])
        >>> Descent(0.5).apply([[1.0]], [w])
        >>> w.numpy()
        array([0.5], dtype=float32)
    """

    weight_decay = Hyperparameter()
    clipnorm = Hyperparameter()
    clipvalue = Hyperparameter()
    global_clipnorm = Hyperparameter()

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
        refuse_unexpected(self, kwargs, "lr")
        if sum(clip is not None for clip in (clipnorm, clipvalue, global_clipnorm)) > 1:
            raise ArgumentError(
                "Only one of clipnorm, clipvalue and global_clipnorm can be set. "
                f"Received: clipnorm={clipnorm}, clipvalue={clipvalue}, global_clipnorm={global_clipnorm}"
            )
        for word, clip in (("clipnorm", clipnorm), ("clipvalue", clipvalue), ("global_clipnorm", global_clipnorm)):
            if clip is not None and clip <= 0:
                raise ArgumentError(f"{type(self).__name__}: {word} must be above 0. Received: {word}={clip}")
        self.name = name or auto_name(self)
        self.weight_decay = weight_decay
        self.clipnorm, self.clipvalue, self.global_clipnorm = clipnorm, clipvalue, global_clipnorm
        self.built = False
        self._slots: dict[str, list[Variable]] = {}
        self._place: dict[int, int] = {}
        self._trained: list[Variable] = []
        self._more: list[Variable] = []
        self.iterations = Variable(np.int32(0), dtype="int32", trainable=False, name="iteration")
        self.iterations.path = f"{self.name}/iteration"
        self._set_rate(learning_rate)

    # -- to be overridden ----------------------------------------------------------------------------

    def slots(self) -> Sequence[str]:
        """The names of the arrays that the recipe keeps for each variable; they start from zero."""
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
        if self._schedule is None:
            number = float(rate)
            if not number >= 0:
                raise ArgumentError(
                    f"{type(self).__name__}: learning_rate must be zero or above. Received: learning_rate={rate!r}"
                )
            self._rate = Variable(np.float32(number), trainable=False, autocast=False, name="learning_rate")
            self._rate.path = f"{self.name}/learning_rate"

    @property
    def learning_rate(self) -> Any:
        """The rate of the next step; setting it compiles nothing."""
        return self._rate if self._schedule is None else self._schedule(self.iterations.value)

    @learning_rate.setter
    def learning_rate(self, rate: Any) -> None:
        is_number = not (callable(rate) and not isinstance(rate, Variable | np.ndarray | jax.Array))
        if is_number and self._schedule is None and "_rate" in self.__dict__:
            self._rate.assign(rate)
        else:
            self._set_rate(rate)

    lr = learning_rate

    # -- state -------------------------------------------------------------------------------------------

    @property
    def variables(self) -> list[Variable]:
        """The step counter, the learning rate, and the slots, variable by variable."""
        first = [self.iterations] if self._schedule is not None else [self.iterations, self._rate]
        slots = [slot for group in zip(*self._slots.values(), strict=True) for slot in group]
        return [*first, *slots, *self._more]

    def build(self, variables: Sequence[Variable]) -> None:
        """Makes the slots.

        Args:
            variables: those that will be trained, in order.
        """
        if self.built:
            return
        self._trained = list(variables)
        self._place = {id(variable): index for index, variable in enumerate(variables)}
        self._slots = {name: [self._slot_like(v, name) for v in variables] for name in self.slots()}
        self.built = True

    def _slot_like(self, variable: Variable, name: str) -> Variable:
        slot = Variable(
            np.zeros(variable.shape, "float32"), dtype=variable.stored.dtype, trainable=False, autocast=False, name=name
        )
        slot.path = f"{self.name}/{variable.path.replace('/', '_')}_{name}"
        return slot

    def add_variable_from_reference(
        self, reference_variable: Variable, name: str | None = None, initializer: Any = "zeros"
    ) -> Variable:
        """Makes a variable of the shape of another: for optimizers written the Keras way."""
        del initializer
        slot = self._slot_like(reference_variable, name or "slot")
        self._more = [*self._more, slot]
        return slot

    # -- applying ------------------------------------------------------------------------------------------

    def apply_gradients(self, grads_and_vars: Iterable[tuple[Any, Variable]]) -> None:
        """Changes variables by pairs of gradient and variable."""
        gradients, variables = zip(*grads_and_vars, strict=True)
        self.apply(gradients, variables)

    def apply(self, grads: Iterable[Any], trainable_variables: Sequence[Variable] | None = None) -> None:
        """Changes the variables by their gradients, and counts the step.

        Args:
            grads: one array per variable.
            trainable_variables: in the same order; those of `build` when left out.

        Raises:
            ArgumentError: if their numbers differ, or a variable is new to a built optimizer.
        """
        gradients = [jnp.asarray(gradient) for gradient in grads]
        variables = list(self._trained if trainable_variables is None else trainable_variables)
        if len(gradients) != len(variables):
            raise ArgumentError(f"{len(gradients)} gradients were given for {len(variables)} variables.")
        self.build(variables)
        unknown = next((v for v in variables if self._place and id(v) not in self._place), None)
        if unknown is not None:
            raise ArgumentError(
                f"Optimizer '{self.name}' was built for other variables; it does not know '{unknown.path}'.",
                hint="make a new optimizer for these variables, or compile the model again.",
            )
        gradients = self._clipped(gradients)
        rate = jnp.asarray(self.learning_rate)
        for gradient, variable in zip(gradients, variables, strict=True):
            if not is_off(self.weight_decay):
                variable.assign(variable.value * (1 - self.weight_decay * rate.astype(variable.dtype)))
            self.update_step(gradient.astype(variable.dtype), variable, rate.astype(variable.dtype))
        for variable in variables:
            if variable.constraint is not None:
                variable.assign(variable.constraint(variable.value))
        self.iterations.assign_add(1)

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


def _norm(gradients: Sequence[jax.Array]) -> jax.Array:
    return jnp.sqrt(sum(jnp.sum(jnp.square(gradient)) for gradient in gradients))


def _shorten(gradient: jax.Array, norm: jax.Array, limit: Any) -> jax.Array:
    return gradient * (limit / jnp.maximum(norm, limit)).astype(gradient.dtype)
