"""Drawing of the computation graph behind a Value."""

from course_lib.value import topological_order

from .style import BLUE, GREEN, GREY, ORANGE


def columns(order):
    """Column of each node of a graph: the longest way to it; leaves stand next to their use.

    Parameters
    ----------
    order : list of Value
        In topological order.

    Returns
    -------
    dict of int to int
        From a node's id.
    """
    column = {}
    for node in order:
        column[id(node)] = 1 + max((column[id(p)] for p in node.parents), default=-1)
    for node in order:
        if not node.parents:
            uses = [column[id(child)] for child in order if node in child.parents]
            column[id(node)] = min(uses, default=1) - 1
    return column


def positions(order):
    """Place of each node, columns left to right; in a column, near the middle of its parents.

    Parameters
    ----------
    order : list of Value
        In topological order.

    Returns
    -------
    dict of int to (float, float)
        From a node's id.
    """
    column = columns(order)
    place = {}
    for c in range(max(column.values()) + 1):
        def height(node):
            above = [place[id(p)][1] for p in node.parents if id(p) in place]
            return sum(above) / len(above) if above else -1.0  # inputs below what is computed
        nodes = sorted((n for n in order if column[id(n)] == c), key=height, reverse=True)
        middle = (len(nodes) - 1) / 2
        for k, node in enumerate(nodes):
            place[id(node)] = (c, middle - k)
    return place


def draw_graph(ax, root, *, current=None, gradients=True):
    """Draw the computation graph behind a Value, with data and gradient in each node.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    root : Value
    current : Value, optional
        A node to point out.
    gradients : bool
        Whether to write the gradients.

    Returns
    -------
    matplotlib.axes.Axes
    """
    order = topological_order(root)
    place = positions(order)
    for node in order:
        for k, p in enumerate(node.parents):              # a parent used twice gets two arrows
            bend = (k - 0.5) * 0.5 if len(set(map(id, node.parents))) < len(node.parents) else 0
            ax.annotate("", place[id(node)], place[id(p)], zorder=1, arrowprops={
                "arrowstyle": "-|>", "color": GREY, "shrinkA": 28, "shrinkB": 28,
                "connectionstyle": f"arc3,rad={bend}"})
    for node in order:
        op = f"({node.op})" if node.op and node.label else node.op
        title = " ".join(filter(None, [node.label, op])) or "constant"
        text = f"{title}\n{node.data:.3g}" + (f"\ngrad {node.grad:.3g}" if gradients else "")
        edge = ORANGE if node is current else (BLUE if node.parents else GREEN)
        ax.text(*place[id(node)], text, ha="center", va="center", fontsize=9, zorder=2, bbox={
            "boxstyle": "round,pad=0.35", "facecolor": "white", "edgecolor": edge,
            "linewidth": 3 if node is current else 1.2})
    x, y = zip(*place.values(), strict=True)
    ax.set(xlim=(min(x) - 0.5, max(x) + 0.5), ylim=(min(y) - 0.6, max(y) + 0.6))
    ax.axis("off")
    return ax
