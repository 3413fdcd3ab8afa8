"""Attention block by block over the keys, without storing the matrix of weights."""

import numpy as np

from .attention import check_attention


def blockwise_attention(q, k, v, *, size=64):
    """The same as `attention_forward`, with the weights of one block of keys at a time in memory.

    Parameters
    ----------
    q : ndarray of shape (..., T, E)
    k : ndarray of shape (..., S, E)
    v : ndarray of shape (..., S, F)
    size : int
        Keys taken at once.

    Returns
    -------
    ndarray of shape (..., T, F)

    Raises
    ------
    ValueError
        If the size is below 1, or the shapes do not fit.

    References
    ----------
    M. Milakov, N. Gimelshein (2018), Online normalizer calculation for softmax; T. Dao (2023),
    FlashAttention-2, algorithm 1, which divides by the sum once, at the end.

    Examples
    --------
    >>> q = k = np.eye(2)
    >>> blockwise_attention(q, k, np.array([[1.0], [1.0]]), size=1)
    array([[1.],
           [1.]])
    """
    check_attention(q, k, v)
    if size < 1:
        raise ValueError(f"size is {size}: give at least 1")
    out, total = 0.0, 0.0
    top = np.full((*q.shape[:-1], 1), -np.inf, dtype=q.dtype)         # the largest score so far
    for start in range(0, k.shape[-2], size):
        part = slice(start, start + size)
        scores = q @ np.swapaxes(k[..., part, :], -1, -2) / q.shape[-1]**0.5
        new_top = np.maximum(top, scores.max(axis=-1, keepdims=True))
        weights = np.exp(scores - new_top)                            # (..., T, size)
        shrink = np.exp(top - new_top)                    # what was summed for a smaller top
        out = out * shrink + weights @ v[..., part, :]
        total = total * shrink + weights.sum(axis=-1, keepdims=True)
        top = new_top
    return out / total
