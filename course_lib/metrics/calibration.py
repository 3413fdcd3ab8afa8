"""Calibration of predicted probabilities, and perplexity."""

import numpy as np

from .classification import check_pair


def calibration_curve(labels, probabilities, *, bins=10):
    """Compare predicted probabilities with what happened, in bins of equal width.

    Parameters
    ----------
    labels : ndarray of shape (N,)
        0 or 1.
    probabilities : ndarray of shape (N,)
        Of class 1.
    bins : int
        The edge between two bins belongs to the upper one, and 1.0 to the last. (Guo et al., and
        scikit-learn, put it into the lower one: it matters where probabilities are rounded.)

    Returns
    -------
    predicted, happened : ndarray
        Mean probability and share of ones in each bin that is not empty.
    counts : ndarray of int
        Examples in each of these bins.

    Raises
    ------
    ValueError
        If shapes differ, a label is not 0 or 1, or a probability not between 0 and 1.
    """
    labels, probabilities = check_pair(labels, probabilities)
    if not ((probabilities >= 0) & (probabilities <= 1)).all():
        raise ValueError("a probability is not between 0 and 1: are these logits?")
    if not np.isin(labels, (0, 1)).all():
        raise ValueError("labels must be 0 or 1")
    which = np.minimum((probabilities * bins).astype(int), bins - 1)
    counts = np.bincount(which, minlength=bins)
    full = counts > 0
    predicted = np.bincount(which, probabilities, bins)[full] / counts[full]
    happened = np.bincount(which, labels == 1, bins)[full] / counts[full]
    return predicted, happened, counts[full]


def expected_calibration_error(labels, probabilities, *, bins=10):
    """Expected calibration error: mean distance of confidence from accuracy, over bins.

    Parameters
    ----------
    labels : ndarray of int of shape (N,)
        The right class.
    probabilities : ndarray of shape (N, C)
        Of each class. The largest one is the prediction, and its size the confidence.
    bins : int
        Of equal width, from 0 to 1; edges as in :func:`calibration_curve`.

    Returns
    -------
    float
        Sum over the bins of (examples in it / N) · |accuracy - mean confidence|: equation 3 of
        C. Guo et al. (2017), On calibration of modern neural networks.

    Raises
    ------
    ValueError
        If shapes do not fit, a label is not a class, or a probability not between 0 and 1.

    Examples
    --------
    >>> p = np.array([[0.8, 0.2], [0.8, 0.2], [0.8, 0.2], [0.8, 0.2], [0.8, 0.2]])
    >>> round(expected_calibration_error(np.array([0, 0, 0, 0, 1]), p), 12)
    0.0
    """
    labels, probabilities = np.asarray(labels), np.asarray(probabilities, dtype=float)
    if probabilities.ndim != 2 or labels.shape != probabilities.shape[:1] or not labels.size:
        raise ValueError(f"labels {labels.shape} and probabilities {probabilities.shape} do not "
                         "fit: give (N,) and (N, C), with N at least 1")
    if not ((probabilities >= 0) & (probabilities <= 1)).all():
        raise ValueError("a probability is not between 0 and 1: are these logits?")
    C = probabilities.shape[1]
    if labels.dtype.kind not in "iub" or labels.min() < 0 or labels.max() >= C:
        raise ValueError(f"labels must be whole numbers from 0 to {C - 1}")
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    which = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = np.bincount(which, right - confidence, bins)   # of each bin: its size times its gap
    return float(np.abs(gaps).sum() / len(labels))


def perplexity(p):
    """Perplexity: among how many equally probable tokens a model seems to choose.

    Parameters
    ----------
    p : ndarray of shape (N,)
        The probability that the model gave to each token that then came.

    Returns
    -------
    float
        ``exp(-mean(log p))``, at least 1; infinite if one was held to be impossible.

    Raises
    ------
    ValueError
        If `p` is not one row of probabilities, from 0 to 1.

    References
    ----------
    F. Jelinek, R. Mercer, L. Bahl, J. Baker (1977), Perplexity: a measure of the difficulty of
    speech recognition tasks.

    Examples
    --------
    >>> round(perplexity(np.array([0.25, 0.25, 0.25])), 12)
    4.0
    """
    p = np.asarray(p, dtype=float)
    if p.ndim != 1 or not p.size:
        raise ValueError(f"p has shape {p.shape}: give one row of probabilities, (N,), with N at "
                         "least 1")
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError(f"p goes from {p.min():.3g} to {p.max():.3g}: give one row of "
                         "probabilities, from 0 to 1; are these logits?")
    with np.errstate(divide="ignore", over="ignore"):     # log 0: the surprise has no bounds
        return float(np.exp(-np.log(p).mean()))
