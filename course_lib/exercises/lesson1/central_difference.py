"""1.1 central_difference."""

import numpy as np

from course_lib.exercises import Case, Exercise, Mistake
from course_lib.gradcheck import central_difference


def harness(answer, function, x, **h):
    """Call the answer with a function, chosen by its name, since code is not plain data."""
    import numpy as np

    functions = {
        "cubic": lambda x: float((x**3).sum()),
        "product": lambda x: float(x.prod()),             # every entry matters to every slope
        "waves": lambda x: float(np.sin(x).sum() * np.exp(x / 4).sum()),
    }
    shape = x.shape

    def f(x):
        if np.shape(x) != shape:
            raise ValueError(f"f takes an array of shape {shape}, but was given {np.shape(x)}")
        return functions[function](x)
    return answer(f, x, **h)


def cases(rng):
    # steps large enough that a one-sided difference shows
    shapes = {"cubic": ((3,), 0.1), "product": ((2, 4), 0.05), "waves": ((3, 1, 2), 0.2)}
    found = []
    for function, (shape, h) in shapes.items():
        x = rng.uniform(0.5, 2.0, shape)
        x.flat[0] *= -1                                   # slopes of both signs
        found.append(Case((function, x), {"h": h}))
    return [*found, Case(("waves", rng.uniform(0.5, 2.0, (2, 3))))]   # h left at its default


def slopes(x, slope):
    """Array of slope(up, down, middle), with each entry perturbed in turn."""
    grad = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        grad[i] = slope(i)
    return grad


def nudged(x, i, h):
    moved = x.copy()
    moved[i] += h
    return moved


def one_sided(f, x, *, h=1e-5):
    return slopes(x, lambda i: (f(nudged(x, i, h)) - f(x)) / h)


def divides_by_h(f, x, *, h=1e-5):
    return slopes(x, lambda i: (f(nudged(x, i, h)) - f(nudged(x, i, -h))) / h)


def multiplies_by_h(f, x, *, h=1e-5):
    return slopes(x, lambda i: (f(nudged(x, i, h)) - f(nudged(x, i, -h))) / 2 * h)


def wrong_sign(f, x, *, h=1e-5):
    return slopes(x, lambda i: (f(nudged(x, i, -h)) - f(nudged(x, i, h))) / (2 * h))


def all_at_once(f, x, *, h=1e-5):
    return np.full_like(x, (f(x + h) - f(x - h)) / (2 * h))


def not_put_back(f, x, *, h=1e-5):
    x = x.copy()

    def slope(i):
        x[i] += h
        above = f(x)
        x[i] -= 2 * h
        return (above - f(x)) / (2 * h)
    return slopes(x, slope)


def one_number(f, x, *, h=1e-5):
    return (f(x + h) - f(x - h)) / (2 * h)


def first_axis(f, x, *, h=1e-5):
    grad = np.zeros_like(x)
    for i in range(len(x)):
        grad[i] = (f(nudged(x, i, h)) - f(nudged(x, i, -h))) / (2 * h)
    return grad


EXERCISE = Exercise(
    id="1.1",
    name="central_difference",
    points=2,
    minutes=10,
    reference=central_difference,
    cases=cases,
    harness=harness,
    returns=("the gradient",),
    mistakes=[
        Mistake("one-sided", one_sided,
                "you nudge one way only: (f(x + h) - f(x)) / h. Its error falls as h, not as h². "
                "Nudge the entry down as well."),
        Mistake("divides by h", divides_by_h,
                "every slope is twice too steep. From x - h to x + h it is 2h: divide by that."),
        Mistake("multiplies by h", multiplies_by_h,
                "/ 2 * h divides by 2 and then multiplies by h. Write / (2 * h)."),
        Mistake("wrong sign", wrong_sign,
                "the sign is turned round: take the value above minus the value below."),
        Mistake("one number", one_number,
                "you nudge all entries at once, and get one number. Nudge one entry at a time: "
                "there is a slope for each."),
        Mistake("first axis", first_axis,
                "you walk along the first axis only, and nudge a whole row at once. "
                "np.ndindex(x.shape) walks over the entries of an array of any shape."),
        Mistake("all at once", all_at_once,
                "you nudge all entries together, so every slope is the sum of all slopes. Nudge "
                "one entry, measure, put it back, then the next."),
        Mistake("not put back", not_put_back,
                "after measuring one entry you leave it nudged, and the next ones are measured at "
                "the wrong place. Put each entry back before you go on."),
    ],
    hints=[
        "“I do not know where to start.” Make a copy of x and an array of zeros of the same shape. "
        "Then fill it entry by entry.",
        "“How do I walk over the entries of an array of any shape?” for i in np.ndindex(x.shape): "
        "then x[i] is one entry, whatever the number of axes.",
        "“What goes into grad[i]?” Two calls of f: with x[i] raised by h and with x[i] lowered by "
        "h. Their difference, divided by 2h. Then put x[i] back.",
    ],
)
