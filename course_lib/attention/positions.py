"""Positional encodings: sinusoidal and rotary."""

import numpy as np


def sinusoidal_positions(T, D, *, base=10_000.0):
    """Sinusoidal positional encoding: sines and cosines, from high to low frequency.

    Parameters
    ----------
    T : int
        How many positions.
    D : int
        Numbers of each vector, even.
    base : float

    Returns
    -------
    ndarray of shape (T, D)
        ``sin(t / base^(2 i / D))`` at place 2 i, the cosine at 2 i + 1.

    Raises
    ------
    ValueError
        If D is odd.

    References
    ----------
    A. Vaswani et al. (2017), Attention is all you need, section 3.5.

    Examples
    --------
    >>> sinusoidal_positions(2, 2).round(2)
    array([[0.  , 1.  ],
           [0.84, 0.54]])
    """
    angles = _angles(np.arange(T), D, base)                           # (T, D / 2)
    return np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(T, D)


def _angles(positions, D, base):
    """Rotation angle of each position for each pair of features, (T, D / 2)."""
    if D % 2:
        raise ValueError(f"{D} numbers cannot be taken in pairs: give an even number")
    return np.asarray(positions)[:, None] / base ** (np.arange(0, D, 2) / D)


def rotary_forward(x, *, positions, base=10_000.0):
    """Rotary positional encoding: rotate each pair of features by an angle set by the position.

    The dot product of two rotated vectors depends on the distance of their positions only.

    Parameters
    ----------
    x : ndarray of shape (..., T, E)
        E even. The pairs are the features i and i + E / 2, as in most code; the paper's own are
        2 i and 2 i + 1.
    positions : ndarray of shape (T,)
    base : float

    Returns
    -------
    out : ndarray of shape (..., T, E)
    cache : tuple

    Raises
    ------
    ValueError
        If E is odd, or there is not one position for each of the T vectors.

    References
    ----------
    J. Su et al. (2021), RoFormer: enhanced transformer with rotary position embedding.
    """
    if np.shape(positions) != x.shape[-2:-1]:
        raise ValueError(f"x has shape {x.shape}, positions {np.shape(positions)}: give one "
                         "position for each of the T vectors")
    angles = _angles(positions, x.shape[-1], base)                    # (T, E / 2)
    dtype = np.result_type(x, 0.0)                        # of whole numbers, too, a float
    cos, sin = np.cos(angles).astype(dtype), np.sin(angles).astype(dtype)
    return _rotate(x, cos, sin), (cos, sin)


def rotary_backward(dout, cache):
    """Gradient ``dx`` of :func:`rotary_forward`: the inverse rotation."""
    cos, sin = cache
    return _rotate(dout, cos, -sin)


def _rotate(x, cos, sin):
    """Rotate each pair of features."""
    a, b = np.split(x, 2, axis=-1)
    return np.concatenate([a * cos - b * sin, a * sin + b * cos], axis=-1)
