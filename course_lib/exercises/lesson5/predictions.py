"""The predict-then-run questions of lesson 5."""

import numpy as np

from course_lib.exercises import Prediction
from course_lib.metrics import perplexity
from course_lib.recurrent import lstm_step_forward


def one_bad_guess_in_ten():
    """Perplexity where nine tokens in ten had probability 1/2, and one had 1/1000."""
    return perplexity(np.array([0.5] * 9 + [0.001]))


def steps_until_a_hundredth():
    """Steps after which less than 1 % of a cell is left, with forget bias 1 and nothing coming."""
    b, h, c, steps = np.array([0.0, 1.0, 0.0, 0.0]), np.zeros((1, 1)), np.ones((1, 1)), 0
    while c[0, 0] >= 0.01:
        (_, c), _ = lstm_step_forward(np.zeros((1, 1)), h, c, np.zeros((1, 4)), np.zeros((1, 4)), b)
        steps += 1
    return steps


PREDICTIONS = [
    Prediction("5.A", one_bad_guess_in_ten, 0.5,
               "Take the mean of the logarithms, not of the probabilities: nine times log 2, once "
               "log 1000, divided by ten. Then exp."),
    Prediction("5.B", steps_until_a_hundredth, 3,
               "The gate is the sigmoid of 1, which is 0.73. How often must you multiply 0.73 with "
               "itself until less than 0.01 is left?"),
]
