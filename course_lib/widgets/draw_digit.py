"""Draw a digit and have it classified as you draw."""

from pathlib import Path

import anywidget
import matplotlib.pyplot as plt
import numpy as np
from traitlets import CBytes, Float, List, Unicode

from course_lib import conv, plots

# A few drawings for those who only read: strokes as (x, y) points, in shares of the field.
SAMPLES = {
    "small 2": [[(.12, .16), (.16, .1), (.22, .1), (.26, .15), (.24, .21), (.12, .34), (.28, .34)]],
    "7 with a bar": [[(.2, .15), (.8, .15), (.42, .9)], [(.3, .52), (.75, .5)]],
    "low 4": [[(.62, .4), (.5, .72), (.86, .72)], [(.74, .56), (.72, .96)]],
}


def rasterise(strokes, *, size=168, width=13):
    """Rasterise strokes of a round pen.

    Parameters
    ----------
    strokes : list of list of (float, float)
        Points x, y of each stroke, in shares of the field, joined by straight lines.
    size, width : int
        Of the field and of the pen, in pixels.

    Returns
    -------
    ndarray of shape (size, size)
        Ink from 0 to 255.
    """
    y, x = np.mgrid[:size, :size] + 0.5
    distance = np.full((size, size), np.inf)
    for stroke in strokes:
        points = np.array(stroke if len(stroke) > 1 else 2 * stroke) * size   # a dot: from itself
        for a, b in zip(points[:-1], points[1:], strict=True):
            along = b - a
            t = ((x - a[0]) * along[0] + (y - a[1]) * along[1]) / max(along @ along, 1e-12)
            t = np.clip(t, 0, 1)
            distance = np.minimum(distance, np.hypot(x - a[0] - t * along[0],
                                                     y - a[1] - t * along[1]))
    return 255 * np.clip(width / 2 - distance + 0.5, 0, 1)


def draw_predictions(drawings, classify):
    """Draw drawings, the network's input for each, and the probabilities that it predicts.

    Parameters
    ----------
    drawings : sequence of ndarray of shape (H, W)
        Ink from 0 to 255.
    classify : callable
        Takes (28, 28) with ink from 0 to 255, returns the ten probabilities.

    Returns
    -------
    figure : matplotlib.figure.Figure
    said : list of int
        The digit said of each.
    """
    fig, axes = plt.subplots(3, len(drawings), figsize=(2.6 * len(drawings), 5.2),
                             height_ratios=[2, 2, 1.3], squeeze=False)
    said = []
    for (top, middle, bottom), drawing in zip(axes.T, drawings, strict=True):
        seen = conv.as_mnist(drawing)
        p = np.asarray(classify(seen))
        said.append(int(p.argmax()))
        plots.image(top, drawing, title="drawn", limit=255)
        plots.image(middle, seen, title="as the network sees it", limit=255)
        bottom.bar(range(10), p, color=[plots.BLUE if k == said[-1] else plots.SKY
                                        for k in range(10)])
        bottom.set(xticks=range(10), ylim=(0, 1), ylabel="probability")
    return fig, said


PLAY = "<p>Run this cell, then draw a digit here.</p>"


class Canvas(anywidget.AnyWidget):
    """A canvas to draw on, the network's input made from it, and bars of probabilities."""

    _esm = Path(__file__).with_name("draw_digit.js")
    # CBytes: from the browser comes a memoryview
    drawing = CBytes().tag(sync=True)                     # ink, row by row, from 0 to 255
    seen = CBytes().tag(sync=True)                        # 28 by 28 of the same
    probabilities = List(Float()).tag(sync=True)
    sentence = Unicode("Draw a digit.").tag(sync=True)

    def _repr_mimebundle_(self, **options):               # what a notebook stores of it
        data, metadata = super()._repr_mimebundle_(**options)
        return data | {"text/html": PLAY, "text/plain": PLAY[3:-4]}, metadata


def draw_digit(classify):
    """Draw a digit, with mouse, pen or finger, and see what a network says while you draw.

    Parameters
    ----------
    classify : callable
        Takes (28, 28) with ink from 0 to 255, returns the ten probabilities.

    Returns
    -------
    Canvas
        Its ``probabilities`` are those of the last drawing.
    """
    canvas = Canvas()

    def answer(change):
        drawing = np.frombuffer(change["new"], np.uint8)
        size = int(np.sqrt(drawing.size))
        seen = conv.as_mnist(drawing.reshape(size, size))
        with canvas.hold_sync():
            canvas.seen = seen.round().astype(np.uint8).tobytes()
            if not seen.any():
                canvas.probabilities, canvas.sentence = [], "Draw a digit."
                return
            p = np.asarray(classify(seen), float)
            canvas.probabilities = p.tolist()
            canvas.sentence = f"Most likely: {p.argmax()} ({p.max():.0%})."
    canvas.observe(answer, "drawing")
    return canvas
