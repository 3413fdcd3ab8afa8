"""Attention weights: pick a head and a token."""

from html import escape

import matplotlib.pyplot as plt
import numpy as np
from ipywidgets import HTML, IntSlider

from course_lib import plots
from course_lib.plots import figure_html

from .explorer import Explorer


def draw_attention(tokens, weights, head, place):
    """Draw a head's attention weights, and those of one token as bars.

    Parameters
    ----------
    tokens : list of str
    weights : ndarray of shape (N, T, T)
        For each head, row: who looks; column: at whom.
    head, place : int

    Returns
    -------
    figure : matplotlib.figure.Figure
    sentence : str
        What is to be seen.
    """
    row, names = weights[head, place], [t if t.strip() else "␣" for t in tokens]
    plain = [name.replace("$", r"\$") for name in names]  # no formula
    fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4), width_ratios=[1, 1.4])
    left.imshow(weights[head], cmap=plots.WEIGHTS, vmin=0)
    left.add_patch(plt.Rectangle((-0.5, place - 0.5), len(row), 1, fill=False,
                                 edgecolor=plots.ORANGE, linewidth=2))
    left.set(title=f"head {head}", xlabel="token that is looked at", ylabel="token that looks")
    right.bar(np.arange(len(tokens)), row, color=[
        plots.ORANGE if k == place else plots.BLUE for k in range(len(tokens))])
    right.set(title=f"token {place}, “{plain[place]}”", ylabel="weight",
              xlabel="token that is looked at", xticks=np.arange(len(tokens)))
    right.set_xticklabels(plain, fontsize=9, rotation=90 if max(map(len, names)) > 2 else 0)
    most = int(row.argmax())
    return fig, (f"Head {head}: token {place}, “{names[place]}”, looks most at token {most}, "
                 f"“{names[most]}”, with weight {row[most]:.2f}.")


def explore_attention(tokens, weights):
    """Pick a head and a token, and see the attention weights.

    Parameters
    ----------
    tokens : list of str
    weights : ndarray of shape (N, T, T)

    Returns
    -------
    Explorer
        Its ``sentence`` attribute says what is drawn.

    Raises
    ------
    ValueError
        If the weights are not those of the tokens.
    """
    if weights.ndim != 3 or not weights.size or weights.shape[1:] != (len(tokens),) * 2:
        raise ValueError(f"{len(tokens)} tokens and weights {weights.shape} do not fit: give "
                         "weights of shape (N, T, T)")
    head = IntSlider(min=0, max=len(weights) - 1, description="head", continuous_update=False)
    place = IntSlider(min=0, max=len(tokens) - 1, description="token", continuous_update=False)
    text, image = HTML(), HTML()
    box = Explorer([*[head] * (len(weights) > 1), place, text, image])   # no control without a use

    def draw(_=None):
        fig, box.sentence = draw_attention(tokens, weights, head.value, place.value)
        text.value = f"<p role='status'>{escape(box.sentence)}</p>"
        image.value = figure_html(fig, alt=f"A map of who looks where, and a bar for each token. "
                                           f"{box.sentence}")

    for one in (head, place):
        one.observe(draw, "value")
    draw()
    return box
