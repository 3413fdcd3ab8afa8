"""Dropout."""

import numpy as np


def dropout_forward(x, *, p, rng):
    """Set each entry to 0 with probability `p`, and divide the others by 1 - p.

    So the expected value of each entry stays what it was, and at test time there is nothing to do:
    leave dropout out.

    Parameters
    ----------
    x : ndarray
    p : float
        At least 0, less than 1.
    rng : numpy.random.Generator

    Returns
    -------
    out : ndarray of the shape of x
    cache : ndarray of the shape of x
        What each entry was multiplied by: 0 or 1 / (1 - p).

    Raises
    ------
    ValueError
        If `p` is out of range.

    References
    ----------
    N. Srivastava et al. (2014), Dropout, JMLR 15, section 10, in the form that scales in training.

    Examples
    --------
    >>> dropout_forward(np.ones(6), p=0.5, rng=np.random.default_rng(0))[0]
    array([2., 0., 0., 0., 2., 2.])
    """
    if not 0 <= p < 1:
        raise ValueError(f"p is {p}: the share that is dropped must be at least 0 and less than 1")
    factor = (rng.random(x.shape) >= p) / (1 - p)
    if np.issubdtype(x.dtype, np.floating):               # float32 stays float32
        factor = factor.astype(x.dtype)
    return x * factor, factor


def dropout_backward(dout, cache):
    """Gradient ``dx`` of :func:`dropout_forward`: the same entries, by the same factor."""
    return dout * cache


def dropout_and_grad(x, dout, *, p, rng):
    """Dropout and the gradient through it, in one call.

    Parameters
    ----------
    x : ndarray
    dout : ndarray of the shape of x
        Gradient with respect to the output.
    p, rng
        See `dropout_forward`.

    Returns
    -------
    out, dx : ndarray of the shape of x
    """
    out, cache = dropout_forward(x, p=p, rng=rng)
    return out, dropout_backward(dout, cache)
