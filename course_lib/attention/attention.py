"""Scaled dot-product attention."""

import numpy as np

from course_lib.layers import softmax_backward


def attention_forward(q, k, v, *, mask=None):
    """Scaled dot-product attention: for each query a softmax-weighted mean of the values.

    Parameters
    ----------
    q : ndarray of shape (..., T, E)
    k : ndarray of shape (..., S, E)
    v : ndarray of shape (..., S, F)
    mask : ndarray of bool that broadcasts to (..., T, S), optional
        True where a query may look. A query that may look nowhere gets zeros.

    Returns
    -------
    out : ndarray of shape (..., T, F)
    cache : tuple
        q, k, v and the weights, of shape (..., T, S).

    Raises
    ------
    ValueError
        If the shapes do not fit, or the mask is not Boolean.

    References
    ----------
    A. Vaswani et al. (2017), Attention is all you need, equation 1.

    Examples
    --------
    >>> q = k = np.array([[10.0, 0.0], [0.0, 10.0]])
    >>> attention_forward(q, k, np.array([[1.0], [2.0]]))[0].round(3)
    array([[1.],
           [2.]])
    """
    check_attention(q, k, v, mask)
    scores = q @ np.swapaxes(k, -1, -2) / q.shape[-1]**0.5             # (..., T, S)
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    top = scores.max(axis=-1, keepdims=True)
    weights = np.exp(scores - np.where(np.isfinite(top), top, 0.0))   # exp(-inf) is 0
    total = weights.sum(axis=-1, keepdims=True)
    weights /= np.where(total > 0, total, 1.0)            # a row without any key: zeros, not NaN
    return weights @ v, (q, k, v, weights)


def attention_backward(dout, cache):
    """Gradients ``(dq, dk, dv)`` of :func:`attention_forward`."""
    q, k, v, weights = cache
    dweights = dout @ np.swapaxes(v, -1, -2)                          # (..., T, S)
    dscores = softmax_backward(dweights, weights) / q.shape[-1]**0.5
    transposed = np.swapaxes(dscores, -1, -2)
    return dscores @ k, transposed @ q, np.swapaxes(weights, -1, -2) @ dout


def check_attention(q, k, v, mask=None):
    """Check the shapes of queries, keys, values and mask.

    Parameters
    ----------
    q, k, v, mask
        See :func:`attention_forward`.

    Raises
    ------
    ValueError
        If the shapes, which it names, do not fit, or the mask is not Boolean.
    """
    fits = (q.ndim == k.ndim == v.ndim >= 2 and q.shape[:-2] == k.shape[:-2] == v.shape[:-2]
            and q.shape[-1] == k.shape[-1] and k.shape[-2] == v.shape[-2] > 0)
    if not fits:
        raise ValueError(f"q {q.shape}, k {k.shape} and v {v.shape} do not fit: give (..., T, E), "
                         "(..., S, E) and (..., S, F), with S at least 1")
    if mask is not None and np.asarray(mask).dtype != bool:
        raise ValueError(f"the mask has dtype {np.asarray(mask).dtype}: give Booleans, True where "
                         "a query may look")
    wanted = (*q.shape[:-1], k.shape[-2])
    given = np.shape(mask) if mask is not None else ()
    if len(given) > len(wanted) or any(a not in (1, b) for a, b in zip(
            given[::-1], wanted[::-1], strict=False)):
        raise ValueError(f"the mask {given} does not broadcast to {wanted}: give (..., T, S)")
