"""Drawing of the shapes of arrays in a formula."""

from matplotlib.patches import Rectangle

from .style import BLUE

UNIT, GAP = 0.28, 0.75                                    # a row or column; room for a sign


def array_shapes(ax, parts, sizes):
    """Draw the arrays of a formula as rectangles, to scale, with the signs between them.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    parts : list of (str, str or tuple of str)
        From left to right: a name and its axes, like ``("x", ("B", "D"))``, or a sign between two
        arrays and an empty tuple, like ``("=", ())``.
    sizes : dict of str to int
        How long each axis is drawn.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> fig, ax = plt.subplots()
    >>> product = [("x", ("B", "D")), ("·", ()), ("W", ("D", "H")), ("=", ()), ("out", ("B", "H"))]
    >>> array_shapes(ax, product, {"B": 4, "D": 3, "H": 2}) is ax
    True
    >>> plt.close(fig)
    """
    at, tallest = 0.0, max(UNIT * sizes[axes[0]] for _, axes in parts if axes)
    for name, axes in parts:
        if not axes:
            ax.text(at + GAP / 2, 0, name, ha="center", va="center", fontsize=13)
            at += GAP
            continue
        rows, columns = (sizes.get(axis, 1) for axis in (axes if len(axes) == 2 else ("", *axes)))
        width, height = UNIT * columns, UNIT * rows
        ax.add_patch(Rectangle((at, -height / 2), width, height, facecolor="white",
                               edgecolor=BLUE, linewidth=1.5))
        for k in range(1, columns):
            ax.plot([at + k * UNIT] * 2, [-height / 2, height / 2], color=BLUE, linewidth=0.4)
        for k in range(1, rows):
            ax.plot([at, at + width], [k * UNIT - height / 2] * 2, color=BLUE, linewidth=0.4)
        ax.text(at + width / 2, tallest / 2 + 0.12, name, ha="center", va="bottom", fontsize=11)
        ax.text(at + width / 2, -tallest / 2 - 0.12, " × ".join(axes), ha="center", va="top",
                fontsize=9)
        at += width
    ax.set(xlim=(-0.4, at + 0.4), ylim=(-tallest / 2 - 0.6, tallest / 2 + 0.6), aspect="equal")
    ax.axis("off")
    return ax
