"""6.3 split_heads."""

from course_lib.attention import split_heads
from course_lib.exercises import Case, Exercise, Mistake


def cases(rng):
    return [Case((rng.standard_normal((B, T, heads * E)), heads))
            for B, T, heads, E in [(2, 3, 4, 5), (3, 5, 2, 4), (1, 2, 3, 7), (4, 2, 1, 3),
                                   (2, 4, 4, 4)]]


def no_transpose(x, heads):
    B, T, D = x.shape
    return x.reshape(B, T, heads, D // heads)


def straight(x, heads):
    B, T, D = x.shape
    return x.reshape(B, heads, T, D // heads)


def every_nth(x, heads):
    B, T, D = x.shape
    return x.reshape(B, T, D // heads, heads).transpose(0, 3, 1, 2)


def heads_first(x, heads):
    return split_heads(x, heads).transpose(1, 0, 2, 3)


def time_last(x, heads):
    return split_heads(x, heads).swapaxes(-1, -2)


def copied(x, heads):
    """Every head gets all the features."""
    return x[:, None].repeat(heads, axis=1)


EXERCISE = Exercise(
    id="6.3",
    name="split_heads",
    points=1,
    minutes=10,
    reference=split_heads,
    cases=cases,
    returns=("the heads",),
    mistakes=[
        Mistake("not transposed", no_transpose,
                "it has shape (B, T, N, E). Attention works on the last two axes, so the heads "
                "must come before the time: transpose(0, 2, 1, 3)."),
        Mistake("straight", straight,
                "the shape is right, the content is not: reshape to (B, N, T, E) at once mixes "
                "tokens. Reshape to (B, T, N, E), then transpose."),
        Mistake("every nth", every_nth,
                "each head gets every Nth feature. PyTorch gives head 0 the first E features, head "
                "1 the next: reshape(B, T, N, E)."),
        Mistake("heads first", heads_first,
                "the heads come before the batch: the order is (B, N, T, E)."),
        Mistake("time last", time_last,
                "the last two axes are exchanged: the order is (B, N, T, E)."),
        Mistake("copied", copied,
                "every head gets all the features. They share them: E = D / N each."),
    ],
    hints=[
        "“Where do I begin?” x.reshape(B, T, heads, D // heads): the last axis is cut into N "
        "pieces, and nothing moves.",
        "“And then?” The heads must come before the time: .transpose(0, 2, 1, 3).",
    ],
)
