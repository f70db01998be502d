"""`keras.optimizers.legacy`: names of Keras 2 for the same optimizers."""

from typing import Any

from lamina.core.errors import UnknownAttributeError, suggestion
from lamina.optimizers.adadelta import Adadelta
from lamina.optimizers.adagrad import Adagrad
from lamina.optimizers.adam import Adam
from lamina.optimizers.adamax import Adamax
from lamina.optimizers.ftrl import Ftrl
from lamina.optimizers.nadam import Nadam
from lamina.optimizers.optimizer import Optimizer
from lamina.optimizers.rmsprop import RMSprop
from lamina.optimizers.sgd import SGD

__all__ = ["SGD", "Adadelta", "Adagrad", "Adam", "Adamax", "Ftrl", "Nadam", "Optimizer", "RMSprop"]


def __getattr__(name: str) -> Any:
    raise UnknownAttributeError(f"lamina.optimizers.legacy has no {name!r}.", hint=suggestion(name, __all__))
