"""2.2 line_gradient."""

import numpy as np

from course_lib.exercises import Case, Exercise, Mistake
from course_lib.regression import line_gradient


def cases(rng):
    return [Case((rng.standard_normal(2), rng.normal(1.0, 2.0, N), rng.standard_normal(N)))
            for N in (5, 7, 3)]


def climbs(theta, x, y):
    return -line_gradient(theta, x, y)


def as_printed(theta, x, y):
    return -line_gradient(theta, x, y) / 2


def no_two(theta, x, y):
    return line_gradient(theta, x, y) / 2


def sums(theta, x, y):
    return line_gradient(theta, x, y) * len(x)


def forgets_x(theta, x, y):
    return np.full(2, line_gradient(theta, x, y)[0])


def sums_without_two(theta, x, y):
    return line_gradient(theta, x, y) * len(x) / 2


def mean_times_mean(theta, x, y):
    first = line_gradient(theta, x, y)[0]
    return np.array([first, first * x.mean()])


def turned_round(theta, x, y):
    return line_gradient(theta, x, y)[::-1]


EXERCISE = Exercise(
    id="2.2",
    name="line_gradient",
    points=2,
    minutes=15,
    reference=line_gradient,
    cases=cases,
    returns=("the gradient",),
    mistakes=[
        Mistake("climbs", climbs,
                "the sign is turned round: with the error y - prediction there is a minus in "
                "front. Descent along your gradient would climb."),
        Mistake("climbs at half speed", as_printed,
                "the sign is turned round and the 2 is missing: -2 Σ (y - prediction) x / N."),
        Mistake("no 2", no_two,
                "the factor 2 is missing: the slope of e² is 2e times the slope of e."),
        Mistake("sums", sums,
                "you add up over the examples; the loss is a mean: divide by N."),
        Mistake("forgets x", forgets_x,
                "both entries are equal: in the second one the factor x is missing. If the slope "
                "grows by 1, the prediction for x grows by x."),
        Mistake("sums without 2", sums_without_two,
                "you add up over the examples instead of averaging, and the factor 2 is missing: "
                "2/N times the sum."),
        Mistake("mean times mean", mean_times_mean,
                "in the second entry you multiply the mean error by the mean x. Multiply first, "
                "example by example, then take the mean."),
        Mistake("slope first", turned_round,
                "the two entries are in the wrong order: theta[0] is the intercept, theta[1] the "
                "slope, and so are their gradients."),
    ],
    hints=[
        "“Where do I begin?” With the error of each example, an array of shape (N,): "
        "theta[0] + theta[1] * x - y.",
        "“And then?” The chain rule: the slope of error² is 2 error, times the slope of the error: "
        "1 along theta[0], x along theta[1]. Then the mean over the examples.",
        "“In what form?” np.array([...]) with two numbers.",
    ],
)
