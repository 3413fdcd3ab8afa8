"""Convolutional networks as forward/backward pairs, in NumPy. See `course_lib.layers`.

Images are arrays of shape (B, C, H, W): batch, channels, height, width.
"""

from .batch_norm import batch_norm_backward, batch_norm_forward, batch_statistics
from .convolution import conv2d_backward, conv2d_forward, window_columns
from .dropout import dropout_and_grad, dropout_backward, dropout_forward
from .images import area_resize, as_mnist, random_shift
from .lenet import initialise_lenet, lenet_backward, lenet_forward, saliency
from .pooling import (
    avg_pool2d_backward,
    avg_pool2d_forward,
    max_pool2d_and_grad,
    max_pool2d_backward,
    max_pool2d_forward,
)
from .windows import output_size, pad2d, seen_by, windows

__all__ = [
    "area_resize", "as_mnist", "avg_pool2d_backward", "avg_pool2d_forward", "batch_norm_backward",
    "batch_norm_forward", "batch_statistics", "conv2d_backward", "conv2d_forward",
    "dropout_and_grad", "dropout_backward", "dropout_forward", "initialise_lenet",
    "lenet_backward", "lenet_forward", "max_pool2d_and_grad", "max_pool2d_backward",
    "max_pool2d_forward", "output_size", "pad2d", "random_shift", "saliency", "seen_by",
    "window_columns", "windows",
]
