"""Functions of two parameters to try optimizers on, each with its gradient.

They take one point or many: the last axis of an array holds x and y.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Surface(NamedTuple):
    """A function of two parameters.

    Attributes
    ----------
    value, gradient : callable
        Take an ndarray of shape (..., 2); return one of shape (...,), and one of shape (..., 2).
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


def _quadratic(a, b, turn=0.0):
    """The function (a x² + b y²) / 2, turned by an angle, and its gradient."""
    axes = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    H = axes * [a, b] @ axes.T                            # symmetric: p @ H is H @ p
    return (lambda p: (p @ H * p).sum(axis=-1) / 2), (lambda p: p @ H)


def rosenbrock(p):
    """Banana-shaped valley, minimum 0 at (1, 1): (1 - x)² + 100 (y - x²)². Rosenbrock (1960)."""
    x, y = p[..., 0], p[..., 1]
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


def rosenbrock_gradient(p):
    """Gradient of :func:`rosenbrock`."""
    x, y = p[..., 0], p[..., 1]
    return np.stack([-2 * (1 - x) - 400 * x * (y - x**2), 200 * (y - x**2)], axis=-1)


def saddle(p):
    """Level in y along y = 0, with a minimum of -¼ on either side: x⁴/4 - y²/2 + y⁴/4."""
    x, y = p[..., 0], p[..., 1]
    return x**4 / 4 - y**2 / 2 + y**4 / 4


def saddle_gradient(p):
    """Gradient of :func:`saddle`."""
    x, y = p[..., 0], p[..., 1]
    return np.stack([x**3, -y + y**3], axis=-1)


SURFACES = {
    "bowl": Surface(*_quadratic(1.0, 2.0), (-2.0, 1.5), (-2.5, 2.5, -2.0, 2.0)),
    "ravine": Surface(*_quadratic(1.0, 50.0), (-2.0, 1.0), (-2.5, 1.5, -1.2, 1.2)),
    "tilted ravine": Surface(*_quadratic(1.0, 50.0, np.pi / 4), (-3 / 2**0.5, -1 / 2**0.5),
                             (-2.5, 2.0, -2.5, 2.0)),
    "saddle": Surface(saddle, saddle_gradient, (1.5, 0.001), (-1.8, 1.8, -1.5, 1.5),
                      minima=((0.0, 1.0), (0.0, -1.0))),
    "Rosenbrock": Surface(rosenbrock, rosenbrock_gradient, (-1.2, 1.0), (-2.0, 2.0, -1.0, 3.0),
                          minima=((1.0, 1.0),)),
}


def fewest_steps(surface, update, *, rates, share=1e-3, limit=3000, **options):
    """Steps in which an optimizer falls to a share of its first height, at the best of some rates.

    All rates are tried at once, each on a row.

    Parameters
    ----------
    surface : Surface
        With a minimum of 0.
    update : callable
        One of this package's optimizers.
    rates : ndarray of shape (R,)
    share : float
    limit : int
        Steps, at most.
    **options
        For the optimizer.

    Returns
    -------
    steps : float
        Infinite, if no rate leads there.
    lr : float or None
        The rate that gets there first; the smallest of several.
    """
    rates = np.asarray(rates, dtype=float)
    points, state = np.tile(np.array(surface.start), (len(rates), 1)), {}
    goal = share * surface.value(points[0])
    with np.errstate(all="ignore"):                       # too large a rate explodes
        for step in range(1, limit + 1):
            points, state = update(points, surface.gradient(points), state, lr=rates[:, None],
                                   **options)
            arrived = np.flatnonzero(surface.value(points) <= goal)
            if arrived.size:
                return float(step), float(rates[arrived].min())
    return np.inf, None
