"""6.7 multi_head_step."""

import numpy as np

from course_lib.attention import attention_forward, merge_heads, multi_head_step, split_heads
from course_lib.exercises import Case, Exercise, Mistake


def cases(rng):
    found = []
    for B, S, N, E in [(2, 3, 2, 4), (1, 5, 3, 2), (3, 2, 1, 5), (2, 4, 4, 1)]:
        D = N * E
        weights = [rng.standard_normal(s) for s in [(D, 3 * D), (3 * D,), (D, D), (D,)]]
        past = tuple(rng.standard_normal((B, N, S, E)) for _ in range(2))
        x = rng.standard_normal((B, 1, D))
        found += [Case((x, past, *weights), {"heads": N}), Case((x, None, *weights), {"heads": N})]
    return found


def variant(keep):
    """An answer that keeps or joins other keys and values."""
    def answer(x, past, Wqkv, bqkv, Wo, bo, *, heads):
        q, k, v = (split_heads(p, heads) for p in np.split(x @ Wqkv + bqkv, 3, axis=-1))
        (k, v), kept = keep(past, k, v)
        return merge_heads(attention_forward(q, k, v)[0]) @ Wo + bo, kept
    return answer


def join(past, k, v):
    if past is None:
        return k, v
    return tuple(np.concatenate(pair, axis=2) for pair in zip(past, (k, v), strict=True))


def new_in_front(past, k, v):
    if past is None:
        return (k, v), (k, v)
    both = tuple(np.concatenate(pair, axis=2) for pair in zip((k, v), past, strict=True))
    return both, both


def keys_only(past, k, v):
    if past is None:
        return (k, v), (k, v)
    k = np.concatenate([past[0], k], axis=2)
    return (k, np.concatenate([past[1], past[1][:, :, -1:]], axis=2)), (k, v)


def exchanged(x, past, *weights, heads):
    out, (k, v) = multi_head_step(x, past, *weights, heads=heads)
    return out, (v, k)


def no_output_layer(x, past, Wqkv, bqkv, Wo, bo, *, heads):
    return multi_head_step(x, past, Wqkv, bqkv, np.eye(len(Wo)), 0 * bo, heads=heads)


def bias_forgotten(x, past, Wqkv, bqkv, Wo, bo, *, heads):
    return multi_head_step(x, past, Wqkv, 0 * bqkv, Wo, bo, heads=heads)


def one_head(x, past, Wqkv, bqkv, Wo, bo, *, heads):
    flat = None if past is None else tuple(merge_heads(p)[:, None] for p in past)
    out, kept = multi_head_step(x, flat, Wqkv, bqkv, Wo, bo, heads=1)
    return out, tuple(split_heads(k[:, 0], heads) for k in kept)


EXERCISE = Exercise(
    id="6.7",
    name="multi_head_step",
    points=3,
    minutes=25,
    reference=multi_head_step,
    cases=cases,
    given=(attention_forward, merge_heads, split_heads),
    returns=("out", "past"),
    mistakes=[
        Mistake("past ignored", variant(lambda past, k, v: ((k, v), join(past, k, v))),
                "the new token looks at itself only: attend to the keys and values of the past "
                "too."),
        Mistake("nothing kept", variant(lambda past, k, v: (join(past, k, v), (k, v))),
                "the past that you return holds the new token only. Return the old keys and values "
                "with the new ones behind them."),
        Mistake("new token not seen", variant(
            lambda past, k, v: (past or (k, v), join(past, k, v))),
                "the new token does not look at itself: put its key and value behind the past "
                "first, then attend."),
        Mistake("past not continued", variant(
            lambda past, k, v: (join(past, k, v), past or (k, v))),
                "the past that you return is the old one: the new key and value are missing."),
        Mistake("new in front", variant(new_in_front),
                "the new key and value stand before the old ones. Attention does not mind, but "
                "the order of the past is that of the text: put them behind."),
        Mistake("values not joined", variant(keys_only),
                "the new token's value is missing from the values: join both, keys and values."),
        Mistake("past exchanged", exchanged,
                "the past that you return is (values, keys): return (keys, values)."),
        Mistake("no output layer", no_output_layer,
                "the last layer is missing: merge the heads, then times Wo, plus bo."),
        Mistake("bias forgotten", bias_forgotten,
                "bqkv is missing."),
        Mistake("one head", one_head,
                "all features are in one head: split queries, keys and values first."),
    ],
    hints=[
        "“How many tokens are there?” One: x is (B, 1, D). It has one query, one key, one value "
        "for each head.",
        "“What is in past?” Keys and values of all tokens before, (B, N, S, E) each; or None. "
        "np.concatenate([past[0], k], axis=2) puts the new key behind them.",
        "“And the mask?” None is needed: all that is there is before the new token, or is it.",
        "“How does it end?” attention.attention_forward(q, k, v)[0], merge_heads, times Wo, plus "
        "bo. Return that, and (k, v).",
    ],
)
