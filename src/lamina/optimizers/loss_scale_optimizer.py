"""Loss scaling, for gradients in half precision."""

from collections.abc import Iterable, Sequence
from typing import Any

import jax.numpy as jnp

from lamina.core.errors import ArgumentError
from lamina.core.functional import branch
from lamina.core.serialization import builtin, serialize_keras_object
from lamina.core.validate import above_zero, positive_int
from lamina.core.variable import Variable
from lamina.initializers import Constant
from lamina.optimizers.optimizer import Optimizer
from lamina.optimizers.wrapping import WrappingOptimizer

# These are for the inner optimizer. Older configs hold them, at what they are without being given.
_INNER = {
    "learning_rate": None,
    "weight_decay": None,
    "clipnorm": None,
    "clipvalue": None,
    "global_clipnorm": None,
    "use_ema": False,
    "ema_momentum": 0.99,
    "ema_overwrite_frequency": None,
    "loss_scale_factor": None,
    "gradient_accumulation_steps": None,
}


@builtin("optimizers", "lossscaleoptimizer")
class LossScaleOptimizer(WrappingOptimizer):
    """Multiplies the loss by a large number, lest small gradients become zero, and divides the gradients by it.

    If a gradient is not finite, the step is left out and the number halved; after so many steps without
    such a gradient, it is doubled.

    Args:
        inner_optimizer: the optimizer that is given the gradients.
        initial_scale: the first number.
        dynamic_growth_steps: the number of steps after which it is doubled.
        name: chosen when left out.
        **kwargs: `dynamic=True`, as in Keras 2. What else optimizers take is for the inner one.

    Raises:
        ArgumentError: for a number out of range, or an argument that is for the inner optimizer.

    Example:
        >>> from lamina.optimizers import SGD
        >>> w = Variable([1.0])
        >>> optimizer = LossScaleOptimizer(SGD(0.5), initial_scale=4.0)
        >>> loss = optimizer.scale_loss(2.0)
        >>> optimizer.apply([[jnp.inf]], [w])
        >>> float(optimizer.dynamic_scale), w.numpy()
        (2.0, array([1.], dtype=float32))
        >>> optimizer.apply([[2.0]], [w])
        >>> w.numpy()
        array([0.5], dtype=float32)
    """

    def __init__(
        self,
        inner_optimizer: Any,
        initial_scale: float = 2.0**15,
        dynamic_growth_steps: int = 2000,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        if not kwargs.pop("dynamic", True):
            raise ArgumentError(
                "LossScaleOptimizer scales dynamically; there is no dynamic=False.",
                hint="for a constant scale, give the optimizer itself a loss_scale_factor.",
            )
        for key, default in _INNER.items():
            if (value := kwargs.pop(key, default)) != default:
                raise ArgumentError(
                    f"LossScaleOptimizer takes no {key}. Received: {key}={value!r}",
                    hint=f"give the inner optimizer {key}.",
                )
        if not isinstance(inner_optimizer, Optimizer):
            raise ArgumentError(
                "LossScaleOptimizer: inner_optimizer must be an optimizer. "
                f"Received: inner_optimizer={inner_optimizer!r}"
            )
        super().__init__(0.0, name=name, **kwargs)
        self.inner_optimizer = inner_optimizer
        self.inner_optimizer.loss_scale_factor = None  # else gradients would be divided twice
        self.initial_scale = above_zero(type(self).__name__, "initial_scale", initial_scale)
        self.dynamic_growth_steps = positive_int(type(self).__name__, "dynamic_growth_steps", dynamic_growth_steps)

    def build(self, variables: Sequence[Variable]) -> None:
        """Makes the scale and its counter, and builds the inner optimizer."""
        if not self.built:
            self.step_counter = self.add_variable((), dtype="int32", name="step_counter")
            self.dynamic_scale = self.add_variable(
                (), Constant(self.initial_scale), dtype="float32", name="dynamic_scale"
            )
        super().build(variables)
        self.inner_optimizer.build(variables)

    @property
    def optimizers(self) -> Sequence[Optimizer]:
        """The inner one alone."""
        return [self.inner_optimizer]

    @property
    def iterations(self) -> Any:
        """The steps that were not left out."""
        return self.inner_optimizer.iterations

    @property
    def learning_rate(self) -> Any:
        """The rate of the inner optimizer."""
        return self.inner_optimizer.learning_rate if "inner_optimizer" in self.__dict__ else self._rate

    @learning_rate.setter
    def learning_rate(self, rate: Any) -> None:
        if "inner_optimizer" in self.__dict__:
            self.inner_optimizer.learning_rate = rate
        else:
            Optimizer.learning_rate.fset(self, rate)  # type: ignore[attr-defined]

    lr = learning_rate

    def scale_loss(self, loss: Any) -> Any:
        return loss * (self.dynamic_scale.value if self.built else self.initial_scale)

    def apply(self, grads: Iterable[Any], trainable_variables: Iterable[Variable] | None = None) -> None:
        pairs = self._paired(list(grads), trainable_variables)
        variables = [variable for variable, _ in pairs]
        gradients = [jnp.asarray(gradient) for _, gradient in pairs]
        scale = self.dynamic_scale.value

        def accept() -> None:
            self.inner_optimizer.apply([gradient / scale for gradient in gradients], variables)
            grows = self.step_counter.value == self.dynamic_growth_steps - 1
            self.step_counter.assign(jnp.where(grows, 0, self.step_counter.value + 1))
            self.dynamic_scale.assign(jnp.where(grows, scale * 2, scale))

        def leave_out() -> None:
            self.step_counter.assign(0)
            self.dynamic_scale.assign(scale / 2)

        finite = jnp.all(jnp.stack([jnp.all(jnp.isfinite(gradient)) for gradient in gradients]))
        branch(finite, accept, leave_out, [*variables, *self.variables])

    def finalize_variable_values(self, var_list: Iterable[Variable]) -> None:
        self.inner_optimizer.finalize_variable_values(var_list)

    def structure(self) -> list[Any]:
        return [*super().structure(), self.dynamic_growth_steps]

    def get_config(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "inner_optimizer": serialize_keras_object(self.inner_optimizer),
            "initial_scale": self.initial_scale,
            "dynamic_growth_steps": self.dynamic_growth_steps,
        }
