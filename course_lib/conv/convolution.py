"""Two-dimensional convolution: as deep learning means it, cross-correlation."""

import numpy as np

from .windows import output_size, seen_by, windows


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
    """Two-dimensional convolution, as one matrix product for each image.

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
        ``(columns, kernels, x.shape, options)``: the windows as columns, (B, C KH KW, OH OW);
        options is the dictionary of stride, padding and dilation.

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
    return out.reshape(len(x), len(kernels), *shape), (columns, kernels, x.shape, options)


def conv2d_backward(dout, cache):
    """Gradients ``(dx, dkernels, db)`` of :func:`conv2d_forward`, each in its array's shape.

    Goodfellow, Bengio & Courville (2016), Deep Learning, equations 9.11 and 9.13.

    Raises
    ------
    ValueError
        If `dout` does not have the output's shape.
    """
    columns, kernels, (B, C, H, W), options = cache
    padding, stride, dilation = options["padding"], options["stride"], options["dilation"]
    OH, OW = (output_size(size, k, **options)
              for size, k in zip((H, W), kernels.shape[2:], strict=True))
    if np.shape(dout) != (B, len(kernels), OH, OW):
        raise ValueError(f"dout has shape {np.shape(dout)}, but the output had "
                         f"{(B, len(kernels), OH, OW)}")
    flat = dout.reshape(B, len(kernels), OH * OW)         # (B, O, OH OW)
    dkernels = (flat @ columns.transpose(0, 2, 1)).sum(axis=0).reshape(kernels.shape)
    flat = np.ascontiguousarray(flat.transpose(0, 2, 1))  # (B, OH OW, O): channels last, so
    # that what is multiplied and added up below lies side by side in memory
    entries = np.ascontiguousarray(kernels.transpose(2, 3, 0, 1))     # (KH, KW, O, C)
    dpadded = np.zeros((B, H + 2 * padding, W + 2 * padding, C), np.result_type(dout, kernels))
    for i, j in np.ndindex(kernels.shape[2:]):
        rows, cols = seen_by(i, j, (OH, OW), stride=stride, dilation=dilation)
        dpadded[:, rows, cols] += (flat @ entries[i, j]).reshape(B, OH, OW, C)
    dx = dpadded[:, padding:padding + H, padding:padding + W].transpose(0, 3, 1, 2)
    return np.ascontiguousarray(dx), dkernels, dout.sum(axis=(0, 2, 3))
