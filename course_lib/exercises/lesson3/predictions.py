"""The predict-then-run questions of lesson 3."""

import numpy as np

from course_lib.exercises import Prediction
from course_lib.optim import adam


def first_step_of_adam():
    """How far Adam's first step goes with rate 0.1 and a gradient of 1,000."""
    param, _ = adam(np.zeros(1), np.array([1000.0]), {}, lr=0.1)
    return float(abs(param[0]))


def saying_benign():
    """Accuracy (%) of calling each of 212 malignant and 357 benign tumours benign."""
    labels = np.repeat([1, 0], [212, 357])
    return float(100 * (labels == 0).mean())


PREDICTIONS = [
    Prediction("3.A", first_step_of_adam, 0.01,
               "At the first step the corrected m is the gradient and the corrected s its square. "
               "What is m / sqrt(s)?"),
    Prediction("3.B", saying_benign, 2.0,
               "It is right on all benign ones and wrong on all malignant ones: 357 of 569."),
]
