"""Preprocessing: standardisation, mini-batches, k-fold cross-validation."""

import numpy as np


def standardise(train, *others):
    """Shift and scale every column to mean 0 and standard deviation 1 on the training set.

    Parameters
    ----------
    train : ndarray of shape (N, D)
    *others : ndarray of shape (M, D)
        Validation and test sets: treated with the *training* set's mean and deviation.

    Returns
    -------
    list of ndarray
        The training set, then the others.

    Raises
    ------
    ValueError
        If a column of the training set is constant, or has a NaN or an infinity.

    Examples
    --------
    >>> standardise(np.array([[1.0], [3.0]]), np.array([[5.0]]))
    [array([[-1.],
           [ 1.]]), array([[3.]])]
    """
    finite = np.isfinite(train).all(axis=0)
    if not finite.all():
        raise ValueError(f"columns {np.flatnonzero(~finite).tolist()} of the training set have a "
                         "NaN or an infinity: drop those rows, or fill them in")
    mean, std = train.mean(axis=0), train.std(axis=0)
    # compared by value too: of 0.1 seven times the mean is rounded, and std is 1e-17, not 0
    constant = (train == train[:1]).all(axis=0) | (std == 0)
    if constant.any():
        columns = np.flatnonzero(constant).tolist()
        raise ValueError(f"columns {columns} are constant in the training set: drop them")
    return [(x - mean) / std for x in (train, *others)]


def minibatches(n, batch_size, *, rng):
    """Shuffle the indices 0 to n - 1 and split them into mini-batches.

    Parameters
    ----------
    n, batch_size : int
    rng : numpy.random.Generator

    Returns
    -------
    list of ndarray of int
        Each of `batch_size` entries; the last may be smaller.

    Raises
    ------
    ValueError
        If the batch size is not at least 1.

    Examples
    --------
    >>> [len(batch) for batch in minibatches(7, 3, rng=np.random.default_rng(0))]
    [3, 3, 1]
    """
    if batch_size < 1:
        raise ValueError(f"batch_size is {batch_size}: it must be at least 1")
    order = rng.permutation(n)
    return [order[i:i + batch_size] for i in range(0, n, batch_size)]


def k_fold(n, k, *, rng):
    """Split the indices 0 to n - 1 at random into k folds; each is the validation set once.

    Parameters
    ----------
    n, k : int
    rng : numpy.random.Generator

    Returns
    -------
    list of (ndarray of int, ndarray of int)
        k pairs (train, valid). The sizes of the validation sets differ by 1 at most.

    Raises
    ------
    ValueError
        If k is not from 2 to n.

    Examples
    --------
    >>> [(len(train), len(valid)) for train, valid in k_fold(5, 2, rng=np.random.default_rng(0))]
    [(2, 3), (3, 2)]
    """
    if not 2 <= k <= n:
        raise ValueError(f"k is {k}: choose from 2 to {n}, the number of examples")
    parts = np.array_split(rng.permutation(n), k)
    return [(np.concatenate([*parts[:i], *parts[i + 1:]]), parts[i]) for i in range(k)]
