"""Muon."""

import math
import re
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.serialization import builtin
from lamina.core.validate import at_least, closed_fraction, finite, fraction, not_negative, optional
from lamina.core.variable import Variable
from lamina.optimizers.moments import adam_move, running_means
from lamina.optimizers.optimizer import Optimizer
from lamina.optimizers.settings import Remainder, Setting, epsilon_check

_LANES = 8  # processors multiply so many numbers at once; products of other sizes take longer
_TINY = 2048  # multiplications up to which starting a matrix product takes longer than the product


@builtin("optimizers", "muon")
class Muon(Optimizer):
    """Momentum whose steps for matrices are made orthogonal; all other weights are trained as by AdamW.

    Embeddings and the last layer should be left to AdamW too; name them in `exclude_layers`.

    Args:
        learning_rate: a number, or a schedule.
        adam_beta_1: `beta_1` of AdamW.
        adam_beta_2: `beta_2` of AdamW.
        adam_weight_decay: of the weights that AdamW trains; none if it is `None`.
        epsilon: of AdamW; `lamina.config.epsilon()` if it is `None`.
        weight_decay: of the matrices.
        exclude_layers: regular expressions; weights whose paths hold one are left to AdamW.
        exclude_embeddings: whether those whose paths hold "embedding" are, too.
        muon_a: of the first power in the polynomial that makes a matrix orthogonal.
        muon_b: of the third power.
        muon_c: of the fifth power.
        adam_lr_ratio: the rate of AdamW, as a multiple of the other.
        momentum: how much of the mean gradient stays at each step.
        ns_steps: how often the polynomial is applied.
        nesterov: whether the gradient counts as taken where the momentum leads.
        rms_rate: the root mean square of a step's entries at a rate of 1; left as it comes if it is `None`.
        **kwargs: as for every optimizer.

    Raises:
        ArgumentError: for a number out of range.

    Example:
        >>> import numpy as np
        >>> w = Variable(np.zeros((2, 2), "float32"))
        >>> Muon(0.1).apply([[[3.0, 0.0], [0.0, 3.0]]], [w])
        >>> w.numpy().round(2)
        array([[-0.03,  0.  ],
               [ 0.  , -0.03]], dtype=float32)

    Reference:
        Jordan et al., 2024, "Muon: an optimizer for hidden layers in neural networks";
        Liu et al., 2025, "Muon is scalable for LLM training", for `rms_rate`.
    """

    adam_beta_1: Any = Setting(fraction)
    adam_beta_2: Any = Setting(fraction)
    one_minus_adam_beta_1: Any = Remainder("adam_beta_1")
    one_minus_adam_beta_2: Any = Remainder("adam_beta_2")
    adam_weight_decay: Any = Setting(optional(not_negative))
    epsilon: Any = Setting(epsilon_check)
    muon_a: Any = Setting(finite)
    muon_b: Any = Setting(finite)
    muon_c: Any = Setting(finite)
    adam_lr_ratio: Any = Setting(not_negative)
    momentum: Any = Setting(closed_fraction)
    one_minus_momentum: Any = Remainder("momentum")
    rms_rate: Any = Setting(optional(not_negative))

    def __init__(
        self,
        learning_rate: Any = 0.001,
        adam_beta_1: float = 0.9,
        adam_beta_2: float = 0.999,
        adam_weight_decay: float | None = 0.004,
        epsilon: float | None = 1e-7,
        weight_decay: float | None = 0.004,
        exclude_layers: Sequence[str] | None = None,
        exclude_embeddings: bool = True,
        muon_a: float = 3.4445,
        muon_b: float = -4.7750,
        muon_c: float = 2.0315,
        adam_lr_ratio: float = 1,
        momentum: float = 0.95,
        ns_steps: int = 5,
        nesterov: bool = True,
        rms_rate: float | None = 0.2,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate, weight_decay, **kwargs)
        self.adam_beta_1, self.adam_beta_2 = adam_beta_1, adam_beta_2
        self.adam_weight_decay = adam_weight_decay
        self.epsilon = epsilon
        self.exclude_layers = list(exclude_layers or [])
        self.exclude_embeddings = bool(exclude_embeddings)
        self.muon_a, self.muon_b, self.muon_c = muon_a, muon_b, muon_c
        self.adam_lr_ratio = adam_lr_ratio
        self.momentum = momentum
        self.ns_steps = at_least(type(self).__name__, "ns_steps", ns_steps, 0)
        self.nesterov = bool(nesterov)
        self.rms_rate = rms_rate

    def slots(self) -> Sequence[tuple[str, ...]]:
        """The mean gradient; the mean square for what AdamW trains."""
        return (("momentum", "velocity"),)

    def make_slot(self, name: str, variable: Variable) -> Variable | None:
        if name == "velocity" and not self._is_left_to_adam(variable):
            return None
        return super().make_slot(name, variable)

    def _is_left_to_adam(self, variable: Variable) -> bool:
        if variable.ndim != 2 or (self.exclude_embeddings and "embedding" in variable.path.lower()):
            return True
        return any(re.search(expression, variable.path) for expression in self.exclude_layers)

    def structure(self) -> list[Any]:
        """Which weights are left to AdamW depends on paths, which are no part of other structures."""
        return [*super().structure(), tuple(slot is None for slot in self._slots.get("velocity", ()))]

    def decay_of(self, variable: Variable) -> Any:
        return self.adam_weight_decay if self._is_left_to_adam(variable) else self.weight_decay

    def step(
        self, value: jax.Array, gradient: jax.Array, rate: jax.Array, slots: dict[str, jax.Array]
    ) -> tuple[jax.Array, dict[str, jax.Array]]:
        """Of a matrix: `m = momentum * m + g`; then `value - rate * orthogonal(g + momentum * m)`."""
        if "velocity" in slots:
            m, v = running_means(gradient, slots, self.one_minus_adam_beta_1, self.one_minus_adam_beta_2)
            left = self.power_of(self.adam_beta_1, m), self.power_of(self.adam_beta_2, v)
            move = adam_move(m, v, rate * self.adam_lr_ratio, *left, self.epsilon)
            return value - move, {"momentum": m, "velocity": v}
        m = slots["momentum"] + (gradient - slots["momentum"] * self.one_minus_momentum)
        move = self.orthogonal(gradient + self.momentum * m if self.nesterov else m)
        if self.rms_rate is not None:
            rate = rate * (math.sqrt(max(value.shape)) * self.rms_rate)
        return value - rate * move, {"momentum": m}

    def orthogonal(self, x: jax.Array) -> jax.Array:
        """A matrix with about the same directions, whose singular values are about 1: by Newton and Schulz."""
        rows, columns = x.shape
        if rows > columns:
            return self.orthogonal(x.T).T
        x = x / (jnp.sqrt(jnp.sum(jnp.square(x))) + 1e-7)
        x = jnp.pad(x, [(0, -side % _LANES if side > _LANES else 0) for side in x.shape])
        # Of wide matrices two steps are taken at once on the square of their short side. On it, small singular
        # values lose digits with each step, so more would not be exact.
        at_once = 2 if 2 * rows <= columns else 1
        for done in range(0, self.ns_steps, at_once):
            square = _product(x, x.T)
            total = factor = self._factor(square)
            if min(at_once, self.ns_steps - done) == 2:
                total = _product(self._factor(_product(factor, _product(factor, square))), factor)
            x = _product(total, x)
        return x[:rows, :columns]

    def _factor(self, square: jax.Array) -> jax.Array:
        """By what one step multiplies a matrix: the polynomial of the matrix times its transpose."""
        start = self.muon_a * jnp.eye(square.shape[0], dtype=square.dtype)
        return start + (self.muon_b * square + self.muon_c * _product(square, square))


def _product(a: jax.Array, b: jax.Array) -> jax.Array:
    """The matrix product; a tiny one as sums, which XLA fuses into what surrounds them."""
    if a.size * b.shape[1] <= _TINY:
        return jnp.sum(a[:, :, None] * b[None], axis=1)
    return a @ b
