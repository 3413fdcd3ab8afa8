"""Plots of descent: the loss over two parameters, and the path taken on it."""

import numpy as np

from .style import BLUE, GREY


def loss_surface(ax, loss, *, x_range, y_range, levels=12):
    """Draw the loss over two parameters as a map with contour lines.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    loss : callable
        Takes an array of shape (2,), the two parameters, and returns a number.
    x_range, y_range : tuple of float
        From, to.
    levels : int
        Number of contour lines; they are closer together near the minimum.

    Returns
    -------
    matplotlib.axes.Axes
    """
    u, v = np.meshgrid(np.linspace(*x_range, 60), np.linspace(*y_range, 60))
    flat = np.column_stack([u.ravel(), v.ravel()])
    height = np.array([loss(theta) for theta in flat]).reshape(u.shape)
    low, high = height.min(), height.max()
    heights = low + (high - low) * np.linspace(0.1, 1, levels) ** 3
    ax.contourf(u, v, height, levels=[low, *heights], cmap="Greys", alpha=0.4)
    ax.contour(u, v, height, levels=heights, colors=GREY, linewidths=0.5)
    ax.set(xlim=x_range, ylim=y_range)
    return ax


def path(ax, thetas, *, color=BLUE, linewidth=0.8):
    """Draw the steps of an optimizer over two parameters, with a dot for each.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    thetas : ndarray of shape (T, 2)
    color : str
    linewidth : float
        In points.

    Returns
    -------
    matplotlib.axes.Axes
    """
    size = 2.5 if len(thetas) < 100 else 0.8
    ax.plot(*np.asarray(thetas).T, "o-", color=color, markersize=size, linewidth=linewidth)
    return ax
