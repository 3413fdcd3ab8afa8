"""What is wrong with batches of like length, for exercise 7.8."""

import numpy as np

from course_lib.language import length_buckets


def normalise(results, lengths, batch_size, *, window, seed):
    """What is wrong, in words; nothing if it is right: there are many right orders."""
    passes = [as_batches(r) for r in results]
    if None in passes:
        return "return a list of batches, each an array of places (whole numbers)"
    *passes, again = passes
    words = next(filter(None, (badly_cut(p, lengths, batch_size) for p in passes)), "")
    words = (words or wrong_padding(passes, lengths, batch_size, window)
             or in_order(passes[0], lengths))
    if words:
        return words
    if not same(passes[0], again):
        return "two equal generators give different batches: use the rng that is handed in"
    return too_much_alike(passes, lengths, batch_size, window)


def as_batches(result):
    """A result as a list of rows of whole numbers, or None."""
    try:
        rows = [np.asarray(row) for row in result]
    except (TypeError, ValueError):
        return None
    fits = rows and all(r.ndim == 1 and (not r.size or r.dtype.kind in "iu") for r in rows)
    return rows if fits else None


def same(a, b):
    """Whether two passes have the same batches in the same order."""
    return len(a) == len(b) and all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


def badly_cut(batches, lengths, batch_size):
    """What is wrong with which places are there, and how many in a batch."""
    if not all(b.size for b in batches):
        return "a batch is empty: stop where the window ends"
    places, N = np.concatenate(batches), len(lengths)
    if places.min() < 0 or places.max() >= N:
        hint = "" if not np.isin(places, lengths).all() else "; these look like lengths"
        wrong = places[(places < 0) | (places >= N)][0]
        return f"there is a place {wrong}, and places are from 0 to {N - 1}{hint}"
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


def usual_passes(lengths, batch_size, window):
    """Some passes of the reference, to compare with."""
    rng = np.random.default_rng(0)
    return [length_buckets(lengths, batch_size, window=window, rng=rng) for _ in range(8)]


def wrong_padding(passes, lengths, batch_size, window):
    """Whether there is much more padding than with the reference, or much less."""
    if len(passes[0]) < 10:
        return ""
    usual = np.mean([padding(p, lengths) for p in usual_passes(lengths, batch_size, window)])
    found = np.mean([padding(p, lengths) for p in passes])
    if found > 1.35 * usual:
        return (f"there are about {found:.0f} places of padding, where {usual:.0f} would do: sort "
                f"each window of {window} batches by length before you cut it")
    if found < 0.75 * usual:
        return (f"there are only {found:.0f} places of padding, and with windows of {window} "
                f"batches there would be {usual:.0f}: you sort more than a window at once, so the "
                "same sentences will meet again and again")
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


def meeting_again(first, second):
    """Share of the pairs in one batch that are in one batch again."""
    place = np.empty(sum(map(len, second)), dtype=int)
    for k, batch in enumerate(second):
        place[batch] = k
    together = [np.subtract.outer(place[b], place[b]) == 0 for b in first]
    pairs = sum(len(b) * (len(b) - 1) for b in first)
    return (sum(t.sum() - len(t) for t in together)) / max(1, pairs)


def too_much_alike(passes, lengths, batch_size, window):
    """Whether passes put the same sentences together more often than they must."""
    if len(passes[0]) < 10:
        return ""
    if same(passes[0], passes[1]):
        return "two passes are the same: draw from rng, do not make a new generator"
    short = [{tuple(sorted(b)) for b in p if len(b) < batch_size} for p in passes]
    if any(len(b) > 1 for b in set.intersection(*short)):
        return "the last batch, which is not full, has the same sentences in every pass"
    usual, found = (np.mean([meeting_again(a, b) for a, b in zip(some, some[1:], strict=False)])
                    for some in (usual_passes(lengths, batch_size, window), passes))
    if found > 1.6 * usual:
        return ("the same sentences meet in pass after pass: shuffle all of them, with "
                "rng.permutation, before you cut them into windows")
    return ""
