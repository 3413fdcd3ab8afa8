"""Layers as forward/backward pairs, in NumPy.

A forward takes arrays and returns ``(out, cache)``; its backward takes ``(dout, cache)``, where
``dout`` is the derivative of the final scalar with respect to ``out``, and returns the derivative
of that scalar with respect to each positional argument, in order. A single one is returned bare.
"""

from .activations import (
    activation_backward,
    activation_forward,
    relu_backward,
    relu_forward,
    sigmoid_backward,
    sigmoid_forward,
    tanh_backward,
    tanh_forward,
)
from .distillation import distillation_and_grad, distillation_backward, distillation_forward
from .linear import add_backward, add_forward, linear_backward, linear_forward, unbroadcast
from .losses import (
    binary_cross_entropy_backward,
    binary_cross_entropy_forward,
    cross_entropy_backward,
    cross_entropy_forward,
    huber_and_grad,
    huber_backward,
    huber_forward,
    log_softmax,
    mse_and_grad,
    mse_backward,
    mse_forward,
    softmax_backward,
    softmax_forward,
)
from .masked_mean import masked_mean_and_grad, masked_mean_backward, masked_mean_forward
from .mlp import initialise_mlp, mlp_backward, mlp_forward

__all__ = [
    "activation_backward", "activation_forward", "add_backward", "add_forward",
    "binary_cross_entropy_backward", "binary_cross_entropy_forward", "cross_entropy_backward",
    "cross_entropy_forward", "distillation_and_grad", "distillation_backward",
    "distillation_forward", "huber_and_grad", "huber_backward", "huber_forward", "initialise_mlp",
    "linear_backward", "linear_forward", "log_softmax", "masked_mean_and_grad",
    "masked_mean_backward", "masked_mean_forward", "mlp_backward", "mlp_forward", "mse_and_grad",
    "mse_backward", "mse_forward", "relu_backward", "relu_forward", "sigmoid_backward",
    "sigmoid_forward", "softmax_backward", "softmax_forward", "tanh_backward", "tanh_forward",
    "unbroadcast",
]
