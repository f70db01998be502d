"""lamina: deep learning with the Keras API and a compiled training loop, on JAX.

    import lamina as keras
"""

import importlib
import os
from typing import TYPE_CHECKING, Any

# XLA writes what it thinks of the machine to the terminal, unless it is told not to.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from lamina.core.engine import dispatch_inline, use_compilation_cache  # noqa: E402
from lamina.core.errors import UnknownAttributeError, suggestion  # noqa: E402
from lamina.core.precision import DTypePolicy  # noqa: E402
from lamina.core.symbolic import SymbolicTensor as KerasTensor  # noqa: E402
from lamina.core.variable import Variable  # noqa: E402
from lamina.initializers import Initializer  # noqa: E402
from lamina.layers import Input, InputSpec, Layer  # noqa: E402
from lamina.losses import Loss  # noqa: E402
from lamina.metrics import Metric  # noqa: E402
from lamina.models import Model, Sequential  # noqa: E402
from lamina.optimizers import Optimizer  # noqa: E402
from lamina.regularizers import Regularizer  # noqa: E402
from lamina.version import __version__  # noqa: E402

if TYPE_CHECKING:
    from lamina import (
        activations,
        backend,
        callbacks,
        config,
        constraints,
        datasets,
        initializers,
        layers,
        losses,
        metrics,
        models,
        ops,
        optimizers,
        plots,
        random,
        regularizers,
        utils,
    )

use_compilation_cache()
dispatch_inline()

# Loaded when they are first named, so that `import lamina` stays quick.
_MODULES = (
    *("activations", "backend", "callbacks", "config", "constraints", "datasets", "initializers", "layers"),
    *("losses", "metrics", "models", "ops", "optimizers", "plots", "random", "regularizers", "utils"),
)

__all__ = [
    *("DTypePolicy", "Initializer", "Input", "InputSpec", "KerasTensor", "Layer", "Loss", "Metric", "Model"),
    *("Optimizer", "Regularizer", "Sequential", "Variable", "__version__"),
    *_MODULES,
]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"lamina.{name}")
    if name.startswith("_"):
        raise AttributeError(f"module 'lamina' has no attribute {name!r}")
    raise UnknownAttributeError(f"lamina has no {name!r}.", hint=suggestion(name, __all__))


def __dir__() -> list[str]:
    return sorted(__all__)
