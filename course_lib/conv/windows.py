"""Sliding windows of a convolution: output size, zero padding, and the windows themselves."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def output_size(size, kernel_size, *, stride=1, padding=0, dilation=1):
    """Output size of a convolution along one axis.

    Parameters
    ----------
    size, kernel_size : int
        Pixels of the image, entries of the kernel, along this axis.
    stride : int
        Pixels from one place to the next.
    padding : int
        Zeros put at each end.
    dilation : int
        Pixels from one entry of the kernel to the next.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If the kernel does not fit once, or an option is no whole number or out of range.

    References
    ----------
    V. Dumoulin, F. Visin (2016), A guide to convolution arithmetic, relationships 6 and 15.

    Examples
    --------
    >>> output_size(28, 3), output_size(28, 3, stride=2, padding=1)
    (26, 14)
    """
    for name, value in [("size", size), ("kernel_size", kernel_size), ("stride", stride),
                        ("padding", padding), ("dilation", dilation)]:
        if not isinstance(value, (int, np.integer)):
            raise ValueError(f"{name} is {value!r}: give one whole number, for both axes alike")
    if min(stride, dilation, kernel_size) < 1 or padding < 0:
        raise ValueError(f"kernel_size {kernel_size}, stride {stride} and dilation {dilation} must "
                         f"be at least 1, and padding {padding} at least 0")
    reach = dilation * (kernel_size - 1) + 1
    room = size + 2 * padding - reach
    if room < 0:
        raise ValueError(f"a kernel that reaches over {reach} pixels does not fit into {size} and "
                         f"{padding} of padding at each end: pad more, or take a smaller kernel")
    return room // stride + 1


def pad2d(x, padding):
    """Zero-pad the last two axes.

    Parameters
    ----------
    x : ndarray of shape (..., H, W)
    padding : int

    Returns
    -------
    ndarray of shape (..., H + 2 padding, W + 2 padding)
        `x` itself where `padding` is 0.
    """
    if not padding:
        return x
    return np.pad(x, [(0, 0)] * (x.ndim - 2) + [(padding, padding)] * 2)


def windows(x, kernel_size, *, stride=1, padding=0, dilation=1):
    """All sliding windows, as a read-only view: nothing is copied but the padding.

    Parameters
    ----------
    x : ndarray of shape (B, C, H, W)
    kernel_size : (int, int)
        Height and width, KH and KW.
    stride, padding, dilation : int
        See `output_size`.

    Returns
    -------
    ndarray of shape (B, C, OH, OW, KH, KW)

    Raises
    ------
    ValueError
        If `x` does not have four axes, or the kernel does not fit.

    Examples
    --------
    >>> windows(np.arange(9.0).reshape(1, 1, 3, 3), (2, 2))[0, 0, 0, 1]
    array([[1., 2.],
           [4., 5.]])
    """
    if x.ndim != 4:
        raise ValueError(f"x has shape {x.shape}: give it as (B, C, H, W)")
    if np.shape(kernel_size) != (2,):
        raise ValueError(f"kernel_size is {kernel_size!r}: give two numbers, height and width")
    for size, k in zip(x.shape[2:], kernel_size, strict=True):
        output_size(size, k, stride=stride, padding=padding, dilation=dilation)   # does it fit?
    reach = [dilation * (k - 1) + 1 for k in kernel_size]
    view = sliding_window_view(pad2d(x, padding), reach, axis=(2, 3))
    return view[:, :, ::stride, ::stride, ::dilation, ::dilation]


def seen_by(i, j, shape, *, stride=1, dilation=1):
    """Slices of the pixels that kernel entry (i, j) is multiplied with, over all its positions.

    Parameters
    ----------
    i, j : int
    shape : (int, int)
        OH and OW, the number of places.
    stride, dilation : int

    Returns
    -------
    rows, columns : slice
        Into a padded image; they pick OH rows and OW columns.

    Examples
    --------
    >>> np.arange(16).reshape(4, 4)[seen_by(0, 1, (2, 2), stride=2)]
    array([[ 1,  3],
           [ 9, 11]])
    """
    return tuple(slice(dilation * at, dilation * at + stride * n, stride)
                 for at, n in zip((i, j), shape, strict=True))
