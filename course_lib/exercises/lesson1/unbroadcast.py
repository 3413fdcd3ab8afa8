"""1.7 unbroadcast."""

from course_lib.exercises import Case, Exercise, Mistake
from course_lib.layers import unbroadcast


def cases(rng):
    return [
        Case((rng.standard_normal(stretched), shape))
        for stretched, shape in [
            ((4, 3), (3,)),             # a row, copied down
            ((4, 3), (4, 1)),           # a column, copied across
            ((2, 3, 4), (3, 1)),        # both at once
            ((5, 2), ()),               # a single number
            ((2, 3), (2, 3)),           # nothing was stretched
            ((1, 4), (1, 4)),           # an axis of 1 that stays 1
            ((4, 3), (1, 3)),           # a row of shape (1, 3): axis 0 stays, with length 1
            ((4, 3), (1, 1)),           # two axes stretched
            ((2, 3, 4), (1, 3, 1)),     # two, with one between them that was not
            ((2, 3, 4), (4,)),          # two axes in front
            ((5, 1, 3), (1, 3)),        # one in front, and an axis of 1 that stays 1
            ((3, 3), (3,)),             # sizes alone do not tell which axis it was
            ((3, 3), (3, 1)),
        ]
    ]


def axes(grad, shape):
    """Axes that broadcasting put in front, and axes it stretched."""
    extra = grad.ndim - len(shape)
    return (tuple(range(extra)),
            tuple(extra + i for i, n in enumerate(shape) if n == 1 and grad.shape[extra + i] != 1))


def averages(grad, shape):
    front, stretched = axes(grad, shape)
    return grad.mean(axis=front + stretched).reshape(shape)


def drops_axes(grad, shape):
    front, stretched = axes(grad, shape)
    return grad.sum(axis=front + stretched)


def front_only(grad, shape):
    return grad.sum(axis=axes(grad, shape)[0])


def stretched_only(grad, shape):
    return grad.sum(axis=axes(grad, shape)[1], keepdims=True)


def first_copy(grad, shape):
    front, stretched = axes(grad, shape)
    for axis in front + stretched:
        grad = grad.take([0], axis=axis)
    return grad.reshape(shape)


EXERCISE = Exercise(
    id="1.7",
    name="unbroadcast",
    points=2,
    minutes=15,
    reference=unbroadcast,
    cases=cases,
    returns=("the gradient",),
    mistakes=[
        Mistake("averages", averages,
                "you average over the copies. Each copy has its own effect on the loss, and the "
                "effects add: sum."),
        Mistake("drops axes", drops_axes,
                "an axis of length 1 is gone. A column (4, 1) must come back as (4, 1), not (4,): "
                "keep it with keepdims=True."),
        Mistake("front only", front_only,
                "you sum the axes that were added in front, but not those that were stretched "
                "from 1. A (4, 1) that became (4, 3) has to be summed over its last axis."),
        Mistake("stretched only", stretched_only,
                "you sum the axes that were stretched from 1, but not those that broadcasting "
                "added in front. A (3,) that became (4, 3) has to be summed over axis 0."),
        Mistake("first copy", first_copy,
                "you keep the gradient of one copy and drop the others. All copies are the same "
                "number: their gradients add."),
    ],
    hints=[
        "“How do I find what was stretched?” Line the two shapes up on the right. What sticks out "
        "on the left was added; where shape has 1 and grad has more, it was stretched.",
        "“First the axes in front.” There are grad.ndim - len(shape) of them. Sum over "
        "tuple(range(that many)): they disappear.",
        "“Then the stretched ones.” Now grad.ndim == len(shape). For each axis with shape[i] == 1, "
        "sum with keepdims=True, so that the axis stays, with length 1.",
    ],
)
