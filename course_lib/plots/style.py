"""The style of the figures, and how one is shown."""

import base64
import io
from html import escape

import matplotlib.pyplot as plt
from IPython import get_ipython
from IPython.display import display
from PIL import Image

# Okabe & Ito (2008): told apart with any of the usual colour-vision deficiencies.
BLUE, ORANGE, GREEN, RED, PURPLE, SKY, GREY = (
    "#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#666666")

# The same thing looks the same in every lesson.
TRAIN, VALIDATION, TEST = BLUE, PURPLE, ORANGE
CHANCE = {"color": GREY, "linestyle": ":"}                # what guessing gives; a diagonal
SIGNED, WEIGHTS = "PuOr_r", "Blues"                       # colour maps: orange is positive
ACTIVATIONS = {"sigmoid": BLUE, "tanh": ORANGE, "relu": GREEN}
OPTIMIZERS = {"sgd": GREY, "momentum": BLUE, "nesterov": SKY, "adagrad": PURPLE,
              "rmsprop": ORANGE, "adam": RED, "adamw": GREEN}
NETWORKS = {"RNN": {"color": BLUE}, "GRU": {"color": ORANGE}, "LSTM": {"color": GREEN},
            "LSTM, forget bias 0": {"color": GREEN, "linestyle": ":"},
            "LSTM, forget bias 1": {"color": GREEN, "linestyle": "--"},
            "LSTM, forget bias 3": {"color": GREEN}}

PIXELS = 80                                               # of the page, for an inch of the figure
COLOURS = 256                                             # as many as a byte can tell apart

plt.rcParams.update({
    "figure.figsize": (7.5, 4),                           # about as wide as a column of text
    "figure.dpi": PIXELS,
    "savefig.dpi": 2 * PIXELS,                            # sharp on a screen with small pixels
    "figure.constrained_layout.use": True,
    "figure.facecolor": "white",
    "axes.prop_cycle": plt.cycler(color=[BLUE, ORANGE, GREEN, RED, PURPLE, SKY, GREY]),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
})


def png(fig):
    """Bytes of a figure as PNG, and the figure closed.

    It has twice as many pixels as it is wide on the page, and a palette of 256 colours: that
    makes it smaller than one of half the size without.

    Parameters
    ----------
    fig : matplotlib.figure.Figure

    Returns
    -------
    bytes
        The same bytes for the same figure: no date, no version.
    """
    drawn, small = io.BytesIO(), io.BytesIO()
    fig.savefig(drawn, format="png")
    plt.close(fig)
    picture = Image.open(drawn).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(small, format="PNG", optimize=True)
    return small.getvalue()


def figure_html(fig, *, alt):
    """HTML of a figure, with its alternative text, and the figure closed.

    As HTML because an image among a notebook's outputs has no place for the text: JupyterLab would
    not pass it on. The figure is a white card, also where the page is dark.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
    alt : str
        What the figure says, for those who do not see it.

    Returns
    -------
    str
    """
    width = round(fig.get_figwidth() * PIXELS)
    return (f'<img alt="{escape(alt)}" width="{width}" style="max-width: 100%; height: auto; '
            'background: white; border-radius: 6px" src="data:image/png;base64,'
            f'{base64.b64encode(png(fig)).decode()}">')


def show(fig, *, alt):
    """Show a figure in a notebook, with its alternative text. Elsewhere, print the text.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
    alt : str
        What the figure says, for those who do not see it. It is also the output's plain text,
        so that a change of message shows where notebooks are compared.

    Raises
    ------
    ValueError
        If `alt` is empty.
    """
    if not alt.strip():
        raise ValueError("alt is empty: say in a sentence what the figure shows")
    if get_ipython() is None:                             # a script: there is nothing to show it
        plt.close(fig)
        print(alt)
    else:
        display({"text/html": figure_html(fig, alt=alt), "text/plain": alt}, raw=True)
