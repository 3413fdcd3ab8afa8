"""3.1 momentum."""

from course_lib.exercises import Exercise, Mistake
from course_lib.optim import momentum, nesterov

from .optimizer_steps import STEPS, draw_cases, harness


def cases(rng):
    return draw_cases(rng, [((5,), {"lr": 0.1}), ((2, 4), {"lr": 0.5, "momentum": 0.5}),
                            ((5,), {"lr": 0.02, "momentum": 0.95})])


def never_updated(param, grad, state, *, lr, momentum=0.9):
    return param - lr * grad + momentum * state.get("v", 0.0), {"v": state.get("v", 0.0)}


def averages(param, grad, state, *, lr, momentum=0.9):
    v = momentum * state.get("v", 0.0) + (1 - momentum) * grad
    return param - lr * v, {"v": v}


def looks_ahead(param, grad, state, *, lr, momentum=0.9):
    return nesterov(param, grad, state, lr=lr, momentum=momentum)


def climbs(param, grad, state, *, lr, momentum=0.9):
    v = momentum * state.get("v", 0.0) + grad
    return param + lr * v, {"v": v}


def old_velocity(param, grad, state, *, lr, momentum=0.9):
    v = state.get("v", 0.0)
    return param - lr * (v if state else grad), {"v": momentum * v + grad}


EXERCISE = Exercise(
    id="3.1",
    name="momentum",
    points=2,
    minutes=10,
    reference=momentum,
    cases=cases,
    harness=harness,
    returns=STEPS,
    mistakes=[
        Mistake("v never updated", never_updated,
                "the velocity stays 0 for ever, so this is plain gradient descent. After each "
                "step, store the new v in the state that you return."),
        Mistake("averages", averages,
                "you multiply the gradient by 1 - momentum. That form exists (Adam uses it), "
                "but here v is momentum * v + grad: with momentum 0.9 the steps grow up to ten "
                "times as long."),
        Mistake("Nesterov", looks_ahead,
                "this is Nesterov's form, with grad + momentum * v. Plain momentum steps along "
                "v."),
        Mistake("climbs", climbs,
                "you add the velocity. Subtract it: descent goes against the gradient."),
        Mistake("old velocity", old_velocity,
                "you step along the velocity of the step before. Update v first, then step "
                "along the new one."),
    ],
    hints=[
        "“What is the state?” A dictionary of your own. It is empty at the first step: "
        "state.get(\"v\", 0.0) gives 0 then. Return a new one, with what the next step "
        "needs.",
        "“What is v?” What remains of the old velocity, plus the new gradient: momentum "
        "* v + grad.",
        "“And the step?” param - lr * v, with the new v.",
    ],
)
