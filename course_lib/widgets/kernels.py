"""Kernel playground: edit a 3 by 3 kernel, and see its convolution with an image."""

import matplotlib.pyplot as plt
import numpy as np
from ipywidgets import HTML, FloatText, HBox, IntSlider, Layout, ToggleButtons, VBox

from course_lib import conv, plots
from course_lib.plots import figure_html

from .explorer import Explorer

KERNELS = {
    "vertical edges": [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],          # Sobel & Feldman (1968)
    "horizontal edges": [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
    "blur": [[1 / 9] * 3] * 3,
    "sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
    "outline": [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]],
    "shift": [[0, 0, 0], [0, 0, 1], [0, 0, 0]],
    "identity": [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
}


def draw_kernel(x, kernel, *, stride=1, padding=0, dilation=1):
    """Draw an image, a kernel, and the convolution of the two.

    Parameters
    ----------
    x : ndarray of shape (H, W)
    kernel : array-like of shape (KH, KW)
    stride, padding, dilation : int

    Returns
    -------
    figure : matplotlib.figure.Figure
    sentence : str
        What is to be seen.
    """
    kernel = np.asarray(kernel, float)
    out, _ = conv.conv2d_forward(x[None, None], kernel[None, None], np.zeros(1), stride=stride,
                                 padding=padding, dilation=dilation)
    out = out[0, 0]
    fig, axes = plt.subplots(1, 3, figsize=(8, 2.7), width_ratios=[3, 1.3, 3])
    plots.image(axes[0], x, title=f"{x.shape[0]} by {x.shape[1]}")
    plots.image(axes[1], kernel, signed=True)
    for (i, j), value in np.ndenumerate(kernel):
        dark = abs(value) > 0.6 * np.abs(kernel).max()
        axes[1].text(j, i, f"{value:.2g}", ha="center", va="center", fontsize=9,
                     color="white" if dark else "black")
    plots.image(axes[2], out, signed=True, title=f"{out.shape[0]} by {out.shape[1]}")
    return fig, (f"Stride {stride}, padding {padding}, dilation {dilation}: {x.shape[0]} by "
                 f"{x.shape[1]} becomes {out.shape[0]} by {out.shape[1]}, with values from "
                 f"{out.min() + 0.0:.2g} to {out.max() + 0.0:.2g}.")


def explore_kernel(x):
    """Change the nine numbers of a kernel, stride, padding and dilation, and see the result.

    Parameters
    ----------
    x : ndarray of shape (H, W)
        At least 9 by 9.

    Returns
    -------
    Explorer
        Its ``sentence`` attribute says what is drawn.
    """
    name = ToggleButtons(options=list(KERNELS), description="kernel")
    cells = [[FloatText(description=f"row {i + 1}, column {j + 1}", step=0.5,
                        style={"description_width": "0"}, layout=Layout(width="70px"))
              for j in range(3)] for i in range(3)]
    sliders = [IntSlider(value=v, min=low, max=4, description=what, continuous_update=False)
               for what, v, low in [("stride", 1, 1), ("padding", 0, 0), ("dilation", 1, 1)]]
    text, image = HTML(), HTML()
    box = Explorer([name, HBox([VBox(sliders), VBox([HBox(row) for row in cells])]), text, image])
    busy = False

    def draw(_=None):
        if busy:                                          # while the nine numbers are filled in
            return
        options = {s.description: s.value for s in sliders}
        fig, box.sentence = draw_kernel(x, [[c.value for c in row] for row in cells], **options)
        text.value = f"<p role='status'>{box.sentence}</p>"
        image.value = figure_html(fig, alt=f"An image, a kernel and the result. {box.sentence}")

    def fill(_=None):
        nonlocal busy
        busy = True
        for row, values in zip(cells, KERNELS[name.value], strict=True):
            for cell, value in zip(row, values, strict=True):
                cell.value = round(value, 3)
        busy = False
        draw()

    name.observe(fill, "value")
    for one in [*sliders, *sum(cells, [])]:
        one.observe(draw, "value")
    fill()
    return box
