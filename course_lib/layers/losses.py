"""Softmax and the losses: mean squared error, cross-entropy, binary cross-entropy."""

import numpy as np


def softmax_forward(x):
    """Softmax over the last axis.

    Parameters
    ----------
    x : ndarray of shape (..., C)

    Returns
    -------
    out : ndarray of shape (..., C)
        Positive, and each row sums to 1.
    cache : ndarray

    Examples
    --------
    >>> softmax_forward(np.array([1000.0, 1000.0]))[0]
    array([0.5, 0.5])
    """
    e = np.exp(x - x.max(axis=-1, keepdims=True))         # the shift cancels; it avoids overflow
    out = e / e.sum(axis=-1, keepdims=True)
    return out, out


def softmax_backward(dout, cache):
    """Gradient ``dx`` of :func:`softmax_forward`: out (dout - Σ dout out)."""
    out = cache
    return out * (dout - (dout * out).sum(axis=-1, keepdims=True))


def log_softmax(x):
    """Logarithm of the softmax over the last axis, also where that would round to 0.

    Parameters
    ----------
    x : ndarray of shape (..., C)

    Returns
    -------
    ndarray of shape (..., C)

    Examples
    --------
    >>> log_softmax(np.array([1000.0, 0.0]))
    array([    0., -1000.])
    """
    shifted = x - x.max(axis=-1, keepdims=True)           # as in softmax_forward
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def _error(prediction, target):
    """Prediction minus target. To broadcast them is nearly always a bug, and is refused."""
    if np.shape(prediction) != np.shape(target):
        raise ValueError(
            f"prediction {np.shape(prediction)} and target {np.shape(target)} differ in shape: "
            "reshape one so that they are equal"
        )
    if not np.size(prediction):
        raise ValueError(f"prediction {np.shape(prediction)} is empty: give at least one example")
    # as floats: unsigned whole numbers have no minus, and 0 - 1 would be 255
    return np.subtract(prediction, target, dtype=np.result_type(prediction, target, 0.0))


def mse_forward(prediction, *, target):
    """Mean squared error, over all entries.

    Parameters
    ----------
    prediction, target : ndarray of the same shape

    Returns
    -------
    loss : float
    cache : tuple

    Raises
    ------
    ValueError
        If the shapes differ (broadcasting here is nearly always a bug), or nothing is in them.

    Examples
    --------
    >>> float(mse_forward(np.array([2.5]), target=np.array([3.0]))[0])
    0.25
    """
    error = _error(prediction, target)
    return (error**2).mean(), error


def mse_backward(dout, cache):
    """Gradient of :func:`mse_forward` with respect to the prediction: 2 error / N · dout."""
    error = cache
    return dout * 2.0 * error / error.size


def mse_and_grad(prediction, *, target):
    """Mean squared error and its gradient with respect to the prediction, in one call.

    Arguments and errors are those of :func:`mse_forward`.

    Examples
    --------
    >>> loss, dprediction = mse_and_grad(np.array([2.5]), target=np.array([3.0]))
    >>> float(loss), dprediction
    (0.25, array([-1.]))
    """
    loss, cache = mse_forward(prediction, target=target)
    return loss, mse_backward(1.0, cache)


def huber_forward(prediction, *, target, delta=1.0):
    """Huber loss, mean over all entries: squares near the target, a straight line far from it.

    Huber (1964), Robust estimation of a location parameter.

    Parameters
    ----------
    prediction, target : ndarray of the same shape
    delta : float
        Where the square ends: ½ e² for |e| ≤ delta, delta (|e| - ½ delta) beyond.

    Returns
    -------
    loss : float
    cache : tuple

    Raises
    ------
    ValueError
        If the shapes differ, or nothing is in them.

    Examples
    --------
    >>> float(huber_forward(np.array([0.5, 3.0]), target=np.zeros(2))[0])
    1.3125
    """
    error = _error(prediction, target)
    size = np.abs(error)
    losses = np.where(size <= delta, 0.5 * error**2, delta * (size - 0.5 * delta))
    return losses.mean(), (error, delta)


