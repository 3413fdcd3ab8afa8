"""A figure inside a widget."""

import base64
from html import escape

from course_lib import plots


def picture(fig, *, alt):
    """A figure as a widget, with its alternative text.

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
