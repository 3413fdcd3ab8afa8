"""Stepping through backpropagation."""

import matplotlib.pyplot as plt
from ipywidgets import HTML, Button, HBox, Play

from course_lib import plots
from course_lib.plots import figure_html
from course_lib.value import topological_order, zero_grad

from .explorer import Explorer


def backward_to(root, step):
    """Do the first steps of backpropagation on a graph and stop there.

    Parameters
    ----------
    root : Value
    step : int
        0: only the root's own gradient is set. k: the last k nodes have passed theirs on.

    Returns
    -------
    Value or None
        The node that passed its gradient on last.
    """
    zero_grad(root)
    root.grad = 1.0
    node = None
    for node in topological_order(root)[::-1][:step]:
        if node._backward is not None:
            node._backward(node.grad)
    return node


def describe_step(node, root):
    """Describe in a sentence what a step of backpropagation did."""
    if node is None:
        return f"{root.label or 'The last node'} has gradient 1: it is the final number itself."
    name = node.label or node.op
    if not node.parents:
        return f"{name} is an input: its gradient, {node.grad:.3g}, is complete."
    to = " and ".join(dict.fromkeys(p.label or p.op for p in node.parents))
    return f"{name} passes its gradient, {node.grad:.3g}, on to {to}, times its local slope."


def draw_step(root, step):
    """Draw a graph after some steps of backpropagation.

    Parameters
    ----------
    root : Value
    step : int
        See `backward_to`.

    Returns
    -------
    figure : matplotlib.figure.Figure
    sentence : str
        What the step did.
    """
    node = backward_to(root, step)
    fig, ax = plt.subplots(figsize=(10, 2.2))
    if step == len(topological_order(root)):
        plots.draw_graph(ax, root, slopes=True)
        return fig, "Every gradient is complete."
    plots.draw_graph(ax, root, current=node or root, slopes=True)
    return fig, describe_step(node, root)


def step_through_backward(root):
    """Walk through backpropagation on a graph, node by node, with buttons, or let it walk.

    Parameters
    ----------
    root : Value
        The final number. The gradients of its graph are overwritten.

    Returns
    -------
    Explorer
        Its ``step`` attribute counts the nodes that have passed their gradient on.
    """
    last = len(topological_order(root))
    back, forward = Button(description="◀ Undo"), Button(description="Next node ▶")
    film = Play(min=0, max=last, interval=1200, show_repeat=False)
    text, image = HTML(), HTML()
    box = Explorer([HBox([back, forward, film]), text, image])

    def go(step):
        box.step = film.value = step
        fig, sentence = draw_step(root, step)
        text.value = f"<p role='status'>Step {step} of {last}. {sentence}</p>"
        image.value = figure_html(fig, alt=f"The graph after step {step}. {sentence}")
        back.disabled, forward.disabled = step == 0, step == last

    back.on_click(lambda _: go(box.step - 1))
    forward.on_click(lambda _: go(box.step + 1))
    film.observe(lambda change: change["new"] != box.step and go(change["new"]), "value")
    go(0)
    return box
