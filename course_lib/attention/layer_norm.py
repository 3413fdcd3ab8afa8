"""Layer normalisation, and GELU, the activation function of Transformers."""

import numpy as np


def layer_norm_forward(x, gamma, beta, *, eps=1e-5):
    """Normalise each vector by its own mean and standard deviation, then scale and shift.

    Parameters
    ----------
    x : ndarray of shape (..., D)
    gamma, beta : ndarray of shape (D,)
    eps : float
        Added to the variance.

    Returns
    -------
    out : ndarray of shape (..., D)
    cache : tuple
        x_hat, gamma and the deviations, of shape (..., 1).

    Raises
    ------
    ValueError
        If the shapes do not fit.

    References
    ----------
    J. Ba, J. Kiros, G. Hinton (2016), Layer normalization.

    Examples
    --------
    >>> layer_norm_forward(np.array([[1.0, 3.0]]), np.ones(2), np.zeros(2), eps=0.0)[0]
    array([[-1.,  1.]])
    """
    if gamma.shape != x.shape[-1:] or beta.shape != x.shape[-1:]:
        raise ValueError(f"x {x.shape}, gamma {gamma.shape} and beta {beta.shape} do not fit: give "
                         f"gamma and beta of shape {x.shape[-1:]}")
    std = np.sqrt(x.var(axis=-1, keepdims=True) + eps)                # (..., 1)
    x_hat = (x - x.mean(axis=-1, keepdims=True)) / std
    return gamma * x_hat + beta, (x_hat, gamma, std)


def layer_norm_backward(dout, cache):
    """Gradients ``(dx, dgamma, dbeta)`` of :func:`layer_norm_forward`.

    Raises
    ------
    ValueError
        If `dout` does not have the output's shape.
    """
    x_hat, gamma, std = cache
    if np.shape(dout) != x_hat.shape:
        raise ValueError(f"dout has shape {np.shape(dout)}, but the output had {x_hat.shape}")
    rows = tuple(range(dout.ndim - 1))
    dx_hat = dout * gamma
    mean = dx_hat.mean(axis=-1, keepdims=True)            # what the mean would take out again
    along = (dx_hat * x_hat).mean(axis=-1, keepdims=True)             # and the deviation
    return (dx_hat - mean - x_hat * along) / std, (dout * x_hat).sum(rows), dout.sum(rows)


def gelu_forward(x):
    """Gaussian error linear unit, in its approximation by tanh.

    References
    ----------
    D. Hendrycks, K. Gimpel (2016), Gaussian error linear units (GELUs), section 2.

    Examples
    --------
    >>> gelu_forward(np.array([-10.0, 0.0, 10.0]))[0] + 0.0
    array([ 0.,  0., 10.])
    """
    near = np.clip(x, -10, 10)                            # beyond, tanh is 1, and x**3 overflows
    inner = np.tanh((2 / np.pi)**0.5 * (near + 0.044715 * near**3))
    return 0.5 * x * (1.0 + inner), (near, inner)


def gelu_backward(dout, cache):
    """Gradient ``dx`` of :func:`gelu_forward`."""
    x, inner = cache                                      # beyond ±10 the slope is 0: 1 - inner²
    slope = (2 / np.pi)**0.5 * (1.0 + 3 * 0.044715 * x**2) * (1.0 - inner**2)
    return dout * 0.5 * (1.0 + inner + x * slope)
