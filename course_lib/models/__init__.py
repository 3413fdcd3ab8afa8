"""Models in PyTorch."""

from .cnn import articles_cnn, fast_cnn
from .mlp import count_parameters, mlp

__all__ = ["articles_cnn", "count_parameters", "fast_cnn", "mlp"]
