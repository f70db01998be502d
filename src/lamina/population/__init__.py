"""Many networks as one: candidates, folds and restarts that train in one compiled program."""

from typing import Any

from lamina.core.errors import UnknownAttributeError, suggestion
from lamina.population.cross_validation import CrossValidation, cross_validate
from lamina.population.population import Population

__all__ = ["CrossValidation", "Population", "cross_validate"]


def __getattr__(name: str) -> Any:
    raise UnknownAttributeError(f"lamina.population has no {name!r}.", hint=suggestion(name, __all__))
