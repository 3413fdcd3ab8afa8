"""6.2 attention_mask."""

import numpy as np

from course_lib.attention import attention_mask
from course_lib.exercises import Case, Exercise, Mistake


def cases(rng):
    found = []
    for B, T in [(3, 4), (2, 6), (5, 3)]:
        lengths = rng.integers(1, T + 1, B)
        lengths[0] = T - 1
        found += [Case((lengths, T), {"causal": causal}) for causal in (True, False)]
    return [*found, Case((np.array([2]), 2), {"causal": True}),
            Case((np.array([0, 3, 1]), 3), {"causal": False})]


def padded_queries(lengths, T, *, causal):
    """The padding on the wrong axis."""
    real = (np.arange(T) < lengths[:, None])[:, None, :, None]
    return real & np.where(causal, np.tri(T, dtype=bool), True)


def both_axes(lengths, T, *, causal):
    return padded_queries(lengths, T, causal=causal) & attention_mask(lengths, T, causal=causal)


def ahead(lengths, T, *, causal):
    keys = attention_mask(lengths, T, causal=False)
    return keys & np.tri(T, dtype=bool).T if causal else keys


def not_itself(lengths, T, *, causal):
    keys = attention_mask(lengths, T, causal=False)
    return keys & np.tri(T, k=-1, dtype=bool) if causal else keys


def turned_round(lengths, T, *, causal):
    return ~attention_mask(lengths, T, causal=causal)


def padding_forgotten(lengths, T, *, causal):
    return attention_mask(np.full(len(lengths), T), T, causal=causal)


def always_causal(lengths, T, *, causal):
    return attention_mask(lengths, T, causal=True)


def never_causal(lengths, T, *, causal):
    return attention_mask(lengths, T, causal=False)


def either(lengths, T, *, causal):
    keys = attention_mask(lengths, T, causal=False)
    return keys | np.tri(T, dtype=bool) if causal else keys


def no_axis_for_heads(lengths, T, *, causal):
    return attention_mask(lengths, T, causal=causal)[:, 0]


def numbers(lengths, T, *, causal):
    return np.where(attention_mask(lengths, T, causal=causal), 0.0, -np.inf)


EXERCISE = Exercise(
    id="6.2",
    name="attention_mask",
    points=2,
    minutes=15,
    reference=attention_mask,
    cases=cases,
    returns=("the mask",),
    picture="the mask",
    mistakes=[
        Mistake("padding on the queries", padded_queries,
                "the padding is taken out of the queries. It must not be looked *at*: it is the "
                "keys, the last axis, that are hidden."),
        Mistake("padding on both", both_axes,
                "queries of the padding may look nowhere. Only the keys need to be hidden: what a "
                "padded query finds is not used."),
        Mistake("ahead", ahead,
                "each query may look ahead, and not back: the triangle is the other way round. Key "
                "<= query."),
        Mistake("not itself", not_itself,
                "a token may not look at itself. Then the first one may look nowhere: key <= "
                "query."),
        Mistake("turned round", turned_round,
                "it is True where a query may not look. Here True is where it may."),
        Mistake("padding forgotten", padding_forgotten,
                "the padding is not hidden."),
        Mistake("always causal", always_causal,
                "it is causal also where causal is False."),
        Mistake("never causal", never_causal,
                "it is not causal where causal is True."),
        Mistake("either", either,
                "you join the two with or. A query may look where the key is real *and* not "
                "ahead."),
        Mistake("no axis for the heads", no_axis_for_heads,
                "it has shape (B, T, T). Between them goes an axis of size 1 for the heads: "
                "(B, 1, T, T)."),
        Mistake("numbers", numbers,
                "it holds 0 and -inf, to be added to the scores. Here a mask is Boolean."),
    ],
    hints=[
        "“How do I hide padding?” np.arange(T) < lengths[:, None] is (B, T), for the keys. Make it "
        "(B, 1, 1, T): it is the same for all heads and all queries.",
        "“How do I make a triangle?” np.arange(T)[:, None] >= np.arange(T), or np.tri(T, "
        "dtype=bool): row is the query, column the key.",
        "“How do I put them together?” With &. Broadcasting makes (B, 1, T, T) of them.",
    ],
)
