"""A race of optimizers, side by side on a surface."""

import matplotlib.pyplot as plt
import numpy as np
from ipywidgets import HTML, FloatLogSlider, ToggleButtons

from course_lib import optim, plots
from course_lib.plots import figure_html

from .explorer import Explorer

OPTIMIZERS = ["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam"]


def race_path(surface, name, *, lr, steps=100):
    """Path of an optimizer on a surface, by its name, cut off where it diverges; (T, 2)."""
    surface = optim.SURFACES[surface]
    point, state, path = np.array(surface.start), {}, [np.array(surface.start)]
    for _ in range(steps):
        point, state = getattr(optim, name)(point, surface.gradient(point), state, lr=lr)
        if not np.abs(point).max() < 1e3:
            break
        path.append(point)
    return np.array(path)


def draw_race(name, paths):
    """Draw paths on a surface, and the value along each.

    Parameters
    ----------
    name : str
        One of `optim.SURFACES`.
    paths : dict of str to (float, ndarray of shape (T, 2))
        Learning rate and path of each optimizer.

    Returns
    -------
    figure : matplotlib.figure.Figure
    sentence : str
        Who is lowest at the end.
    """
    surface = optim.SURFACES[name]
    fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3.2))
    plots.loss_surface(left, surface.value, x_range=surface.view[:2], y_range=surface.view[2:])
    ends = {}
    for optimizer, (lr, path) in paths.items():
        colour, wide = plots.OPTIMIZERS[optimizer], optimizer == "adagrad"  # RMSProp may lie on it
        plots.path(left, path, color=colour, linewidth=3 if wide else 0.8)
        heights = np.array([surface.value(p) for p in path]) - (-0.25 if name == "saddle" else 0.0)
        right.plot(np.maximum(heights, 1e-16), color=colour, linewidth=4 if wide else 1.5,
                   label=f"{optimizer}, lr {lr:.2g}")
        ends[optimizer] = heights[-1]
    left.plot(*np.transpose(surface.minima), "*", color=plots.RED, markersize=10)
    left.set(xlabel="x", ylabel="y", title=name)
    right.set(yscale="log", xlabel="step", ylabel="height above the minimum,\n1e-16 where lower")
    right.legend(fontsize=9, loc="center left", bbox_to_anchor=(1, 0.5))
    first = min(ends, key=ends.get)
    place = "in Rosenbrock's valley" if name == "Rosenbrock" else f"on the {name}"
    return fig, (f"{place[0].upper()}{place[1:]}, {first} is lowest after "
                 f"{len(paths[first][1]) - 1} steps.")


def race():
    """Choose a surface and one learning rate for all, and see the race.

    Returns
    -------
    Explorer
        Its ``paths`` attribute is what is drawn.
    """
    # Buttons, no list to open: JupyterLab takes the arrows and letters that a list would need.
    surface = ToggleButtons(options=list(optim.SURFACES), value="ravine", description="surface")
    lr = FloatLogSlider(value=0.02, base=10, min=-4, max=0, step=0.05, description="lr for all",
                        readout_format=".4f", continuous_update=False)
    text, image = HTML(), HTML()
    box = Explorer([surface, lr, text, image])

    def draw(_=None):
        box.paths = {name: (lr.value, race_path(surface.value, name, lr=lr.value))
                     for name in OPTIMIZERS}
        fig, sentence = draw_race(surface.value, box.paths)
        text.value = f"<p role='status'>{sentence}</p>"
        image.value = figure_html(fig, alt=sentence)

    surface.observe(draw, "value")
    lr.observe(draw, "value")
    draw()
    return box
