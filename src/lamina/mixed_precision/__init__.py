"""`keras.mixed_precision`: computing in 16 bits while weights are kept in 32."""

from typing import Any

from lamina.core.errors import UnknownAttributeError, suggestion
from lamina.core.precision import DTypePolicy, dtype_policy, set_dtype_policy
from lamina.optimizers import LossScaleOptimizer

# Names of Keras 2.
Policy = DTypePolicy
global_policy = dtype_policy
set_global_policy = set_dtype_policy

__all__ = [
    *("DTypePolicy", "LossScaleOptimizer", "Policy", "dtype_policy", "global_policy", "set_dtype_policy"),
    "set_global_policy",
]


def __getattr__(name: str) -> Any:
    raise UnknownAttributeError(f"lamina.mixed_precision has no {name!r}.", hint=suggestion(name, __all__))
