"""The style of the figures, and how one is shown."""

import io

import matplotlib.pyplot as plt
from IPython.display import display

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

plt.rcParams.update({
    "figure.figsize": (5, 3),
    "figure.dpi": 80,
    "savefig.dpi": 80,
    "figure.constrained_layout.use": True,
    "figure.facecolor": "white",
    "axes.prop_cycle": plt.cycler(color=[BLUE, ORANGE, GREEN, RED, PURPLE, SKY, GREY]),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
})


def png(fig):
    """Bytes of a figure as PNG, and the figure closed.

    Parameters
    ----------
    fig : matplotlib.figure.Figure

    Returns
    -------
    bytes
        The same bytes for the same figure: no date, no version.
    """
    buffer = io.BytesIO()
    fig.savefig(buffer, format="png", metadata={"Software": None})
    plt.close(fig)
    return buffer.getvalue()


def show(fig, *, alt):
    """Show a figure in a notebook, with its alternative text.

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
    display({"image/png": png(fig), "text/plain": alt},
            metadata={"image/png": {"alt": alt}}, raw=True)
