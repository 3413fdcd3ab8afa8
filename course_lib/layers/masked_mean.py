"""Mean over the real tokens of padded sequences."""

import numpy as np


def masked_mean_forward(x, *, mask):
    """Mean over the tokens of each sequence that are real.

    Parameters
    ----------
    x : ndarray of shape (B, T, D)
    mask : ndarray of bool of shape (B, T)
        True where a token is real.

    Returns
    -------
    out : ndarray of shape (B, D)
        Zeros for a sequence without a real token.
    cache : tuple

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Examples
    --------
    >>> x = np.array([[[1.0, 2.0], [3.0, 4.0], [99.0, 99.0]]])
    >>> masked_mean_forward(x, mask=np.array([[True, True, False]]))[0]
    array([[2., 3.]])
    """
    mask = np.asarray(mask, dtype=bool)
    if np.ndim(x) != 3 or mask.shape != x.shape[:2]:
        raise ValueError(f"x {np.shape(x)} and mask {mask.shape} do not fit: give (B, T, D) and "
                         "(B, T)")
    kept = np.where(mask[..., None], x, 0)                # not x * mask: padding may hold NaN
    count = np.maximum(mask.sum(axis=1, keepdims=True), 1)            # (B, 1)
    count = count.astype(np.result_type(x, 0.0))          # a float: 300 does not fit into uint8
    return kept.sum(axis=1) / count, (mask, count)


def masked_mean_backward(dout, cache):
    """Gradient ``dx`` of :func:`masked_mean_forward`: equal parts to the real tokens."""
    mask, count = cache
    return np.where(mask[..., None], (dout / count)[:, None, :], 0)


def masked_mean_and_grad(x, dout, *, mask):
    """The masked mean and the gradient through it, in one call.

    Parameters
    ----------
    x : ndarray of shape (B, T, D)
    dout : ndarray of shape (B, D)
        Gradient with respect to the output.
    mask : ndarray of bool of shape (B, T)
        See :func:`masked_mean_forward`, also for the errors.

    Returns
    -------
    out : ndarray of shape (B, D)
    dx : ndarray of shape (B, T, D)
    """
    out, cache = masked_mean_forward(x, mask=mask)
    return out, masked_mean_backward(dout, cache)
