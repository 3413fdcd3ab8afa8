"""The predict-then-run questions of lesson 1."""

import numpy as np

from course_lib.exercises import Prediction
from course_lib.gradcheck import central_difference
from course_lib.layers import cross_entropy_forward
from course_lib.value import Value


def diamond():
    """Slope of c along a, where b = a + a and c = b + b."""
    a = Value(3.0)
    b = a + a
    (b + b).backward()
    return a.grad


def halved_step():
    """How many times smaller the error of a central difference gets when h is halved."""
    def error(h):
        return abs(central_difference(np.sin, np.array(1.0), h=h) - np.cos(1.0))
    return float(error(0.02) / error(0.01))


def loss_before_training():
    """Cross-entropy of a network that gives ten classes the same probability."""
    return float(cross_entropy_forward(np.zeros((5, 10)), labels=np.arange(5))[0])


PREDICTIONS = [
    Prediction("1.A", halved_step, 0.1,
               "The error of the central difference goes as h²: what does halving h do to h²?"),
    Prediction("1.B", diamond, 0.01,
               "There are two ways from a to b and two from b to c: count the paths from a to c."),
    Prediction("1.C", loss_before_training, 0.2,
               "An untrained network gives each of ten classes about 1/10. What is -ln(1/10)?"),
]
