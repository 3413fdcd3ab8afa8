"""Multi-layer perceptron, composed of the layers' forward/backward pairs."""

import numpy as np

from .activations import activation_backward, activation_forward
from .linear import linear_backward, linear_forward


def initialise_mlp(sizes, *, rng, dtype=np.float64):
    """Draw weights for :func:`mlp_forward`.

    Parameters
    ----------
    sizes : sequence of int
        Width of the input, of each hidden layer, of the output.
    rng : numpy.random.Generator
    dtype : dtype, optional

    Returns
    -------
    list of ndarray
        ``[W1, b1, W2, b2, ...]``: W normal with variance 1 / fan-in (LeCun et al. 1998, Efficient
        BackProp, section 4.6), b zero.

    Examples
    --------
    >>> [w.shape for w in initialise_mlp([3, 5, 2], rng=np.random.default_rng(0))]
    [(3, 5), (5,), (5, 2), (2,)]
    """
    weights = []
    for n_in, n_out in zip(sizes[:-1], sizes[1:], strict=True):
        W = rng.standard_normal((n_in, n_out)) / np.sqrt(n_in)
        weights += [W.astype(dtype), np.zeros(n_out, dtype)]
    return weights


def mlp_forward(x, *weights, activation="tanh"):
    """Linear layers with an activation between them, none after the last.

    Parameters
    ----------
    x : ndarray of shape (B, D)
    *weights : ndarray
        ``W1, b1, W2, b2, ...``, each W of shape (in, out).
    activation : {"sigmoid", "tanh", "relu"}

    Returns
    -------
    out : ndarray of shape (B, C)
        The logits.
    cache : list of tuple
        For each layer the cache of its linear part and that of its activation (None for the last).

    Raises
    ------
    ValueError
        If the weights do not come in pairs, or the shapes do not fit.

    Examples
    --------
    >>> weights = initialise_mlp([3, 5, 2], rng=np.random.default_rng(0))
    >>> mlp_forward(np.ones((4, 3)), *weights)[0].shape
    (4, 2)
    """
    if not weights or len(weights) % 2:
        raise ValueError(f"{len(weights)} weight arrays given: they come in pairs W1, b1, W2, b2 …")
    cache = []
    for i in range(0, len(weights), 2):
        x, linear_cache = linear_forward(x, weights[i], weights[i + 1])
        activation_cache = None
        if i + 2 < len(weights):                          # a hidden layer
            x, activation_cache = activation_forward(x, activation=activation)
        cache.append((linear_cache, activation_cache))
    return x, cache


def mlp_backward(dout, cache):
    """Gradients ``(dx, dW1, db1, dW2, db2, ...)`` of :func:`mlp_forward`.

    Nielsen (2015), Neural Networks and Deep Learning, chapter 2, equations BP2 to BP4; BP1 is the
    gradient of the loss, which comes in as `dout`.
    """
    grads = []
    for linear_cache, activation_cache in reversed(cache):
        if activation_cache is not None:
            dout = activation_backward(dout, activation_cache)   # BP2, the factor σ'(z)
        dout, dW, db = linear_backward(dout, linear_cache)       # BP4, BP3
        grads = [dW, db, *grads]
    return dout, *grads
