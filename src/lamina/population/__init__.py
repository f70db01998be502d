"""Many networks as one: candidates, folds and restarts that train in one compiled program."""

from typing import Any

from lamina.core.errors import UnknownAttributeError, suggestion
from lamina.population.cross_validation import CrossValidation, cross_validate
from lamina.population.curves import ScoreCurve, learning_curve, validation_curve
from lamina.population.ensemble import Ensemble
from lamina.population.learning_rates import LearningRates, find_learning_rate
from lamina.population.population import Population

__all__ = [
    *("CrossValidation", "Ensemble", "LearningRates", "Population", "ScoreCurve", "cross_validate"),
    *("find_learning_rate", "learning_curve", "validation_curve"),
]


def __getattr__(name: str) -> Any:
    raise UnknownAttributeError(f"lamina.population has no {name!r}.", hint=suggestion(name, __all__))
