"""Two tasks that test the memory of a network: adding and copying."""

import numpy as np


def adding_task(n, T, *, rng):
    """Add up the two marked numbers of a sequence.

    Parameters
    ----------
    n, T : int
        How many sequences; how long they are, at least 2.
    rng : numpy.random.Generator

    Returns
    -------
    x : ndarray of shape (n, T, 2)
        Numbers from 0 to 1, and marks: 1 at one place in each half, else 0.
    y : ndarray of shape (n,)
        The sum of the two.

    Raises
    ------
    ValueError
        If T is less than 2.

    References
    ----------
    S. Hochreiter, J. Schmidhuber (1997), Long short-term memory, experiment 4, simplified.
    """
    if T < 2:
        raise ValueError(f"T is {T}: two numbers are marked, so give at least 2")
    values, marks, rows = rng.random((n, T)), np.zeros((n, T)), np.arange(n)
    marks[rows, rng.integers(0, T // 2, n)] = 1
    marks[rows, rng.integers(T // 2, T, n)] = 1
    return np.stack([values, marks], axis=2), (values * marks).sum(axis=1)


def copy_task(n, gap, *, rng, length=5, symbols=8):
    """Repeat a few symbols after a gap.

    Parameters
    ----------
    n, gap : int
        How many sequences; how many steps lie between the symbols and the signal to repeat.
    rng : numpy.random.Generator
    length, symbols : int
        How many symbols are to be kept, and how many different ones there are.

    Returns
    -------
    x : ndarray of shape (n, length + gap + length, symbols + 2)
        One-hot: the symbols, blanks, the signal (the first of the last `length` steps), blanks.
    y : ndarray of int of shape (n, length)
        The symbols, from 0: what is to come out in the last `length` steps.

    Raises
    ------
    ValueError
        If the gap is negative, or there is nothing to keep.

    References
    ----------
    S. Hochreiter, J. Schmidhuber (1997); in the form of M. Arjovsky, A. Shah, Y. Bengio (2016),
    Unitary evolution recurrent neural networks.
    """
    if gap < 0 or length < 1 or symbols < 1:
        raise ValueError(f"gap is {gap}, length {length}, symbols {symbols}: give a gap of at "
                         "least 0, the others at least 1")
    y = rng.integers(0, symbols, (n, length))
    ids = np.full((n, length + gap + length), symbols)    # the blank
    ids[:, :length] = y
    ids[:, length + gap] = symbols + 1                    # the signal
    return np.eye(symbols + 2)[ids], y
