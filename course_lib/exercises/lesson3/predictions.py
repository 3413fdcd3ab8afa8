"""The predict-then-run questions of lesson 3."""

import numpy as np

from course_lib.exercises import Prediction
from course_lib.optim import SURFACES, adagrad, adam, fewest_steps


def root_of_kappa():
    """Steps of the best momentum where the condition number is 10,000, over those where it is 100.

    Until a millionth of the loss is left, from an error of (1, 1).
    """
    steps = []
    for kappa in (100.0, 10_000.0):
        root = np.sqrt(kappa)
        mu = ((root - 1) / (root + 1)) ** 2               # Polyak (1964), and the rate below
        lr = (2 / (root + 1)) ** 2
        curvature, error, v, count = np.array([1.0, kappa]), np.ones(2), 0.0, 0
        while (curvature * error**2).sum() > 1e-6 * (1 + kappa):
            v = mu * v + curvature * error
            error, count = error - lr * v, count + 1
        steps.append(count)
    return steps[1] / steps[0]


def harm_by_clipping():
    """Of 80 descents into Rosenbrock's valley, the share (%) of the finite ones made worse."""
    valley, rates = SURFACES["Rosenbrock"], np.tile(10.0 ** np.arange(-4, -2, 0.25), 10)[:, None]
    starts = np.random.default_rng(0).uniform([-2, -1], [2, 3], (10, 2))
    heights = []
    for limit in (np.inf, 10.0):
        points = np.repeat(starts, 8, axis=0)             # (80, 2)
        with np.errstate(all="ignore"):
            for _ in range(500):
                grads = valley.gradient(points)
                norms = np.linalg.norm(grads, axis=1, keepdims=True)
                points = points - rates * grads * np.minimum(1, limit / norms)
        heights.append(valley.value(points))
    free, clipped = heights
    return float(100 * (clipped > free + 1e-3)[np.isfinite(free)].mean())


def tilted():
    """Steps of AdaGrad in the tilted ravine, at the best of 49 rates."""
    return fewest_steps(SURFACES["tilted ravine"], adagrad,
                        rates=10.0 ** np.arange(-4, 2.01, 0.125))[0]


def first_step_of_adam():
    """How far Adam's first step goes with rate 0.1 and a gradient of 1,000."""
    param, _ = adam(np.zeros(1), np.array([1000.0]), {}, lr=0.1)
    return float(abs(param[0]))


def saying_benign():
    """Accuracy (%) of calling each of 212 malignant and 357 benign tumours benign."""
    labels = np.repeat([1, 0], [212, 357])
    return float(100 * (labels == 0).mean())


PREDICTIONS = [
    Prediction("3.A", root_of_kappa, 3.0,
               "At best a step shrinks the distance by about 1 - 2 / √κ. A hundred times κ is ten "
               "times √κ."),
    Prediction("3.B", first_step_of_adam, 0.01,
               "At the first step the corrected m is the gradient and the corrected s its square. "
               "What is m / sqrt(s)?"),
    Prediction("3.C", harm_by_clipping, 15.0,
               "It cuts each long step, also those that were going the right way. It cannot make a "
               "step better."),
    Prediction("3.D", tilted, 45.0,
               "It divides each entry by its own size. Turned by 45°, both entries of the gradient "
               "are about equally large: what is left is plain descent with a falling rate."),
    Prediction("3.E", saying_benign, 2.0,
               "It is right on all benign ones and wrong on all malignant ones: 357 of 569."),
]
