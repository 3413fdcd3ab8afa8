"""Verify batches of similar length, for exercise 7.7."""

import numpy as np

from course_lib.language import length_buckets


def normalise(results, lengths, batch_size, *, seed, window=20):
    """Describe what is wrong; an empty string if nothing is: many orders are right."""
    epochs = [as_batches(r) for r in results]
    if None in epochs:
        return "return a list of batches, each an array of places (whole numbers)"
    *epochs, again = epochs
    words = next(filter(None, (wrong_batches(p, lengths, batch_size) for p in epochs)), "")
    reference = reference_epochs(lengths, batch_size, window)
    words = (words or wrong_padding(epochs, reference, lengths, batch_size, window)
             or sorted_by_length(epochs[0], lengths))
    if words:
        return words
    if not equal_batches(epochs[0], again):
        return "two equal generators give different batches: use the rng that is handed in"
    return repeated_batches(epochs, reference, batch_size)


def as_batches(result):
    """A result as a list of one-dimensional arrays of whole numbers, or None."""
    try:
        rows = [np.asarray(row) for row in result]
    except (TypeError, ValueError):
        return None
    fits = rows and all(r.ndim == 1 and (not r.size or r.dtype.kind in "iu") for r in rows)
    return rows if fits else None


def equal_batches(a, b):
    """Whether two epochs have the same batches in the same order."""
    return len(a) == len(b) and all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


def wrong_batches(batches, lengths, batch_size):
    """Describe missing or repeated indices, and wrong batch sizes."""
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


def count_padding(batches, lengths):
    """Number of padding tokens in all batches."""
    return sum(len(b) * lengths[b].max() - lengths[b].sum() for b in batches)


def reference_epochs(lengths, batch_size, window):
    """Some epochs of the reference, to compare with."""
    rng = np.random.default_rng(0)
    return [length_buckets(lengths, batch_size, window=window, rng=rng) for _ in range(8)]


def wrong_padding(epochs, reference, lengths, batch_size, window):
    """Describe padding that is much more than the reference's, or much less."""
    if len(epochs[0]) < 10:
        return ""
    N, least = len(lengths), count_padding(
        np.split(np.argsort(lengths), range(batch_size, len(lengths), batch_size)), lengths)
    sorted_at_once = [count_padding(p, lengths) == least for p in epochs]
    if N % batch_size == 0 and N <= batch_size * window and not all(sorted_at_once):
        return (f"{N} sentences are one window of {N // batch_size} batches, and yours are not "
                f"sorted as one. A window has batch_size * window sentences, here "
                f"{batch_size} * {window}")
    if N > batch_size * window and all(sorted_at_once):
        return (f"{N} sentences are more than one window, {batch_size} * {window}, and yours are "
                "sorted all at once: the same sentences will meet again and again")
    usual = np.mean([count_padding(p, lengths) for p in reference])
    found = np.mean([count_padding(p, lengths) for p in epochs])
    if found > 1.35 * usual:
        return (f"there are about {found:.0f} places of padding, where {usual:.0f} would do: sort "
                f"each window of {window} batches by length before you cut it")
    if found < 0.75 * usual:
        return (f"there are only {found:.0f} places of padding, and with windows of {window} "
                f"batches there would be {usual:.0f}: you sort more than a window at once, so the "
                "same sentences will meet again and again")
    return ""


def sorted_by_length(batches, lengths):
    """Describe batches that are sorted by length, in either direction."""
    means = np.array([lengths[b].mean() for b in batches])
    if len(means) < 30 or np.ptp(means) == 0:
        return ""
    rising = (np.diff(means) > 0).mean()
    if not 0.3 < rising < 0.7:
        return ("the batches come in order of length: shuffle them, or the network sees short "
                "sentences first and long ones last")
    return ""


def share_of_repeated_pairs(first, second):
    """Share of the pairs within a batch of one epoch that share a batch in another."""
    place = np.empty(sum(map(len, second)), dtype=int)
    for k, batch in enumerate(second):
        place[batch] = k
    together = [np.subtract.outer(place[b], place[b]) == 0 for b in first]
    pairs = sum(len(b) * (len(b) - 1) for b in first)
    return (sum(t.sum() - len(t) for t in together)) / max(1, pairs)


def repeated_batches(epochs, reference, batch_size):
    """Describe epochs that put the same sentences into one batch more often than they must."""
    if len(epochs[0]) < 10:
        return ""
    if equal_batches(epochs[0], epochs[1]):
        return "two passes are the same: draw from rng, do not make a new generator"
    short = [{tuple(sorted(b)) for b in p if len(b) < batch_size} for p in epochs]
    if any(len(b) > 1 for b in set.intersection(*short)):
        return "the last batch, which is not full, has the same sentences in every pass"
    usual, found = (np.mean([share_of_repeated_pairs(a, b)
                             for a, b in zip(some, some[1:], strict=False)])
                    for some in (reference, epochs))
    if found > 1.6 * usual:
        return ("the same sentences meet in pass after pass: shuffle all of them, with "
                "rng.permutation, before you cut them into windows")
    return ""
