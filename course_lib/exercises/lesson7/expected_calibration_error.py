"""7.6 expected_calibration_error."""

import numpy as np

from course_lib.exercises import Case, Exercise, Mistake
from course_lib.metrics import expected_calibration_error


def cases(rng):
    found = []
    for N, C, bins in [(90, 2, 10), (75, 3, 5), (110, 4, 15), (7, 2, 10)]:
        e = np.exp(rng.normal(0, 2, (N, C)))
        p = e / e.sum(axis=1, keepdims=True)
        # right in one narrow range of confidence and wrong in the next: so the bins matter
        hit = rng.random(N) < np.where((p.max(axis=1) * 17).astype(int) % 2 == 0, 0.95, 0.4)
        labels = np.where(hit, p.argmax(axis=1), p.argmin(axis=1))
        found.append(Case((labels, p), {"bins": bins}))
    found.append(Case(found[0].args))                     # bins left at their default
    sure = np.array([[1.0, 0.0], [0.0, 1.0], [0.65, 0.35], [0.35, 0.65], [1.0, 0.0], [0.92, 0.08],
                     [0.06, 0.94]])
    labels = np.array([0, 0, 1, 1, 0, 0, 1])
    near = np.array([[0.81, 0.19], [0.11, 0.89], [0.97, 0.03]])       # the first two in one of 10
    return [*found, Case((labels, sure)), Case((labels, sure), {"bins": 15}),
            Case((np.array([0, 0, 0]), near))]


def variant(*, score=None, right=None, weight=None, gap=np.abs, last=None, fixed=None):
    """An answer with other confidences, bins, weights or distances."""
    def answer(labels, probabilities, *, bins=10):
        bins = fixed or bins
        p = probabilities.max(axis=1) if score is None else score(probabilities)
        hit = probabilities.argmax(axis=1) == labels if right is None else right(labels)
        which = (p * bins).astype(int)
        which = np.minimum(which, bins - 1) if last is None else last(which, bins)
        total = 0.0
        for b in range(bins):
            inside = which == b
            if inside.any():
                share = inside.mean() if weight is None else weight(which, bins)
                total += share * gap(hit[inside].mean() - p[inside].mean())
        return float(total)
    return answer


def middle(labels, probabilities, *, bins=10):
    """Accuracy against the middle of the bin."""
    p, hit = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    which = np.minimum((p * bins).astype(int), bins - 1)
    return sum((which == b).mean() * abs(hit[which == b].mean() - (b + 0.5) / bins)
               for b in np.unique(which))


def own_bin(labels, probabilities, *, bins=10):
    """Without np.minimum: a confidence of 1.0 gets a bin of its own."""
    p, hit = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    which = (p * bins).astype(int)
    return sum((which == b).mean() * abs(hit[which == b].mean() - p[which == b].mean())
               for b in np.unique(which))


def fewer(labels, probabilities, *, bins=10):
    p, hit = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    which = np.digitize(p, np.linspace(0, 1, bins)[1:-1])
    return sum((which == b).mean() * abs(hit[which == b].mean() - p[which == b].mean())
               for b in np.unique(which))


def each_one(labels, probabilities, *, bins=10):
    """No bins: the distance of each example by itself."""
    right = probabilities.argmax(axis=1) == labels
    return float(np.abs(right - probabilities.max(axis=1)).mean())


def largest(labels, probabilities, *, bins=10):
    p, hit = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    which = np.minimum((p * bins).astype(int), bins - 1)
    return max(float(abs(hit[which == b].mean() - p[which == b].mean())) for b in np.unique(which))


def ranked(labels, probabilities, *, bins=10):
    """Bins with equally many examples."""
    p, hit = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    parts = np.array_split(np.argsort(p, kind="stable"), bins)
    return float(sum(len(k) / len(p) * abs(hit[k].mean() - p[k].mean()) for k in parts if len(k)))


def of_the_label(labels, probabilities, *, bins=10):
    score = variant(score=lambda p: p[np.arange(len(labels)), labels])
    return score(labels, probabilities, bins=bins)


EXERCISE = Exercise(
    id="7.6",
    name="expected_calibration_error",
    points=2,
    minutes=20,
    reference=expected_calibration_error,
    cases=cases,
    returns=("the error",),
    mistakes=[
        Mistake("without bins", each_one,
                "you take the distance for each example by itself. One example is right or wrong, "
                "never 70 % right: first take means over the examples of a bin."),
        Mistake("probability of class 1", variant(score=lambda p: p[:, 1]),
                "confidence is the probability of the class that was predicted, the largest in the "
                "row; you take that of class 1."),
        Mistake("probability of the label", of_the_label,
                "you take the probability of the right class. The network does not know that one: "
                "take the largest in the row."),
        Mistake("labels for hits", variant(right=lambda labels: labels),
                "you compare confidence with the label. Compare it with whether the prediction was "
                "right."),
        Mistake("not weighted", variant(weight=lambda which, bins: 1 / len(np.unique(which))),
                "every bin counts alike. A bin counts by the share of examples that are in it."),
        Mistake("divided by the bins", variant(weight=lambda which, bins: 1 / bins),
                "every bin counts 1 / bins. A bin counts by the share of the examples in it."),
        Mistake("added up", variant(weight=lambda which, bins: 1.0),
                "the distances of the bins are added up without weights. A bin counts by the share "
                "of the examples in it."),
        Mistake("with its sign", variant(gap=lambda d: d),
                "distances with a plus and with a minus cancel. Take absolute values, bin by bin."),
        Mistake("squared", variant(gap=np.square),
                "you square the distances. Take absolute values."),
        Mistake("largest", largest,
                "this is the largest distance of any bin, the maximum calibration error. Take the "
                "mean, weighted by the share of the examples."),
        Mistake("the sure ones left out", variant(last=lambda which, bins: which),
                "examples with confidence 1.0 are lost: they fall beyond the last bin. Put them "
                "into it, with np.minimum(..., bins - 1)."),
        Mistake("a bin of its own for 1.0", own_bin,
                "1.0 gets a bin of its own: put it into the last one, with np.minimum(..., "
                "bins - 1)."),
        Mistake("middle of the bin", middle,
                "you compare with the middle of the bin. Take the mean confidence in it."),
        Mistake("one bin less", fewer,
                "np.linspace(0, 1, bins) has only bins - 1 gaps: take bins + 1 edges."),
        Mistake("equally many", ranked,
                "your bins hold equally many examples. They are to have equal width, from 0 to 1."),
        Mistake("always ten", variant(fixed=10),
                "you always make ten bins. Make `bins` of them."),
    ],
    hints=[
        "“What is confidence?” probabilities.max(axis=1). The prediction is argmax.",
        "“Which bin?” np.minimum((confidence * bins).astype(int), bins - 1).",
        "“And then?” For each bin that is not empty: share of the examples in it times "
        "|share of hits - mean confidence|. Add them up.",
    ],
)
