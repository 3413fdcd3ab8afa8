"""Figures as HTML for widgets."""

import base64
from html import escape

from course_lib import plots


def figure_html(fig, *, alt):
    """HTML of a figure, with its alternative text.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
    alt : str

    Returns
    -------
    str
        HTML for an `ipywidgets.HTML`.
    """
    data = base64.b64encode(plots.png(fig)).decode()
    return f'<img alt="{escape(alt)}" src="data:image/png;base64,{data}" style="max-width: 100%">'
