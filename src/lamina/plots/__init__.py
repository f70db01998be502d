"""Figures of training and of what a model predicts (needs matplotlib: the extra `plots`)."""

from typing import Any

from lamina.core.errors import UnknownAttributeError, suggestion
from lamina.plots.curves import compare_runs, learning_curves
from lamina.plots.images import image_grid
from lamina.plots.language import use_language
from lamina.plots.regression import predictions_vs_targets
from lamina.plots.style import require_matplotlib, use_style

__all__ = [
    *("compare_runs", "image_grid", "learning_curves", "predictions_vs_targets", "require_matplotlib"),
    *("use_language", "use_style"),
]


def __getattr__(name: str) -> Any:
    raise UnknownAttributeError(f"lamina.plots has no {name!r}.", hint=suggestion(name, __all__))
