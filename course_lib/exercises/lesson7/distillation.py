"""7.8 distillation_and_grad."""

import numpy as np

from course_lib.exercises import Case, Exercise, Mistake
from course_lib.layers import (
    cross_entropy_backward,
    cross_entropy_forward,
    distillation_and_grad,
    softmax_forward,
)


def cases(rng):
    found = []
    for B, C, temperature, alpha in [(3, 4, 2.0, 0.5), (5, 2, 4.0, 0.9), (2, 6, 1.5, 0.2),
                                     (4, 3, 3.0, 1.0)]:
        options = {"teacher": rng.normal(0, 2, (B, C)), "labels": rng.integers(0, C, B),
                   "temperature": temperature, "alpha": alpha}
        found.append(Case((rng.normal(0, 2, (B, C)),), options))
    large = {"teacher": np.array([[900.0, -900.0, 0.0]]), "labels": np.array([0]),
             "temperature": 2.0, "alpha": 0.5}
    far = {"teacher": np.array([[-900.0, 0.0, 900.0]]), "labels": np.array([2]),
           "temperature": 2.0, "alpha": 0.5}
    found.append(Case((np.array([[3000.0, 2999.0, -3000.0]]),), far))
    left_out = {"teacher": rng.normal(0, 2, (3, 5)), "labels": rng.integers(0, 5, 3)}
    found.append(Case((rng.normal(0, 2, (3, 5)),), left_out))
    apart = {"teacher": np.array([[5000.0, 4999.0, 0.0], [1.0, 0.0, 2.0]]),
             "labels": np.array([1, 2])}                  # one row's largest is not the other's
    return [*found, Case((np.array([[3000.0, 2999.0, -3000.0]]),), large),
            Case((np.array([[4000.0, 4001.0, 0.0], [0.5, 0.0, 1.0]]),), apart)]


def softmax(z):
    return softmax_forward(z)[0]


def log_of_a_zero(logits, *, teacher, labels, temperature=2.0, alpha=0.5):
    z, p = logits / temperature, softmax(teacher / temperature)
    z = z - z.max(axis=1, keepdims=True)
    log_q = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    soft = (p * (np.log(p) - log_q)).sum(axis=1).mean()              # 0 times -inf
    hard, _ = cross_entropy_forward(logits, labels=labels)
    _, grad = distillation_and_grad(logits, teacher=teacher, labels=labels,
                                    temperature=temperature, alpha=alpha)
    return alpha * temperature**2 * soft + (1 - alpha) * hard, grad


def variant(*, power=2, gpower=1, swap=False, both=True, soften=True, total=False, teacher=None):
    """An answer with other factors, another order in the divergence, another teacher."""
    def answer(logits, *, teacher, labels, temperature=2.0, alpha=0.5):
        T = temperature
        hard, cache = cross_entropy_forward(logits, labels=labels)
        q, p = softmax(logits / T), softmax(teacher / T if soften else teacher)
        tiny = 1e-300
        log_q, log_p = np.log(q + tiny), np.log(p + tiny)
        soft = (q * (log_q - log_p) if swap else p * (log_p - log_q)).sum(axis=1)
        d = q - p
        if swap:                                          # the derivative through q
            d = q * (log_q - log_p - (q * (log_q - log_p)).sum(axis=1, keepdims=True))
        n = 1 if total else len(logits)
        a, b = (1 - alpha, alpha) if not both else (alpha, 1 - alpha)
        return (a * T**power * soft.sum() / n + b * hard,
                a * T**gpower * d / n + b * cross_entropy_backward(1.0, cache))
    return answer


def hard_only(logits, *, teacher, labels, temperature=2.0, alpha=0.5):
    loss, cache = cross_entropy_forward(logits, labels=labels)
    return loss, cross_entropy_backward(1.0, cache)


def soft_labels_from_argmax(logits, *, teacher, labels, temperature=2.0, alpha=0.5):
    """The teacher's prediction taken for the label."""
    return distillation_and_grad(logits, teacher=teacher, labels=teacher.argmax(axis=1),
                                 temperature=temperature, alpha=alpha)


def entropy_kept(logits, *, teacher, labels, temperature=2.0, alpha=0.5):
    """Cross-entropy with the teacher: larger by the teacher's entropy; the gradient is right."""
    loss, dlogits = distillation_and_grad(logits, teacher=teacher, labels=labels,
                                          temperature=temperature, alpha=alpha)
    p = softmax(teacher / temperature)
    entropy = -(p * np.log(p + 1e-300)).sum(axis=1).mean()
    return loss + alpha * temperature**2 * entropy, dlogits


def softened_everywhere(logits, *, teacher, labels, temperature=2.0, alpha=0.5):
    """The labels' part, too, is divided by T."""
    loss, cache = cross_entropy_forward(logits / temperature, labels=labels)
    soft, dsoft = distillation_and_grad(logits, teacher=teacher, labels=labels, alpha=1.0,
                                        temperature=temperature)
    return (alpha * soft + (1 - alpha) * loss,
            alpha * dsoft + (1 - alpha) * cross_entropy_backward(1.0, cache) / temperature)


def gradient_of_the_teacher(logits, **options):
    loss, dlogits = distillation_and_grad(logits, **options)
    return loss, -dlogits


def classes_too(logits, *, teacher, labels, temperature=2.0, alpha=0.5):
    """The divergence as a mean over batch and classes."""
    hard, cache = cross_entropy_forward(logits, labels=labels)
    dhard, C = cross_entropy_backward(1.0, cache), logits.shape[1]
    loss, grad = distillation_and_grad(logits, teacher=teacher, labels=labels, alpha=1.0,
                                       temperature=temperature)
    return alpha * loss / C + (1 - alpha) * hard, alpha * grad / C + (1 - alpha) * dhard


