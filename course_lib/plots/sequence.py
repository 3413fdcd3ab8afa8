"""Plots of recurrent networks."""

from .style import BLUE, ORANGE


def unrolled(ax, steps):
    """Draw an unrolled recurrent network: its forward pass, and the gradients going back.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    steps : int
        How many steps are drawn.

    Returns
    -------
    matplotlib.axes.Axes
    """
    box = {"boxstyle": "round,pad=0.35", "facecolor": "white", "edgecolor": "black"}
    for t in range(steps + 1):
        ax.text(t, 1, f"$h_{t}$", ha="center", va="center", fontsize=13, bbox=box)
        if t:
            ax.text(t, 0, f"$x_{t}$", ha="center", va="center", fontsize=13)
            ax.text(t, 2, f"out$_{t}$", ha="center", va="center", fontsize=12)
            _arrow_pair(ax, (t, 0.17), (t, 0.72), (0.05, 0))
            _arrow_pair(ax, (t, 1.28), (t, 1.85), (0.05, 0))
            _arrow_pair(ax, (t - 0.8, 1), (t - 0.2, 1), (0, 0.09))
    ax.set(xlim=(-0.4, steps + 0.4), ylim=(-0.2, 2.2))
    ax.axis("off")
    return ax


def _arrow_pair(ax, start, end, shift):
    """An arrow forward, and beside it the gradient's, back."""
    for a, b, colour, sign in [(start, end, BLUE, 1), (end, start, ORANGE, -1)]:
        ax.annotate("", [v + sign * s for v, s in zip(b, shift, strict=True)],
                    [v + sign * s for v, s in zip(a, shift, strict=True)],
                    arrowprops={"arrowstyle": "-|>", "color": colour, "lw": 1.6,
                                "linestyle": "-" if sign > 0 else "--", "shrinkA": 0,
                                "shrinkB": 0})
