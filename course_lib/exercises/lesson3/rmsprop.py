"""3.2 rmsprop."""

import numpy as np

from course_lib.exercises import Exercise, Mistake
from course_lib.optim import adagrad, rmsprop

from .optimizer_steps import STEPS, draw_cases, harness


def cases(rng):
    return draw_cases(rng, [((5,), {"lr": 0.1}), ((2, 4), {"lr": 0.5, "alpha": 0.5, "eps": 0.1}),
                            ((5,), {"lr": 0.02, "alpha": 0.9, "eps": 0.01})])


def like_adagrad(param, grad, state, *, lr, alpha=0.99, eps=1e-8):
    return adagrad(param, grad, state, lr=lr, eps=eps)


def no_root(param, grad, state, *, lr, alpha=0.99, eps=1e-8):
    s = alpha * state.get("s", 0.0) + (1 - alpha) * grad**2
    return param - lr * grad / (s + eps), {"s": s}


def eps_inside(param, grad, state, *, lr, alpha=0.99, eps=1e-8):
    s = alpha * state.get("s", 0.0) + (1 - alpha) * grad**2
    return param - lr * grad / np.sqrt(s + eps), {"s": s}


def turned_round(param, grad, state, *, lr, alpha=0.99, eps=1e-8):
    return rmsprop(param, grad, state, lr=lr, alpha=1 - alpha, eps=eps)


def not_squared(param, grad, state, *, lr, alpha=0.99, eps=1e-8):
    s = alpha * state.get("s", 0.0) + (1 - alpha) * np.abs(grad)
    return param - lr * grad / (np.sqrt(s) + eps), {"s": s}


def multiplies(param, grad, state, *, lr, alpha=0.99, eps=1e-8):
    s = alpha * state.get("s", 0.0) + (1 - alpha) * grad**2
    return param - lr * grad * (np.sqrt(s) + eps), {"s": s}


EXERCISE = Exercise(
    id="3.2",
    name="rmsprop",
    points=2,
    minutes=10,
    reference=rmsprop,
    cases=cases,
    harness=harness,
    returns=STEPS,
    mistakes=[
        Mistake("like AdaGrad", like_adagrad,
                "you add all squares up, so the steps only get smaller: that is AdaGrad. Here "
                "old squares fade: alpha * s + (1 - alpha) * grad**2."),
        Mistake("no root", no_root,
                "the square root is missing. s has the unit of a squared gradient; its root has "
                "that of a gradient."),
        Mistake("eps inside", eps_inside,
                "eps stands under the root. As in PyTorch it is added after the root is taken."),
        Mistake("alpha turned round", turned_round,
                "alpha and 1 - alpha are swapped: alpha is the share of the old s that stays."),
        Mistake("not squared", not_squared,
                "s is to average the squares of the gradient, not its sizes."),
        Mistake("multiplies", multiplies,
                "you multiply by the root. Divide: where gradients are large, steps become "
                "shorter."),
    ],
    hints=[
        "“What is the state?” A dictionary of your own. It is empty at the first step: "
        "state.get(\"s\", 0.0) gives 0 then. Return a new one, with what the next step "
        "needs.",
        "“What is s?” A fading average of squared gradients: alpha * s + (1 - alpha) * "
        "grad**2.",
        "“And the step?” lr * grad / (sqrt(s) + eps), subtracted, entry by entry.",
    ],
)
