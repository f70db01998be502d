"""Stochastic gradient descent."""

from collections.abc import Sequence
from typing import Any

import jax

from lamina.core.serialization import builtin
from lamina.core.validate import closed_fraction
from lamina.optimizers.optimizer import Optimizer
from lamina.optimizers.settings import Setting, given


@builtin("optimizers", "sgd")
class SGD(Optimizer):
    """Steps against the gradient, with momentum if wanted.

    Args:
        learning_rate: a number, or a schedule.
        momentum: the share of the last step that goes into the next one.
        nesterov: whether the gradient counts as taken where the momentum leads.
        **kwargs: as for every optimizer.

    Raises:
        ArgumentError: for a momentum outside of [0, 1].

    Example:
        >>> from lamina.core.variable import Variable
        >>> w = Variable([1.0])
        >>> SGD(0.1).apply([[2.0]], [w])
        >>> w.numpy()
        array([0.8], dtype=float32)

    Reference:
        Sutskever et al., 2013, "On the importance of initialization and momentum", eqs. 1-4.
    """

    momentum: Any = Setting(closed_fraction)

    def __init__(self, learning_rate: Any = 0.01, momentum: float = 0.0, nesterov: bool = False, **kwargs: Any) -> None:
        super().__init__(learning_rate, **kwargs)
        self.momentum = momentum
        self.nesterov = bool(nesterov)

    def slots(self) -> Sequence[str]:
        """The velocity, if there is momentum."""
        return ("momentum",) if given(self, "momentum") else ()

    def step(
        self, value: jax.Array, gradient: jax.Array, rate: jax.Array, slots: dict[str, jax.Array]
    ) -> tuple[jax.Array, dict[str, jax.Array]]:
        """`v = momentum * v - rate * g`; then `value + v`, or `value + momentum * v - rate * g`."""
        if not slots:
            return value - gradient * rate, slots
        velocity = self.momentum * slots["momentum"] - gradient * rate
        ahead = self.momentum * velocity - gradient * rate if self.nesterov else velocity
        return value + ahead, {"momentum": velocity}
