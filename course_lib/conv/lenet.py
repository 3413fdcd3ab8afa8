"""A small convolutional network, after LeNet, composed of the layers' pairs."""

import math

import numpy as np

from course_lib.layers import linear_backward, linear_forward, relu_backward, relu_forward

from .convolution import conv2d_backward, conv2d_forward
from .pooling import max_pool2d_backward, max_pool2d_forward


def initialise_lenet(*, rng, channels=(8, 16), hidden=64, dtype=np.float32):
    """Draw weights of :func:`lenet_forward` for images of 28 by 28 and ten classes.

    Parameters
    ----------
    rng : numpy.random.Generator
    channels : (int, int)
        Outputs of the two convolutions, with kernels of 5 by 5.
    hidden : int
        Width of the hidden linear layer.
    dtype : dtype

    Returns
    -------
    list of ndarray
        ``[kernels1, b1, kernels2, b2, W3, b3, W4, b4]``: weights normal with variance 2 / fan-in
        (He et al. 2015), for ReLU; b zero.

    Examples
    --------
    >>> [w.shape for w in initialise_lenet(rng=np.random.default_rng(0))][::2]
    [(8, 1, 5, 5), (16, 8, 5, 5), (256, 64), (64, 10)]
    """
    one, two = channels
    weights = []
    for shape, fan_in in [((one, 1, 5, 5), 25), ((two, one, 5, 5), 25 * one),
                          ((16 * two, hidden), 16 * two), ((hidden, 10), hidden)]:
        outputs = shape[0] if len(shape) == 4 else shape[1]
        weights += [rng.standard_normal(shape) * np.sqrt(2 / fan_in), np.zeros(outputs)]
    return [w.astype(dtype) for w in weights]


def lenet_forward(x, kernels1, b1, kernels2, b2, W3, b3, W4, b4):
    """Twice convolution, ReLU, 2 by 2 max-pool; then a hidden layer with ReLU, and the logits.

    Parameters
    ----------
    x : ndarray of shape (B, 1, H, W)
    kernels1, b1, kernels2, b2 : ndarray
        Of the convolutions. See `conv2d_forward`.
    W3, b3, W4, b4 : ndarray
        Of the linear layers. W3 has as many rows as the second pool gives numbers for an image.

    Returns
    -------
    logits : ndarray of shape (B, 10)
    cache : list of tuple

    Raises
    ------
    ValueError
        If the shapes do not fit.

    References
    ----------
    Y. LeCun et al. (1998), Gradient-Based Learning Applied to Document Recognition, figure 2;
    with ReLU and max-pool, which came later, and fewer layers.
    """
    caches = []
    for kernels, b in [(kernels1, b1), (kernels2, b2)]:
        x, conv_cache = conv2d_forward(x, kernels, b)
        x, relu_cache = relu_forward(x)
        x, pool_cache = max_pool2d_forward(x, kernel_size=2)
        caches.append((conv_cache, relu_cache, pool_cache))
    flat = x.reshape(len(x), math.prod(x.shape[1:]))      # not -1: B may be 0
    h, cache3 = linear_forward(flat, W3, b3)              # (B, hidden)
    h, relu_cache = relu_forward(h)
    logits, cache4 = linear_forward(h, W4, b4)            # (B, 10)
    return logits, [*caches, (x.shape, cache3, relu_cache, cache4)]


def lenet_backward(dout, cache):
    """Gradients of :func:`lenet_forward`, in the order of its arguments."""
    *caches, (shape, cache3, relu_cache, cache4) = cache
    dout, dW4, db4 = linear_backward(dout, cache4)
    dout, dW3, db3 = linear_backward(relu_backward(dout, relu_cache), cache3)
    dout, grads = dout.reshape(shape), [dW3, db3, dW4, db4]
    for conv_cache, relu_cache, pool_cache in reversed(caches):
        dout = relu_backward(max_pool2d_backward(dout, pool_cache), relu_cache)
        dout, dkernels, db = conv2d_backward(dout, conv_cache)
        grads = [dkernels, db, *grads]
    return dout, *grads


def saliency(x, labels, *, forward, backward):
    """Saliency map: how strongly the score of a class depends on each pixel.

    Parameters
    ----------
    x : ndarray of shape (B, C, H, W)
    labels : ndarray of int, shape (B,)
        The class to ask about, for each image.
    forward : callable
        ``forward(x)`` returns the logits, of shape (B, classes), and a cache.
    backward : callable
        ``backward(dout, cache)`` returns the gradient with respect to `x`.

    Returns
    -------
    ndarray of shape (B, H, W)
        Absolute derivative of the class's logit; of the channels the largest.

    Raises
    ------
    ValueError
        If there is not one label for each image.

    References
    ----------
    K. Simonyan, A. Vedaldi, A. Zisserman (2014), Deep Inside Convolutional Networks, section 3.1.
    """
    logits, cache = forward(x)
    if np.shape(labels) != (len(x),):
        raise ValueError(f"labels have shape {np.shape(labels)}: give one for each of {len(x)} "
                         "images")
    dout = np.zeros_like(logits)
    dout[np.arange(len(x)), labels] = 1                   # the derivative of those logits' sum
    return np.abs(backward(dout, cache)).max(axis=1)
