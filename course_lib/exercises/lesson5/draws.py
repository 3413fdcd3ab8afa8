"""What is wrong with tokens drawn from logits, for exercise 5.7."""

import numpy as np


def softmax(z):
    e = np.exp(z - z.max())
    return e / e.sum()


def normalise(results, logits, *, temperature, seed):
    """What is wrong, in words; nothing if it is right: there are many right draws."""
    drawn, again = (as_ids(r) for r in results)
    if drawn is None or again is None:
        return not_a_token(results[0], len(logits))
    if drawn.min() < 0 or drawn.max() >= len(logits):
        return f"it returns {drawn.max()}, and tokens are numbered from 0 to {len(logits) - 1}"
    p = softmax(logits / temperature)
    words = "" if fits(drawn, p) else which(drawn, logits, temperature)
    if words:
        return words
    if not np.array_equal(drawn, again):
        return "two equal generators give different tokens: use the rng that is handed in"
    if p.max() < 0.9 and (drawn == drawn[0]).all():
        return "every call draws the same token: draw from rng, do not make a new generator"
    half = len(drawn) // 2
    if p.max() < 0.9 and (drawn[:half] == drawn[half:2 * half]).all():
        return "the tokens come again and again in the same order: draw from rng"
    return ""


def as_ids(result):
    """A result as a row of whole numbers, or None."""
    result = np.asarray(result) if isinstance(result, tuple) else None
    return result if result is not None and result.ndim == 1 and result.dtype.kind in "iu" else None


def not_a_token(result, V):
    """What it is instead of whole numbers."""
    rows = np.asarray(result, dtype=float)
    if rows.shape[1:] == (V,) and np.isin(rows, (0, 1)).all():
        return "it returns a row of 0s with a 1 in it: return the place of the 1"
    if rows.shape[1:] == (V,):
        return "it returns a number for each token: draw one token, and return its place"
    if rows.ndim == 1:
        return "it returns a number that is not whole: return the token's place"
    return f"it returns something of shape {rows.shape[1:]}: return one whole number"


def fits(drawn, p):
    """Whether the counts are those of p, up to five standard deviations."""
    counts, usual = np.bincount(drawn, minlength=len(p)), len(drawn) * p
    return bool((np.abs(counts - usual) <= 5 * np.sqrt(usual * (1 - p)) + 2).all())


def which(drawn, logits, temperature):
    """Which other distribution the draws have, as far as it is one that people take."""
    plain = softmax(logits)
    others = {
        "it always returns the most probable token: draw, with the probabilities":
            np.eye(len(logits))[logits.argmax()],
        "the logits are multiplied by the temperature: divide": softmax(logits * temperature),
        "the temperature has no effect: divide the logits by it, before the softmax": plain,
        "all tokens come equally often: draw with the probabilities":
            np.full(len(logits), 1 / len(logits)),
    }
    for words, p in others.items():
        if fits(drawn, p):
            return words
    if (drawn == drawn[0]).all():
        return f"every call returns token {drawn[0]}"
    share, p = np.bincount(drawn, minlength=len(logits)) / len(drawn), softmax(logits / temperature)
    k = int(np.abs(share - p).argmax())
    return f"token {k} comes with a share of {share[k]:.2f}, and its probability is {p[k]:.2f}"
