"""Gradient checking: finite differences, random directions, comparison with another gradient.

Why h = 1e-5 and a tolerance of 1e-7: the central difference is off by about h²/6 · f''' (here
about 1e-11) and by rounding, about 1e-16 · |f| / h (here about 1e-11 for each unit of f). The
tolerance leaves four digits above that, and a wrong gradient is wrong in its first digits.
"""

import numpy as np

TOLERANCE = 1e-7


class GradientError(AssertionError):
    """A backward that does not agree with its forward."""


def central_difference(f, x, *, h=1e-5):
    """Gradient of a scalar function by central differences, one entry at a time.

    Parameters
    ----------
    f : callable
        Takes an array of the shape of `x`, returns a number.
    x : ndarray
        Where to differentiate.
    h : float
        Step.

    Returns
    -------
    ndarray of the shape of `x`, float64
        ``(f(x + h e) - f(x - h e)) / 2h`` for each unit vector e. The error falls as h².

    Examples
    --------
    >>> central_difference(lambda x: (x**2).sum(), np.array([1.0, 3.0])).round(6)
    array([2., 6.])
    """
    x = np.array(x, dtype=np.float64)                     # a copy: the caller's x stays as it is
    grad = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        kept = x[i]
        x[i] = kept + h
        above = f(x)
        x[i] = kept - h
        below = f(x)
        x[i] = kept
        grad[i] = (above - below) / (2 * h)
    return grad


def relative_error(a, b):
    """Largest difference between two arrays, relative to the largest entry of either.

    Parameters
    ----------
    a, b : array_like of the same shape

    Returns
    -------
    float
        0 for two arrays of zeros, ``inf`` if either has a NaN or an infinity.

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> relative_error([1.0, 2.0], [1.0, 1.0])
    0.5
    """
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if a.shape != b.shape:
        raise ValueError(f"shapes {a.shape} and {b.shape} differ: a gradient has its array's shape")
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        return float("inf")
    scale = max(np.abs(a).max(initial=0.0), np.abs(b).max(initial=0.0))
    return float(np.abs(a - b).max(initial=0.0) / scale) if scale else 0.0


def _arrays(values):
    """A tuple of arrays from one array or several."""
    return values if isinstance(values, tuple) else (values,)


def draw_upstream(out, *, rng):
    """Random upstream gradients for an output or a tuple of outputs. Never ones: see lesson 1.

    Parameters
    ----------
    out : ndarray or tuple of ndarray
    rng : numpy.random.Generator

    Returns
    -------
    ndarray or tuple of ndarray
        Normal numbers, in the shapes of `out`.
    """
    douts = tuple(rng.standard_normal(np.shape(o)) for o in _arrays(out))
    return douts if isinstance(out, tuple) else douts[0]


def _scalar(out, dout, size=lambda terms: terms):
    """The final scalar whose upstream gradient is dout: Σ out · dout, or the sum of the sizes."""
    pairs = zip(_arrays(out), _arrays(dout), strict=True)
    return sum(float(size(o * d).sum()) for o, d in pairs)


def check_backward(forward, backward, *args, rng, h=1e-5, tolerance=TOLERANCE, **options):
    """Compare every entry of every gradient of a pair with central differences.

    Parameters
    ----------
    forward, backward : callable
        A pair in the course's idiom.
    *args : ndarray of float64
        The forward's positional arguments.
    rng : numpy.random.Generator
        Draws the upstream gradient.
    h, tolerance : float
        Step, and the largest :func:`relative_error` allowed.
    **options
        Keyword arguments of the forward.

    Returns
    -------
    list of float
        The relative error of each gradient.

    Raises
    ------
    GradientError
        If a gradient is missing, has another shape than its array, or is wrong.
    """
    out, cache = forward(*args, **options)
    dout = draw_upstream(out, rng=rng)
    grads = _gradients(backward, dout, cache, args)
    # what rounding alone puts into a central difference; a gradient that is truly 0 shows only this
    noise = 4 * np.finfo(float).eps * _scalar(out, dout, size=np.abs) / h
    errors = []
    for k, grad in enumerate(grads):
        def scalar(x, k=k):
            return _scalar(forward(*args[:k], x, *args[k + 1:], **options)[0], dout)
        numerical = central_difference(scalar, args[k], h=h)
        errors.append(_error_or_raise(backward, k, grad, numerical, tolerance, noise))
    return errors


