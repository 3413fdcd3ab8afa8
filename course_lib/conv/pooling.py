"""Max-pooling and average pooling."""

import numpy as np

from .windows import output_size, seen_by


def _window_slices(x, kernel_size, stride):
    """For each entry of a window the index of its pixels in all windows, (B, C, OH, OW)."""
    if x.ndim != 4:
        raise ValueError(f"x has shape {x.shape}: give it as (B, C, H, W)")
    shape = tuple(output_size(size, kernel_size, stride=stride) for size in x.shape[2:])
    return [(..., *seen_by(i, j, shape, stride=stride))
            for i, j in np.ndindex(kernel_size, kernel_size)]


def _zero_gradient(x, dout, shape):
    """Zeros in the shape of `x`, to accumulate a gradient in."""
    if np.shape(dout) != shape:
        raise ValueError(f"dout has shape {np.shape(dout)}, but the output had {shape}")
    return np.zeros(x.shape, np.result_type(x, dout))


def max_pool2d_forward(x, *, kernel_size, stride=None):
    """Max-pooling: the largest value of each window.

    Parameters
    ----------
    x : ndarray of shape (B, C, H, W)
    kernel_size : int
        Windows are squares.
    stride : int, optional
        By default `kernel_size`: windows lie side by side. What is left over at the right and at
        the bottom is dropped.

    Returns
    -------
    out : ndarray of shape (B, C, OH, OW)
    cache : tuple

    Raises
    ------
    ValueError
        If `x` does not have four axes, or no window fits.

    Examples
    --------
    >>> max_pool2d_forward(np.arange(16.0).reshape(1, 1, 4, 4), kernel_size=2)[0]
    array([[[[ 5.,  7.],
             [13., 15.]]]])
    """
    stride = kernel_size if stride is None else stride
    first, *rest = _window_slices(x, kernel_size, stride)
    out = x[first].copy()
    for at in rest:
        np.maximum(out, x[at], out=out)
    return out, (x, out, kernel_size, stride)


def max_pool2d_backward(dout, cache):
    """Gradient ``dx`` of :func:`max_pool2d_forward`: to the pixel that was the largest.

    Where several were, the first one, row by row, gets it all, as in PyTorch; and a NaN, which the
    forward lets through, counts as the largest.

    Raises
    ------
    ValueError
        If `dout` does not have the output's shape.
    """
    x, out, kernel_size, stride = cache
    dx, waiting = _zero_gradient(x, dout, out.shape), np.ones(out.shape, bool)
    for at in _window_slices(x, kernel_size, stride):
        chosen = waiting & ((x[at] == out) | np.isnan(x[at]))
        dx[at] += dout * chosen                           # adds: windows may overlap
        waiting &= ~chosen
    return dx


def max_pool2d_and_grad(x, dout, *, kernel_size, stride=None):
    """Max-pooling and the gradient through it, in one call.

    Parameters
    ----------
    x : ndarray of shape (B, C, H, W)
    dout : ndarray of shape (B, C, OH, OW)
        Gradient with respect to the output.
    kernel_size, stride : int
        See `max_pool2d_forward`.

    Returns
    -------
    out : ndarray of shape (B, C, OH, OW)
    dx : ndarray of shape (B, C, H, W)
    """
    out, cache = max_pool2d_forward(x, kernel_size=kernel_size, stride=stride)
    return out, max_pool2d_backward(dout, cache)


def avg_pool2d_forward(x, *, kernel_size, stride=None):
    """Average pooling: the mean of each window.

    Parameters
    ----------
    x : ndarray of shape (B, C, H, W)
    kernel_size, stride : int
        See `max_pool2d_forward`.

    Returns
    -------
    out : ndarray of shape (B, C, OH, OW)
    cache : tuple

    Raises
    ------
    ValueError
        If `x` does not have four axes, or no window fits.

    Examples
    --------
    >>> avg_pool2d_forward(np.arange(16.0).reshape(1, 1, 4, 4), kernel_size=2)[0]
    array([[[[ 2.5,  4.5],
             [10.5, 12.5]]]])
    """
    stride = kernel_size if stride is None else stride
    out = sum(x[at] for at in _window_slices(x, kernel_size, stride)) / kernel_size**2
    return out, (x, out.shape, kernel_size, stride)


def avg_pool2d_backward(dout, cache):
    """Gradient ``dx`` of :func:`avg_pool2d_forward`: an equal share to each pixel.

    Raises
    ------
    ValueError
        If `dout` does not have the output's shape.
    """
    x, shape, kernel_size, stride = cache
    dx = _zero_gradient(x, dout, shape)
    for at in _window_slices(x, kernel_size, stride):
        dx[at] += dout / kernel_size**2
    return dx
