"""Gradient descent on a line, with sliders."""

import matplotlib.pyplot as plt
import numpy as np
from ipywidgets import HTML, FloatLogSlider, HBox, SelectionSlider

from course_lib import plots
from course_lib.plots import figure_html
from course_lib.preprocess import minibatches
from course_lib.regression import line_path

from .explorer import Explorer


def draw_descent(x, y, *, lr, batch_size, passes=None):
    """Draw the path of gradient descent on the loss of a line, and the loss along it.

    Parameters
    ----------
    x, y : ndarray of shape (N,)
    lr : float
    batch_size : int
    passes : int, optional
        Over the data; by default at least 4, and enough for 60 steps.

    Returns
    -------
    figure : matplotlib.figure.Figure
    sentence : str
        What is to be seen.
    """
    passes = passes or max(4, -(-60 * batch_size // len(x)))
    thetas = descent(x, y, lr=lr, batch_size=batch_size, passes=passes)
    exact = np.linalg.lstsq(np.column_stack([np.ones(len(x)), x]), y, rcond=None)[0]

    def loss(theta):
        return ((theta[0] + theta[1] * x - y) ** 2).mean()
    losses = [loss(theta) for theta in thetas]
    fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3))
    reach = 1.3 * np.abs(exact)                           # the start, 0, lies inside
    plots.loss_surface(left, loss, x_range=(exact[0] - reach[0], exact[0] + reach[0]),
                       y_range=(exact[1] - 4 * reach[1], exact[1] + 4 * reach[1]))
    plots.path(left, thetas)
    left.plot(*exact, "*", color=plots.RED, markersize=10)
    right.plot(losses, linewidth=0.8)
    right.axhline(loss(exact), color=plots.RED, linestyle=":", label="minimum")
    right.set(yscale="log", xlabel="step", ylabel="loss")
    right.legend(loc="upper right")
    settled = np.median(losses[-len(losses) // 4:])       # single examples never stand still
    end = "it explodes" if not losses[-1] < losses[0] or max(losses) > 1e3 * losses[0] else (
        "it has arrived" if settled < 1.1 * loss(exact) else "it has not arrived")
    left.set(xlabel="intercept", ylabel="slope",
             title=f"lr {lr:.2g}, batches of {batch_size}: {end}")
    return fig, (f"Learning rate {lr:.2g}, batches of {batch_size}: after {passes} passes, "
                 f"{len(thetas) - 1} steps, {end}. Left the path on the bowl, right the loss.")


def descent(x, y, *, lr, batch_size, passes, seed=0):
    """Path of gradient descent for a line from (0, 0), cut off where it diverges.

    Returns
    -------
    ndarray of shape (T, 2)
    """
    rng = np.random.default_rng(seed)
    batches = [b for _ in range(passes) for b in minibatches(len(x), batch_size, rng=rng)]
    with np.errstate(over="ignore", invalid="ignore"):
        thetas = line_path(np.zeros(2), x, y, lr=lr, batches=batches)
    lost = np.abs(thetas).max(axis=1) > 1e6
    return thetas[:lost.argmax() + 1] if lost.any() else thetas[np.isfinite(thetas).all(axis=1)]


def explore_descent(x, y):
    """Change learning rate and batch size, and see the path and the loss.

    Parameters
    ----------
    x, y : ndarray of shape (N,)

    Returns
    -------
    Explorer
        Its ``sentence`` attribute says what is drawn.
    """
    lr = FloatLogSlider(value=0.05, base=10, min=-3, max=0, step=0.05, description="lr",
                        readout_format=".3f", continuous_update=False)
    sizes = [n for n in (1, 2, 4, 8, 16, 32, 64, 128) if n < len(x)] + [len(x)]
    size = SelectionSlider(options=sizes, value=min(32, len(x)),
                           description="batch size", continuous_update=False)
    text, image = HTML(), HTML()
    box = Explorer([HBox([lr, size]), text, image])

    def draw(_=None):
        fig, sentence = draw_descent(x, y, lr=lr.value, batch_size=size.value)
        box.sentence = sentence
        text.value = f"<p role='status'>{sentence}</p>"
        image.value = figure_html(fig, alt=sentence)

    lr.observe(draw, "value")
    size.observe(draw, "value")
    draw()
    return box
