"""Classify a review as it is typed: its pieces, its probability, the effect of each word."""

from html import escape

import matplotlib.pyplot as plt
import numpy as np
from ipywidgets import HTML, Text

from course_lib import plots
from course_lib.plots import figure_html

from .explorer import Explorer

GAP = "[MASK]"


def try_review(text, predict, fillers=()):
    """Ask a classifier about a review, and about the same with one thing changed.

    Parameters
    ----------
    text : str
        With a gap, ``[MASK]``, every filler is tried in it; without, each word is left out once.
    predict : callable
        From a list of texts to the probability that each is positive, (N,).
    fillers : sequence of str

    Returns
    -------
    probability : float
    names : list of str
        Words that were filled in or left out.
    changed : ndarray
        The probability with each.

    Raises
    ------
    ValueError
        If there is no word, or more than one gap; or a gap, and nothing to fill in.
    """
    words = text.split()
    if not words or words == [GAP]:
        raise ValueError("type a review, of a few words")
    if text.count(GAP) > 1:
        raise ValueError(f"one gap, {GAP}, at a time")
    if GAP in text:
        if not fillers:
            raise ValueError("there are no words to fill in")
        names, variants = list(fillers), [text.replace(GAP, word) for word in fillers]
    else:
        names = words
        variants = [" ".join(words[:k] + words[k + 1:]) for k in range(len(words))]
    probabilities = np.asarray(predict([text, *variants]))
    return float(probabilities[0]), names, probabilities[1:]


def draw_review(text, predict, fillers=(), *, most=5):
    """Draw how each change of a review changes its probability of being positive.

    Parameters
    ----------
    text, predict, fillers
        See `try_review`.
    most : int
        With a gap: so many words from each end are drawn.

    Returns
    -------
    figure : matplotlib.figure.Figure
    sentence : str
        What is to be seen.
    """
    p, names, changed = try_review(text, predict, fillers)
    order = np.arange(len(names))
    if GAP in text:
        order = np.argsort(changed)                       # the worst first
        order = order if len(order) <= 2 * most else np.r_[order[:most], order[-most:]]
        sentence = (f"Filled in, “{names[order[-1]]}” sounds best ({changed[order[-1]]:.2f}) and "
                    f"“{names[order[0]]}” worst ({changed[order[0]]:.2f}).")
    else:
        strongest = int(np.abs(changed - p).argmax())
        sentence = (f"Positive with probability {p:.2f}. Without “{names[strongest]}” it would be "
                    f"{changed[strongest]:.2f}.")
    fig, ax = plt.subplots(figsize=(6, 0.9 + 0.26 * len(order)))
    base = 0.5 if GAP in text else p                      # what a change is measured from
    ax.barh(range(len(order)), changed[order] - base, left=base,
            color=[plots.BLUE if v > base else plots.ORANGE for v in changed[order]])
    ax.set_title(text.replace("$", r"\$"), fontsize=10)
    ax.set(xlim=(0, 1), xlabel="probability of positive", yticks=range(len(order)),
           yticklabels=[names[k].replace("$", r"\$") for k in order],
           ylabel="filled in" if GAP in text else "left out")
    if GAP not in text:
        ax.axvline(p, color="black", linestyle="--", label="with all words")
        ax.legend(fontsize=9)
        ax.invert_yaxis()                                 # the first word on top
    return fig, sentence


def explore_review(predict, pieces, fillers, *, text):
    """Type a review, and see its pieces and what makes it good or bad.

    Parameters
    ----------
    predict, fillers
        See `try_review`.
    pieces : callable
        From a text to a list of str.
    text : str
        To begin with.

    Returns
    -------
    Explorer
        Its ``sentence`` attribute says what is shown.
    """
    entry = Text(value=text, description="review", continuous_update=False,
                 layout={"width": "95%"})
    words, message, image = HTML(), HTML(), HTML()
    box = Explorer([entry, words, message, image])

    def draw(_=None):
        try:
            fig, box.sentence = draw_review(entry.value, predict, fillers)
        except ValueError as error:
            box.sentence, image.value, words.value = f"{error}.", "", ""
        else:
            words.value = " ".join(f"<code>{escape(p)}</code>" for p in pieces(entry.value))
            image.value = figure_html(
                fig, alt=f"A bar for each word that was changed. {box.sentence}")
        message.value = f"<p role='status'>{escape(box.sentence)}</p>"

    entry.observe(draw, "value")
    draw()
    return box
