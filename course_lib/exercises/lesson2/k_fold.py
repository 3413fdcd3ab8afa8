"""2.7 k_fold."""

import numpy as np

from course_lib.exercises import Case, Exercise, Mistake
from course_lib.preprocess import k_fold


def harness(answer, n, k, *, seed):
    """The folds as lists of numbers: from two equal generators and from another one."""
    import numpy as np

    found = []
    for s in (seed, seed, seed + 1):
        folds = answer(n, k, rng=np.random.default_rng(s))
        if folds is None:
            return None
        folds = [list(fold) for fold in folds]
        if any(np.ndim(i) for fold in folds for part in fold for i in np.atleast_1d(part)):
            return "a part is a list of arrays: join them with np.concatenate"
        if not all(np.ndim(part) == 1 for fold in folds for part in fold):
            return "each fold must be a pair of arrays, (train, valid)"
        found.append([[[int(i) for i in part] for part in fold] for fold in folds])
    return found


def normalise(folds, n, k, *, seed):
    """What is wrong with the folds, in words; nothing if they are right."""
    if isinstance(folds, str):
        return folds
    folds, again, other = folds
    if any(len(fold) != 2 for fold in folds):
        return "each fold must be a pair (train, valid)"
    valid = [i for _, part in folds for i in part]
    sizes = [len(part) for _, part in folds]
    if any(set(train) & set(part) for train, part in folds):
        return "an example is in the training and in the validation set of the same fold"
    if len(folds) != k:
        return f"there are {len(folds)} folds, but k is {k}"
    if any(len(train) < len(part) for train, part in folds):
        return "the pairs are the wrong way round: (train, valid), and train is the larger"
    if sorted(valid) != list(range(n)):
        return "not every example is validated exactly once"
    if any(sorted([*train, *part]) != list(range(n)) for train, part in folds):
        return "in some fold training and validation together are not all examples"
    if max(sizes) - min(sizes) > 1:
        return "the validation sets differ in size by more than 1"
    if all(sum((i - 1) % n not in part for i in part) <= 1 for _, part in folds):
        return "the folds are runs of neighbours: shuffle first, with rng.permutation(n)"
    if folds != again:
        return "two equal generators give different folds: use the rng that is handed in"
    if folds == other:
        return "the folds are the same whatever rng is: shuffle with rng.permutation(n)"
    return ""


def cases(rng):
    return [Case((n, k), {"seed": int(rng.integers(1000))})
            for n, k in [(23, 3), (20, 4), (31, 5)]]


def not_shuffled(n, k, *, rng):
    parts = np.array_split(np.arange(n), k)
    return [(np.setdiff1d(np.arange(n), part), part) for part in parts]


def wrong_way_round(n, k, *, rng):
    return [(valid, train) for train, valid in k_fold(n, k, rng=rng)]


def trains_on_all(n, k, *, rng):
    return [(np.arange(n), valid) for _, valid in k_fold(n, k, rng=rng)]


def shuffles_each_time(n, k, *, rng):
    folds = []
    for _ in range(k):
        order = rng.permutation(n)
        folds.append((order[n // k:], order[:n // k]))
    return folds


def only_one(n, k, *, rng):
    return k_fold(n, k, rng=rng)[:1]


def drops_the_rest(n, k, *, rng):
    size, order = n // k, rng.permutation(n)
    return [(np.concatenate([order[:i * size], order[(i + 1) * size:]]),
             order[i * size:(i + 1) * size]) for i in range(k)]


EXERCISE = Exercise(
    id="2.7",
    name="k_fold",
    points=2,
    minutes=15,
    reference=k_fold,
    cases=cases,
    harness=harness,
    normalise=normalise,
    returns=("the folds",),
    mistakes=[
        Mistake("not shuffled", not_shuffled,
                "the folds are runs of neighbours. Data is often sorted, by year or by class: "
                "shuffle first, with rng.permutation(n)."),
        Mistake("wrong way round", wrong_way_round,
                "the pairs are the wrong way round: (train, valid), and training gets the larger "
                "part."),
        Mistake("trains on all", trains_on_all,
                "the training set holds the validation examples too. What the model has seen, it "
                "cannot be judged on."),
        Mistake("shuffles each time", shuffles_each_time,
                "every fold is shuffled anew, so some examples are validated twice and others "
                "never. Shuffle once, then cut into k parts."),
        Mistake("only one", only_one,
                "there is only one fold. Each of the k parts is the validation set once."),
        Mistake("drops the rest", drops_the_rest,
                "n is not a multiple of k here, and the last few examples are never validated. "
                "np.array_split cuts into parts that differ by 1 at most."),
    ],
    hints=[
        "“How do I cut n examples into k parts?” np.array_split(rng.permutation(n), k): k arrays "
        "whose sizes differ by 1 at most.",
        "“And the training set of fold i?” All parts but the i-th, joined: "
        "np.concatenate([*parts[:i], *parts[i + 1:]]).",
    ],
)
