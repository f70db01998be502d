"""Models for other programs: ONNX, and StableHLO for JAX alone."""

from lamina.export.exporting import export_model
