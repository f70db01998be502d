"""lamina: deep learning with the Keras API and a compiled training loop, on JAX.

import lamina as keras
"""

import importlib
import os
from typing import TYPE_CHECKING, Any

# XLA writes what it thinks of the machine to the terminal, unless it is told not to.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from lamina.core.importing import without_collecting

with without_collecting():
    from lamina.core.engine import dispatch_inline, use_compilation_cache
    from lamina.core.errors import UnknownAttributeError, suggestion
    from lamina.core.precision import DTypePolicy
    from lamina.core.symbolic import SymbolicTensor as KerasTensor
    from lamina.core.transforms import jit, value_and_grad
    from lamina.core.variable import Variable
    from lamina.initializers import Initializer
    from lamina.layers import Input, InputSpec, Layer
    from lamina.losses import Loss
    from lamina.metrics import Metric
    from lamina.models import Model, Sequential
    from lamina.optimizers import Optimizer
    from lamina.regularizers import Regularizer
    from lamina.version import __version__

if TYPE_CHECKING:
    from lamina import (
        activations,
        backend,
        callbacks,
        config,
        constraints,
        datasets,
        dtype_policies,
        estimators,
        initializers,
        layers,
        losses,
        metrics,
        mixed_precision,
        model_selection,
        models,
        ops,
        optimizers,
        plots,
        population,
        preprocessing,
        random,
        regularizers,
        saving,
        summary,
        utils,
        wrappers,
    )
    from lamina.reporting import report

use_compilation_cache()
dispatch_inline()

# Loaded when they are first named, so that `import lamina` stays quick.
_MODULES = (
    *("activations", "backend", "callbacks", "config", "constraints", "datasets", "dtype_policies", "estimators"),
    *("initializers", "layers", "losses", "metrics", "mixed_precision", "model_selection", "models", "ops"),
    *("optimizers", "plots", "population", "preprocessing", "random", "regularizers", "summary", "utils", "wrappers"),
)

# Functions that need an extra, likewise, with the module that each is in.
_FUNCTIONS = {"report": "lamina.reporting"}

__all__ = [
    *("DTypePolicy", "Initializer", "Input", "InputSpec", "KerasTensor", "Layer", "Loss", "Metric", "Model"),
    *("Optimizer", "Regularizer", "Sequential", "Variable", "__version__", "jit", "value_and_grad"),
    *_MODULES,
    *_FUNCTIONS,
]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"lamina.{name}")
    if name in _FUNCTIONS:
        return getattr(importlib.import_module(_FUNCTIONS[name]), name)
    if name.startswith("_"):
        raise AttributeError(f"module 'lamina' has no attribute {name!r}")
    raise UnknownAttributeError(f"lamina has no {name!r}.", hint=suggestion(name, __all__))


def __dir__() -> list[str]:
    return sorted(__all__)
