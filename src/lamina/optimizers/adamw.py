"""AdamW."""

from typing import Any

from lamina.core.serialization import builtin
from lamina.core.validate import not_negative
from lamina.optimizers.adam import Adam
from lamina.optimizers.settings import Setting


@builtin("optimizers", "adamw")
class AdamW(Adam):
    """Adam with weight decay, which is no part of the gradient.

    Args:
        learning_rate: a number, or a schedule.
        weight_decay: the share of each weight that is taken off at each step, times the rate.
        beta_1: as for `Adam`.
        beta_2: as for `Adam`.
        epsilon: as for `Adam`.
        amsgrad: as for `Adam`.
        **kwargs: as for every optimizer.

    Raises:
        ArgumentError: for a number out of range, or a weight decay of `None`.

    Example:
        >>> from lamina.core.variable import Variable
        >>> w = Variable([1.0])
        >>> AdamW(0.1, weight_decay=0.5).apply([[2.0]], [w])
        >>> w.numpy().round(4)
        array([0.85], dtype=float32)

    Reference:
        Loshchilov & Hutter, 2019, "Decoupled weight decay regularization", algorithm 2.
    """

    weight_decay: Any = Setting(not_negative)

    def __init__(
        self,
        learning_rate: Any = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float | None = 1e-7,
        amsgrad: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate, beta_1, beta_2, epsilon, amsgrad, weight_decay=weight_decay, **kwargs)
