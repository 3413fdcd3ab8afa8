"""What is wrong with batches of like length, for exercise 7.8."""

import numpy as np

from course_lib.language import length_buckets


def normalise(results, lengths, batch_size, *, window, seed):
    """What is wrong, in words; nothing if it is right: there are many right orders."""
    passes = [as_batches(r) for r in results]
    if None in passes:
        return "return a list of batches, each an array of places (whole numbers)"
    first, second, again = passes
    words = (badly_cut(first, len(lengths), batch_size)
             or too_much_padding(first, lengths, batch_size, window)
             or in_order(first, lengths))
    if words:
        return words
    if not same(first, again):
        return "two equal generators give different batches: use the rng that is handed in"
    return too_much_alike(first, second, lengths)


def as_batches(result):
    """A result as a list of rows of whole numbers, or None."""
    try:
        rows = [np.asarray(row) for row in result]
    except (TypeError, ValueError):
        return None
    fits = rows and all(r.ndim == 1 and r.size and r.dtype.kind in "iu" for r in rows)
    return rows if fits else None


def same(a, b):
    """Whether two passes have the same batches in the same order."""
    return len(a) == len(b) and all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


def badly_cut(batches, N, batch_size):
    """What is wrong with which places are there, and how many in a batch."""
    places = np.concatenate(batches)
    if places.min() < 0 or places.max() >= N:
        return f"a place is not from 0 to {N - 1}: return places of sentences, not their lengths"
    counts = np.bincount(places, minlength=N)
    if (counts == 0).any():
        return f"{(counts == 0).sum()} of {N} sentences are in no batch"
    if (counts > 1).any():
        return f"{(counts > 1).sum()} of {N} sentences come up more than once"
    odd = [len(b) for b in batches if len(b) != batch_size]
    if len(odd) > 1 or max(map(len, batches)) > batch_size:
        return f"batches have {odd[0]} sentences: all but one have batch_size, {batch_size}"
    return ""


def padding(batches, lengths):
    """Places that are filled up."""
    return sum(len(b) * lengths[b].max() - lengths[b].sum() for b in batches)


def too_much_padding(batches, lengths, batch_size, window):
    """Whether there is much more padding than with the reference."""
    usual = np.mean([padding(length_buckets(lengths, batch_size, window=window,
                                            rng=np.random.default_rng(k)), lengths)
                     for k in range(5)])
    found = padding(batches, lengths)
    if found > 1.6 * usual + batch_size * lengths.max():
        return (f"there are {found} places of padding, where about {usual:.0f} would do: sort a "
                "window of batches by length before you cut it")
    return ""


def in_order(batches, lengths):
    """Whether the batches come from short to long, or the other way round."""
    means = np.array([lengths[b].mean() for b in batches])
    if len(means) < 30 or np.ptp(means) == 0:
        return ""
    rising = (np.diff(means) > 0).mean()
    if not 0.3 < rising < 0.7:
        return ("the batches come in order of length: shuffle them, or the network sees short "
                "sentences first and long ones last")
    return ""


def too_much_alike(first, second, lengths):
    """Whether two passes put the same sentences together."""
    if len(first) < 10:
        return ""
    if same(first, second):
        return "two passes are the same: draw from rng, do not make a new generator"
    kept = {frozenset(b.tolist()) for b in first} & {frozenset(b.tolist()) for b in second}
    if len(kept) <= len(first) / 4:
        return ""
    shortest = np.argsort(lengths, kind="stable")
    least = padding(np.array_split(shortest, len(first)), lengths)
    return ("two passes put the same sentences together: shuffle all of them before you sort"
            + (", and sort only within a window" if padding(first, lengths) < 1.2 * least else ""))
