"""The Keras face of optimizers; a recipe only says how one array follows from its gradient."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.configurable import argument_names, refuse_unexpected
from lamina.core.engine import is_traced
from lamina.core.errors import ArgumentError, NotBuiltError
from lamina.core.functional import purify
from lamina.core.hyperparameter import is_off, numbers_of
from lamina.core.naming import auto_name
from lamina.core.serialization import custom_object_scope, serialize_keras_object
from lamina.core.state import Binding, State, hyperparameter_owners
from lamina.core.tracebacks import warn_user
from lamina.core.tracking import Trackable
from lamina.core.validate import above_zero, at_least, closed_fraction, not_negative, optional, positive_int
from lamina.core.variable import Variable
from lamina.optimizers.accumulation import accumulate
from lamina.optimizers.averaging import adopt_averages, update_averages
from lamina.optimizers.clipping import check_clipping, clip
from lamina.optimizers.rate import RateOwner
from lamina.optimizers.schedules.schedule import revive_schedules
from lamina.optimizers.settings import Setting, given

# Arguments of Keras 2 that say nothing anymore; its configs hold them.
_FORGOTTEN = ("jit_compile", "is_legacy_optimizer")


class Optimizer(RateOwner):
    """Base of optimizers: gradients in, variables changed.

    A recipe names its `slots` (arrays that it keeps for each variable) and overrides `step`. The
    numbers that it works with are `Setting`s. An optimizer written the Keras way, which
    overrides `build` and `update_step` and assigns variables, works as well.

    Args:
        learning_rate: a number, a schedule from the step's number to one, or a function without arguments.
        weight_decay: the share of each weight that is taken off at each step, times the rate.
        clipnorm: the largest norm of each gradient.
        clipvalue: the largest entry of each gradient.
        global_clipnorm: the largest norm of all gradients together.
        use_ema: whether to keep a running mean of each weight, which `fit` puts into the model at its end.
        ema_momentum: how much of that mean stays at each step.
        ema_overwrite_frequency: the steps between those at which the weights are set to their means.
        loss_scale_factor: what the loss is multiplied by before its gradients are taken, and they are divided by.
        gradient_accumulation_steps: how many batches make an update, by the mean of their gradients.
        name: chosen when left out.
        **kwargs: `lr`, Keras 2's word for `learning_rate`, and its `decay`: at each step, the rate is divided by one
            plus `decay` times the steps so far.

    Raises:
        ArgumentError: for a number out of its range, or more than one way of clipping.
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

    _untracked = RateOwner._untracked | {"_slots", "_averages", "_sums", "_decays"}

    weight_decay: Any = Setting(optional(not_negative))
    clipnorm: Any = Setting(optional(above_zero))
    clipvalue: Any = Setting(optional(above_zero))
    global_clipnorm: Any = Setting(optional(above_zero))
    ema_momentum: Any = Setting(closed_fraction)
    loss_scale_factor: Any = Setting(optional(above_zero))

    def __init__(
        self,
        learning_rate: Any = 0.001,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        learning_rate = kwargs.pop("lr", learning_rate)
        decay = kwargs.pop("decay", None)
        refuse_unexpected(self, {key: value for key, value in kwargs.items() if key not in _FORGOTTEN}, "lr", "decay")
        check_clipping(clipnorm=clipnorm, clipvalue=clipvalue, global_clipnorm=global_clipnorm)
        owner = type(self).__name__
        self.name = name or auto_name(self)
        self._prepare()
        self.learning_rate = learning_rate
        self.decay = decay or 0.0
        self.weight_decay = weight_decay
        self.clipnorm, self.clipvalue, self.global_clipnorm = clipnorm, clipvalue, global_clipnorm
        self.use_ema = bool(use_ema)
        self.ema_momentum = ema_momentum
        self.ema_overwrite_frequency = optional(positive_int)(owner, "ema_overwrite_frequency", ema_overwrite_frequency)
        self.loss_scale_factor = loss_scale_factor
        self.gradient_accumulation_steps = optional(_two_or_more)(
            owner, "gradient_accumulation_steps", gradient_accumulation_steps
        )
        self._slots: dict[str, list[Any]] = {}
        self._averages: list[Variable] = []
        self._sums: list[Variable] = []
        self._excluded: tuple[frozenset[int], str] = (frozenset(), "")
        # By place; not by name, since models of equal structure share programs.
        self._decays: tuple[bool, ...] = ()

    # -- to be overridden ----------------------------------------------------------------------------

    def slots(self) -> Sequence[str | tuple[str, ...]]:
        """The names of the arrays that the recipe keeps for each variable.

        Slots follow each other in `variables` and in files; those named in one tuple take turns
        there, variable by variable.
        """
        return ()

    def make_slot(self, name: str, variable: Variable) -> Variable | None:
        """The slot for a variable: of its shape and from zero, unless the recipe says otherwise.

        Args:
            name: one of those in `slots`.
            variable: what is trained.

        Returns:
            A variable made with `add_variable`, or `None` if there is to be no such slot for it.
        """
        return self.add_variable_from_reference(variable, name)

    def begin_step(self) -> None:
        """Called before the steps of the single variables."""

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

    def decay_of(self, variable: Variable) -> Any:
        """The weight decay of a variable."""
        del variable
        return self.weight_decay

    def power_of(self, share: Any, like: jax.Array) -> jax.Array:
        """`share` to the power of the number of this update, from 1: what a running mean still has of its start.

        Args:
            share: how much of the mean stays at each step.
            like: an array of the dtype to compute in.
        """
        count = (jnp.asarray(self.iterations) + 1).astype(like.dtype)
        return jnp.power(jnp.asarray(share, like.dtype), count)

    # -- building --------------------------------------------------------------------------------------

    def build(self, variables: Sequence[Variable]) -> None:
        """Makes the slots.

        Args:
            variables: those that will be trained, in order.

        Raises:
            ArgumentError: if the slots were made for other variables.
        """
        if self.built:
            self._check_known(variables)
            return
        variables = list(variables)
        self._trained = variables
        self._place = {id(variable): index for index, variable in enumerate(variables)}
        self._decays = tuple(self._may_decay(variable) for variable in variables)
        if self.use_ema:
            self._averages = self.add_optimizer_variables(variables, "average")
        if self.gradient_accumulation_steps:
            self._sums = self.add_optimizer_variables(variables, "gradient_accumulator")
        for names in self.slots():
            names = (names,) if isinstance(names, str) else names
            made = [[self.make_slot(name, variable) for name in names] for variable in variables]
            self._slots.update((name, [row[index] for row in made]) for index, name in enumerate(names))
        self.built = True

    def exclude_from_weight_decay(
        self, var_list: Iterable[Variable] | None = None, var_names: Iterable[str] | None = None
    ) -> None:
        """Leaves variables out of the weight decay; to be called before the optimizer is built.

        Args:
            var_list: variables.
            var_names: regular expressions; a variable whose name holds one of them is left out.

        Raises:
            ArgumentError: for an optimizer that is built.
        """
        if self.built:
            raise ArgumentError(
                f"Optimizer '{self.name}' is built, so it is too late for exclude_from_weight_decay().",
                hint="call it before the optimizer is used.",
            )
        self._excluded = (frozenset(id(variable) for variable in var_list or ()), "|".join(var_names or ()))

    def _may_decay(self, variable: Variable) -> bool:
        excluded, pattern = self._excluded
        return id(variable) not in excluded and not (pattern and re.search(pattern, variable.name))

    def _check_known(self, variables: Iterable[Variable]) -> None:
        unknown = next((variable for variable in variables if id(variable) not in self._place), None)
        if unknown is not None:
            raise ArgumentError(
                f"Optimizer '{self.name}' was built for other variables; it does not know '{unknown.path}'.",
                hint="make a new optimizer for these variables: the slots of this one belong to the others. "
                "After weights were unfrozen, compile the model with a new optimizer.",
            )

    # -- applying ------------------------------------------------------------------------------------------

    def scale_loss(self, loss: Any) -> Any:
        """The loss, multiplied by the scale; `apply` divides the gradients by it."""
        return loss if is_off(self.loss_scale_factor) else loss * self.loss_scale_factor

    def apply_gradients(self, grads_and_vars: Iterable[tuple[Any, Variable]]) -> Variable:
        """Changes variables by pairs of gradient and variable, and returns the step counter."""
        pairs = list(grads_and_vars)
        self.apply([gradient for gradient, _ in pairs], [variable for _, variable in pairs])
        return self._iterations

    def apply(self, grads: Iterable[Any], trainable_variables: Iterable[Variable] | None = None) -> None:
        """Changes the variables by their gradients, and counts the step.

        Args:
            grads: one array per variable; `None` leaves its variable as it is, with a warning.
            trainable_variables: in the same order; those of `build` when left out.

        Raises:
            NotBuiltError: without variables, if `build` has not been called.
            ArgumentError: if their numbers differ, or a variable is new to a built optimizer.
        """
        pairs = self._paired(list(grads), trainable_variables)
        if not pairs:
            return
        variables = [variable for variable, _ in pairs]
        gradients = [jnp.asarray(gradient) for _, gradient in pairs]
        if not is_off(self.loss_scale_factor):
            gradients = [gradient / self.loss_scale_factor for gradient in gradients]
        if self.gradient_accumulation_steps:
            accumulate(
                gradients,
                [self._sums[self._place[id(variable)]] for variable in variables],
                self.step_count,
                self.gradient_accumulation_steps,
                lambda means: self._update(means, variables),
                [*variables, *self.variables],
            )
        else:
            self._update(gradients, variables)
        if self.use_ema:
            count = jnp.asarray(self.iterations)
            update_averages(self._trained, self._averages, self.ema_momentum, count, self.ema_overwrite_frequency)
        for variable in variables:
            if variable.constraint is not None:
                variable.assign(variable.constraint(variable.value))
        self._iterations.assign_add(1)

    def _update(self, gradients: Sequence[jax.Array], variables: Sequence[Variable]) -> None:
        gradients = clip(gradients, self.clipnorm, self.clipvalue, self.global_clipnorm)
        rate = _after(gradients, self.rate_of_step())
        self.begin_step()
        for gradient, variable in zip(gradients, variables, strict=True):
            own_rate = rate.astype(variable.dtype)
            decay: Any = self.decay_of(variable) if self._decays[self._place[id(variable)]] else None
            if not is_off(decay):
                variable.assign(variable.value - variable.value * decay * own_rate)
            self.update_step(gradient.astype(variable.dtype), variable, own_rate)

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """Changes one variable by its gradient."""
        place = self._place[id(variable)]
        slots = {name: group[place] for name, group in self._slots.items() if group[place] is not None}
        values = {name: slot.value for name, slot in slots.items()}
        value, new = self.step(variable.value, gradient, learning_rate, values)
        variable.assign(value)
        for name, slot in new.items():
            slots[name].assign(slot)

    def _paired(
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
        self._check_known(variables)
        without = [v.path for v, gradient in zip(variables, gradients, strict=True) if gradient is None]
        if without and len(without) == len(variables):
            raise ArgumentError(f"Optimizer '{self.name}' got no gradient for any of {', '.join(without)}.")
        if without:
            warn_user(f"There is no gradient for {', '.join(without)}; they stay as they are.")
        return [pair for pair in zip(variables, gradients, strict=True) if pair[1] is not None]

    def stateless_apply(
        self, optimizer_variables: Sequence[Any], grads: Sequence[Any], trainable_variables: Sequence[Any]
    ) -> tuple[list[Any], list[Any]]:
        """`apply` as a pure function of the variables' values, for loops of one's own.

        Args:
            optimizer_variables: values for `variables`, in order.
            grads: one array per trained variable.
            trainable_variables: values for the variables of `build`, in order.

        Returns:
            The new values of the trained variables, and those of the optimizer's.

        Raises:
            NotBuiltError: before `build`.
            ArgumentError: if the numbers of values differ from those of the variables.
        """
        if not self.built:
            raise NotBuiltError(
                f"Optimizer '{self.name}' has no slots yet, so it has no state to apply gradients with.",
                hint="call optimizer.build(model.trainable_variables) first.",
            )
        own, trained = self.variables, self._trained
        for word, values, wanted in (
            ("optimizer_variables", optimizer_variables, own),
            ("trainable_variables", trainable_variables, trained),
        ):
            if len(values) != len(wanted):
                raise ArgumentError(
                    f"Optimizer '{self.name}' has {len(wanted)} {word}, but stateless_apply got {len(values)}."
                )
        constraints = [v.constraint for v in trained if isinstance(v.constraint, Trackable)]
        binding = Binding(State(params=tuple(trained), slots=tuple(own)), hyperparameter_owners([self, *constraints]))
        state = State(params=tuple(trainable_variables), slots=tuple(optimizer_variables))
        _, new, _ = purify(lambda: self.apply(grads), binding)(state, binding.hyperparameters())
        return list(new.params), list(new.slots)

    def finalize_variable_values(self, var_list: Iterable[Variable]) -> None:
        """Puts the running means into the variables, if they are kept; `fit` does so at its end.

        Args:
            var_list: variables that are trained.
        """
        if self.use_ema:
            variables = list(var_list)
            self._check_known(variables)
            adopt_averages(variables, [self._averages[self._place[id(variable)]] for variable in variables])

    # -- config ----------------------------------------------------------------------------------------------

    def structure(self) -> list[Any]:
        """The arguments that are part of a program."""
        hidden = {"name", "learning_rate", *numbers_of(self)}
        own = [getattr(self, name) for name in argument_names(type(self)) if name not in hidden]
        return [self._schedule, self._decays, *own]

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal optimizer, without its state."""
        values: dict[str, Any] = {}
        for name in argument_names(type(self)):
            if name == "learning_rate":
                values[name] = float(self._rate.value) if self._schedule is None else self._schedule
            elif name in numbers_of(self):
                values[name] = given(self, name)
            else:
                values[name] = getattr(self, name)
        if given(self, "decay"):
            values["decay"] = given(self, "decay")
        return {name: serialize_keras_object(value) for name, value in values.items()}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
        """The optimizer with this config.

        Args:
            config: what `get_config` returned, or Keras's.
            custom_objects: classes of your own, by name.
        """
        with custom_object_scope(custom_objects or {}):
            return super().from_config(revive_schedules(config))


def _after(gradients: Sequence[jax.Array], rate: jax.Array) -> jax.Array:
    """The rate, but known no sooner than the gradients of the biases, which are the last that a layer needs.

    A kernel is read by the backward pass and then updated. XLA orders the two by their data only: where the update
    does not wait for the layers below, it copies the kernel first, at every step.
    """
    for gradient in gradients:
        if gradient.ndim == 1 and gradient.size and is_traced(gradient):
            number = jax.lax.dynamic_index_in_dim(gradient, 0, keepdims=False)
            rate = rate + (jnp.where(jnp.isfinite(number), number, 0.0) * 0.0).astype(rate.dtype)
    return rate


def _two_or_more(owner: str, name: str, value: Any) -> int:
    return at_least(owner, name, value, 2)
