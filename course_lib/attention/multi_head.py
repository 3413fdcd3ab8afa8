"""Multi-head self-attention, and its step for one new token with a key-value cache."""

import numpy as np

from course_lib.layers import linear_backward, linear_forward

from .attention import attention_backward, attention_forward


def split_heads(x, heads):
    """Split the features into heads.

    Parameters
    ----------
    x : ndarray of shape (B, T, D)
    heads : int
        N, a divisor of D.

    Returns
    -------
    ndarray of shape (B, N, T, D / N)

    Raises
    ------
    ValueError
        If D is not a multiple of N.
    """
    B, T, D = x.shape
    if heads < 1 or D % heads:
        raise ValueError(f"{D} features cannot be cut into {heads} heads: give a divisor of {D}")
    return x.reshape(B, T, heads, D // heads).transpose(0, 2, 1, 3)


def merge_heads(x):
    """Concatenate the heads: the inverse of `split_heads`.

    Parameters
    ----------
    x : ndarray of shape (B, N, T, E)

    Returns
    -------
    ndarray of shape (B, T, N E)
    """
    B, N, T, E = x.shape
    return x.transpose(0, 2, 1, 3).reshape(B, T, N * E)


def _linear(x, W, b):
    """A linear layer on the last axis of (B, T, D), and its cache."""
    out, cache = linear_forward(x.reshape(-1, x.shape[-1]), W, b)
    return out.reshape(*x.shape[:-1], -1), cache


def _check_shapes(x, Wqkv, bqkv, Wo, bo):
    """Raise a ValueError that names the shapes, where they do not fit."""
    D = x.shape[-1]
    if x.ndim != 3 or not x.size or (Wqkv.shape, bqkv.shape, Wo.shape, bo.shape) != (
            (D, 3 * D), (3 * D,), (D, D), (D,)):
        raise ValueError(f"x {x.shape}, Wqkv {Wqkv.shape}, bqkv {bqkv.shape}, Wo {Wo.shape} and bo "
                         f"{bo.shape} do not fit: give (B, T, D), (D, 3 D), (3 D,), (D, D), (D,)")


def multi_head_attention_forward(x, Wqkv, bqkv, Wo, bo, *, heads, mask=None):
    """Multi-head self-attention.

    Parameters
    ----------
    x : ndarray of shape (B, T, D)
    Wqkv, bqkv : ndarray of shape (D, 3 D) and (3 D,)
        For queries, keys and values, side by side: PyTorch's order.
    Wo, bo : ndarray of shape (D, D) and (D,)
        Applied to the heads, put side by side.
    heads : int
    mask : ndarray of bool that broadcasts to (B, N, T, T), optional
        True where a query may look.

    Returns
    -------
    out : ndarray of shape (B, T, D)
    cache : tuple

    Raises
    ------
    ValueError
        If the shapes do not fit.

    References
    ----------
    A. Vaswani et al. (2017), Attention is all you need, section 3.2.2.
    """
    _check_shapes(x, Wqkv, bqkv, Wo, bo)
    qkv, first = _linear(x, Wqkv, bqkv)                               # (B, T, 3 D)
    q, k, v = (split_heads(part, heads) for part in np.split(qkv, 3, axis=-1))
    mixed, inner = attention_forward(q, k, v, mask=mask)              # (B, N, T, E)
    out, last = _linear(merge_heads(mixed), Wo, bo)
    return out, (first, inner, last, heads, x.shape)


def multi_head_attention_backward(dout, cache):
    """Gradients ``(dx, dWqkv, dbqkv, dWo, dbo)`` of :func:`multi_head_attention_forward`."""
    first, inner, last, heads, shape = cache
    dmerged, dWo, dbo = linear_backward(dout.reshape(-1, dout.shape[-1]), last)
    dq, dk, dv = attention_backward(split_heads(dmerged.reshape(shape), heads), inner)
    dqkv = np.concatenate([merge_heads(d) for d in (dq, dk, dv)], axis=-1)
    dx, dWqkv, dbqkv = linear_backward(dqkv.reshape(-1, dqkv.shape[-1]), first)
    return dx.reshape(shape), dWqkv, dbqkv, dWo, dbo


def multi_head_step(x, past, Wqkv, bqkv, Wo, bo, *, heads):
    """Causal self-attention of one new token, with a key-value cache of those before.

    Parameters
    ----------
    x : ndarray of shape (B, 1, D)
        The new token.
    past : None or (ndarray of shape (B, N, S, E), ndarray of shape (B, N, S, E))
        Keys and values of the tokens before; None before the first.
    Wqkv, bqkv, Wo, bo : ndarray
        See `multi_head_attention_forward`.
    heads : int

    Returns
    -------
    out : ndarray of shape (B, 1, D)
        What causal attention over the whole sequence gives for its last token.
    past : (ndarray of shape (B, N, S + 1, E), ndarray of shape (B, N, S + 1, E))

    Raises
    ------
    ValueError
        If it is not one token, or the shapes do not fit.
    """
    _check_shapes(x, Wqkv, bqkv, Wo, bo)
    if x.shape[1] != 1:
        raise ValueError(f"x has shape {x.shape}: give one token, (B, 1, D)")
    qkv, _ = _linear(x, Wqkv, bqkv)
    q, k, v = (split_heads(part, heads) for part in np.split(qkv, 3, axis=-1))
    if past is not None:
        k, v = (np.concatenate(pair, axis=2) for pair in zip(past, (k, v), strict=True))
    mixed, _ = attention_forward(q, k, v)                 # it may look at all that is there
    return _linear(merge_heads(mixed), Wo, bo)[0], (k, v)
