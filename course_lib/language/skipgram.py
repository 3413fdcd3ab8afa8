"""Word vectors: skip-gram with negative sampling."""

import numpy as np

from course_lib.layers import sigmoid_forward


def skipgram_pairs(ids, *, window, rng):
    """Skip-gram pairs: a word, and one in the window around it.

    Parameters
    ----------
    ids : ndarray of int of shape (T,)
    window : int
        How far away a context word may be. For each word a reach from 1 to `window` is drawn, so
        that near words come more often.
    rng : numpy.random.Generator

    Returns
    -------
    centers, contexts : ndarray of int of shape (N,)
        Ordered by the distance of the two, not by place.

    Raises
    ------
    ValueError
        If the window is below 1, or there are fewer than two words.

    References
    ----------
    T. Mikolov et al. (2013), Efficient estimation of word representations in vector space.

    Examples
    --------
    >>> skipgram_pairs(np.array([7, 8, 9]), window=1, rng=np.random.default_rng(0))
    (array([7, 8, 8, 9]), array([8, 9, 7, 8]))
    """
    if window < 1 or ids.ndim != 1 or len(ids) < 2:
        raise ValueError(f"window is {window}, and ids have shape {ids.shape}: give a window of at "
                         "least 1, and a row of at least two words")
    reach = rng.integers(1, window + 1, len(ids))
    centers, contexts = [], []
    for d in range(1, min(window, len(ids) - 1) + 1):
        for center, context, r in [(ids[:-d], ids[d:], reach[:-d]), (ids[d:], ids[:-d], reach[d:])]:
            centers.append(center[r >= d])
            contexts.append(context[r >= d])
    return np.concatenate(centers), np.concatenate(contexts)


def negative_sampling_forward(center, context, negatives):
    """Negative-sampling loss: a word's true neighbour against words drawn at random.

    Parameters
    ----------
    center, context : ndarray of shape (B, E)
        Vectors of words, and of words that stood near them.
    negatives : ndarray of shape (B, K, E)
        Vectors of K other words for each.

    Returns
    -------
    loss : float
        Mean over B of ``-log s(center . context) - sum over K of log s(-center . negative)``, with
        the sigmoid s.
    cache : tuple

    Raises
    ------
    ValueError
        If the shapes do not fit.

    References
    ----------
    T. Mikolov et al. (2013), Distributed representations of words and phrases and their
    compositionality, NeurIPS, equation 4.
    """
    B, E = center.shape if center.ndim == 2 else (0, 0)
    if not B or context.shape != (B, E) or negatives.ndim != 3 or negatives.shape[::2] != (B, E):
        raise ValueError(f"center {center.shape}, context {context.shape} and negatives "
                         f"{negatives.shape} do not fit: give (B, E), (B, E) and (B, K, E)")
    near = (center * context).sum(axis=1)                             # (B,)
    far = np.einsum("be,bke->bk", center, negatives)                  # (B, K)
    loss = (np.logaddexp(0, -near).sum() + np.logaddexp(0, far).sum()) / B
    return loss, (center, context, negatives, near, far)


def negative_sampling_backward(dout, cache):
    """Gradients ``(dcenter, dcontext, dnegatives)`` of :func:`negative_sampling_forward`."""
    center, context, negatives, near, far = cache
    dnear = -dout * sigmoid_forward(-near)[0] / len(center)           # (B,)
    dfar = dout * sigmoid_forward(far)[0] / len(center)               # (B, K)
    dcenter = dnear[:, None] * context + np.einsum("bk,bke->be", dfar, negatives)
    return dcenter, dnear[:, None] * center, dfar[:, :, None] * center[:, None]


def nearest(vectors, k, *, count=5):
    """Indices of the vectors with the largest cosine similarity to one, best first.

    Parameters
    ----------
    vectors : ndarray of shape (V, E)
    k : int
        Which one.
    count : int
        Fewer are returned where there are not so many others.

    Returns
    -------
    ndarray of int
        By cosine; without `k` itself.

    Raises
    ------
    ValueError
        If there is no place `k`, no vector at all, or a vector is zero.

    Examples
    --------
    >>> nearest(np.array([[1.0, 0.0], [0.0, 2.0], [3.0, 1.0]]), 0, count=1)
    array([2])
    """
    if np.ndim(vectors) != 2 or not len(vectors):
        raise ValueError(f"vectors have shape {np.shape(vectors)}: give (V, E), V at least 1")
    sizes = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not 0 <= k < len(vectors) or count < 1 or not sizes.all():
        raise ValueError(f"k is {k}, count {count}, the shortest vector {sizes.min():g}: give k "
                         f"from 0 to {len(vectors) - 1}, count above 0, and no zero vector")
    unit = vectors / sizes
    order = np.argsort(-(unit @ unit[k]), kind="stable")
    return order[order != k][:count]
