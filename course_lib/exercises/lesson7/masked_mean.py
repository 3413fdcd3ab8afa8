"""7.3 masked_mean_and_grad."""

import numpy as np

from course_lib.exercises import Case, Exercise, Mistake
from course_lib.layers import masked_mean_and_grad


def cases(rng):
    found = []
    for B, T, D in [(3, 4, 2), (2, 6, 5), (1, 3, 4), (4, 2, 3)]:
        lengths = rng.integers(1, T + 1, B)
        lengths[0] = max(1, T - 1)
        mask = np.arange(T) < lengths[:, None]
        found.append(Case((rng.standard_normal((B, T, D)), rng.standard_normal((B, D))),
                          {"mask": mask}))
    holes = rng.random((3, 5)) < 0.5                      # not only at the end
    holes[:, 1] = True
    holes[0] = [False, True, False, True, True]
    holes[2] = False                                      # nothing is real
    found.append(Case((rng.standard_normal((3, 5, 2)), rng.standard_normal((3, 2))),
                      {"mask": holes}))
    return found


def variant(*, count=None, dcount=None, use=True, duse=True):
    """An answer that divides by something else, or forgets the mask on one of the ways."""
    def answer(x, dout, *, mask):
        real = np.maximum(mask.sum(axis=1, keepdims=True), 1)
        n = real if count is None else count(mask)
        dn = n if dcount is None else dcount(mask)
        kept, back = (mask[..., None] | (not flag) for flag in (use, duse))
        return (x * kept).sum(axis=1) / n, back * (dout / dn)[:, None, :]
    return answer


def length(mask):
    return mask.shape[1]


def divides_by_zero(x, dout, *, mask):
    with np.errstate(all="ignore"):
        n = mask.sum(axis=1, keepdims=True)
        return (x * mask[..., None]).sum(axis=1) / n, mask[..., None] * (dout / n)[:, None, :]


def not_spread(x, dout, *, mask):
    out, dx = masked_mean_and_grad(x, dout, mask=mask)
    return out, (dout / np.maximum(mask.sum(axis=1, keepdims=True), 1))[:, None, :]


def over_batch(x, dout, *, mask):
    return variant(count=lambda m: max(1, m.sum()))(x, dout, mask=mask)


def largest(x, dout, *, mask):
    out = np.where(mask[..., None], x, -np.inf).max(axis=1)
    out = np.where(np.isfinite(out), out, 0.0)
    return out, np.where((x == out[:, None]) & mask[..., None], dout[:, None], 0.0)


EXERCISE = Exercise(
    id="7.3",
    name="masked_mean_and_grad",
    points=2,
    minutes=15,
    reference=masked_mean_and_grad,
    cases=cases,
    returns=("out", "dx"),
    mistakes=[
        Mistake("divided by T", variant(count=length),
                "you divide by T, padding included. Divide by the number of real tokens of each "
                "sentence: mask.sum(axis=1)."),
        Mistake("padding in the mean", variant(count=length, use=False, duse=False),
                "this is the mean over all places, padding too: the mask is not used."),
        Mistake("padding in the sum", variant(use=False, duse=False),
                "the sum takes in the padding. Multiply by the mask first."),
        Mistake("a gradient for padding", variant(duse=False),
                "out is right, but dx gives a gradient to padding. Only real tokens were in the "
                "sum."),
        Mistake("gradient not divided", variant(dcount=lambda mask: 1),
                "dx is not divided: each of n tokens moved the mean by 1 / n of its own."),
        Mistake("gradient divided by T", variant(dcount=length),
                "dx is divided by T. Divide by the number of real tokens, as out is."),
        Mistake("dx not spread", not_spread,
                "dx lacks the axis of the tokens: multiply by mask[..., None]."),
        Mistake("a sum", variant(count=lambda mask: 1),
                "this is the sum, not the mean: divide by the number of real tokens."),
        Mistake("counted over the batch", over_batch,
                "you divide by the real tokens of the whole batch. Each sentence has a number of "
                "its own: mask.sum(axis=1, keepdims=True)."),
        Mistake("nothing real", divides_by_zero,
                "a sentence without a real token gives 0 / 0. Its mean is to be 0: divide by "
                "max(count, 1)."),
        Mistake("maximum", largest,
                "you take the largest value. Take the mean."),
    ],
    hints=[
        "“How do I multiply by the mask?” It lacks the last axis: x * mask[..., None].",
        "“What do I divide by?” count = np.maximum(mask.sum(axis=1, keepdims=True), 1), (B, 1).",
        "“And dx?” Every real token gets dout / count of its sentence; padding gets 0: "
        "mask[..., None] * (dout / count)[:, None, :].",
    ],
)
