"""3.3 adam."""

import numpy as np

from course_lib.exercises import Exercise, Mistake
from course_lib.optim import adam

from .optimizer_steps import STEPS, draw_cases, harness


def cases(rng):
    return draw_cases(rng, [((5,), {"lr": 0.1}),
                            ((2, 4), {"lr": 0.5, "betas": (0.5, 0.9), "eps": 0.1}),
                            ((5,), {"lr": 0.02, "betas": (0.8, 0.99), "eps": 0.01})])


def moments(grad, state, betas):
    """Both running means and the number of the step."""
    m = betas[0] * state.get("m", 0.0) + (1 - betas[0]) * grad
    s = betas[1] * state.get("s", 0.0) + (1 - betas[1]) * grad**2
    return m, s, state.get("t", 0) + 1


def no_correction(param, grad, state, *, lr, betas=(0.9, 0.999), eps=1e-8):
    m, s, t = moments(grad, state, betas)
    return param - lr * m / (np.sqrt(s) + eps), {"m": m, "s": s, "t": t}


def corrects_only_m(param, grad, state, *, lr, betas=(0.9, 0.999), eps=1e-8):
    m, s, t = moments(grad, state, betas)
    return param - lr * m / (1 - betas[0]**t) / (np.sqrt(s) + eps), {"m": m, "s": s, "t": t}


def keeps_corrected(param, grad, state, *, lr, betas=(0.9, 0.999), eps=1e-8):
    m, s, t = moments(grad, state, betas)
    m, s = m / (1 - betas[0]**t), s / (1 - betas[1]**t)
    return param - lr * m / (np.sqrt(s) + eps), {"m": m, "s": s, "t": t}


def eps_inside(param, grad, state, *, lr, betas=(0.9, 0.999), eps=1e-8):
    m, s, t = moments(grad, state, betas)
    m_hat, s_hat = m / (1 - betas[0]**t), s / (1 - betas[1]**t)
    return param - lr * m_hat / np.sqrt(s_hat + eps), {"m": m, "s": s, "t": t}


def eps_before_correction(param, grad, state, *, lr, betas=(0.9, 0.999), eps=1e-8):
    m, s, t = moments(grad, state, betas)
    rate = lr * np.sqrt(1 - betas[1]**t) / (1 - betas[0]**t)
    return param - rate * m / (np.sqrt(s) + eps), {"m": m, "s": s, "t": t}


def swapped(param, grad, state, *, lr, betas=(0.9, 0.999), eps=1e-8):
    return adam(param, grad, state, lr=lr, betas=betas[::-1], eps=eps)


def stays_at_one(param, grad, state, *, lr, betas=(0.9, 0.999), eps=1e-8):
    return adam(param, grad, {**state, "t": 0}, lr=lr, betas=betas, eps=eps)


def deviation(param, grad, state, *, lr, betas=(0.9, 0.999), eps=1e-8):
    old = state.get("m", 0.0)
    m = betas[0] * old + (1 - betas[0]) * (grad - old)
    _, s, t = moments(grad, state, betas)
    step = m / (1 - betas[0]**t) / (np.sqrt(s / (1 - betas[1]**t)) + eps)
    return param - lr * step, {"m": m, "s": s, "t": t}


EXERCISE = Exercise(
    id="3.3",
    name="adam",
    points=3,
    minutes=20,
    reference=adam,
    cases=cases,
    harness=harness,
    returns=STEPS,
    mistakes=[
        Mistake("no bias correction", no_correction,
                "the bias correction is missing. m and s start at 0 and are too small at first: "
                "divide by 1 - beta1**t and by 1 - beta2**t, with t = 1 at the first step."),
        Mistake("corrects only m", corrects_only_m,
                "only m is corrected. s starts at 0 as well: divide it by 1 - beta2**t."),
        Mistake("keeps the corrected", keeps_corrected,
                "you store the corrected m and s, so that they are corrected again at the next "
                "step. Store the plain ones."),
        Mistake("eps inside", eps_inside,
                "eps stands under the root. It is added after the root is taken."),
        Mistake("eps before the correction", eps_before_correction,
                "eps is added before s is corrected (\"epsilon-hat\"), as in TensorFlow and CS336. "
                "In formula (5) it is added to the root of s / (1 - beta2**t)."),
        Mistake("betas swapped", swapped,
                "the betas are swapped: betas[0] is for m, the mean of gradients, betas[1] for "
                "s, the mean of squares."),
        Mistake("t stays 1", stays_at_one,
                "the number of the step does not grow: store t in the state and add 1 at every "
                "step."),
        Mistake("grad minus mean", deviation,
                "you average grad minus the old mean. The first moment is the mean of the "
                "gradient itself."),
    ],
    hints=[
        "“What is the state?” A dictionary of your own. It is empty at the first step: "
        "state.get(\"m\", 0.0) gives 0 then. Return a new one, with what the next step "
        "needs. Three things: m, s and t.",
        "“What are m and s?” Fading averages: of grad with betas[0], of grad**2 with "
        "betas[1].",
        "“What is the correction?” After t steps from 0, a fading average has seen only "
        "a share 1 - beta**t of what it should. Divide by that, for the step only; "
        "store m and s as they are.",
    ],
)