def _gradients(backward, dout, cache, args):
    """What a backward returns, one gradient for each argument, in its shape."""
    grads = _arrays(backward(dout, cache))
    if len(grads) != len(args):
        raise GradientError(f"{backward.__name__} returns {len(grads)} gradients for {len(args)}"
                            " positional arguments: return one for each, in their order")
    for k, (grad, array) in enumerate(zip(grads, args, strict=True)):
        if np.shape(grad) != np.shape(array):
            raise GradientError(f"{backward.__name__}: the gradient of argument {k} has shape "
                                f"{np.shape(grad)}, its array has {np.shape(array)}")
    return grads


def _error_or_raise(backward, k, grad, numerical, tolerance, noise):
    """The relative error of gradient k, if it is small enough."""
    error = relative_error(grad, numerical)
    if error > tolerance and not np.abs(grad - numerical).max() <= noise:
        raise GradientError(f"{backward.__name__}: the gradient of argument {k} is off by "
                            f"{error:.1e} of its largest entry; {tolerance:.0e} is allowed")
    return error


def check_direction(forward, backward, *args, rng, h=1e-5, tolerance=TOLERANCE, **options):
    """Compare the derivative along one random direction: two forwards, whatever the size.

    Parameters
    ----------
    forward, backward, *args, rng, h, tolerance, **options
        As of :func:`check_backward`.

    Returns
    -------
    float
        The error of the slope, relative to the slope or to the gradients, whichever is larger.

    Raises
    ------
    GradientError
        If a gradient is missing, has another shape than its array, or the slope is wrong. An error
        at right angles to the direction is not seen: try several.
    """
    out, cache = forward(*args, **options)
    dout = draw_upstream(out, rng=rng)
    grads = _gradients(backward, dout, cache, args)
    steps = [rng.standard_normal(a.shape) for a in args]
    slope = sum(float((g * v).sum()) for g, v in zip(grads, steps, strict=True))
    above, below = (
        _scalar(forward(*[a + s * h * v for a, v in zip(args, steps, strict=True)], **options)[0],
                dout)
        for s in (1, -1)
    )
    measured = (above - below) / (2 * h)
    # a slope near zero by chance must not blow up the ratio: scale by the gradients' own size
    size = np.sqrt(sum(float((g**2).sum()) for g in grads))
    scale = max(abs(slope), abs(measured), size)
    error = abs(slope - measured) / scale if scale else 0.0
    if not error <= tolerance:
        raise GradientError(f"{backward.__name__}: the slope along a random direction is off by "
                            f"{error:.1e}; {tolerance:.0e} is allowed")
    return float(error)


def verdict(name, mine, other, *, tolerance=1e-10):
    """One line that says whether two gradients agree, and where they do not.

    Parameters
    ----------
    name : str
    mine, other : array_like
        Of any shape; of two shapes, the line says so.
    tolerance : float
        The largest :func:`relative_error` that is called equal.

    Returns
    -------
    str

    Examples
    --------
    >>> verdict("dW", np.array([1.0, 2.0]), np.array([1.0, 2.0]))
    'dW     (2,)       equal'
    >>> verdict("dW", np.array([1.0, 2.0]), np.array([1.0, 4.0]))
    'dW     (2,)       DIFFERS: 2 against 4 at (1,)'
    """
    mine, other = np.asarray(mine, dtype=float), np.asarray(other, dtype=float)
    line = f"{name:<6} {str(mine.shape):<10} "
    if mine.shape != other.shape:
        return line + f"DIFFERS in shape: the other has {other.shape}"
    if relative_error(mine, other) <= tolerance:
        return line + "equal"
    at = np.unravel_index(np.abs(mine - other).argmax(), mine.shape)
    where = tuple(int(i) for i in at)
    return line + f"DIFFERS: {mine[at]:.4g} against {other[at]:.4g} at {where}"
