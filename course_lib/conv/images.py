"""Image preprocessing: random shifts, resizing by area, and centring as in MNIST."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def random_shift(images, *, max_shift, rng):
    """Shift each image by its own random number of pixels; zeros move in.

    Parameters
    ----------
    images : ndarray of shape (B, ..., H, W)
    max_shift : int
        Largest shift, in pixels, up, down, left and right.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of shape (B, ..., H, W)

    Raises
    ------
    ValueError
        If `max_shift` is negative, or `images` is a single image.

    Examples
    --------
    >>> images = np.array([[[1, 2, 3], [4, 5, 6], [7, 8, 9]]])
    >>> random_shift(images, max_shift=1, rng=np.random.default_rng(2))
    array([[[0, 4, 5],
            [0, 7, 8],
            [0, 0, 0]]])
    """
    if max_shift < 0:
        raise ValueError(f"max_shift is {max_shift}: it must be at least 0")
    if images.ndim < 3:
        raise ValueError(f"images have shape {images.shape}: give a batch, (B, H, W)")
    edge = [(0, 0)] * (images.ndim - 2) + [(max_shift, max_shift)] * 2
    cut = sliding_window_view(np.pad(images, edge), images.shape[-2:], axis=(-2, -1))
    down, right = rng.integers(0, 2 * max_shift + 1, (2, len(images)))    # where each is cut
    return cut[np.arange(len(images)), ..., down, right, :, :]


def area_resize(image, shape):
    """Resize an image by area averaging: each new pixel is the mean of the area it covers.

    Parameters
    ----------
    image : ndarray of shape (H, W)
    shape : (int, int)
        The new height and width.

    Returns
    -------
    ndarray of that shape

    Examples
    --------
    >>> area_resize(np.array([[0.0, 1.0, 2.0, 3.0]]), (1, 2))
    array([[0.5, 2.5]])
    """
    def share(n, m):
        """Entry (i, j): the share of old pixel j in new pixel i; (m, n)."""
        edges = np.arange(m + 1) * n / m                  # of new pixels, in old ones
        covered = np.minimum(edges[1:, None], np.arange(1, n + 1)) \
            - np.maximum(edges[:-1, None], np.arange(n))
        return np.maximum(covered, 0) * m / n
    rows, columns = (share(n, m) for n, m in zip(image.shape, shape, strict=True))
    return rows @ image @ columns.T


def as_mnist(drawing):
    """Scale and centre a drawing as the digits of MNIST were.

    The ink's bounding box is scaled to 20 pixels on its longer side; then the centre of mass of
    the ink is moved to the middle of a field of 28 by 28, by whole pixels.

    Parameters
    ----------
    drawing : ndarray of shape (H, W)
        Ink, from 0 (paper) upwards, in any unit; finite.

    Returns
    -------
    ndarray of shape (28, 28)
        Ink from 0 to 255, all zero where there is none. A lopsided drawing is moved only as far as
        it stays inside.

    Raises
    ------
    ValueError
        If there is negative ink, or a number that is not finite.

    References
    ----------
    Y. LeCun, L. Bottou, Y. Bengio, P. Haffner (1998), Gradient-Based Learning Applied to Document
    Recognition, section III.A. They give no formula for the grey levels; area means are ours.

    Examples
    --------
    >>> box = np.argwhere(as_mnist(np.ones((40, 10))))
    >>> box.min(axis=0).tolist(), box.max(axis=0).tolist()
    ([4, 12], [23, 16])
    """
    if not np.all((drawing >= 0) & (drawing < np.inf)):
        raise ValueError("the drawing has ink below 0 or not finite: give 0 for paper, more for "
                         "ink")
    ink = np.argwhere(drawing > 0)
    field = np.zeros((28, 28))
    if not len(ink):
        return field
    (top, left), (bottom, right) = ink.min(axis=0), ink.max(axis=0) + 1
    box = drawing[top:bottom, left:right]
    shape = [max(1, round(20 * n / max(box.shape))) for n in box.shape]
    small = area_resize(box, shape)
    mass = [(small.sum(axis=1 - k) * (np.arange(n) + 0.5)).sum() / small.sum()
            for k, n in enumerate(shape)]                 # centre of mass, in pixels
    # in all of MNIST's digits the centre of mass lies between 14 and 15 pixels from both edges
    top, left = (int(np.clip(np.ceil(14 - m), 0, 28 - n)) for m, n in zip(mass, shape, strict=True))
    field[top:top + shape[0], left:left + shape[1]] = small / drawing.max() * 255
    return np.minimum(field, 255)                         # round-off aside, it is
