"""3.6 clip_by_global_norm."""

import numpy as np

from course_lib.exercises import Case, Exercise, Mistake
from course_lib.optim import clip_by_global_norm


def harness(answer, *grads, max_norm):
    """The clipped arrays one by one, then the norm."""
    out = answer(list(grads), max_norm=max_norm)
    if out is None:
        return None
    clipped, norm = out
    return (*clipped, norm)


def cases(rng):
    found = []
    for factor in (0.5, 2.0, 0.1):
        grads = rng.standard_normal((3, 4)), rng.normal(0.0, 3.0, 5), rng.standard_normal((2,))
        norm = float(np.sqrt(sum((g**2).sum() for g in grads)))
        found.append(Case(grads, {"max_norm": factor * norm}))
    return found


def one_by_one(grads, *, max_norm):
    _, norm = clip_by_global_norm(grads, max_norm=max_norm)
    return [clip_by_global_norm([g], max_norm=max_norm)[0][0] for g in grads], norm


def entries(grads, *, max_norm):
    _, norm = clip_by_global_norm(grads, max_norm=max_norm)
    return [np.clip(g, -max_norm, max_norm) for g in grads], norm


def always(grads, *, max_norm):
    _, norm = clip_by_global_norm(grads, max_norm=max_norm)
    return [g * max_norm / norm for g in grads], norm


def norm_after(grads, *, max_norm):
    clipped, norm = clip_by_global_norm(grads, max_norm=max_norm)
    return clipped, min(norm, max_norm)


def no_root(grads, *, max_norm):
    norm = sum((g**2).sum() for g in grads)
    return [g * min(1.0, max_norm / norm) for g in grads], norm


def sum_of_norms(grads, *, max_norm):
    norm = sum(np.sqrt((g**2).sum()) for g in grads)
    return [g * min(1.0, max_norm / norm) for g in grads], norm


EXERCISE = Exercise(
    id="3.6",
    name="clip_by_global_norm",
    points=2,
    minutes=10,
    reference=clip_by_global_norm,
    cases=cases,
    harness=harness,
    returns=("the first array", "the second array", "the third array", "the norm"),
    mistakes=[
        Mistake("one by one", one_by_one,
                "each array is clipped by itself, which changes the direction. There is one norm "
                "of all arrays together, and one factor."),
        Mistake("entries", entries,
                "you cut off single entries, which changes the direction. Scale all of them by one "
                "factor."),
        Mistake("always", always,
                "short gradients are made longer. The factor is never more than 1."),
        Mistake("norm after", norm_after,
                "you return the norm after clipping. Return the one before: it is worth watching."),
        Mistake("no root", no_root,
                "the square root is missing from the norm."),
        Mistake("sum of norms", sum_of_norms,
                "you add up the norms of the arrays. Add up the squares of all entries, then take "
                "one root."),
    ],
    hints=[
        "“What is the global norm?” That of one long vector with all entries of all arrays: the "
        "root of the sum of (g**2).sum().",
        "“By what do I scale?” min(1, max_norm / norm), the same for all arrays.",
        "“What do I return?” Two things: the list of scaled arrays, and the norm before.",
    ],
)
