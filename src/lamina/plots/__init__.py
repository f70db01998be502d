"""Figures of training and of what a model predicts (needs matplotlib: the extra `plots`)."""

from typing import Any

from lamina.core.errors import UnknownAttributeError, suggestion
from lamina.plots.activations import activation_functions
from lamina.plots.boundary import decision_boundary
from lamina.plots.confusion import confusion_matrix
from lamina.plots.curves import compare_runs, learning_curves
from lamina.plots.embeddings import embeddings
from lamina.plots.gradients import gradient_flow, gradient_histograms, weight_histograms
from lamina.plots.images import image_grid, weight_images
from lamina.plots.landscape import loss_surface
from lamina.plots.language import use_language
from lamina.plots.neurons import neurons
from lamina.plots.paths import animate_optimizer_paths, optimizer_paths
from lamina.plots.rates import learning_rate_finder, schedule_curves
from lamina.plots.regression import predictions_vs_targets, residuals
from lamina.plots.searches import member_curves, parallel_coordinates, prediction_intervals, score_curve
from lamina.plots.style import require_matplotlib, use_style
from lamina.plots.thresholds import calibration_curve, precision_recall_curve, roc_curve

__all__ = [
    *("activation_functions", "animate_optimizer_paths", "calibration_curve", "compare_runs", "confusion_matrix"),
    *("decision_boundary", "embeddings", "gradient_flow", "gradient_histograms", "image_grid", "learning_curves"),
    *("learning_rate_finder", "loss_surface", "member_curves", "neurons", "optimizer_paths", "parallel_coordinates"),
    *("precision_recall_curve", "prediction_intervals", "predictions_vs_targets", "require_matplotlib", "residuals"),
    *("roc_curve", "schedule_curves", "score_curve", "use_language", "use_style", "weight_histograms", "weight_images"),
]


def __getattr__(name: str) -> Any:
    raise UnknownAttributeError(f"lamina.plots has no {name!r}.", hint=suggestion(name, __all__))
