"""What is wrong with hidden tokens, for exercise 6.7."""

import numpy as np


def normalise(results, ids, *, mask_id, V, share, special, seed):
    """What is wrong, in words; nothing if it is right: there are many right draws."""
    pairs = [as_two(r, ids.shape) for r in results]
    if None in pairs:
        return "return two arrays of whole numbers in the shape of ids: inputs and targets"
    (inputs, targets), (other, _), (again, _) = pairs
    words = (bad_targets(ids, inputs, targets, special) or bad_share(ids, targets, share, special)
             or bad_inputs(ids, inputs, targets, mask_id, V))
    if words:
        return words
    if not np.array_equal(inputs, again):
        return "two equal generators hide different tokens: use the rng that is handed in"
    if share and np.array_equal(inputs, other):
        return "two calls hide the same tokens: draw from rng, do not make a new generator"
    return ""


def as_two(result, shape):
    """A result as two arrays of whole numbers of one shape, or None."""
    try:
        inputs, targets = (np.asarray(part) for part in result)
    except (TypeError, ValueError):
        return None
    fits = inputs.shape == targets.shape == shape and {inputs.dtype.kind,
                                                       targets.dtype.kind} <= set("iu")
    return (inputs, targets) if fits else None


def bad_targets(ids, inputs, targets, special):
    """What is wrong with what is to be guessed."""
    chosen = targets != -100
    if (inputs == -100).any():
        return "inputs and targets are exchanged"
    if chosen.all() and np.array_equal(targets, ids):
        return "every token is to be guessed: targets is -100 where none was chosen"
    if chosen.all():
        return "targets is never -100, which is what it should be where no token was chosen"
    if (inputs != ids)[~chosen].any():
        return "tokens are changed that are not to be guessed"
    if not np.array_equal(targets[chosen], ids[chosen]):
        return "a target is not the token that stood there"
    if np.isin(ids[chosen], special).any():
        return "special tokens are chosen"
    return ""


def far(count, n, p):
    """Whether a count is more than five standard deviations from what is usual."""
    return abs(count - n * p) > 5 * np.sqrt(n * p * (1 - p)) + 1


def bad_share(ids, targets, share, special):
    """What is wrong with which tokens are chosen."""
    chosen, free = targets != -100, ~np.isin(ids, special)
    if far(chosen.sum(), free.sum(), share):
        return f"the share {chosen.sum() / free.sum():.2f} is chosen, and share is {share:.2f}"
    for axis in (0, 1):
        counts, sizes = chosen.sum(axis=axis), free.sum(axis=axis)
        if share and chosen.shape[axis] > 20 and ((counts == 0) | (counts == sizes)).all():
            return "whole rows or columns are chosen: draw for each token"
    per_row, n = chosen.sum(axis=1), free.sum(axis=1)
    if share and n.min() > 20 and np.ptp(per_row / n) < 1e-9 + 1 / n.min() and len(n) > 20:
        return "every row has equally many chosen tokens: draw for each token by itself"
    return ""


def bad_inputs(ids, inputs, targets, mask_id, V):
    """What is wrong with what the chosen tokens become."""
    chosen = targets != -100
    n, was, now = int(chosen.sum()), ids[chosen], inputs[chosen]
    if not n:
        return ""
    masked, kept = int((now == mask_id).sum()), int((now == was).sum())
    chance = 0.1 / V                                      # a random token may be the old one
    for count, p, name in [(masked, 0.8, "become mask_id"), (kept, 0.1 + chance, "stay"),
                           (n - masked - kept, 0.1 - chance, "become another token")]:
        if far(count, n, p):
            return f"of the chosen tokens {count / n:.0%} {name}, and {p:.0%} should"
    random = now[(now != mask_id) & (now != was)]
    if random.min() < 0 or random.max() >= V:
        return f"a random token is {random.max()}, and there are 0 to {V - 1}"
    counts = np.bincount(random, minlength=V)
    if far(counts.max(), len(random), 1 / V) and counts.max() > 8:
        return f"the random tokens are not all alike: {counts.argmax()} comes too often"
    if len(random) > 20 * V and not counts.all():
        return f"{counts.argmin()} is never drawn as a random token: they are 0 to {V - 1}"
    return ""
