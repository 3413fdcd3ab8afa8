"""6.5 sinusoidal_positions."""

import numpy as np

from course_lib.attention import sinusoidal_positions
from course_lib.exercises import Case, Exercise, Mistake


def cases(rng):
    sizes = [(5, 6), (12, 4), (3, 10), (1, 2), (30, 8)]
    return [*(Case(size, {"base": float(rng.uniform(20, 20_000))}) for size in sizes), Case((9, 8))]


def variant(angle, join=None):
    """An answer with other angles, or other places for sines and cosines."""
    def answer(T, D, *, base=10_000.0):
        a = angle(np.arange(T)[:, None], np.arange(D // 2), D, base)
        pair = np.stack([np.sin(a), np.cos(a)], axis=-1)
        return (join or (lambda p: p.reshape(T, D)))(pair)
    return answer


def right(t, i, D, base):
    return t / base ** (2 * i / D)


EXERCISE = Exercise(
    id="6.5",
    name="sinusoidal_positions",
    points=2,
    minutes=15,
    reference=sinusoidal_positions,
    cases=cases,
    returns=("the positions",),
    picture="the positions",
    mistakes=[
        Mistake("sines, then cosines", variant(right, lambda p: np.concatenate(
            [p[..., 0], p[..., 1]], axis=1)),
            "all sines come first, then all cosines. Here they alternate: sine at 2 i, cosine at "
            "2 i + 1."),
        Mistake("exchanged", variant(right, lambda p: p[..., ::-1].reshape(len(p), -1)),
                "sine and cosine are exchanged: sine at 2 i, cosine at 2 i + 1."),
        Mistake("i for 2 i", variant(lambda t, i, D, base: t / base ** (i / D)),
                "the exponent is i / D. It is 2 i / D, with i from 0 to D / 2 - 1."),
        Mistake("4 i for 2 i", variant(lambda t, i, D, base: t / base ** (4 * i / D)),
                "the exponent is 4 i / D: you double a number that already counts in twos."),
        Mistake("multiplied", variant(lambda t, i, D, base: t * base ** (2 * i / D)),
                "the waves get faster. Divide by base ** (2 i / D): they get slower."),
        Mistake("from one", variant(lambda t, i, D, base: right(t + 1, i, D, base)),
                "positions are counted from 1. The first is 0."),
        Mistake("one wave", variant(lambda t, i, D, base: t + 0.0 * i),
                "all waves are equally fast: divide by base ** (2 i / D)."),
        Mistake("divided by base times", variant(lambda t, i, D, base: t / (base * np.maximum(
            2 * i / D, 1 / base))),
            "you divide by base times 2 i / D. It is base to the power of 2 i / D."),
        Mistake("base ignored", variant(lambda t, i, D, base: right(t, i, D, 10_000.0)),
                "the base is always 10,000. Use the one that is handed in."),
        Mistake("transposed", variant(right, lambda p: p.reshape(len(p), -1).T),
                "it has shape (D, T): one row for each position."),
    ],
    hints=[
        "“How many waves are there?” D / 2, each with a sine and a cosine. Make the angles first: "
        "an array (T, D / 2), np.arange(T)[:, None] divided by a row.",
        "“How do I make sine and cosine alternate?” out = np.empty((T, D)); out[:, 0::2] = "
        "np.sin(angles); out[:, 1::2] = np.cos(angles).",
    ],
)
