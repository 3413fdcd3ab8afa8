"""3.5 warmup_cosine."""

import math

from course_lib.exercises import Case, Exercise, Mistake
from course_lib.optim import cosine_lr, warmup_cosine


def harness(answer, steps, **options):
    """The rate at each of some steps."""
    rates = [answer(step, **options) for step in steps]
    return None if all(rate is None for rate in rates) else [float(rate) for rate in rates]


def cases(rng):
    found = []
    for warmup, total in [(5, 25), (10, 30), (3, 40)]:
        steps = tuple(sorted({0, 1, warmup - 1, warmup, warmup + 1, total // 2, total - 1, total}))
        found.append(Case((steps,), {"lr": float(rng.uniform(0.1, 1.0)), "warmup_steps": warmup,
                                     "total_steps": total}))
    none = {"lr": float(rng.uniform(0.1, 1.0)), "warmup_steps": 0, "total_steps": 12}
    return [*found, Case(((0, 1, 6, 11, 12),), none)]


def no_warmup(step, *, lr, warmup_steps, total_steps):
    return cosine_lr(step, lr=lr, total_steps=total_steps)


def starts_at_zero(step, *, lr, warmup_steps, total_steps):
    if step < warmup_steps:
        return lr * step / warmup_steps
    return cosine_lr(step, lr=lr, total_steps=total_steps)


def one_step_early(step, *, lr, warmup_steps, total_steps):
    if step < warmup_steps:
        return lr * (step + 1) / warmup_steps
    return warmup_cosine(step, lr=lr, warmup_steps=warmup_steps, total_steps=total_steps)


def straight(step, *, lr, warmup_steps, total_steps):
    if step < warmup_steps:
        return lr * step / warmup_steps
    return lr * (total_steps - step) / (total_steps - warmup_steps)


def whole_cosine(step, *, lr, warmup_steps, total_steps):
    if step < warmup_steps:
        return lr * step / warmup_steps
    return lr * math.cos(math.pi * (step - warmup_steps) / (total_steps - warmup_steps))


def too_long(step, *, lr, warmup_steps, total_steps):
    if step < warmup_steps:
        return lr * step / warmup_steps
    return cosine_lr(step - warmup_steps, lr=lr, total_steps=total_steps)


EXERCISE = Exercise(
    id="3.5",
    name="warmup_cosine",
    points=2,
    minutes=10,
    reference=warmup_cosine,
    cases=cases,
    given=(cosine_lr,),
    harness=harness,
    returns=tuple(f"the rate at the {nth} of the steps tried" for nth in
                  ("1st", "2nd", "3rd", "4th", "5th", "6th", "7th", "8th")),
    mistakes=[
        Mistake("no warm-up", no_warmup,
                "the warm-up is missing: up to warmup_steps the rate rises from 0 to lr on a "
                "straight line."),
        Mistake("cosine from step 0", starts_at_zero,
                "the cosine begins at step 0, so the rate drops where the warm-up ends. Count its "
                "steps from the end of the warm-up."),
        Mistake("one step early", one_step_early,
                "the warm-up is one step ahead: at step 0 the rate is 0."),
        Mistake("straight down", straight,
                "after the warm-up the rate falls on a straight line. It should follow half a "
                "cosine: slowly, then fast, then slowly."),
        Mistake("below zero", whole_cosine,
                "the rate becomes negative: the cosine runs from 1 to -1. Use (1 + cos) / 2."),
        Mistake("too long", too_long,
                "the rate has not reached 0 at total_steps: the cosine has only "
                "total_steps - warmup_steps steps to do it in."),
    ],
    hints=[
        "“How do I begin?” With the two parts: if step < warmup_steps, and otherwise.",
        "“What is the cosine's progress?” (step - warmup_steps) / (total_steps - warmup_steps): "
        "0 at the end of the warm-up, 1 at the end.",
        "“And the rate?” lr (1 + cos(π · progress)) / 2.",
    ],
)
