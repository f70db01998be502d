"""Networks as scikit-learn estimators: for pipelines, cross-validation and its searches."""

from typing import Any

from lamina.core.errors import UnknownAttributeError, missing_extra, suggestion

try:
    import sklearn
except ImportError as error:
    raise missing_extra("sklearn", "scikit-learn", "lamina.estimators") from error

from lamina.estimators.classifier import KerasClassifier
from lamina.estimators.mlp import MLPClassifier, MLPRegressor
from lamina.estimators.perceptron import Perceptron
from lamina.estimators.regressor import KerasRegressor

__all__ = ["KerasClassifier", "KerasRegressor", "MLPClassifier", "MLPRegressor", "Perceptron"]


def __getattr__(name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(f"module 'lamina.estimators' has no attribute {name!r}")
    raise UnknownAttributeError(f"lamina.estimators has no {name!r}.", hint=suggestion(name, __all__))
