"""1.6 cross_entropy_backward."""

import numpy as np

from course_lib.exercises import Case, Exercise, Mistake
from course_lib.layers import cross_entropy_backward, cross_entropy_forward


def cases(rng):
    found = []
    for B, C in [(4, 3), (2, 5), (7, 4)]:
        # the last class never occurs: labels.max() + 1 is not the number of classes
        logits, labels = rng.normal(0.0, 1.5, (B, C)), rng.integers(0, C - 1, B)
        _, cache = cross_entropy_forward(logits, labels=labels)
        found.append(Case((float(rng.uniform(0.3, 0.8)), cache)))   # never 1: see the lesson
    return found


def no_mean(dout, cache):
    return cross_entropy_backward(dout, cache) * len(cache[1])


def mean_over_classes(dout, cache):
    p, labels = cache
    return cross_entropy_backward(dout, cache) * len(labels) / p.shape[1]


def wrong_sign(dout, cache):
    return -cross_entropy_backward(dout, cache)


def forgets_upstream(dout, cache):
    return cross_entropy_backward(1.0, cache)


def no_labels(dout, cache):
    p, labels = cache
    return dout * p / len(labels)


def one_example(dout, cache):
    return cross_entropy_backward(1.0, cache) * len(cache[1])


def stops_at_p(dout, cache):
    p, labels = cache
    dp = np.zeros_like(p)
    rows = np.arange(len(labels))
    dp[rows, labels] = -1.0 / p[rows, labels]
    return dout * dp / len(labels)


def labels_for_y(dout, cache):
    p, labels = cache
    return dout * (p - labels) / len(labels)


def columns(dout, cache):
    p, labels = cache
    d = p.copy()
    d[:, labels] -= 1
    return dout * d / len(labels)


def rows(dout, cache):
    p, labels = cache
    y = np.zeros_like(p)
    y[labels] = 1
    return dout * (p - y) / len(labels)


def softmax_again(dout, cache):
    p, labels = cache
    e = np.exp(p - p.max(axis=1, keepdims=True))
    q = e / e.sum(axis=1, keepdims=True)
    return cross_entropy_backward(dout, (q, labels))


EXERCISE = Exercise(
    id="1.6",
    name="cross_entropy_backward",
    points=3,
    minutes=15,
    reference=cross_entropy_backward,
    cases=cases,
    returns=("dlogits",),
    mistakes=[
        Mistake("no mean", no_mean,
                "every entry is too large by the batch size. The loss is the mean over the batch: "
                "divide by B."),
        Mistake("mean over classes", mean_over_classes,
                "you divide by the number of classes. The mean in the loss is over the examples: "
                "divide by B, the number of labels."),
        Mistake("wrong sign", wrong_sign,
                "the sign is turned round. The gradient is p - y: positive where the network says "
                "too much."),
        Mistake("forgets dout", forgets_upstream,
                "dout is missing. A loss is often the last node, and then dout is 1, but it need "
                "not be: multiply by it."),
        Mistake("no labels", no_labels,
                "the labels are missing: you return p alone. Subtract 1 at the right class of "
                "each row."),
        Mistake("one example", one_example,
                "this is p - y, as for one example and dout = 1. The loss is the mean over B "
                "examples, and dout multiplies it: dout (p - y) / B."),
        Mistake("labels for y", labels_for_y,
                "you subtract the labels themselves. They are places: y is 1 at the right class of "
                "each row, and 0 elsewhere. With a copy d of p: d[np.arange(B), labels] -= 1."),
        Mistake("columns", columns,
                "d[:, labels] takes 1 from every row in these columns. Pair each row with its own "
                "label: d[np.arange(B), labels]."),
        Mistake("rows", rows,
                "y[labels] picks rows, and the labels are columns. Pair each row with its label: "
                "y[np.arange(B), labels] = 1."),
        Mistake("softmax again", softmax_again,
                "you apply the softmax to p. It is the softmax already."),
        Mistake("stops at p", stops_at_p,
                "this is the gradient with respect to the probabilities, -y / p. Go one step "
                "further back, through the softmax: what is left is p - y."),
    ],
    hints=[
        "“What is in the cache?” p, the softmax of the logits, of shape (B, C), and the labels, "
        "of shape (B,).",
        "“How do I subtract a one-hot y without building it?” Copy p, then subtract 1 at "
        "[np.arange(B), labels]: one entry in each row.",
        "“My values are all too large by the same factor.” The loss is a mean over B examples, so "
        "each of them counts 1/B. And multiply by dout.",
        "“It says that I change my input.” dlogits = p does not copy. p.copy() does.",
    ],
)