def loss_without(logits, *, teacher, labels, temperature=2.0, alpha=0.5):
    """The gradient is right; the loss lacks the square."""
    hard, _ = cross_entropy_forward(logits, labels=labels)
    options = {"teacher": teacher, "labels": labels, "temperature": temperature}
    soft, _ = distillation_and_grad(logits, alpha=1.0, **options)
    return (alpha * soft / temperature**2 + (1 - alpha) * hard,
            distillation_and_grad(logits, alpha=alpha, **options)[1])


def small_number(logits, *, teacher, labels, temperature=2.0, alpha=0.5):
    """A small number is added in the logarithm."""
    q, p = softmax(logits / temperature), softmax(teacher / temperature)
    soft = (p * (np.log(p + 1e-12) - np.log(q + 1e-12))).sum(axis=1).mean()
    hard, _ = cross_entropy_forward(logits, labels=labels)
    _, grad = distillation_and_grad(logits, teacher=teacher, labels=labels, alpha=alpha,
                                    temperature=temperature)
    return alpha * temperature**2 * soft + (1 - alpha) * hard, grad


def overflows(logits, *, teacher, labels, temperature=2.0, alpha=0.5):
    """No shift before exp, and the logarithm of what came out."""
    with np.errstate(all="ignore"):
        q, p = (np.exp(z / temperature) for z in (logits, teacher))
        q, p = q / q.sum(axis=1, keepdims=True), p / p.sum(axis=1, keepdims=True)
        soft = (p * (np.log(p) - np.log(q))).sum(axis=1).mean()
    hard, cache = cross_entropy_forward(logits, labels=labels)
    dhard = cross_entropy_backward(1.0, cache)
    return (alpha * temperature**2 * soft + (1 - alpha) * hard,
            alpha * temperature * (q - p) / len(p) + (1 - alpha) * dhard)


EXERCISE = Exercise(
    id="7.8",
    name="distillation_and_grad",
    points=3,
    minutes=30,
    reference=distillation_and_grad,
    cases=cases,
    given=(cross_entropy_backward, cross_entropy_forward, softmax_forward),
    returns=("loss", "dlogits"),
    mistakes=[
        Mistake("log of a zero", log_of_a_zero,
                "where the teacher gives a class the probability 0, p log p is 0 times -inf: NaN. "
                "Take log p as the log-softmax of the teacher's logits, which is finite."),
        Mistake("no τ squared", variant(power=0, gpower=-1),
                "the factor τ² is missing, in the loss and in the gradient. Without it the "
                "teacher's part fades as τ grows."),
        Mistake("tau squared in the gradient", variant(gpower=2),
                "dlogits has τ² where τ belongs: the division of the logits by τ takes one away."),
        Mistake("gradient without tau", variant(gpower=0),
                "the soft part of dlogits lacks a factor τ: τ² from the loss, and 1 / τ from the "
                "division of the logits."),
        Mistake("gradient over tau", variant(gpower=-1),
                "the soft part of dlogits is divided by τ, and τ² is not in it: together they make "
                "a factor τ."),
        Mistake("divergence turned round", variant(swap=True),
                "this is KL(student ‖ teacher). The teacher comes first: the sum of p (log p - "
                "log q), p the teacher's."),
        Mistake("alpha turned round", variant(both=False),
                "alpha is at the wrong part: it is the teacher's weight, 1 - alpha that of the "
                "labels."),
        Mistake("teacher not softened", variant(soften=False),
                "the teacher's logits are not divided by τ. Both are."),
        Mistake("labels softened", softened_everywhere,
                "the labels' part is computed with logits / τ. There the logits stay as they are."),
        Mistake("sum over the batch", variant(total=True),
                "the divergences are added up over the batch. Take their mean."),
        Mistake("teacher left out", hard_only,
                "this is the cross-entropy with the labels: the teacher is left out."),
        Mistake("the teacher's verdict", soft_labels_from_argmax,
                "the labels' part uses the teacher's verdict. Use labels."),
        Mistake("cross-entropy with the teacher", entropy_kept,
                "the gradient is right, but the loss is the cross-entropy with the teacher. "
                "KL is less by the teacher's entropy, so that it is 0 when both agree."),
        Mistake("wrong sign", gradient_of_the_teacher,
                "dlogits has the wrong sign: student minus teacher, q - p."),
        Mistake("mean over classes too", classes_too,
                "you take the mean of the divergence over the classes too. Add up over the "
                "classes, then take the mean over the batch."),
        Mistake("tau squared not in the loss", loss_without,
                "dlogits is right, but the loss lacks τ²."),
        Mistake("a small number added", small_number,
                "you add a small number in the logarithm, so that it cannot be infinite; with "
                "large logits the loss is then wrong. Compute the logarithm as shifted - log(sum "
                "of exp)."),
        Mistake("overflows", overflows,
                "with large logits you get NaN. Take off the largest before exp, and compute the "
                "logarithm as shifted - log(sum of exp)."),
    ],
    hints=[
        "“How do I begin?” With log-softmaxes (τ is temperature): shifted = z - z.max(axis=1, "
        "keepdims=True); log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)). "
        "For z = teacher / τ and for z = logits / τ.",
        "“The loss?” soft = (p * (log_p - log_q)).sum(axis=1).mean(); hard is "
        "layers.cross_entropy_forward. alpha * τ**2 * soft + (1 - alpha) * hard.",
        "“The gradient of the soft part?” A softmax with cross-entropy again, so q - p, over B. "
        "The chain rule gives 1 / τ for logits / τ, the loss has τ²: together τ.",
    ],
)
