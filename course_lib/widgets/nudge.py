"""Nudging a weight: the slope that it measures, and how wrong that is."""

import matplotlib.pyplot as plt
import numpy as np
from ipywidgets import HTML, FloatLogSlider, FloatSlider, HBox

from course_lib import plots
from course_lib.plots import figure_html

from .explorer import Explorer

RANGE = (-1.5, 1.5)                                       # of the weight
STEPS = np.logspace(-15, 0, 61)


def slopes_by_nudging(f, x, h):
    """Both difference quotients of a function, one-sided and central, at a point.

    Parameters
    ----------
    f : callable
        Takes and returns numbers, or arrays of them.
    x : float
    h : float or ndarray
        The nudge.

    Returns
    -------
    one_sided, central : float or ndarray
    """
    return (f(x + h) - f(x)) / h, (f(x + h) - f(x - h)) / (2 * h)


def draw_nudge(f, slope, *, x, h):
    """Draw a loss with its tangent and the line of a nudge; and the error of nudges of all sizes.

    Parameters
    ----------
    f, slope : callable
        The loss of a weight and its derivative.
    x, h : float
        Where, and the nudge.

    Returns
    -------
    figure : matplotlib.figure.Figure
    sentence : str
        What the nudge says, and what is true.
    """
    true, (one, both) = slope(x), slopes_by_nudging(f, x, h)
    fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3.2))
    w = np.linspace(*RANGE, 200)
    left.plot(w, f(w), label="loss", color=plots.BLUE)
    near = np.array([x - 0.6, x + 0.6])
    left.plot(near, f(x) + true * (near - x), "--", color=plots.GREY, label="tangent")
    left.plot(near, f(x) + one * (near - x), color=plots.ORANGE, label="line of the nudge")
    left.plot([x, x + h], [f(x), f(x + h)], "o", color="black", markersize=5)
    left.set(xlabel="weight w1", ylabel="loss", xlim=(RANGE[0] - 0.1, RANGE[1] + 0.1),
             ylim=(0, 1.15 * f(w).max()))
    left.legend()
    for label, all_steps, here in zip(("one-sided", "central"), slopes_by_nudging(f, x, STEPS),
                                      (one, both), strict=True):
        line, = right.plot(STEPS, np.abs(all_steps - true) + 1e-17, label=label)
        right.plot(h, abs(here - true) + 1e-17, "o", color=line.get_color())
    right.axvline(h, **plots.CHANCE)
    right.set(xscale="log", yscale="log", xlabel="nudge h", ylabel="error of the slope")
    right.legend(loc="upper center")
    return fig, (f"At w1 = {x:.2f} the slope is {true:.4f}. A nudge of {h:.1e} to one side gives "
                 f"{one:.4f}, to both sides {both:.4f}.")


def explore_nudge(f, slope):
    """Move a weight and the size of the nudge, and see what the nudge measures.

    Parameters
    ----------
    f, slope : callable
        See `draw_nudge`.

    Returns
    -------
    Explorer
        Its ``sentence`` attribute says what is drawn.
    """
    x = FloatSlider(value=0.4, min=RANGE[0], max=RANGE[1], step=0.05, description="w1",
                    continuous_update=False)
    h = FloatLogSlider(value=0.3, base=10, min=-15, max=0, step=0.25, description="nudge h",
                       readout_format=".0e", continuous_update=False)
    text, image = HTML(), HTML()
    box = Explorer([HBox([x, h]), text, image])

    def draw(_=None):
        fig, box.sentence = draw_nudge(f, slope, x=x.value, h=h.value)
        text.value = f"<p role='status'>{box.sentence}</p>"
        image.value = figure_html(fig, alt="Left the loss over the weight, its tangent and the "
                                  f"line of the nudge; right the two Vs. {box.sentence}")

    x.observe(draw, "value")
    h.observe(draw, "value")
    draw()
    return box
