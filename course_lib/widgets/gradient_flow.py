"""Gradient flow of recurrent networks, by forget bias and length."""

import matplotlib.pyplot as plt
import numpy as np
from ipywidgets import HTML, FloatSlider, IntSlider

from course_lib import plots, recurrent
from course_lib.plots import figure_html

from .explorer import Explorer

SEEDS, D, H = range(5), 16, 32


def sample_gradient_flow(kind, T, **options):
    """Gradient flow of five random networks, each on a random sequence: (5, T)."""
    found = []
    for rng in map(np.random.default_rng, SEEDS):
        weights = recurrent.initialise_recurrent(kind, D, H, rng=rng, **options)
        found.append(recurrent.gradient_flow(kind, weights, rng.standard_normal((T, D))))
    return np.array(found)


def draw_flow(T, forget_bias):
    """Draw the size of the gradient at each distance, for three kinds of network.

    Parameters
    ----------
    T : int
        Length of the sequence.
    forget_bias : float
        Of the LSTM.

    Returns
    -------
    figure : matplotlib.figure.Figure
    sentence : str
        What is to be seen.
    """
    fig, ax = plt.subplots()
    steps = np.arange(1, T + 1)
    for kind in ("RNN", "GRU"):
        plots.band(ax, steps, sample_gradient_flow(kind, T), label=kind, **plots.NETWORKS[kind])
    lstm = sample_gradient_flow("LSTM", T, forget_bias=forget_bias)
    plots.band(ax, steps, lstm, label=f"LSTM, forget bias {forget_bias:g}",
               **plots.NETWORKS["LSTM"])
    ax.set(yscale="log", ylim=(1e-15, 1e4), xlabel="steps back", ylabel="size of the derivative")
    ax.legend()
    share = 1 / (1 + np.exp(-forget_bias))
    return fig, (f"With forget bias {forget_bias:g} the gate starts near {share:.2f}. Over {T} "
                 f"steps the LSTM's derivative is {np.median(lstm[:, -1]):.1g}, the median of "
                 f"{len(lstm)} networks.")


def explore_flow():
    """Change the forget bias and the length, and see the gradient flow.

    Returns
    -------
    Explorer
        Its ``sentence`` attribute says what is drawn.
    """
    style = {"description_width": "100px"}
    bias = FloatSlider(value=1, min=-2, max=6, step=0.5, description="forget bias", style=style,
                       continuous_update=False)
    length = IntSlider(value=60, min=10, max=150, step=10, description="length", style=style,
                       continuous_update=False)
    text, image = HTML(), HTML()
    box = Explorer([bias, length, text, image])

    def draw(_=None):
        fig, box.sentence = draw_flow(length.value, bias.value)
        text.value = f"<p role='status'>{box.sentence}</p>"
        image.value = figure_html(fig, alt=f"Size of the derivative by steps back. {box.sentence}")

    for one in (bias, length):
        one.observe(draw, "value")
    draw()
    return box
