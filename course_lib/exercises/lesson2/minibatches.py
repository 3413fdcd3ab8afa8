"""2.5 minibatches."""

import numpy as np

from course_lib.exercises import Case, Exercise, Mistake
from course_lib.preprocess import minibatches


def harness(answer, n, batch_size, *, seed):
    """Two passes with one generator, and the first pass again with an equal one; lists of lists."""
    import numpy as np

    rng, again = np.random.default_rng(seed), np.random.default_rng(seed)
    passes = [answer(n, batch_size, rng=r) for r in (rng, rng, again)]
    if passes[0] is None:
        return None
    passes = [list(one) for one in passes]
    if not all(hasattr(batch, "__len__") for one in passes for batch in one):
        return "you return single numbers: return a list of arrays, one for each batch"
    return [[[int(i) for i in batch] for batch in one] for one in passes]


def normalise(passes, n, batch_size, *, seed):
    """What is wrong with two passes, in words; nothing if they are right."""
    if isinstance(passes, str):
        return passes
    first, second, again = passes
    order = [i for batch in first for i in batch]
    sizes = [len(batch) for batch in first]
    if len(set(order)) < len(order):
        return "some example is in more than one batch: every example is dealt out once"
    if set(order) - set(range(n)):
        return f"some index is not from 0 to {n - 1}"
    if 0 in sizes:
        return "a batch is empty: its mean would be NaN"
    if len(order) == n - n % batch_size < n:
        return "the last, smaller batch is missing: every example is to be used once in each pass"
    if len(order) < n:
        return "some examples are in no batch"
    if max(sizes) > batch_size:
        return f"a batch has {max(sizes)} examples, more than batch_size"
    if any(size != batch_size for size in sizes[:-1]):
        return "a batch before the last one is smaller than batch_size"
    if all(max(b) - min(b) < len(b) for b in first):
        return "each batch is a run of neighbours: shuffle the examples, not the batches"
    if len({(b - a) % n for a, b in zip(order, order[1:], strict=False)}) <= 2:
        return "the examples are only moved along: shuffle them, with rng.permutation(n)"
    if first != again:
        return "two equal generators give two different orders: use the rng that is handed in"
    if first == second:
        return "both passes have the same order: draw a new one from rng in every pass"
    return ""


def cases(rng):
    return [Case((n, size), {"seed": int(rng.integers(1000))})
            for n, size in [(23, 5), (24, 6), (31, 8), (21, 5)]]


def in_order(n, batch_size, *, rng):
    return [np.arange(i, min(i + batch_size, n)) for i in range(0, n, batch_size)]


def drops_the_rest(n, batch_size, *, rng):
    return [b for b in minibatches(n, batch_size, rng=rng) if len(b) == batch_size]


def with_replacement(n, batch_size, *, rng):
    return [rng.integers(0, n, batch_size) for _ in range(n // batch_size)]


def own_generator(n, batch_size, *, rng):
    return minibatches(n, batch_size, rng=np.random.default_rng(0))


def number_of_batches(n, batch_size, *, rng):
    return np.array_split(rng.permutation(n), batch_size)


EXERCISE = Exercise(
    id="2.5",
    name="minibatches",
    points=2,
    minutes=10,
    reference=minibatches,
    cases=cases,
    harness=harness,
    normalise=normalise,
    returns=("the batches",),
    mistakes=[
        Mistake("not shuffled", in_order,
                "the examples come in their own order. Data is often sorted, and then every batch "
                "is one-sided: shuffle first, with rng.permutation(n)."),
        Mistake("drops the rest", drops_the_rest,
                "the last, smaller batch is missing: every example is to be used once in each "
                "pass."),
        Mistake("with replacement", with_replacement,
                "each batch is drawn anew, so some examples come twice in a pass and others never. "
                "Shuffle all of them once, then cut the row into pieces."),
        Mistake("its own generator", own_generator,
                "every pass has the same order, because you make a new generator from the same "
                "seed. Use the rng that is handed in."),
        Mistake("that many batches", number_of_batches,
                "batch_size is the number of examples in a batch, not the number of batches."),
    ],
    hints=[
        "“How do I shuffle?” order = rng.permutation(n) is all the numbers from 0 to n - 1 in "
        "random order.",
        "“How do I cut it?” order[i:i + batch_size] for i in range(0, n, batch_size). A slice that "
        "reaches past the end is simply shorter: that is the last batch.",
    ],
)
