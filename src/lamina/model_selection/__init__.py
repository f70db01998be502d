"""scikit-learn's searches, which train lamina's estimators as populations: all candidates and folds at once."""

from typing import Any

from lamina.core.errors import UnknownAttributeError, missing_extra, suggestion

try:
    import sklearn
except ImportError as error:
    raise missing_extra("sklearn", "scikit-learn", "lamina.model_selection") from error

from lamina.model_selection.results import ResultsTable, results_table
from lamina.model_selection.search import GridSearchCV, HalvingRandomSearchCV, RandomizedSearchCV

__all__ = ["GridSearchCV", "HalvingRandomSearchCV", "RandomizedSearchCV", "ResultsTable", "results_table"]


def __getattr__(name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(f"module 'lamina.model_selection' has no attribute {name!r}")
    raise UnknownAttributeError(f"lamina.model_selection has no {name!r}.", hint=suggestion(name, __all__))
