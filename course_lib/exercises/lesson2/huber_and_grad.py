"""2.6 huber_and_grad."""

import numpy as np

from course_lib.exercises import Case, Exercise, Mistake
from course_lib.layers import huber_and_grad, huber_backward, huber_forward


def cases(rng):
    found = []
    for shape, delta in [((5,), 1.0), ((3, 4), 0.5), ((8,), 2.0)]:
        target = rng.standard_normal(shape)
        error = delta * rng.uniform(0.2, 3.0, shape) * rng.choice([-1.0, 1.0], shape)
        error.flat[:4] = delta * np.array([0.4, -0.6, 2.2, -1.7])      # both sides, both signs
        found.append(Case((target + error,), {"target": target, "delta": delta}))
    far = np.array([[-3.0], [1.0], [0.0], [-1.0], [2.5]])              # edges, none, and beyond
    return [*found, Case((far,), {"target": np.zeros((5, 1))})]


def no_half(prediction, *, target, delta=1.0):
    loss, grad = huber_and_grad(prediction, target=target, delta=delta)
    error = prediction - target
    inside = np.abs(error) <= delta
    return loss + (0.5 * error**2 * inside).mean(), grad + error * inside / error.size


def kinked(prediction, *, target, delta=1.0):
    _, grad = huber_and_grad(prediction, target=target, delta=delta)
    error = np.abs(prediction - target)
    return np.where(error <= delta, 0.5 * error**2, delta * error).mean(), grad


def wrong_sign(prediction, *, target, delta=1.0):
    loss, grad = huber_and_grad(prediction, target=target, delta=delta)
    return loss, -grad


def no_sign(prediction, *, target, delta=1.0):
    loss, _ = huber_and_grad(prediction, target=target, delta=delta)
    error = prediction - target
    return loss, np.where(np.abs(error) <= delta, error, delta) / error.size


def not_cut(prediction, *, target, delta=1.0):
    loss, _ = huber_and_grad(prediction, target=target, delta=delta)
    return loss, (prediction - target) / prediction.size


def no_mean(prediction, *, target, delta=1.0):
    loss, grad = huber_and_grad(prediction, target=target, delta=delta)
    return loss, grad * grad.size


def forgets_delta(prediction, *, target, delta=1.0):
    return huber_and_grad(prediction, target=target, delta=1.0)


EXERCISE = Exercise(
    id="2.6",
    name="huber_and_grad",
    points=3,
    minutes=15,
    reference=huber_and_grad,
    parts=(huber_forward, huber_backward, huber_and_grad),
    cases=cases,
    returns=("the loss", "the gradient"),
    mistakes=[
        Mistake("no half", no_half,
                "near the target the ½ is missing: ½ e², with slope e. Only so do the two pieces "
                "meet with the same slope."),
        Mistake("a jump", kinked,
                "far from the target, subtract ½ delta: delta (|e| - ½ delta). Else the loss jumps "
                "where the two pieces meet."),
        Mistake("wrong sign", wrong_sign,
                "the gradient's sign is turned round: the error is prediction minus target."),
        Mistake("the sign is lost", no_sign,
                "far below the target the slope is -delta, not delta: np.clip(error, -delta, "
                "delta) keeps the sign."),
        Mistake("not cut off", not_cut,
                "the gradient still grows with the error. Beyond delta it stays at ± delta: that "
                "is the point of it."),
        Mistake("no mean", no_mean,
                "the gradient lacks the 1/N: the loss is a mean."),
        Mistake("forgets delta", forgets_delta,
                "you take 1 for delta, whatever is handed in."),
    ],
    hints=[
        "“How do I choose between two formulas for each entry?” np.where(condition, a, b).",
        "“What is the slope?” e near the target, delta times the sign of e beyond: together that "
        "is np.clip(e, -delta, delta). And 1/N, because of the mean.",
    ],
)
