"""Plots of training: runs with their range, decision boundaries, the gradient on the logits."""

import numpy as np

from .style import BLUE, GREEN, ORANGE, RED, SKY


def band(ax, x, runs, *, label, color=None, **line):
    """Draw the median of several runs and the range they span.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    x : ndarray of shape (T,)
    runs : ndarray of shape (S, T)
        One row a seed.
    label : str
    color : str, optional
    **line
        For the median's line, as ``linestyle`` or ``marker``.

    Returns
    -------
    matplotlib.axes.Axes
    """
    median, = ax.plot(x, np.median(runs, axis=0), label=label, color=color, **line)
    ax.fill_between(x, runs.min(axis=0), runs.max(axis=0), alpha=0.2, color=median.get_color(),
                    linewidth=0)
    return ax


def decision_boundary(ax, score, x, y, *, margin=0.4):
    """Shade the plane by the sign of a score and draw the points of two classes on it.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    score : callable
        Takes points of shape (N, 2), returns (N,): positive for class 1.
    x : ndarray of shape (N, 2)
    y : ndarray of shape (N,)
        0 or 1.
    margin : float
        Room around the points, in their units.

    Returns
    -------
    matplotlib.axes.Axes
    """
    low, high = x.min(axis=0) - margin, x.max(axis=0) + margin
    u, v = np.meshgrid(*(np.linspace(a, b, 120) for a, b in zip(low, high, strict=True)))
    field = score(np.column_stack([u.ravel(), v.ravel()])).reshape(u.shape)
    ax.contourf(u, v, field, levels=[-np.inf, 0, np.inf], colors=[BLUE, ORANGE], alpha=0.2)
    if field.min() < 0 < field.max():                     # else there is no boundary to draw
        ax.contour(u, v, field, levels=[0], colors="black", linewidths=1)
    for value, colour, marker in [(0, BLUE, "o"), (1, ORANGE, "^")]:
        ax.scatter(*x[y == value].T, s=20, color=colour, marker=marker, edgecolors="white",
                   linewidths=0.4)
    ax.set(xticks=[], yticks=[], xlim=(low[0], high[0]), ylim=(low[1], high[1]))
    return ax


def logit_gradient(ax, p, label, names):
    """Draw probabilities as bars and the step against the gradient, y - p, as arrows.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    p : ndarray of shape (C,)
        Softmax of the logits.
    label : int
        The right class.
    names : list of str
        Names of the classes.

    Returns
    -------
    matplotlib.axes.Axes
    """
    force = np.eye(len(p))[label] - p
    ax.bar(np.arange(len(p)), p, color=SKY, width=0.55)
    for k, (bar, f) in enumerate(zip(p, force, strict=True)):
        ax.annotate("", (k, bar + f), (k, bar),
                    arrowprops={"arrowstyle": "-|>", "color": GREEN if f > 0 else RED, "lw": 2.5,
                                "shrinkA": 0, "shrinkB": 0,
                                "mutation_scale": min(14, 120 * abs(f))})
        place = {"x": k + 0.12, "y": bar + f / 2} if f > 0 else {"x": k - 0.2, "y": bar + 0.05}
        ax.text(s=f"{f:+.2f}".replace("-", "−"), va="center", **place)
    ax.set(ylabel="probability", xticks=np.arange(len(p)), xticklabels=names,
           xlim=(-0.5, len(p) - 0.3), ylim=(0, 1.05))
    return ax
