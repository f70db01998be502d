"""Figures of training and of what a model predicts (needs matplotlib: the extra `plots`)."""

from lamina.plots.curves import learning_curves
from lamina.plots.images import image_grid
from lamina.plots.regression import predictions_vs_targets
from lamina.plots.style import require_matplotlib

__all__ = ["image_grid", "learning_curves", "predictions_vs_targets", "require_matplotlib"]
