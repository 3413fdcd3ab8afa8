"""Batches of sequences of different length: padding, and buckets of similar length."""

import numpy as np

from .padding import length_mask, pad


def collate(examples, *, pad_id=0):
    """Make one batch, padded to its own longest sequence.

    Parameters
    ----------
    examples : list of (list of int, int)
        Ids and label of each.
    pad_id : int

    Returns
    -------
    ids : ndarray of int of shape (B, T)
    mask : ndarray of bool of shape (B, T)
        True where a token is real.
    labels : ndarray of int of shape (B,)

    Raises
    ------
    ValueError
        If there is no example, or one is not a row of whole numbers.

    Examples
    --------
    >>> ids, mask, labels = collate([([5, 6, 7], 1), ([8], 0)])
    >>> ids
    array([[5, 6, 7],
           [8, 0, 0]])
    >>> mask.sum(axis=1), labels
    (array([3, 1]), array([1, 0]))
    """
    if not len(examples):
        raise ValueError("there is no example: give at least one")
    ids, lengths = pad([np.asarray(row) for row, _ in examples], value=pad_id)
    return ids, length_mask(lengths, ids.shape[1]), np.array([label for _, label in examples])


def length_buckets(lengths, batch_size, *, rng, window=20):
    """Batches of sequences of similar length, in random order.

    Parameters
    ----------
    lengths : ndarray of int of shape (N,)
    batch_size : int
    rng : numpy.random.Generator
    window : int
        All are shuffled; then so many batches at a time are sorted by length and cut. The larger,
        the less padding, and the less chance in who meets whom; 1 leaves all to chance.

    Returns
    -------
    list of ndarray of int
        Places of the sequences, each once. All batches but one have `batch_size`.

    Raises
    ------
    ValueError
        If `batch_size` or `window` is not at least 1.

    Examples
    --------
    >>> batches = length_buckets(np.array([9, 2, 8, 3]), 2, rng=np.random.default_rng(0))
    >>> sorted(sorted(b.tolist()) for b in batches)
    [[0, 2], [1, 3]]
    """
    if batch_size < 1 or window < 1:
        raise ValueError(f"batch_size is {batch_size} and window {window}: give at least 1")
    order = rng.permutation(len(lengths))
    batches = []
    for start in range(0, len(order), batch_size * window):
        part = order[start:start + batch_size * window]
        part = part[np.argsort(np.asarray(lengths)[part], kind="stable")]
        batches += [part[k:k + batch_size] for k in range(0, len(part), batch_size)]
    return [batches[k] for k in rng.permutation(len(batches))]
