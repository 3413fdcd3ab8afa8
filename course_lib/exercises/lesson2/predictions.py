"""The predict-then-run questions of lesson 2."""

import numpy as np

from course_lib.exercises import Prediction
from course_lib.layers import mse_forward
from course_lib.regression import largest_stable_lr, line_gradient


def loss_after_one_step():
    """Loss on the four points after one step from (0, 0) with rate 0.05."""
    x, y = np.arange(1.0, 5.0), 2 * np.arange(1.0, 5.0)
    theta = -0.05 * line_gradient(np.zeros(2), x, y)
    return float(mse_forward(theta[0] + theta[1] * x, target=y)[0])


def steps_on_a_round_bowl():
    """Steps of rate ½ to the minimum when all eigenvalues of the Hessian are 2."""
    X = np.array([[1.0, 1.0], [1.0, -1.0]])               # a standardised feature, and ones
    assert largest_stable_lr(X) == 1.0
    theta, y, steps = np.zeros(2), np.array([3.0, 7.0]), 0
    while np.abs(X @ theta - y).max() > 1e-12:
        theta, steps = theta - 0.5 * line_gradient(theta, X[:, 1], y), steps + 1
    return float(steps)


PREDICTIONS = [
    Prediction("2.A", loss_after_one_step, 0.1,
               "theta becomes (0.5, 1.5). Which four predictions does that give, and how far off "
               "is each?"),
    Prediction("2.B", steps_on_a_round_bowl, 0.1,
               "Each step multiplies the distance by 1 - lr · λ. What is that for lr = ½ and "
               "λ = 2?"),
]
