"""Two-dimensional convolution: as deep learning means it, cross-correlation."""

import numpy as np

from .windows import pad2d, seen_by, windows


def window_columns(x, kernel_size, **options):
    """Copy every window into a column of a matrix (often called im2col).

    Parameters
    ----------
    x : ndarray of shape (B, C, H, W)
    kernel_size : (int, int)
    **options
        stride, padding, dilation.

    Returns
    -------
    columns : ndarray of shape (B, C KH KW, OH OW)
    shape : (int, int)
        OH and OW.
    """
    view = windows(x, kernel_size, **options)             # (B, C, OH, OW, KH, KW)
    B, C, OH, OW, KH, KW = view.shape
    return view.transpose(0, 1, 4, 5, 2, 3).reshape(B, C * KH * KW, OH * OW), (OH, OW)


def conv2d_forward(x, kernels, b, *, stride=1, padding=0, dilation=1):
    """Slide kernels over images, as one matrix product for each image.

    Parameters
    ----------
    x : ndarray of shape (B, C, H, W)
        Images with C channels.
    kernels : ndarray of shape (O, C, KH, KW)
        One kernel for each of O output channels; PyTorch's layout.
    b : ndarray of shape (O,)
    stride, padding, dilation : int
        The same along both axes. See `output_size`.

    Returns
    -------
    out : ndarray of shape (B, O, OH, OW)
    cache : tuple
        ``(x, kernels, options)``, options being the dictionary of stride, padding and dilation.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    References
    ----------
    Goodfellow, Bengio & Courville (2016), Deep Learning, equation 9.6.

    Examples
    --------
    >>> out, _ = conv2d_forward(np.ones((1, 1, 3, 3)), np.ones((1, 1, 2, 2)), np.zeros(1))
    >>> out
    array([[[[4., 4.],
             [4., 4.]]]])
    """
    if x.ndim != 4 or kernels.ndim != 4 or x.shape[1] != kernels.shape[1] \
            or b.shape != kernels.shape[:1]:
        raise ValueError(f"x {x.shape}, kernels {kernels.shape} and b {b.shape} do not fit: give "
                         "x (B, C, H, W), kernels (O, C, KH, KW), b (O,)")
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    columns, shape = window_columns(x, kernels.shape[2:], **options)
    rows = kernels.reshape(len(kernels), -1)              # (O, C KH KW)
    out = rows @ columns + b[:, None]                     # (B, O, OH OW)
    return out.reshape(len(x), len(kernels), *shape), (x, kernels, options)


def conv2d_backward(dout, cache):
    """Gradients ``(dx, dkernels, db)`` of :func:`conv2d_forward`, each in its array's shape.

    Goodfellow, Bengio & Courville (2016), Deep Learning, equations 9.11 and 9.13.
    """
    x, kernels, options = cache
    stride, padding, dilation = (options[name] for name in ("stride", "padding", "dilation"))
    flat = dout.reshape(*dout.shape[:2], -1)              # (B, O, OH OW)
    columns, shape = window_columns(x, kernels.shape[2:], **options)
    dkernels = (flat @ columns.transpose(0, 2, 1)).sum(axis=0).reshape(kernels.shape)
    dpadded = np.zeros_like(pad2d(x, padding))
    places = np.ascontiguousarray(kernels.transpose(2, 3, 1, 0))   # (KH, KW, C, O)
    for i, j in np.ndindex(kernels.shape[2:]):
        share = (places[i, j] @ flat).reshape(*x.shape[:2], *shape)
        dpadded[seen_by(i, j, shape, stride=stride, dilation=dilation)] += share
    dx = dpadded[:, :, padding:padding + x.shape[2], padding:padding + x.shape[3]]
    return dx, dkernels, dout.sum(axis=(0, 2, 3))
