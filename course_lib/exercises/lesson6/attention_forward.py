"""6.1 attention_forward."""

import numpy as np

from course_lib.attention import attention_forward
from course_lib.exercises import Case, Exercise, Mistake
from course_lib.layers import softmax_forward


def harness(answer, q, k, v, **mask):
    """Only what comes out is compared: what is kept for the backward is the answer's own."""
    import numpy as np

    out = answer(q, k, v, **mask)
    try:
        pair = isinstance(out, (tuple, list)) and len(out) == 2 and np.ndim(out[0]) == q.ndim
    except ValueError:
        pair = False
    return out[0] if pair else out


def cases(rng):
    found = []
    for front, T, S, E, last in [((), 3, 4, 2, 5), ((2,), 4, 3, 5, 2), ((2, 3), 2, 5, 4, 1),
                                 ((3,), 1, 2, 3, 4)]:
        draw = [rng.standard_normal((*front, *s)) for s in [(T, E), (S, E), (S, last)]]
        some = rng.random((*front, T, S)) < 0.6
        some[..., 0] = True
        found += [Case(tuple(draw), {"mask": None}), Case(tuple(draw), {"mask": some})]
    none = np.array([[True, False, True], [False, False, False]])     # the second may look nowhere
    args = tuple(rng.standard_normal(s) for s in [(2, 4), (3, 4), (3, 2)])
    # rows far apart: one largest for all would make the second row 0 / 0
    apart = (np.array([[40.0, 0.0], [0.0, 1.0]]), np.array([[40.0, 0.0], [0.0, 1.0], [1.0, 0.0]]),
             rng.standard_normal((3, 2)))
    # the largest score is hidden, or all that may be seen are very small
    hides = (np.array([[90.0, 90.0]]), np.array([[90.0, 90.0], [0.0, 0.0]]),
             rng.standard_normal((2, 3)))
    small = (np.array([[12.0, 0.0]]), np.array([[-12.0, 0.0], [-12.0, 1.0], [0.0, 0.0]]),
             rng.standard_normal((3, 2)))
    heads = [rng.standard_normal((2, 3, 4, 2)) for _ in range(3)]
    wide = rng.random((2, 1, 4, 4)) < 0.5                 # one axis for all heads
    found += [Case(apart), Case(hides, {"mask": np.array([[False, True]])}),
              Case(small, {"mask": np.array([[True, True, False]])}),
              Case(tuple(heads), {"mask": wide})]
    return [*found, Case(args, {"mask": none}), Case((90 * args[0], 90 * args[1], args[2]),
                                                     {"mask": None})]


def variant(*, scale=lambda E: np.sqrt(E), axis=-1, fill=-np.inf, turned=False, after=False,
            empty=0.0):
    """An answer with parts that can be changed."""
    def answer(q, k, v, *, mask=None):
        scores = q @ np.swapaxes(k, -1, -2) / scale(q.shape[-1])
        if mask is not None and not after:
            scores = np.where(~mask if turned else mask, scores, fill)
        top = scores.max(axis=axis, keepdims=True)
        e = np.exp(scores - np.where(np.isfinite(top), top, 0.0))
        total = e.sum(axis=axis, keepdims=True)
        weights = np.where(total > 0, e / total, empty)
        return (weights * mask if after and mask is not None else weights) @ v
    return answer


def mask_multiplied(q, k, v, *, mask=None):
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1])
    return variant(scale=lambda E: 1.0)(scores if mask is None else scores * mask,
                                        np.broadcast_to(np.eye(k.shape[-2]),
                                                        (*k.shape[:-2],) + (k.shape[-2],) * 2), v)


def mask_ignored(q, k, v, *, mask=None):
    return attention_forward(q, k, v)[0]


def shift_of_all(q, k, v, *, mask=None):
    """One largest score for all rows."""
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1])
    scores = scores if mask is None else np.where(mask, scores, -np.inf)
    top = scores[np.isfinite(scores)].max(initial=-1e300)
    e = np.exp(scores - top)
    total = e.sum(axis=-1, keepdims=True)
    return np.where(total > 0, e / total, 0.0) @ v


def shift_before_mask(q, k, v, *, mask=None):
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1])
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    e = e if mask is None else e * mask
    total = e.sum(axis=-1, keepdims=True)
    return np.where(total > 0, e / total, 0.0) @ v


def added(q, k, v, *, mask=None):
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1])
    scores = scores if mask is None else scores + np.where(mask, 0.0, -1e9)
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True) @ v


def no_shift(q, k, v, *, mask=None):
    e = np.exp(q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1]))
    e = e if mask is None else e * mask
    total = e.sum(axis=-1, keepdims=True)
    return np.where(total > 0, e / total, 0.0) @ v


EXERCISE = Exercise(
    id="6.1",
    name="attention_forward",
    points=3,
    minutes=25,
    reference=attention_forward,
    cases=cases,
    given=(softmax_forward,),
    harness=harness,
    returns=("out",),
    picture="out",
    mistakes=[
        Mistake("not scaled", variant(scale=lambda E: 1.0),
                "the scores are not divided by the root of E."),
        Mistake("scaled by E", variant(scale=lambda E: E),
                "the scores are divided by E. It is the root of E: (2)."),
        Mistake("softmax over the queries", variant(axis=-2),
                "the softmax runs over the queries. For each query, its weights on the *keys* add "
                "up to 1: axis=-1."),
        Mistake("mask after the softmax", variant(after=True),
                "the mask comes after the softmax, so the weights no longer add up to 1. Put -inf "
                "into the scores before it."),
        Mistake("mask turned round", variant(turned=True),
                "the mask is taken the other way round: True is where a query may look."),
        Mistake("scores times the mask", mask_multiplied,
                "the scores are multiplied by the mask. A score of 0 is not a weight of 0: exp(0) "
                "is 1. Put -inf there."),
        Mistake("mask ignored", mask_ignored,
                "the mask has no effect."),
        Mistake("a row of NaN", variant(empty=np.nan),
                "a query that may look nowhere gets NaN: its largest score is -inf, and 0 / 0. "
                "Give it zeros."),
        Mistake("looks everywhere", variant(fill=-1e9),
                "a query that may look nowhere looks everywhere: its scores are all -1e9, and so "
                "all alike. Give it zeros."),
        Mistake("shift of all", shift_of_all,
                "you subtract the largest score of all. Where a row lies far below it, all its exp "
                "are 0. Subtract the largest of each row."),
        Mistake("shift before the mask", shift_before_mask,
                "you subtract the largest score before masking. If just that one is hidden, all "
                "that is left may be 0. Mask the scores first."),
        Mistake("added", added,
                "you add -1e9 where the mask hides. For a query that may look nowhere all scores "
                "then are equally low, and it looks everywhere. Give it zeros."),
        Mistake("no shift", no_shift,
                "with large scores exp overflows. Subtract the largest of each row first."),
    ],
    hints=[
        "“How do I transpose the last two axes?” np.swapaxes(k, -1, -2), or k.swapaxes(-1, -2).",
        "“Where does the mask go in?” Into the scores, before the softmax: "
        "scores = np.where(mask, scores, -np.inf).",
        "“And a row of -inf only?” Its largest is -inf, and -inf - -inf is NaN. Take 0 in place of "
        "that largest; then all of exp is 0. Divide by the sum only where it is above 0.",
    ],
)
