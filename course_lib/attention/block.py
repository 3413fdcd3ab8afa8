"""Transformer block: attention and a feed-forward network, each with a residual and a norm."""

import numpy as np

from course_lib.layers import linear_backward, linear_forward

from .layer_norm import gelu_backward, gelu_forward, layer_norm_backward, layer_norm_forward
from .multi_head import multi_head_attention_backward, multi_head_attention_forward


def initialise_block(D, *, rng, hidden=None):
    """Initial weights of a Transformer block.

    Parameters
    ----------
    D : int
        Features.
    rng : numpy.random.Generator
    hidden : int, optional
        Width of the feed-forward network. By default 4 D.

    Returns
    -------
    list of ndarray
        gamma1, beta1, Wqkv, bqkv, Wo, bo, gamma2, beta2, W1, b1, W2, b2.
    """
    hidden = 4 * D if hidden is None else hidden

    def draw(n_in, n_out):
        return [rng.standard_normal((n_in, n_out)) / np.sqrt(n_in), np.zeros(n_out)]
    return [np.ones(D), np.zeros(D), *draw(D, 3 * D), *draw(D, D),
            np.ones(D), np.zeros(D), *draw(D, hidden), *draw(hidden, D)]


def block_forward(x, gamma1, beta1, Wqkv, bqkv, Wo, bo, gamma2, beta2, W1, b1, W2, b2, *, heads,
                  mask=None):
    """A pre-norm block: x + attention(norm(x)), then the same with a feed-forward network.

    Its activation is :func:`gelu_forward`, an approximation of the exact GELU.

    Parameters
    ----------
    x : ndarray of shape (B, T, D)
    gamma1, beta1, gamma2, beta2 : ndarray of shape (D,)
    Wqkv, bqkv, Wo, bo : ndarray
        See `multi_head_attention_forward`.
    W1, b1, W2, b2 : ndarray of shape (D, F), (F,), (F, D) and (D,)
    heads : int
    mask : ndarray of bool, optional

    Returns
    -------
    out : ndarray of shape (B, T, D)
    cache : tuple

    References
    ----------
    R. Xiong et al. (2020), On layer normalization in the Transformer architecture, figure 1 (b).
    """
    normed, norm1 = layer_norm_forward(x, gamma1, beta1)
    mixed, attention = multi_head_attention_forward(normed, Wqkv, bqkv, Wo, bo, heads=heads,
                                                    mask=mask)
    x = x + mixed                                         # the residual: a way that nothing blocks
    normed, norm2 = layer_norm_forward(x, gamma2, beta2)
    wide, first = linear_forward(normed.reshape(-1, x.shape[-1]), W1, b1)
    active, gelu = gelu_forward(wide)
    narrow, second = linear_forward(active, W2, b2)
    return x + narrow.reshape(x.shape), (norm1, attention, norm2, first, gelu, second)


def block_backward(dout, cache):
    """Gradients of :func:`block_forward`: of x, then of the twelve weights in their order."""
    norm1, attention, norm2, first, gelu, second = cache
    dactive, dW2, db2 = linear_backward(dout.reshape(-1, dout.shape[-1]), second)
    dnormed, dW1, db1 = linear_backward(gelu_backward(dactive, gelu), first)
    dx, dgamma2, dbeta2 = layer_norm_backward(dnormed.reshape(dout.shape), norm2)
    dx = dout + dx                                        # two ways back: they add
    dnormed, dWqkv, dbqkv, dWo, dbo = multi_head_attention_backward(dx, attention)
    dx_norm, dgamma1, dbeta1 = layer_norm_backward(dnormed, norm1)
    return (dx + dx_norm, dgamma1, dbeta1, dWqkv, dbqkv, dWo, dbo, dgamma2, dbeta2, dW1, db1, dW2,
            db2)
