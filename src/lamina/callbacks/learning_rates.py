"""The learning rates of a model, by their names in logs."""

from typing import Any

import numpy as np

from lamina.core.errors import NotCompiledError


def optimizers_of(model: Any) -> dict[str, Any]:
    """The optimizers of a model by the names of their rates: one, or several that share the weights."""
    optimizer = getattr(model, "optimizer", None)
    if optimizer is None:
        raise NotCompiledError(
            "The model has no optimizer, so it has no learning rate.",
            hint="compile it first: model.compile(optimizer='adam', loss='mse').",
        )
    several = getattr(optimizer, "optimizers", None)
    return {"learning_rate": optimizer} if several is None else {f"learning_rate_{o.name}": o for o in several}


def rate_of(optimizer: Any) -> float:
    """The present rate."""
    return float(np.asarray(optimizer.learning_rate))
