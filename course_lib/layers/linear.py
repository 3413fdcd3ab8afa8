"""Addition with broadcasting, and the linear layer."""

import numpy as np


def unbroadcast(grad, shape):
    """Sum a gradient back to the shape that broadcasting had stretched.

    Broadcasting copies values forward; gradients of copies add. So the backward of broadcasting
    is a sum over every axis that was added or stretched.

    Parameters
    ----------
    grad : ndarray
        Gradient with respect to the stretched array.
    shape : tuple of int
        Shape before broadcasting.

    Returns
    -------
    ndarray of shape `shape`

    Raises
    ------
    ValueError
        If `shape` does not broadcast to the shape of `grad`.

    Examples
    --------
    >>> unbroadcast(np.ones((4, 3)), (3,))
    array([4., 4., 4.])
    """
    extra = grad.ndim - len(shape)
    if extra < 0 or any(n not in (1, m) for n, m in zip(shape, grad.shape[extra:], strict=True)):
        raise ValueError(
            f"shape {shape} does not broadcast to {grad.shape}: align them on the right; "
            "each axis must be equal or 1"
        )
    grad = grad.sum(axis=tuple(range(extra)))  # axes that broadcasting put in front
    stretched = tuple(i for i, n in enumerate(shape) if n == 1 and grad.shape[i] != 1)
    return grad.sum(axis=stretched, keepdims=True)


def add_forward(a, b):
    """Add two arrays that broadcast against each other.

    Parameters
    ----------
    a, b : ndarray
        Arrays of compatible shapes.

    Returns
    -------
    out : ndarray
    cache : tuple
    """
    return a + b, (a.shape, b.shape)


def add_backward(dout, cache):
    """Gradients ``(da, db)`` of :func:`add_forward`, each in its argument's own shape."""
    shape_a, shape_b = cache
    return unbroadcast(dout, shape_a), unbroadcast(dout, shape_b)


def linear_forward(x, W, b):
    """Compute ``out = x W + b`` for a batch.

    Parameters
    ----------
    x : ndarray of shape (B, D)
    W : ndarray of shape (D, H)
        PyTorch stores the transpose, (H, D).
    b : ndarray of shape (H,)

    Returns
    -------
    out : ndarray of shape (B, H)
    cache : tuple

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Examples
    --------
    >>> out, _ = linear_forward(np.ones((1, 2)), np.array([[1.0], [2.0]]), np.array([0.5]))
    >>> out
    array([[3.5]])
    """
    if x.ndim != 2 or W.ndim != 2 or x.shape[1] != W.shape[0] or b.shape != W.shape[1:]:
        raise ValueError(
            f"x {x.shape}, W {W.shape} and b {b.shape} do not fit: give x (B, D), W (D, H), b (H,)"
        )
    return x @ W + b, (x, W)                              # (B, H)


def linear_backward(dout, cache):
    """Gradients ``(dx, dW, db)`` of :func:`linear_forward`, of shapes (B, D), (D, H), (H,).

    Goodfellow, Bengio & Courville (2016), Deep Learning, section 6.5.6.

    Raises
    ------
    ValueError
        If `dout` does not have the output's shape, (B, H).
    """
    x, W = cache
    if np.shape(dout) != (len(x), W.shape[1]):
        raise ValueError(f"dout has shape {np.shape(dout)}, but the output had "
                         f"{(len(x), W.shape[1])}")
    dx = dout @ W.T                                       # (B, D)
    dW = x.T @ dout                                       # (D, H)
    db = dout.sum(axis=0)                                 # (H,): b was copied to every row
    return dx, dW, db
