"""Verify masked tokens and their targets, for exercise 6.8."""

import numpy as np


def normalise(results, ids, *, mask_id, V, seed, share=0.15, special=()):
    """Describe what is wrong; an empty string if nothing is: many draws are right."""
    pairs = [as_two_arrays(r, ids.shape) for r in results]
    if None in pairs:
        return "return two arrays of whole numbers in the shape of ids: inputs and targets"
    (inputs, targets), (other, _), (again, _) = pairs
    words = (wrong_targets(ids, inputs, targets, special)
             or wrong_share(ids, targets, share, special)
             or wrong_inputs(ids, inputs, targets, mask_id, V))
    if words:
        return words
    if not np.array_equal(inputs, again):
        return "two equal generators hide different tokens: use the rng that is handed in"
    if share and np.array_equal(inputs, other):
        return "two calls hide the same tokens: draw from rng, do not make a new generator"
    return ""


def as_two_arrays(result, shape):
    """A result as two arrays of whole numbers of one shape, or None."""
    try:
        inputs, targets = (np.asarray(part) for part in result)
    except (TypeError, ValueError):
        return None
    fits = inputs.shape == targets.shape == shape and {inputs.dtype.kind,
                                                       targets.dtype.kind} <= set("iu")
    return (inputs, targets) if fits else None


def wrong_targets(ids, inputs, targets, special):
    """Describe what is wrong with the targets."""
    chosen = targets != -100
    if (inputs == -100).any():
        return "inputs and targets are exchanged"
    if chosen.all() and np.array_equal(targets, ids):
        return "every token is to be guessed: targets is -100 where none was chosen"
    if chosen.all():
        return (f"targets is {targets[targets != ids][0] if (targets != ids).any() else 0} where "
                "no token was chosen, and should be -100")
    if (inputs != ids)[~chosen].any():
        return "tokens are changed that are not to be guessed"
    if not np.array_equal(targets[chosen], ids[chosen]):
        return "a target is not the token that stood there"
    spoilt = np.intersect1d(ids[chosen], special)
    if len(spoilt):
        return f"special tokens are chosen: {', '.join(map(str, spoilt))}"
    return ""


def is_improbable(count, n, p):
    """Whether a count is more than five standard deviations from its expectation."""
    return abs(count - n * p) > 5 * np.sqrt(n * p * (1 - p)) + 1


def wrong_share(ids, targets, share, special):
    """Describe what is wrong with the choice of tokens."""
    chosen, free = targets != -100, ~np.isin(ids, special)
    if is_improbable(chosen.sum(), free.sum(), share):
        return f"the share {chosen.sum() / free.sum():.2f} is chosen, and share is {share:.2f}"
    for axis in (0, 1):
        counts, sizes = chosen.sum(axis=axis), free.sum(axis=axis)
        if share and chosen.shape[axis] > 20 and ((counts == 0) | (counts == sizes)).all():
            return "whole rows or columns are chosen: draw for each token"
    per_row, n = chosen.sum(axis=1), free.sum(axis=1)
    if share and n.min() > 20 and np.ptp(per_row / n) < 1e-9 + 1 / n.min() and len(n) > 20:
        return "every row has equally many chosen tokens: draw for each token by itself"
    return ""


def correlated_draws(inputs, ids, targets, mask_id, V):
    """Describe draws that depend on their row or column; by chance 1 in V are equal."""
    chosen = targets != -100
    at_random = chosen & (inputs != mask_id) & (inputs != ids)
    for axis, name in [(0, "column"), (1, "row")]:
        equal = several = 0
        for line, here in zip(np.moveaxis(inputs, axis, -1), np.moveaxis(at_random, axis, -1),
                              strict=True):
            values = line[here]
            several += len(values) * (len(values) - 1) / 2
            equal += (np.bincount(values, minlength=V) * (np.bincount(values, minlength=V) - 1)
                      ).sum() / 2
        if several > 100 and equal > 2.5 * several / V:
            return f"the random tokens of a {name} are alike: draw one for each place"
        hidden = ((inputs == mask_id) & chosen).sum(axis=axis)
        n = chosen.sum(axis=axis)
        usual = (n * 0.8 * 0.2).sum()
        if usual > 50 and ((hidden - 0.8 * n)**2).sum() > 3 * usual:
            return f"what becomes of the chosen tokens hangs together in a {name}: draw for each"
    return ""


def wrong_inputs(ids, inputs, targets, mask_id, V):
    """Describe what is wrong with the replacements of the chosen tokens."""
    chosen = targets != -100
    n, was, now = int(chosen.sum()), ids[chosen], inputs[chosen]
    if not n:
        return ""
    masked, kept = int((now == mask_id).sum()), int((now == was).sum())
    chance = 0.1 / V                                      # a random token may be the old one
    for count, p, name in [(masked, 0.8, "become mask_id"), (kept, 0.1 + chance, "stay"),
                           (n - masked - kept, 0.1 - chance, "become another token")]:
        if is_improbable(count, n, p):
            return f"of the chosen tokens {count / n:.0%} {name}, and {p:.0%} should"
    random = now[(now != mask_id) & (now != was)]
    if random.min() < 0 or random.max() >= V:
        bad = random.min() if random.min() < 0 else random.max()
        return f"a random token is {bad}, and there are 0 to {V - 1}"
    if len(random) > 20 * V and (V > 3) and len(set(((now - was) % V)[
            (now != mask_id) & (now != was)].tolist())) < V / 2:
        return "the random token depends on the old one: draw it"
    counts = np.bincount(random, minlength=V)
    free = 1 - np.bincount(was, minlength=V)[:V] / n      # a draw of the old token does not show
    usual = len(random) * free / free.sum()
    if usual.min() > 20 and (np.abs(counts - usual) > 5 * np.sqrt(usual) + 2).any():
        k = int((np.abs(counts - usual) / np.sqrt(usual)).argmax())
        return (f"the random tokens are not equally likely: {k} comes {counts[k]} times, not "
                f"{usual[k]:.0f}")
    words = correlated_draws(inputs, ids, targets, mask_id, V)
    if words:
        return words
    if len(random) > 20 * V and not counts.all():
        return f"{counts.argmin()} is never drawn as a random token: they are 0 to {V - 1}"
    return ""
