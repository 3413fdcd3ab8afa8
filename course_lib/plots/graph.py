"""Drawing of the computation graph behind a Value."""

from matplotlib.patches import FancyBboxPatch

from course_lib.value import topological_order

from .style import BLUE, GREEN, GREY, ORANGE

BOX = (0.66, 0.72)                                        # a node; columns and rows are 1 apart


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


def local_slopes(node):
    """How much a node changes for a small change of each parent: a number for each edge.

    Only `+` and `×` take the same parent twice; both edges then have the same slope.
    """
    before = [p.grad for p in node.parents]
    for p in node.parents:
        p.grad = 0.0
    node._backward(1.0)
    slopes = [p.grad / node.parents.count(p) for p in node.parents]
    for p, grad in zip(node.parents, before, strict=True):
        p.grad = grad
    return slopes


def draw_graph(ax, root, *, current=None, gradients=True, slopes=False):
    """Draw the computation graph behind a Value, with data and gradient in each node.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    root : Value
    current : Value, optional
        A node to point out.
    gradients : bool
        Whether to write the gradients.
    slopes : bool
        Whether to write on each edge the local slope: what a gradient is multiplied by there, on
        its way back.

    Returns
    -------
    matplotlib.axes.Axes
    """
    order = topological_order(root)
    place = positions(order)
    boxes = {id(node): _box(ax, node, place[id(node)], node is current, gradients)
             for node in order}
    for node in (n for n in order if n.parents):
        numbers = local_slopes(node) if slopes else [None] * len(node.parents)
        for k, (parent, slope) in enumerate(zip(node.parents, numbers, strict=True)):
            twice = len(set(map(id, node.parents))) < len(node.parents)   # two arrows, bent
            _edge(ax, boxes[id(parent)], boxes[id(node)], (k - 0.5) * 0.8 if twice else 0, slope)
    x, y = zip(*place.values(), strict=True)
    ax.set(xlim=(min(x) - 0.5, max(x) + 0.5), ylim=(min(y) - 0.55, max(y) + 0.55))
    ax.axis("off")
    return ax


def _box(ax, node, place, is_current, gradients):
    """Draw a node as a box of one size, whatever is in it; return the box."""
    x, y = place
    width, height = BOX
    edge = ORANGE if is_current else (BLUE if node.parents else GREEN)
    box = FancyBboxPatch(
        (x - width / 2, y - height / 2), width, height, boxstyle="round,pad=0,rounding_size=0.06",
        facecolor="white", edgecolor=edge, linewidth=3 if is_current else 1.2, zorder=2)
    ax.add_patch(box)
    op = f"({node.op})" if node.op and node.label else node.op
    title = " ".join(filter(None, [node.label, op])) or "constant"
    text = f"{title}\n{node.data:.3g}" + (f"\ngrad {node.grad:.3g}" if gradients else "")
    ax.text(x, y, text, ha="center", va="center", fontsize=9, zorder=3)
    return box


def _edge(ax, start, end, bend, slope):
    """Draw an arrow from the right side of a box to the left side of another, with its slope."""
    height = BOX[1]
    a = (start.get_x() + BOX[0], start.get_y() + height / 2)
    b = (end.get_x(), end.get_y() + height / 2)
    ax.annotate("", b, a, zorder=1, arrowprops={
        "arrowstyle": "-|>", "color": GREY, "shrinkA": 0, "shrinkB": 0,
        "connectionstyle": f"arc3,rad={bend}"})
    if slope is not None:
        middle = ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2 - 0.4 * bend)
        ax.text(*middle, f"{slope:.2g}".replace("-", "−"), ha="center", va="center", fontsize=9,
                color=GREY, zorder=4,
                bbox={"boxstyle": "round,pad=0.1", "facecolor": "white", "linewidth": 0})


def order_steps(root):
    """Steps of listing a graph in topological order with a path of one's own.

    Parameters
    ----------
    root : Value

    Returns
    -------
    list of (list, list)
        After each step the path and what is listed.
    """
    path, listed, steps = [root], [], [([root], [])]
    while path:
        waiting = [p for p in path[-1].parents if not any(p is node for node in listed)]
        if waiting:
            path.append(waiting[0])
        else:
            listed.append(path.pop())
        steps.append((list(path), list(listed)))
    return steps


def draw_order(ax, root):
    """Draw how a graph is listed, a row for each step: left the path, right the list.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    root : Value
        Every node of its graph has a label.

    Returns
    -------
    matplotlib.axes.Axes
    """
    steps = order_steps(root)
    longest = max(len(path) for path, _ in steps)
    for k, (path, listed) in enumerate(steps):
        for start, nodes, colour in ((0, path, ORANGE), (longest + 1, listed, BLUE)):
            for j, node in enumerate(nodes):
                ax.text(start + j, -k, node.label, ha="center", va="center", fontsize=10, bbox={
                    "boxstyle": "square,pad=0.35", "facecolor": "white", "edgecolor": colour})
        ax.text(-0.9, -k, f"{k}", ha="right", va="center", fontsize=9, color=GREY)
    for start, title in ((0, "path"), (longest + 1, "list")):
        ax.text(start - 0.3, 1, title, va="center", fontsize=10)
    ax.set(xlim=(-1.4, longest + 1 + len(steps[-1][1])), ylim=(-len(steps) + 0.4, 1.5))
    ax.axis("off")
    return ax
