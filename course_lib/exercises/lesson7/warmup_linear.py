"""7.4 warmup_linear."""

from course_lib.exercises import Case, Exercise, Mistake
from course_lib.optim import cosine_lr, warmup_linear


def harness(answer, steps, **options):
    """The rate at each of some steps."""
    rates = [answer(step, **options) for step in steps]
    if all(rate is None for rate in rates):
        return None
    return {f"step {step}": None if rate is None else float(rate)
            for step, rate in zip(steps, rates, strict=True)}


def normalise(output, steps, *, lr, warmup_steps, total_steps):
    """What is wrong, in words: the first step that is off."""
    for step in steps:
        right = warmup_linear(step, lr=lr, warmup_steps=warmup_steps, total_steps=total_steps)
        mine = output[f"step {step}"]
        if mine is None or not abs(mine - right) <= 1e-6 * lr:
            told = "nothing (None: is a return missing?)" if mine is None else f"{mine:.6g}"
            return (f"at step {step} it returns {told}, and should return {right:.6g} (lr {lr:.3g},"
                    f" warmup_steps {warmup_steps}, total_steps {total_steps})")
    return ""


def cases(rng):
    found = []
    for warmup, total in [(5, 25), (10, 30), (3, 40), (0, 12), (6, 7), (8, 8)]:
        steps = tuple(sorted({0, 1, max(0, warmup - 1), warmup, warmup + 1, total // 2, total - 1,
                              total, total + 1, total + 3}))
        found.append(Case((steps,), {"lr": float(rng.uniform(0.1, 1.0)), "warmup_steps": warmup,
                                     "total_steps": total}))
    return found


def variant(*, ahead=0, warm=True, begin=True, rest=True, stop=True, floor=0.0):
    """An answer that makes one of several mistakes."""
    def answer(step, *, lr, warmup_steps, total_steps):
        if warm and step < warmup_steps:
            return lr * (step + ahead) / warmup_steps
        left = (total_steps - step) / ((total_steps - warmup_steps) if rest else total_steps)
        if not begin:
            left = 1 - (step - warmup_steps) / total_steps
        left = max(0.0, left) if stop else left
        return lr * max(floor, left)
    answer_below = by_below if not stop else answer
    return answer_below


def by_below(step, *, lr, warmup_steps, total_steps):
    if step < warmup_steps:
        return lr * step / warmup_steps
    return lr * (total_steps - step) / (total_steps - warmup_steps)


def nothing_to_warm(step, *, lr, warmup_steps, total_steps):
    if step <= warmup_steps:
        return lr * step / max(1, warmup_steps)
    return warmup_linear(step, lr=lr, warmup_steps=warmup_steps, total_steps=total_steps)


def ends_early(step, *, lr, warmup_steps, total_steps):
    return warmup_linear(step, lr=lr, warmup_steps=warmup_steps, total_steps=total_steps - 1)


def constant(step, *, lr, warmup_steps, total_steps):
    return lr * min(1.0, step / warmup_steps) if warmup_steps else lr


def cosine(step, *, lr, warmup_steps, total_steps):
    if step < warmup_steps:
        return lr * step / warmup_steps
    return cosine_lr(step - warmup_steps, lr=lr, total_steps=total_steps - warmup_steps)


def factor(step, *, lr, warmup_steps, total_steps):
    return warmup_linear(step, lr=1.0, warmup_steps=warmup_steps, total_steps=total_steps)


def product(step, *, lr, warmup_steps, total_steps):
    up = min(1.0, step / warmup_steps) if warmup_steps else 1.0
    return lr * up * max(0.0, 1 - step / total_steps)


EXERCISE = Exercise(
    id="7.4",
    name="warmup_linear",
    points=1,
    minutes=10,
    reference=warmup_linear,
    cases=cases,
    harness=harness,
    normalise=normalise,
    returns=("the rates",),
    mistakes=[
        Mistake("no warm-up", variant(warm=False, rest=False),
                "the warm-up is missing: up to warmup_steps the rate rises from 0 to lr."),
        Mistake("one step ahead", variant(ahead=1),
                "the warm-up is one step ahead: at step 0 the rate is 0."),
        Mistake("below zero", variant(stop=False),
                "after total_steps the rate is negative, and training would climb. Stop at 0."),
        Mistake("falls from step 0", variant(rest=False),
                "the fall begins at step 0, so the rate jumps where the warm-up ends. At "
                "warmup_steps it is lr; from there it has total_steps - warmup_steps steps."),
        Mistake("does not reach zero", variant(begin=False),
                "the rate has not reached 0 at total_steps: it has only total_steps - warmup_steps "
                "steps to fall."),
        Mistake("does not fall", constant,
                "after the warm-up the rate stays. It is to fall to 0 on a straight line."),
        Mistake("no warm-up to do", nothing_to_warm,
                "with warmup_steps = 0 the rate is lr at step 0: ask for step < warmup_steps."),
        Mistake("ends one step early", ends_early,
                "the rate is 0 one step too early: it reaches 0 at total_steps."),
        Mistake("cosine", cosine,
                "after the warm-up the rate falls along a cosine, as in lesson 3. Here it falls on "
                "a straight line."),
        Mistake("without lr", factor,
                "you return the factor. Multiply it by lr."),
        Mistake("product", product,
                "warm-up and fall are multiplied, so the peak is below lr. First one, then the "
                "other."),
    ],
    hints=[
        "“How do I begin?” With the two parts: if step < warmup_steps, and otherwise.",
        "“The second part?” lr times the share of the way that is left: "
        "(total_steps - step) / (total_steps - warmup_steps).",
        "“And after the end?” max(0.0, ...).",
    ],
)
