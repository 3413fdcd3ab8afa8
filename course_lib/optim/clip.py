"""Gradient clipping."""

import numpy as np


def clip_by_global_norm(grads, *, max_norm):
    """Scale all gradients by one factor, so that their common norm is at most `max_norm`.

    Pascanu, Mikolov & Bengio (2013), On the difficulty of training recurrent neural networks,
    algorithm 1. The direction stays.

    Parameters
    ----------
    grads : list of ndarray
    max_norm : float

    Returns
    -------
    grads : list of ndarray
    norm : float
        Before clipping.

    Raises
    ------
    ValueError
        If a gradient has a NaN, an infinity, or numbers whose squares float64 cannot hold.

    Examples
    --------
    >>> clip_by_global_norm([np.array([3.0]), np.array([4.0])], max_norm=1.0)
    ([array([0.6]), array([0.8])], 5.0)
    """
    with np.errstate(over="ignore"):                      # the error below says it better
        # in float64: the square of 1e20 is no longer a float32
        norm = float(np.sqrt(sum((g.astype(np.float64, copy=False)**2).sum() for g in grads)))
    if not np.isfinite(norm):
        raise ValueError(f"the gradients' norm is {norm}: look for a division by zero or a "
                         "learning rate that is too large before you clip")
    factor = min(1.0, max_norm / norm) if norm else 1.0
    return [g * factor for g in grads], norm
