"""Long short-term memory."""

import numpy as np

from course_lib.layers import sigmoid_forward

from .unroll import back_through_time, check_step, through_time


def lstm_step_forward(x, h, c, Wx, Wh, b):
    """One step: gates decide what the cell forgets, takes in, and outputs.

    Parameters
    ----------
    x : ndarray of shape (B, D)
    h, c : ndarray of shape (B, H)
        Output and cell before the step.
    Wx : ndarray of shape (D, 4 H)
        For input gate, forget gate, candidate, output gate: PyTorch's order.
    Wh : ndarray of shape (H, 4 H)
    b : ndarray of shape (4 H,)
        PyTorch has two biases, which it adds.

    Returns
    -------
    out : (ndarray of shape (B, H), ndarray of shape (B, H))
        The new output and the new cell.
    cache : tuple

    Raises
    ------
    ValueError
        If the shapes do not fit.

    References
    ----------
    S. Hochreiter, J. Schmidhuber (1997), Long short-term memory; with the forget gate of F. Gers,
    J. Schmidhuber, F. Cummins (2000), Learning to forget.
    """
    check_step(x, h, Wx, Wh, [b], gates=4, c=c)
    z = x @ Wx + h @ Wh + b                               # (B, 4 H)
    zi, zf, zg, zo = np.split(z, 4, axis=1)
    i, f, o = (sigmoid_forward(part)[0] for part in (zi, zf, zo))
    g = np.tanh(zg)
    new_c = f * c + i * g
    shown = np.tanh(new_c)
    return (o * shown, new_c), (x, h, c, Wx, Wh, i, f, g, o, shown)


def lstm_step_backward(dout, cache):
    """Gradients ``(dx, dh, dc, dWx, dWh, db)`` of :func:`lstm_step_forward`."""
    dh, dc = dout
    x, h, c, Wx, Wh, i, f, g, o, shown = cache
    dc = dc + dh * o * (1.0 - shown**2)                   # the cell's two ways onward
    dz = np.concatenate([
        dc * g * i * (1.0 - i),
        dc * c * f * (1.0 - f),
        dc * i * (1.0 - g**2),
        dh * shown * o * (1.0 - o),
    ], axis=1)                                            # (B, 4 H)
    return dz @ Wx.T, dz @ Wh.T, dc * f, x.T @ dz, h.T @ dz, dz.sum(axis=0)


def lstm_forward(x, h, c, Wx, Wh, b):
    """An LSTM over whole sequences.

    Parameters
    ----------
    x : ndarray of shape (B, T, D)
    h, c : ndarray of shape (B, H)
        Output and cell before the first step.
    Wx, Wh, b : ndarray
        See `lstm_step_forward`.

    Returns
    -------
    out : (ndarray of shape (B, T, H), ndarray of shape (B, H), ndarray of shape (B, H))
        The outputs of all steps, the last output, the last cell.
    cache : list of tuple

    Raises
    ------
    ValueError
        If the shapes do not fit, or there is no step.

    Examples
    --------
    >>> start = np.zeros((2, 4))
    >>> (outputs, h, c), _ = lstm_forward(np.ones((2, 5, 3)), start, start, np.ones((3, 16)),
    ...                                   np.ones((4, 16)), np.zeros(16))
    >>> outputs.shape, h.shape, c.shape
    ((2, 5, 4), (2, 4), (2, 4))
    """
    return through_time(lstm_step_forward, x, (h, c), (Wx, Wh, b))


def lstm_backward(dout, cache):
    """Gradients ``(dx, dh, dc, dWx, dWh, db)`` of :func:`lstm_forward`, through time."""
    return back_through_time(lstm_step_backward, dout, cache)
