"""1.3 topological_order."""

from course_lib.exercises import Case, Exercise, Mistake
from course_lib.value import topological_order


def harness(answer, parents, root):
    """Build a graph from each node's parents; return the order that is given as numbers."""
    class Node:
        # what a Value lets one read, and what we count; nothing more can be kept on a node
        __slots__ = ("_parents", "data", "grad", "label", "looked", "op")

        def __init__(self):
            self._parents, self.looked = (), 0
            self.data, self.grad, self.label, self.op = 0.0, 0.0, "", ""

        @property
        def parents(self):
            self.looked += 1
            if self.looked > 50_000:
                raise RuntimeError("a node was visited more than 50,000 times: remember which "
                                   "nodes you have seen")
            return self._parents

    nodes = [Node() for _ in parents]
    for node, above in zip(nodes, parents, strict=True):
        node._parents = tuple(nodes[i] for i in above)
    order = answer(nodes[root])
    if order is None:
        return None
    number = {id(node): i for i, node in enumerate(nodes)}
    return [number.get(id(node), -1) for node in order]


def normalise(order, parents, root):
    """What is wrong with an order, in words; nothing if it is right, for many orders are."""
    order = [int(i) for i in order]
    place = {node: k for k, node in enumerate(order)}
    if -1 in place:
        return "something in the list is not a node of the graph: list the nodes themselves"
    if len(place) < len(order):
        return "some node is listed more than once"
    if root not in place:
        return "the root is missing" if order else "the list is empty"
    if len(place) < len(parents):
        return f"{len(parents) - len(place)} of {len(parents)} nodes are missing"
    if order[-1] != root:
        return "the root is not the last in the list"
    if any(place[p] > place[i] for i, above in enumerate(parents) for p in above):
        return ("some node comes before one of its parents: list a node only when all its parents "
                "are listed")
    return ""


def told(parents, root):
    """A small graph as one would write it, and a right order: b = a + a, root = b + b."""
    if len(parents) > 6:
        return ""
    above = lambda i: {i}.union(*(above(p) for p in parents[i]))      # noqa: E731
    order = sorted(range(len(parents)), key=lambda i: (len(above(i)), i))
    names = dict(zip(order, "abcdef", strict=False)) | {root: "root"}
    sums = ", ".join(f"{names[i]} = {' + '.join(names[p] for p in parents[i])}"
                     for i in order if parents[i])
    return f"{sums or 'the root alone'} (a right order: {', '.join(names[i] for i in order)})"


def cases(rng):
    """The diamond, a skip past it, a random graph in which all lead to the root, a long chain.

    The nodes are numbered at random: nothing that one can find lists them in a right order.
    """
    def tangle():
        """A random graph with three leaves, of the nodes that lead to the root."""
        above = [tuple(rng.integers(max(0, i - 5), i, rng.integers(1, 4)).tolist()) if i > 2 else ()
                 for i in range(15)]
        needed = {len(above) - 1}
        for i in reversed(range(len(above))):
            needed |= set(above[i]) if i in needed else set()
        number = {old: new for new, old in enumerate(sorted(needed))}
        return tuple(tuple(number[p] for p in above[i]) for i in sorted(needed))

    def numbered_at_random(parents):
        number = rng.permutation(len(parents)).tolist()
        mixed = dict(zip(number, parents, strict=True))
        return Case((tuple(tuple(number[p] for p in mixed[k]) for k in range(len(parents))),
                     number[-1]))
    two_leaves = ((), (), (0, 1), (2, 1), (0, 3))
    doubled = ((), *((i, i) for i in range(40)))          # 2^40 paths
    diamond = ((), (0, 0), (1, 1))
    skip = ((), (0,), (1,), (2, 0))
    chain = ((), *((i,) for i in range(9_999)))           # 10,000 nodes, as the text says
    return [numbered_at_random(g) for g in (diamond, skip, two_leaves, ((),), *(
        tangle() for _ in range(12)), doubled, chain)]


def root_first(root):
    return topological_order(root)[::-1]


def without_root(root):
    return topological_order(root)[:-1]


def on_first_sight(root):
    order, seen, queue = [], {id(root)}, [root]
    while queue:
        node = queue.pop(0)
        order.append(node)
        for p in node.parents:
            if id(p) not in seen:
                seen.add(id(p))
                queue.append(p)
    return order[::-1]


def with_repeats(root):
    order, stack = [], [(root, False)]
    while stack:
        node, ready = stack.pop()
        if ready:
            order.append(node)
        else:
            stack.append((node, True))
            stack += [(p, False) for p in node.parents]
    return order


def recursive(root):
    order, seen = [], set()

    def visit(node):
        if id(node) not in seen:
            seen.add(id(node))
            for p in node.parents:
                visit(p)
            order.append(node)
    visit(root)
    return order


EXERCISE = Exercise(
    id="1.3",
    name="topological_order",
    points=3,
    minutes=20,
    reference=topological_order,
    cases=cases,
    harness=harness,
    normalise=normalise,
    told=told,
    returns=("the order",),
    mistakes=[
        Mistake("root first", root_first,
                "the order is turned round: parents come first, the root last. backward() reverses "
                "it by itself."),
        Mistake("without root", without_root,
                "the root itself is missing: it belongs at the end of the list."),
        Mistake("on first sight", on_first_sight,
                "some node comes before one of its parents. You list a node when you first meet "
                "it; wait until all its parents are listed."),
        Mistake("with repeats", with_repeats,
                "a node that is used twice is listed twice, and would send its gradient back "
                "twice. Remember which nodes you have seen."),
        Mistake("recursive", recursive,
                "right on small graphs, but a chain of 10,000 nodes is deeper than Python lets a "
                "function call itself. Keep the path on a list of your own instead."),
    ],
    hints=[
        "“I do not see what the order is for.” A node may pass its gradient on only when all of it "
        "has arrived. So list parents before children; backward() walks the list from its end.",
        "“How do I wait until all parents are listed?” Keep a list, the path, that begins as "
        "[root]. Look at its last node. If one of its parents is not listed yet, append that "
        "parent to the path; if all are, list the node and take it off the path.",
        "“How do I know what is listed?” Keep a set of id(node). A node may come off the path a "
        "second time: list it only if its id is not in the set.",
    ],
)
