"""Sampling of the next token."""

import numpy as np

from course_lib.layers import softmax_forward


def sample(logits, *, temperature=1.0, rng):
    """Sample a token from the softmax of its logits.

    Parameters
    ----------
    logits : ndarray of shape (V,)
    temperature : float
        The logits are divided by it. Below 1 the probable becomes more probable; above 1
        everything becomes more alike.
    rng : numpy.random.Generator

    Returns
    -------
    int
        From 0 to V - 1.

    Raises
    ------
    ValueError
        If the temperature is not positive, or the logits are not one row of finite numbers.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> [sample(np.array([0.0, 2.0]), temperature=0.1, rng=rng) for _ in range(5)]
    [1, 1, 1, 1, 1]
    """
    if not temperature > 0 or logits.ndim != 1 or not len(logits) or not np.isfinite(logits).all():
        raise ValueError(f"temperature is {temperature} and logits have shape {logits.shape}: give "
                         "a temperature above 0, and one row of finite logits")
    logits = logits.astype(float) - logits.max()          # first: a small temperature overflows
    p, _ = softmax_forward(np.maximum(logits / temperature, -1e9))
    return int(rng.choice(len(p), p=p))