def huber_backward(dout, cache):
    """Gradient of :func:`huber_forward`: the error, cut off at ± delta, over N."""
    error, delta = cache
    return dout * np.clip(error, -delta, delta) / error.size


def huber_and_grad(prediction, *, target, delta=1.0):
    """Huber loss and its gradient with respect to the prediction, in one call.

    Arguments and errors are those of :func:`huber_forward`.
    """
    loss, cache = huber_forward(prediction, target=target, delta=delta)
    return loss, huber_backward(1.0, cache)


def cross_entropy_forward(logits, *, labels):
    """Softmax followed by the mean negative log-likelihood of the labels.

    Parameters
    ----------
    logits : ndarray of shape (B, C)
    labels : ndarray of int of shape (B,)
        The index of the right class.

    Returns
    -------
    loss : float
        In nats.
    cache : tuple

    Raises
    ------
    ValueError
        If shapes do not fit, the batch is empty, or a label is not a class.

    Examples
    --------
    >>> loss, _ = cross_entropy_forward(np.log([[0.7, 0.2, 0.1]]), labels=np.array([0]))
    >>> round(float(loss), 3)
    0.357
    """
    labels = np.asarray(labels)
    if logits.ndim != 2 or labels.shape != logits.shape[:1] or not logits.size:
        raise ValueError(
            f"logits {logits.shape} and labels {labels.shape} do not fit: give (B, C) and (B,), "
            "with B at least 1"
        )
    if labels.dtype.kind not in "iu" or labels.min() < 0 or labels.max() >= logits.shape[1]:
        raise ValueError(f"labels must be whole numbers from 0 to {logits.shape[1] - 1}")
    log_p = log_softmax(logits)                           # (B, C)
    loss = -log_p[np.arange(len(labels)), labels].mean()
    return loss, (np.exp(log_p), labels)


def cross_entropy_backward(dout, cache):
    """Gradient of :func:`cross_entropy_forward` with respect to the logits, of shape (B, C).

    (p - y) / B, with p the softmax and y the one-hot labels: what the network says minus what is.
    Bishop (2006), Pattern Recognition and Machine Learning: (4.109) is this times the inputs.
    """
    p, labels = cache
    dlogits = p.copy()
    dlogits[np.arange(len(labels)), labels] -= 1.0        # p - y
    return dout * dlogits / len(labels)


def binary_cross_entropy_forward(logits, *, labels):
    """Sigmoid followed by the mean negative log-likelihood of 0/1 labels.

    Parameters
    ----------
    logits : ndarray of shape (B,)
    labels : ndarray of shape (B,)
        0 or 1.

    Returns
    -------
    loss : float
        In nats.
    cache : tuple

    Raises
    ------
    ValueError
        If the shapes differ, nothing is in them, or a label is not 0 or 1.

    Examples
    --------
    >>> loss, _ = binary_cross_entropy_forward(np.zeros(2), labels=np.array([0, 1]))
    >>> round(float(loss), 3)
    0.693
    """
    if logits.shape != np.shape(labels):
        raise ValueError(
            f"logits {logits.shape} and labels {np.shape(labels)} differ in shape: "
            "squeeze the logits to (B,)"
        )
    if not logits.size or not np.isin(labels, (0, 1)).all():
        raise ValueError(f"labels {np.shape(labels)} must be 0 or 1, and at least one")
    loss = (np.logaddexp(0.0, logits) - labels * logits).mean()  # log(1 + e^z) - y z
    return loss, (logits, labels)


def binary_cross_entropy_backward(dout, cache):
    """Gradient of :func:`binary_cross_entropy_forward` with respect to the logits, (B,)."""
    logits, labels = cache
    p = 0.5 * (1.0 + np.tanh(0.5 * logits))               # sigmoid
    return dout * (p - labels) / logits.size
