"""Batch normalisation."""

import numpy as np


def _reduction_axes(x):
    """All axes but the channels', and the shape in which a vector of channels broadcasts."""
    return (0, *range(2, x.ndim)), (1, -1) + (1,) * (x.ndim - 2)


def batch_statistics(x):
    """Mean and variance of each channel over a batch.

    Parameters
    ----------
    x : ndarray of shape (B, C, ...)

    Returns
    -------
    mean, var : ndarray of shape (C,)
        The variance divides by the number of values, not by one less.
    """
    axes, _ = _reduction_axes(x)
    return x.mean(axis=axes), x.var(axis=axes)


def batch_norm_forward(x, gamma, beta, *, eps=1e-5, running=None):
    """Normalise each channel over the batch to mean 0 and deviation 1; then scale and shift it.

    Parameters
    ----------
    x : ndarray of shape (B, C, ...)
        For instance (B, C) or (B, C, H, W).
    gamma, beta : ndarray of shape (C,)
    eps : float
        Added to the variance, in squared units of `x`.
    running : (ndarray, ndarray), optional
        Mean and variance of each channel, (C,), to use in place of the batch's: for evaluation,
        where an example's result must not depend on its neighbours.

    Returns
    -------
    out : ndarray of the shape of x
    cache : tuple
        ``(x_hat, gamma, std, fixed)``: the normalised values; the standard deviation, (C,), with
        `eps` in it; whether mean and variance were given.

    Raises
    ------
    ValueError
        If `gamma`, `beta` or `running` does not have one entry a channel, or there are fewer than
        two values a channel to take a mean of.

    References
    ----------
    S. Ioffe, C. Szegedy (2015), Batch Normalization, algorithm 1.

    Examples
    --------
    >>> batch_norm_forward(np.array([[1.0], [3.0]]), np.ones(1), np.zeros(1), eps=0.0)[0]
    array([[-1.],
           [ 1.]])
    """
    _, wide = _reduction_axes(x)
    if x.ndim < 2 or not gamma.shape == beta.shape == x.shape[1:2]:
        raise ValueError(f"x {x.shape}, gamma {gamma.shape} and beta {beta.shape} do not fit: "
                         "give x (B, C, ...), gamma (C,), beta (C,)")
    if running is None and x.size <= x.shape[1]:
        raise ValueError(f"x {x.shape} has fewer than two values a channel, so no variance. Give "
                         "a larger batch, or running=(mean, var)")
    if running is not None and not running[0].shape == running[1].shape == gamma.shape:
        raise ValueError(f"running has mean {running[0].shape} and variance {running[1].shape}: "
                         f"give both as {gamma.shape}")
    mean, var = batch_statistics(x) if running is None else running
    std = np.sqrt(var + eps)                              # (C,)
    x_hat = (x - mean.reshape(wide)) / std.reshape(wide)  # (B, C, ...)
    out = gamma.reshape(wide) * x_hat + beta.reshape(wide)
    return out, (x_hat, gamma, std, running is not None)


def batch_norm_backward(dout, cache):
    """Gradients ``(dx, dgamma, dbeta)`` of :func:`batch_norm_forward`.

    Ioffe & Szegedy (2015), section 3, with their chain of six derivatives gathered into one line:
    what the batch's mean and variance would undo is taken out of the gradient.

    Raises
    ------
    ValueError
        If `dout` does not have the output's shape.
    """
    x_hat, gamma, std, fixed = cache
    if np.shape(dout) != x_hat.shape:
        raise ValueError(f"dout has shape {np.shape(dout)}, but the output had {x_hat.shape}")
    axes, wide = _reduction_axes(x_hat)
    dbeta = dout.sum(axis=axes)                           # (C,)
    dgamma = (dout * x_hat).sum(axis=axes)                # (C,)
    scale = (gamma / std).reshape(wide)
    if fixed:                                             # mean and variance do not depend on x
        return scale * dout, dgamma, dbeta
    N = x_hat.size // len(gamma)                          # values in each channel
    dx = scale * (dout - dbeta.reshape(wide) / N - x_hat * dgamma.reshape(wide) / N)
    return dx, dgamma, dbeta
