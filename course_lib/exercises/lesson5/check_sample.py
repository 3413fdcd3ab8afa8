"""Verify tokens sampled from logits, for exercise 5.7."""

import numpy as np

from course_lib.layers import softmax_forward


def softmax(z):
    return softmax_forward(z)[0]


def normalise(results, logits, *, seed, temperature=1.0):
    """Describe what is wrong; an empty string if nothing is: many samples are right."""
    drawn, again = (as_ids(r) for r in results)
    if drawn is None or again is None:
        return why_not_a_token(results[0], len(logits))
    if drawn.min() < 0 or drawn.max() >= len(logits):
        bad = drawn.min() if drawn.min() < 0 else drawn.max()
        return f"it returns {bad}, and tokens are numbered from 0 to {len(logits) - 1}"
    p = softmax(logits / temperature)
    if p.max() < 0.9 and (drawn == drawn[0]).all():
        return constant_samples(drawn[0], logits)
    words = "" if follows(drawn, p) else wrong_distribution(drawn, logits, temperature)
    if words:
        return words
    if not np.array_equal(drawn[:len(again)], again):
        return "two equal generators give different tokens: use the rng that is handed in"
    half = len(drawn) // 2
    if p.max() < 0.9 and (drawn[:half] == drawn[half:2 * half]).all():
        return "the tokens come again and again in the same order: draw from rng"
    return ""


def as_ids(result):
    """A result as a one-dimensional array of whole numbers, or None."""
    rows = as_array(result)
    return rows if rows is not None and rows.ndim == 1 and rows.dtype.kind in "iu" else None


def as_array(result):
    """A result as one array, or None where its rows differ in length."""
    try:
        return np.asarray(result)
    except ValueError:
        return None


def constant_samples(token, logits):
    """Describe an answer that returns the same token at every call."""
    if token == logits.argmax():
        return "every call returns the most probable token: draw one, and from the rng handed in"
    return "every call returns the same token: draw from rng, do not make a new generator"


def why_not_a_token(result, V):
    """Describe a result that is not one whole number."""
    rows = as_array(result)
    if rows is None or rows.dtype.kind not in "biuf":
        return "it returns something that is not one number: return the token's place, one int"
    if rows.shape[1:] == (V,) and np.isin(rows, (0, 1)).all():
        return "it returns a row of 0s with a 1 in it: return the place of the 1"
    if rows.shape[1:] == (V,):
        return "it returns a number for each token: draw one token, and return its place"
    if rows.ndim == 1 and (rows == np.round(rows)).all():
        return "it returns a whole number, but not as an int: return int(...)"
    if rows.ndim == 1:
        return "it returns a number that is not whole: return the token's place"
    return f"it returns something of shape {rows.shape[1:]}: return one whole number"


def follows(drawn, p):
    """Whether the counts agree with the probabilities p, up to five standard deviations."""
    counts, usual = np.bincount(drawn, minlength=len(p)), len(drawn) * p
    return bool((np.abs(counts - usual) <= 5 * np.sqrt(usual * (1 - p)) + 2).all())


def wrong_distribution(drawn, logits, temperature):
    """Describe the wrong distribution that the samples follow, if it is a common one."""
    plain = softmax(logits)
    others = {
        "the logits are multiplied by the temperature: divide": softmax(logits * temperature),
        "the temperature has no effect: divide the logits by it, before the softmax": plain,
        "all tokens come equally often: draw with the probabilities":
            np.full(len(logits), 1 / len(logits)),
    }
    for words, p in others.items():
        if follows(drawn, p):
            return words
    share, p = np.bincount(drawn, minlength=len(logits)) / len(drawn), softmax(logits / temperature)
    k = int(np.abs(share - p).argmax())
    return f"token {k} comes with a share of {share[k]:.2f}, and its probability is {p[k]:.2f}"
