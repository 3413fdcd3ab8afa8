"""2.4 standardise."""

import numpy as np

from course_lib.exercises import Case, Exercise, Mistake
from course_lib.preprocess import standardise


def harness(answer, train, *others):
    """A list or a tuple of arrays, as a tuple."""
    out = answer(train, *others)
    return tuple(out) if isinstance(out, list) else out


def cases(rng):
    return [Case(tuple(rng.normal(m, s, (n, D)) for n, m, s in sizes))
            for D, sizes in [(3, [(8, 5.0, 2.0), (4, 7.0, 3.0)]),
                             (2, [(6, -1.0, 0.5), (3, 2.0, 1.0), (5, 0.0, 1.0)]),
                             (4, [(9, 100.0, 30.0)])]]


def each_by_itself(train, *others):
    return [(x - x.mean(axis=0)) / x.std(axis=0) for x in (train, *others)]


def all_together(train, *others):
    everything = np.concatenate([train, *others])
    return [(x - everything.mean(axis=0)) / everything.std(axis=0) for x in (train, *others)]


def over_features(train, *others):
    return [(x - train.mean()) / train.std() for x in (train, *others)]


def variance(train, *others):
    return [(x - train.mean(axis=0)) / train.var(axis=0) for x in (train, *others)]


def only_shifts(train, *others):
    return [x - train.mean(axis=0) for x in (train, *others)]


def only_others(train, *others):
    return standardise(train, *others)[1:]


def sample_deviation(train, *others):
    return [(x - train.mean(axis=0)) / train.std(axis=0, ddof=1) for x in (train, *others)]


EXERCISE = Exercise(
    id="2.4",
    name="standardise",
    points=2,
    minutes=10,
    reference=standardise,
    cases=cases,
    harness=harness,
    returns=("the training set", "the second set", "the third set"),
    mistakes=[
        Mistake("each by itself", each_by_itself,
                "every set is scaled by its own mean and deviation. Then the same car gets other "
                "numbers in the test set than in training. Use the training set's for all."),
        Mistake("all together", all_together,
                "mean and deviation are taken over all sets together: the test set leaks into the "
                "training. Take them from the training set alone."),
        Mistake("one for all columns", over_features,
                "one mean and one deviation for all columns: each column needs its own, axis=0."),
        Mistake("variance", variance,
                "you divide by the variance. Divide by its root, the standard deviation."),
        Mistake("only shifts", only_shifts,
                "the mean is gone, but the scale is still there: divide by the standard "
                "deviation."),
        Mistake("training set missing", only_others,
                "the training set itself is missing from what you return: it comes first."),
        Mistake("N - 1", sample_deviation,
                "you divide by N - 1 in the standard deviation. We want exactly 1 on the training "
                "set: leave ddof at 0."),
    ],
    hints=[
        "“What does *others mean?” Any number of further arrays; in the function it is a tuple.",
        "“Which mean?” train.mean(axis=0), one number for each column, for all sets alike.",
        "“What do I return?” A list: the training set, then the others, in their order.",
    ],
)
