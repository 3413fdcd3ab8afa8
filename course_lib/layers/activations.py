"""Activation functions: sigmoid, tanh, ReLU.

Sigmoid and tanh keep their output, because their derivatives are shortest in terms of it; ReLU
keeps its input, because only the input's sign matters.
"""

import numpy as np


def sigmoid_forward(x):
    """Logistic sigmoid, ``1 / (1 + exp(-x))``, of an array of any shape.

    Written with tanh, which does not overflow: sigmoid(x) = (1 + tanh(x / 2)) / 2.

    Examples
    --------
    >>> sigmoid_forward(np.array([-1000.0, 0.0]))[0]
    array([0. , 0.5])
    """
    out = 0.5 * (1.0 + np.tanh(0.5 * x))
    return out, out


def sigmoid_backward(dout, cache):
    """Gradient ``dx`` of :func:`sigmoid_forward`: out (1 - out) dout."""
    out = cache
    return dout * out * (1.0 - out)


def tanh_forward(x):
    """Hyperbolic tangent of an array of any shape.

    Examples
    --------
    >>> float(tanh_forward(np.array(0.0))[0])
    0.0
    """
    out = np.tanh(x)
    return out, out


def tanh_backward(dout, cache):
    """Gradient ``dx`` of :func:`tanh_forward`: (1 - out²) dout."""
    out = cache
    return dout * (1.0 - out**2)


def relu_forward(x):
    """Rectified linear unit, ``max(x, 0)``, of an array of any shape.

    Examples
    --------
    >>> relu_forward(np.array([-2.0, 3.0]))[0]
    array([0., 3.])
    """
    return np.maximum(x, 0.0), x


def relu_backward(dout, cache):
    """Gradient ``dx`` of :func:`relu_forward`: dout where x > 0, else 0.

    At x = 0 there is no derivative; like PyTorch we choose 0.
    """
    x = cache
    return dout * (x > 0)


FORWARD = {"sigmoid": sigmoid_forward, "tanh": tanh_forward, "relu": relu_forward}
BACKWARD = {"sigmoid": sigmoid_backward, "tanh": tanh_backward, "relu": relu_backward}


def activation_forward(x, *, activation):
    """Apply the activation function of that name.

    Parameters
    ----------
    x : ndarray of any shape
    activation : {"sigmoid", "tanh", "relu"}

    Returns
    -------
    out : ndarray of the shape of x
    cache : tuple
        The name, and what that function keeps: `out` for sigmoid and tanh, `x` for ReLU.

    Raises
    ------
    ValueError
        For an unknown name.

    Examples
    --------
    >>> activation_forward(np.array([-1.0, 2.0]), activation="relu")[0]
    array([0., 2.])
    """
    if activation not in FORWARD:
        raise ValueError(f"activation {activation!r} is unknown: choose from {sorted(FORWARD)}")
    out, kept = FORWARD[activation](x)
    return out, (activation, kept)


def activation_backward(dout, cache):
    """Gradient ``dx`` of :func:`activation_forward`; the cache says which function it was."""
    activation, kept = cache
    return BACKWARD[activation](dout, kept)
