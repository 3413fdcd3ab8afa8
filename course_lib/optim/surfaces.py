"""Functions of two parameters to try optimizers on, each with its gradient."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Surface(NamedTuple):
    """A function of two parameters.

    Attributes
    ----------
    value, gradient : callable
        Take an ndarray of shape (2,); return a float, an ndarray of shape (2,).
    start : tuple of float
        Where the race begins.
    view : tuple of float
        x from, x to, y from, y to.
    minima : tuple of tuple of float
        Where the function is smallest.
    """

    value: Callable
    gradient: Callable
    start: tuple
    view: tuple
    minima: tuple = ((0.0, 0.0),)


def _quadratic(a, b):
    """The function (a x² + b y²) / 2 and its gradient."""
    scale = np.array([a, b])
    return (lambda p: float((scale * p**2).sum() / 2)), (lambda p: scale * p)


def rosenbrock(p):
    """Banana-shaped valley, minimum 0 at (1, 1): (1 - x)² + 100 (y - x²)². Rosenbrock (1960)."""
    x, y = p
    return float((1 - x) ** 2 + 100 * (y - x**2) ** 2)


def rosenbrock_gradient(p):
    """Gradient of :func:`rosenbrock`."""
    x, y = p
    return np.array([-2 * (1 - x) - 400 * x * (y - x**2), 200 * (y - x**2)])


def saddle(p):
    """Level in y along y = 0, with a minimum of -¼ on either side: x⁴/4 - y²/2 + y⁴/4."""
    x, y = p
    return float(x**4 / 4 - y**2 / 2 + y**4 / 4)


def saddle_gradient(p):
    """Gradient of :func:`saddle`."""
    x, y = p
    return np.array([x**3, -y + y**3])


SURFACES = {
    "bowl": Surface(*_quadratic(1.0, 2.0), (-2.0, 1.5), (-2.5, 2.5, -2.0, 2.0)),
    "ravine": Surface(*_quadratic(1.0, 50.0), (-2.0, 1.0), (-2.5, 1.5, -1.2, 1.2)),
    "saddle": Surface(saddle, saddle_gradient, (1.5, 0.001), (-1.8, 1.8, -1.5, 1.5),
                      minima=((0.0, 1.0), (0.0, -1.0))),
    "Rosenbrock": Surface(rosenbrock, rosenbrock_gradient, (-1.2, 1.0), (-2.0, 2.0, -1.0, 3.0),
                          minima=((1.0, 1.0),)),
}
