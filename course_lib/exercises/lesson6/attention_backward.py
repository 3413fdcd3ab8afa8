"""6.4 attention_backward."""

import numpy as np

from course_lib.attention import attention_backward, attention_forward
from course_lib.exercises import Case, Exercise, Mistake


def cases(rng):
    found = []
    for front, T, S, E, last in [((), 3, 4, 2, 5), ((2,), 4, 3, 5, 2), ((2, 3), 2, 5, 4, 3),
                                 ((1,), 3, 3, 2, 2)]:
        draw = [rng.standard_normal((*front, *s)) for s in [(T, E), (S, E), (S, last)]]
        mask = rng.random((*front, T, S)) < 0.7
        mask[..., 0] = True
        out, cache = attention_forward(*draw, mask=mask if len(front) == 1 else None)
        found.append(Case((rng.standard_normal(out.shape), cache)))
    return found


def variant(*, softmax=lambda w, d: w * (d - (d * w).sum(axis=-1, keepdims=True)), scale=None):
    """An answer with another softmax or another scale."""
    def answer(dout, cache):
        q, k, v, weights = cache
        dscores = softmax(weights, dout @ np.swapaxes(v, -1, -2))
        dscores = dscores / (np.sqrt(q.shape[-1]) if scale is None else scale(q, v))
        return (dscores @ k, np.swapaxes(dscores, -1, -2) @ q,
                np.swapaxes(weights, -1, -2) @ dout)
    return answer


def exchanged(dout, cache):
    dq, dk, dv = attention_backward(dout, cache)
    return dk, dq, dv


def dv_from_values(dout, cache):
    dq, dk, _ = attention_backward(dout, cache)
    return dq, dk, np.swapaxes(cache[3], -1, -2) @ (cache[3] @ cache[2])


def scale_on_dq_only(dout, cache):
    dq, dk, dv = attention_backward(dout, cache)
    return dq, dk * np.sqrt(cache[0].shape[-1]), dv




EXERCISE = Exercise(
    id="6.4",
    name="attention_backward",
    points=4,
    minutes=30,
    reference=attention_backward,
    cases=cases,
    returns=("dq", "dk", "dv"),
    mistakes=[
        Mistake("not scaled", variant(scale=lambda q, v: 1.0),
                "dq and dk lack the division by the root of E: the scores were divided by it."),
        Mistake("scaled by E", variant(scale=lambda q, v: q.shape[-1]),
                "dq and dk are divided by E. The scores were divided by the root of E, once."),
        Mistake("dk not scaled", scale_on_dq_only,
                "dq is scaled, dk is not. Divide dscores by the root of E, then make both of it."),
        Mistake("softmax without its sum", variant(softmax=lambda w, d: w * d),
                "the softmax's backward lacks its second part: a weight that grows takes from the "
                "others. w * (d - sum of d w), the sum over the keys."),
        Mistake("softmax entry by entry", variant(softmax=lambda w, d: w * (1 - w) * d),
                "you take w (1 - w), the slope of a sigmoid. In a softmax each score moves all the "
                "weights of its row: w * (d - sum of d w)."),
        Mistake("sum over the queries", variant(
            softmax=lambda w, d: w * (d - (d * w).sum(axis=-2, keepdims=True))),
            "the sum in the softmax's backward runs over the queries. A row of weights belongs to "
            "one query: sum over the keys, axis=-1."),
        Mistake("mean for the sum", variant(
            softmax=lambda w, d: w * (d - (d * w).mean(axis=-1, keepdims=True))),
            "the softmax's backward has a mean where the sum of d w should be."),
        Mistake("softmax skipped", variant(softmax=lambda w, d: d),
                "the gradient does not pass the softmax at all."),
        Mistake("exchanged", exchanged,
                "dq and dk are exchanged."),
        Mistake("dv from the output", dv_from_values,
                "dv is made with the output. It is made with the output's gradient, dout."),
    ],
    hints=[
        "“Where do I begin?” At the end: out = weights @ v. That is a matrix product, as in lesson "
        "1: dv is weights transposed times dout, dweights is dout times v transposed.",
        "“Then?” Back through the softmax, row by row, as in lesson 1: "
        "dscores = weights * (dweights - (dweights * weights).sum(axis=-1, keepdims=True)).",
        "“And q and k?” scores = q @ kT / root of E. Divide dscores by that root. Then dq is "
        "dscores @ k, and dk is dscores transposed @ q.",
        "“What about the mask?” Nothing: where it hid a key the weight is 0, so its gradient is.",
    ],
)
