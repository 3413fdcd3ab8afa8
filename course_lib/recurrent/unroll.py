"""Backpropagation through time for any step pair."""

import numpy as np


def through_time(step, x, states, weights):
    """Unroll a step over a sequence, passing the states on.

    Parameters
    ----------
    step : callable
        ``step(x_t, *states, *weights)`` returns the new states (one array, or a tuple of several;
        the first is the output) and a cache.
    x : ndarray of shape (B, T, D)
    states : tuple of ndarray of shape (B, H)
    weights : tuple of ndarray

    Returns
    -------
    out : tuple of ndarray
        The outputs of all times, (B, T, H), then the last states, (B, H) each.
    caches : list
        The steps' caches, in the order of time.

    Raises
    ------
    ValueError
        If `x` is not a sequence of at least one step.
    """
    if x.ndim != 3 or not x.shape[1]:
        raise ValueError(f"x has shape {x.shape}: give it as (B, T, D), with T at least 1")
    outputs, caches = [], []
    for t in range(x.shape[1]):
        out, cache = step(x[:, t], *states, *weights)
        states = out if isinstance(out, tuple) else (out,)
        outputs.append(states[0])
        caches.append(cache)
    return (np.stack(outputs, axis=1), *states), caches


def back_through_time(step_backward, dout, caches):
    """Gradients of :func:`through_time`: backpropagation through time.

    Parameters
    ----------
    step_backward : callable
        ``step_backward(dstates, cache)`` returns the gradients of x_t, the states, the weights.
    dout : tuple of ndarray
        Gradients of the outputs, (B, T, H), and of the last states.
    caches : list

    Returns
    -------
    tuple of ndarray
        Gradients of x, (B, T, D), of the first states, and of the weights.

    Raises
    ------
    ValueError
        If there is not one gradient for each step.

    References
    ----------
    P. Werbos (1990), Backpropagation through time: what it does and how to do it.
    """
    doutputs, *dstates = dout
    if doutputs.ndim != 3 or doutputs.shape[1] != len(caches):
        raise ValueError(f"the gradient of the outputs has shape {doutputs.shape}, and there were "
                         f"{len(caches)} steps: give (B, {len(caches)}, H)")
    dxs, dweights = [], None
    for t in reversed(range(len(caches))):
        dstates[0] = dstates[0] + doutputs[:, t]          # used as output, and by the next step
        upstream = tuple(dstates) if len(dstates) > 1 else dstates[0]
        dx, *grads = step_backward(upstream, caches[t])
        dstates, grads = grads[:len(dstates)], grads[len(dstates):]
        if dweights is None:
            dweights = grads
        else:                                             # one set of weights, used at every time:
            for total, grad in zip(dweights, grads, strict=True):
                total += grad                             # its gradients add
        dxs.append(dx)
    return np.stack(dxs[::-1], axis=1), *dstates, *dweights


def check_step(x, h, Wx, Wh, biases, gates, c=None):
    """Check the shapes of the arrays of a step.

    Parameters
    ----------
    x, h, Wx, Wh : ndarray
        As of the step.
    biases : list of ndarray
    gates : int
        How many times H columns the weights have.
    c : ndarray, optional
        The cell of an LSTM.

    Raises
    ------
    ValueError
        If the shapes, which it names, do not fit.
    """
    if c is not None and np.shape(c) != np.shape(h):
        raise ValueError(f"h {np.shape(h)} and c {np.shape(c)} differ in shape: give (B, H) twice")
    fits = (x.ndim == h.ndim == Wx.ndim == Wh.ndim == 2 and len(x) == len(h)
            and x.shape[1] == Wx.shape[0] and h.shape[1] == Wh.shape[0]
            and Wx.shape[1] == Wh.shape[1] == gates * h.shape[1]
            and all(b.shape == Wh.shape[1:] for b in biases))
    if not fits:
        times = f"{gates} H" if gates > 1 else "H"
        raise ValueError(f"x {x.shape}, h {h.shape}, Wx {Wx.shape}, Wh {Wh.shape} and biases "
                         f"{[b.shape for b in biases]} do not fit: give x (B, D), h (B, H), "
                         f"Wx (D, {times}), Wh (H, {times}), biases ({times},)")
