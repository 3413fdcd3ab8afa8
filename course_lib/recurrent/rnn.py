"""The plain recurrent network."""

import numpy as np

from .unroll import back_through_time, check_step, through_time


def rnn_step_forward(x, h, Wx, Wh, b):
    """One step: the new state from the input and the old state.

    Parameters
    ----------
    x : ndarray of shape (B, D)
    h : ndarray of shape (B, H)
    Wx : ndarray of shape (D, H)
    Wh : ndarray of shape (H, H)
    b : ndarray of shape (H,)
        PyTorch has two biases, which it adds.

    Returns
    -------
    out : ndarray of shape (B, H)
        ``tanh(x Wx + h Wh + b)``.
    cache : tuple

    Raises
    ------
    ValueError
        If the shapes do not fit.

    References
    ----------
    J. Elman (1990), Finding structure in time.

    Examples
    --------
    >>> out, _ = rnn_step_forward(np.ones((1, 2)), np.zeros((1, 1)), np.ones((2, 1)),
    ...                           np.ones((1, 1)), np.zeros(1))
    >>> out.round(2)
    array([[0.96]])
    """
    check_step(x, h, Wx, Wh, [b], gates=1)
    out = np.tanh(x @ Wx + h @ Wh + b)                    # (B, H)
    return out, (x, h, Wx, Wh, out)


def rnn_step_backward(dout, cache):
    """Gradients ``(dx, dh, dWx, dWh, db)`` of :func:`rnn_step_forward`."""
    x, h, Wx, Wh, out = cache
    dz = dout * (1.0 - out**2)                            # (B, H)
    return dz @ Wx.T, dz @ Wh.T, x.T @ dz, h.T @ dz, dz.sum(axis=0)


def rnn_step_and_grad(x, h, Wx, Wh, b, dout):
    """One step and its gradients, in one call.

    Parameters
    ----------
    x, h, Wx, Wh, b : ndarray
        See `rnn_step_forward`.
    dout : ndarray of shape (B, H)
        Gradient of the loss with respect to the step's output.

    Returns
    -------
    out, dx, dh, dWx, dWh, db : ndarray
    """
    out, cache = rnn_step_forward(x, h, Wx, Wh, b)
    return out, *rnn_step_backward(dout, cache)


def rnn_forward(x, h, Wx, Wh, b):
    """A plain recurrent network over whole sequences.

    Parameters
    ----------
    x : ndarray of shape (B, T, D)
    h : ndarray of shape (B, H)
        The state before the first step.
    Wx, Wh, b : ndarray
        See `rnn_step_forward`.

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
    >>> (states, last), _ = rnn_forward(np.ones((2, 5, 3)), np.zeros((2, 4)), np.ones((3, 4)),
    ...                                 np.ones((4, 4)), np.zeros(4))
    >>> states.shape, last.shape
    ((2, 5, 4), (2, 4))
    """
    return through_time(rnn_step_forward, x, (h,), (Wx, Wh, b))


def rnn_backward(dout, cache):
    """Gradients ``(dx, dh, dWx, dWh, db)`` of :func:`rnn_forward`, through time."""
    return back_through_time(rnn_step_backward, dout, cache)
