"""Padding of sequences of different length, and the mask of their real tokens."""

import numpy as np


def pad(sequences, *, value=0):
    """Pad sequences to the length of the longest.

    Parameters
    ----------
    sequences : list of ndarray of int
        At least one.
    value : int
        What is filled in, at the end.

    Returns
    -------
    padded : ndarray of int of shape (B, T)
    lengths : ndarray of int of shape (B,)

    Raises
    ------
    ValueError
        If there is no sequence, or one is not a row of whole numbers.

    Examples
    --------
    >>> pad([np.array([5, 6, 7]), np.array([8])])
    (array([[5, 6, 7],
           [8, 0, 0]]), array([3, 1]))
    """
    if not len(sequences):
        raise ValueError("there is no sequence: give at least one")
    for sequence in sequences:
        # an empty list is an array of floats, and has nothing in it that is not whole
        whole = not len(sequence) or np.asarray(sequence).dtype.kind in "iu"
        if np.ndim(sequence) != 1 or not whole:
            raise ValueError(f"a sequence has shape {np.shape(sequence)} and dtype "
                             f"{np.asarray(sequence).dtype}: give rows of whole numbers")
    lengths = np.array([len(s) for s in sequences])
    padded = np.full((len(sequences), lengths.max()), value)
    for row, sequence in zip(padded, sequences, strict=True):
        row[:len(sequence)] = sequence
    return padded, lengths


def length_mask(lengths, T):
    """Padding mask: True where a token is real, False where it is padding.

    Parameters
    ----------
    lengths : ndarray of int of shape (B,)
    T : int
        Length of the padded sequences.

    Returns
    -------
    ndarray of bool of shape (B, T)

    Raises
    ------
    ValueError
        If a length is not a whole number from 0 to T.

    Examples
    --------
    >>> length_mask(np.array([3, 1]), 3)
    array([[ True,  True,  True],
           [ True, False, False]])
    """
    lengths = np.asarray(lengths)
    whole = lengths.ndim == 1 and lengths.dtype.kind in "iu"
    if not whole or not ((lengths >= 0) & (lengths <= T)).all():
        raise ValueError(f"lengths {lengths} do not fit T = {T}: give a row of whole numbers from "
                         "0 to T")
    return np.arange(T) < lengths[:, None]
