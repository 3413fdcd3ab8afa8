"""Knowledge distillation: the loss with which a small network learns from a large one."""

import numpy as np

from .losses import cross_entropy_backward, cross_entropy_forward, log_softmax


def distillation_forward(logits, *, teacher, labels, temperature=2.0, alpha=0.5):
    """Distillation loss: divergence from the teacher's softened probabilities, and cross-entropy.

    alpha · T² · mean KL(softmax(teacher / T) ‖ softmax(logits / T)) + (1 - alpha) · cross-entropy

    Parameters
    ----------
    logits, teacher : ndarray of shape (B, C)
        Of the student, and of the teacher, which is not trained.
    labels : ndarray of int of shape (B,)
    temperature : float
        T, above 0; the higher, the softer.
    alpha : float
        Weight of the teacher, from 0 to 1.

    Returns
    -------
    loss : float
    cache : tuple

    Raises
    ------
    ValueError
        If shapes do not fit, or T or alpha is out of range.

    References
    ----------
    G. Hinton, O. Vinyals, J. Dean (2015), Distilling the knowledge in a neural network, section 2.

    Examples
    --------
    >>> logits = np.array([[2.0, 0.0]])
    >>> float(distillation_forward(logits, teacher=logits, labels=np.array([0]), alpha=1.0)[0])
    0.0
    """
    if np.shape(logits) != np.shape(teacher):
        raise ValueError(f"logits {np.shape(logits)} and teacher {np.shape(teacher)} differ in "
                         "shape: give (B, C) for both")
    if not temperature > 0 or not 0 <= alpha <= 1:
        raise ValueError(f"temperature is {temperature} and alpha {alpha}: give one above 0 and "
                         "one from 0 to 1")
    hard, hard_cache = cross_entropy_forward(logits, labels=labels)
    log_q, log_p = log_softmax(logits / temperature), log_softmax(teacher / temperature)
    p = np.exp(log_p)
    soft = (p * (log_p - log_q)).sum(axis=-1).mean()      # KL(p ‖ q)
    loss = alpha * temperature**2 * soft + (1 - alpha) * hard
    return loss, (np.exp(log_q), p, hard_cache, temperature, alpha)


def distillation_backward(dout, cache):
    """Gradient of :func:`distillation_forward` with respect to the student's logits, (B, C).

    The soft part is alpha T (q - p) / B: one T of T² goes with the division of the logits.
    """
    q, p, hard_cache, temperature, alpha = cache
    soft = temperature * (q - p) / len(p)
    return dout * alpha * soft + (1 - alpha) * cross_entropy_backward(dout, hard_cache)


def distillation_and_grad(logits, *, teacher, labels, temperature=2.0, alpha=0.5):
    """Loss and gradient with respect to the logits, in one call.

    Arguments and errors are those of :func:`distillation_forward`.

    Returns
    -------
    loss : float
    dlogits : ndarray of shape (B, C)
    """
    loss, cache = distillation_forward(logits, teacher=teacher, labels=labels,
                                       temperature=temperature, alpha=alpha)
    return loss, distillation_backward(1.0, cache)
