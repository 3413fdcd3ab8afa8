"""7.7 length_buckets."""

import numpy as np

from course_lib.exercises import Case, Exercise, Mistake
from course_lib.language import length_buckets

from .check_length_buckets import normalise


def harness(answer, lengths, batch_size, *, seed, **options):
    """Four passes with one generator, and the first again with an equal one."""
    import numpy as np

    rng, again = np.random.default_rng(seed), np.random.default_rng(seed)
    inputs = [lengths, *(lengths.copy() for _ in range(4))]
    results = [answer(part, batch_size, rng=r, **options)
               for part, r in zip(inputs, (rng, rng, rng, rng, again), strict=True)]
    return None if results[0] is None else [[np.asarray(b) for b in one] for one in results]


def cases(rng):
    found = []
    for N, batch_size, window in [(829, 8, 10), (500, 5, 8), (700, 16, 4), (610, 6, 2)]:
        lengths = 2 + np.round(rng.exponential(15.0, N)).astype(int)
        found.append(Case((lengths, batch_size), {"window": window,
                                                  "seed": int(rng.integers(1000))}))
    lengths = 2 + np.round(rng.exponential(15.0, 640)).astype(int)
    found.append(Case((lengths, 4), {"seed": int(rng.integers(1000))}))
    # 20 batches are one window, and 21 are more than one
    found += [Case((2 + rng.permutation(N), 4), {"seed": int(rng.integers(1000))})
              for N in (80, 84)]
    few = rng.integers(2, 30, 5)
    return [*found, Case((few, 8), {"window": 20, "seed": int(rng.integers(1000))})]


def variant(*, shuffle=True, sort=True, again=True, drop=False, inside=lambda part: part):
    """An answer that leaves out a shuffle, the sort or the last batch."""
    def answer(lengths, batch_size, *, rng, window=20):
        N = len(lengths)
        order = rng.permutation(N) if shuffle else np.arange(N)
        batches = []
        for start in range(0, N, batch_size * window):
            part = order[start:start + batch_size * window]
            part = part[np.argsort(lengths[part], kind="stable")] if sort else part
            batches += [part[k:k + batch_size] for k in range(0, len(part), batch_size)]
        if drop:
            batches = [b for b in batches if len(b) == batch_size]
        return [batches[k] for k in rng.permutation(len(batches))] if again else batches
    return answer


def all_sorted(lengths, batch_size, *, rng, window=20):
    order = np.argsort(lengths, kind="stable")
    batches = [order[k:k + batch_size] for k in range(0, len(order), batch_size)]
    return [batches[k] for k in rng.permutation(len(batches))]


def empties(lengths, batch_size, *, rng, window=20):
    """Each window is cut into `window` batches, also the last, which has fewer."""
    order, batches = rng.permutation(len(lengths)), []
    for start in range(0, len(order), batch_size * window):
        part = order[start:start + batch_size * window]
        part = part[np.argsort(lengths[part], kind="stable")]
        batches += [part[k * batch_size:(k + 1) * batch_size] for k in range(window)]
    return [batches[k] for k in rng.permutation(len(batches))]


def equal_parts(lengths, batch_size, *, rng, window=20):
    order, batches = rng.permutation(len(lengths)), []
    for start in range(0, len(order), batch_size * window):
        part = order[start:start + batch_size * window]
        part = part[np.argsort(lengths[part], kind="stable")]
        batches += np.array_split(part, max(1, len(part) // batch_size))
    return [batches[k] for k in rng.permutation(len(batches))]


def own_generator(lengths, batch_size, *, rng, window=20):
    return length_buckets(lengths, batch_size, rng=np.random.default_rng(0), window=window)


def the_lengths(lengths, batch_size, *, rng, window=20):
    return [lengths[b] for b in length_buckets(lengths, batch_size, rng=rng, window=window)]


def places_in_the_window(lengths, batch_size, *, rng, window=20):
    """The places from argsort are taken for those of the sentences."""
    order, batches = rng.permutation(len(lengths)), []
    for start in range(0, len(order), batch_size * window):
        part = order[start:start + batch_size * window]
        part = np.argsort(lengths[part], kind="stable")
        batches += [part[k:k + batch_size] for k in range(0, len(part), batch_size)]
    return [batches[k] for k in rng.permutation(len(batches))]


def window_in_sentences(lengths, batch_size, *, rng, window=20):
    """A window of so many sentences, not batches."""
    order, batches = rng.permutation(len(lengths)), []
    for start in range(0, len(order), window):
        part = order[start:start + window]
        part = part[np.argsort(lengths[part], kind="stable")]
        batches += [part[k:k + batch_size] for k in range(0, len(part), batch_size)]
    return [batches[k] for k in rng.permutation(len(batches))]


def shuffles_within(lengths, batch_size, *, rng, window=20):
    """Right batches, whose sentences are then dealt out anew."""
    batches = length_buckets(lengths, batch_size, rng=rng, window=window)
    places = rng.permutation(np.concatenate(batches))
    return np.split(places, np.cumsum([len(b) for b in batches])[:-1])


EXERCISE = Exercise(
    id="7.7",
    name="length_buckets",
    points=3,
    minutes=25,
    reference=length_buckets,
    cases=cases,
    harness=harness,
    normalise=normalise,
    returns=("the batches",),
    mistakes=[
        Mistake("not sorted", variant(sort=False),
                "the batches are random: nothing is sorted by length. Sort each window before you "
                "cut it."),
        Mistake("all sorted", all_sorted,
                "everything is sorted at once, so the same sentences meet in every pass. A shuffle "
                "before it only changes the order of equal lengths. Sort window by window."),
        Mistake("not shuffled first", variant(shuffle=False),
                "the sentences are not shuffled before they are cut into windows, so the same ones "
                "meet in every pass."),
        Mistake("batches in order", variant(again=False),
                "within a window the batches come from short to long. Shuffle the batches at the "
                "end."),
        Mistake("last batch dropped", variant(drop=True),
                "the batch that is not full is left out: those sentences are never seen in this "
                "pass. Keep it."),
        Mistake("empty batches", empties,
                "the last window has fewer than `window` batches, and you fill up with empty ones. "
                "Stop where the window ends: range(0, len(part), batch_size)."),
        Mistake("equal parts", equal_parts,
                "np.array_split makes batches of nearly equal size. Cut every batch_size; one "
                "batch may be smaller."),
        Mistake("its own generator", own_generator,
                "every pass gives the same batches, because you make a new generator from the same "
                "seed. Use the rng that is handed in."),
        Mistake("lengths for places", the_lengths,
                "you return the lengths. Return the places of the sentences."),
        Mistake("places in the window", places_in_the_window,
                "argsort gives places within the window. Translate them: "
                "part[np.argsort(lengths[part])]."),
        Mistake("window counts sentences", window_in_sentences,
                "your window has `window` sentences. It is to have `window` batches: "
                "window * batch_size sentences."),
        Mistake("shuffled apart", shuffles_within,
                "after sorting, the sentences are shuffled one by one, and all is as before. "
                "Shuffle whole batches."),
    ],
    hints=[
        "“How do I begin?” order = rng.permutation(len(lengths)). Then go through it in windows of "
        "batch_size * window.",
        "“How do I sort a window?” part[np.argsort(lengths[part])]: argsort gives places in the "
        "part, and the part gives places of sentences.",
        "“And at the end?” Cut each sorted window into batches, collect them, and return them in "
        "the order of rng.permutation(len(batches)).",
    ],
)
