"""2.8 ridge_gradient."""

import numpy as np

from course_lib.exercises import Case, Exercise, Mistake
from course_lib.regression import ridge_gradient


def cases(rng):
    found = []
    for N, D in [(6, 3), (4, 5), (9, 2)]:
        X = np.column_stack([np.ones(N), rng.standard_normal((N, D - 1))])
        found.append(Case((rng.normal(1.0, 1.0, D), X, rng.standard_normal(N)),
                          {"penalty": float(rng.uniform(0.2, 2.0))}))
    return found


def intercept_too(theta, X, y, *, penalty):
    return ridge_gradient(theta, X, y, penalty=0.0) + 2 * penalty * theta


def no_two(theta, X, y, *, penalty):
    plain = ridge_gradient(theta, X, y, penalty=0.0)
    return plain + (ridge_gradient(theta, X, y, penalty=penalty) - plain) / 2


def wrong_sign(theta, X, y, *, penalty):
    return ridge_gradient(theta, X, y, penalty=-penalty)


def no_penalty(theta, X, y, *, penalty):
    return ridge_gradient(theta, X, y, penalty=0.0)


def lasso_instead(theta, X, y, *, penalty):
    grad = ridge_gradient(theta, X, y, penalty=0.0)
    grad[1:] += penalty * np.sign(theta[1:])
    return grad


def penalty_over_n(theta, X, y, *, penalty):
    return ridge_gradient(theta, X, y, penalty=penalty / len(y))


def sum_of_squares(theta, X, y, *, penalty):
    return ridge_gradient(theta, X, y, penalty=penalty / len(y)) * len(y)


EXERCISE = Exercise(
    id="2.8",
    name="ridge_gradient",
    points=3,
    minutes=15,
    reference=ridge_gradient,
    cases=cases,
    returns=("the gradient",),
    mistakes=[
        Mistake("intercept too", intercept_too,
                "the intercept is penalised as well. theta[0] only says how high the line lies; "
                "leave it out of the penalty."),
        Mistake("no 2 in the penalty", no_two,
                "in the penalty's gradient the 2 is missing: the slope of ρ θ² is 2 ρ θ."),
        Mistake("wrong sign", wrong_sign,
                "the penalty has the wrong sign: it would make the weights grow."),
        Mistake("no penalty", no_penalty,
                "this is the gradient without the penalty: add 2 penalty theta for all entries but "
                "the first."),
        Mistake("lasso", lasso_instead,
                "this is the slope of |θ|, the lasso's penalty. Ridge has θ², with slope 2θ."),
        Mistake("penalty over N", penalty_over_n,
                "the penalty is divided by N. Only the squared errors are averaged."),
        Mistake("sum of squares", sum_of_squares,
                "the squared errors are added up, not averaged: divide their part by N."),
    ],
    hints=[
        "“What is the gradient without penalty?” 2 Xᵀ(Xθ - y) / N, a vector as long as theta.",
        "“And the penalty's?” 2 penalty theta, but 0 for theta[0].",
        "“It says that I change my input.” theta[0] = 0 changes the caller's theta. Make a copy, "
        "or change what you have computed: shrink = 2 * penalty * theta; shrink[0] = 0.",
    ],
)
