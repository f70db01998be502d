"""A page that tells of a trained model: what it is, how it learnt, and where it is wrong."""

from lamina.reporting.report import report

__all__ = ["report"]
