"""Bigram language model."""

import numpy as np


def bigram_probabilities(ids, V, *, add=0.1):
    """Bigram probabilities: the probability of each token after each, from counts.

    Parameters
    ----------
    ids : ndarray of int of shape (T,)
    V : int
        Size of the vocabulary.
    add : float
        Added to each count, so that what was never seen is not impossible.

    Returns
    -------
    ndarray of shape (V, V)
        Row: the token before; each row adds up to 1.

    Raises
    ------
    ValueError
        If `add` is not positive and finite, or `ids` is not a row of numbers from 0 to V - 1.

    Examples
    --------
    >>> bigram_probabilities(np.array([0, 1, 0, 1, 1]), 2, add=1.0).round(2)
    array([[0.25, 0.75],
           [0.5 , 0.5 ]])
    """
    if not 0 < add < np.inf or ids.ndim != 1 or not ((ids >= 0) & (ids < V)).all():
        raise ValueError(f"add is {add}, ids have shape {ids.shape}: give add above 0, and a row "
                         f"of ids from 0 to V - 1 = {V - 1}")
    counts = np.full((V, V), add)
    np.add.at(counts, (ids[:-1], ids[1:]), 1)
    return counts / counts.sum(axis=1, keepdims=True)
