"""Metrics of classifiers and language models: counts, rates, areas, calibration, perplexity."""

from .calibration import calibration_curve, expected_calibration_error, perplexity
from .classification import accuracy, auc, confusion_matrix, precision_recall_f1, roc_curve

__all__ = [
    "accuracy", "auc", "calibration_curve", "confusion_matrix", "expected_calibration_error",
    "perplexity", "precision_recall_f1", "roc_curve",
]
