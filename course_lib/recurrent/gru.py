"""The gated recurrent unit."""

import numpy as np

from course_lib.layers import sigmoid_forward

from .unroll import back_through_time, check_step, through_time


def gru_step_forward(x, h, Wx, Wh, bx, bh):
    """One step: a mixture of the old state and a candidate.

    Parameters
    ----------
    x : ndarray of shape (B, D)
    h : ndarray of shape (B, H)
    Wx : ndarray of shape (D, 3 H)
        For reset gate, update gate, candidate: PyTorch's order.
    Wh : ndarray of shape (H, 3 H)
    bx, bh : ndarray of shape (3 H,)
        Two, because the reset gate multiplies the candidate's second one.

    Returns
    -------
    out : ndarray of shape (B, H)
    cache : tuple

    Raises
    ------
    ValueError
        If the shapes do not fit.

    References
    ----------
    K. Cho et al. (2014), Learning phrase representations using RNN encoder-decoder; in PyTorch's
    form, where the reset gate acts after the product with Wh.
    """
    check_step(x, h, Wx, Wh, [bx, bh], gates=3)
    ar, az, an = np.split(x @ Wx + bx, 3, axis=1)
    ur, uz, un = np.split(h @ Wh + bh, 3, axis=1)
    r, z = sigmoid_forward(ar + ur)[0], sigmoid_forward(az + uz)[0]
    n = np.tanh(an + r * un)
    return (1.0 - z) * n + z * h, (x, h, Wx, Wh, r, z, n, un)


def gru_step_backward(dout, cache):
    """Gradients ``(dx, dh, dWx, dWh, dbx, dbh)`` of :func:`gru_step_forward`."""
    x, h, Wx, Wh, r, z, n, un = cache
    dn = dout * (1.0 - z) * (1.0 - n**2)
    dz = dout * (h - n) * z * (1.0 - z)
    dr = dn * un * r * (1.0 - r)
    da = np.concatenate([dr, dz, dn], axis=1)             # (B, 3 H), on the side of x
    du = np.concatenate([dr, dz, dn * r], axis=1)         # (B, 3 H), on the side of h
    dh = du @ Wh.T + dout * z
    return da @ Wx.T, dh, x.T @ da, h.T @ du, da.sum(axis=0), du.sum(axis=0)


def gru_forward(x, h, Wx, Wh, bx, bh):
    """A GRU over whole sequences.

    Parameters
    ----------
    x : ndarray of shape (B, T, D)
    h : ndarray of shape (B, H)
        The state before the first step.
    Wx, Wh, bx, bh : ndarray
        See `gru_step_forward`.

    Returns
    -------
    out : (ndarray of shape (B, T, H), ndarray of shape (B, H))
        The states after each step, and the last one.
    cache : list of tuple

    Raises
    ------
    ValueError
        If the shapes do not fit, or there is no step.

    Examples
    --------
    >>> (states, last), _ = gru_forward(np.ones((2, 5, 3)), np.zeros((2, 4)), np.ones((3, 12)),
    ...                                 np.ones((4, 12)), np.zeros(12), np.zeros(12))
    >>> states.shape, last.shape
    ((2, 5, 4), (2, 4))
    """
    return through_time(gru_step_forward, x, (h,), (Wx, Wh, bx, bh))


def gru_backward(dout, cache):
    """Gradients ``(dx, dh, dWx, dWh, dbx, dbh)`` of :func:`gru_forward`, through time."""
    return back_through_time(gru_step_backward, dout, cache)
