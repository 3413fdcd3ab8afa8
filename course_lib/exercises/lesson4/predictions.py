"""The predict-then-run questions of lesson 4."""

import numpy as np

from course_lib.conv import conv2d_forward, initialise_lenet, max_pool2d_forward
from course_lib.exercises import Prediction


def parameters_of_a_convolution():
    """Numbers in a convolution from 1 to 8 channels with kernels of 5 by 5, biases included."""
    kernels, b, *_ = initialise_lenet(rng=np.random.default_rng(0))
    return kernels.size + b.size


def receptive_field():
    """Receptive field of LeNet's second convolution, in pixels along one side."""
    def number(x):
        h, _ = conv2d_forward(x, np.ones((1, 1, 5, 5)), np.zeros(1))
        h, _ = max_pool2d_forward(h, kernel_size=2)
        return conv2d_forward(h, np.ones((1, 1, 5, 5)), np.zeros(1))[0][0, 0, 0, 0]
    return sum(number(pixel.reshape(1, 1, 28, 28)) > 0 for pixel in np.eye(784)[:28])


PREDICTIONS = [
    Prediction("4.A", parameters_of_a_convolution, 0.5,
               "Each of the 8 kernels has 5 times 5 entries, wherever it stands. Then there is a "
               "bias for each."),
    Prediction("4.B", receptive_field, 0.5,
               "Go backwards. One number sees 5 neighbours after the pool. These stand 2 pixels "
               "apart before it and cover 2 each; and each of those sees 5 pixels."),
]
