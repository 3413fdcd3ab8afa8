"""3.4 adamw."""

from course_lib.exercises import Exercise, Mistake
from course_lib.optim import adam, adamw

from .adam import eps_before_correction
from .optimizer_steps import STEPS, draw_cases, harness


def cases(rng):
    return draw_cases(rng, [((5,), {"lr": 0.1}), ((2, 4), {"lr": 0.5, "weight_decay": 0.3}),
                            ((5,), {"lr": 0.02, "weight_decay": 1.0, "betas": (0.5, 0.9),
                      "eps": 0.1})])


def in_the_gradient(param, grad, state, *, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
    return adam(param, grad, state, lr=lr, betas=betas, eps=eps, weight_decay=weight_decay)


def without_lr(param, grad, state, *, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
    new, state = adam(param, grad, state, lr=lr, betas=betas, eps=eps)
    return new - weight_decay * param, state


def grows(param, grad, state, *, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
    new, state = adam(param, grad, state, lr=lr, betas=betas, eps=eps)
    return new + lr * weight_decay * param, state


def no_decay(param, grad, state, *, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
    return adam(param, grad, state, lr=lr, betas=betas, eps=eps)


def drops_options(param, grad, state, *, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
    new, state = adam(param, grad, state, lr=lr)
    return new - lr * weight_decay * param, state


def after_the_step(param, grad, state, *, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
    new, state = adam(param, grad, state, lr=lr, betas=betas, eps=eps)
    return new * (1 - lr * weight_decay), state


def eps_hat(param, grad, state, *, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
    new, state = eps_before_correction(param, grad, state, lr=lr, betas=betas, eps=eps)
    return new - lr * weight_decay * param, state


def eps_hat_after(param, grad, state, *, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
    new, state = eps_before_correction(param, grad, state, lr=lr, betas=betas, eps=eps)
    return new * (1 - lr * weight_decay), state


EXERCISE = Exercise(
    id="3.4",
    name="adamw",
    points=2,
    minutes=10,
    reference=adamw,
    cases=cases,
    given=(adam,),
    harness=harness,
    returns=STEPS,
    mistakes=[
        Mistake("eps before the correction", eps_hat,
                "eps is added before s is corrected (\"epsilon-hat\"), as in TensorFlow and CS336. "
                "In (6) it is added to the root of the corrected s, as optim.adam does it."),
        Mistake("eps-hat, then decay", eps_hat_after,
                "two things are as in CS336: eps is added before s is corrected, and the new "
                "weight decays. Here eps comes after the correction, and the old weight decays."),
        Mistake("in the gradient", in_the_gradient,
                "the decay goes into the gradient, and Adam then divides it away: that is L2 in "
                "Adam. Shrink the weights themselves, beside the step."),
        Mistake("without lr", without_lr,
                "the decay lacks the learning rate: the weights shrink by the factor 1 - lr * "
                "weight_decay."),
        Mistake("grows", grows,
                "the weights grow instead of shrinking: subtract lr * weight_decay * param."),
        Mistake("no decay", no_decay,
                "the weights do not decay at all: this is plain Adam."),
        Mistake("drops options", drops_options,
                "betas and eps do not reach Adam: hand them on, optim.adam(..., betas=betas, "
                "eps=eps)."),
        Mistake("after the step", after_the_step,
                "you shrink what comes out of the step. It is the old weights that shrink; the "
                "step is added to that."),
    ],
    hints=[
        "“How does it differ from Adam?” In one thing: the old param is multiplied by 1 "
        "- lr * weight_decay. The gradient, m and s know nothing of the decay.",
        "“Do I have to write Adam again?” No: optim.adam(param, grad, state, lr=lr, "
        "betas=betas, eps=eps) gives the new param and state. Subtract lr * "
        "weight_decay * param from the new param.",
    ],
)
