"""5.1 perplexity."""

import numpy as np

from course_lib.exercises import Case, Exercise, Mistake
from course_lib.metrics import perplexity


def cases(rng):
    found = [Case((rng.uniform(0.02, 1.0, n),)) for n in (7, 40, 1)]
    long = rng.uniform(0.001, 0.5, 3000)                  # their product underflows
    never = np.array([0.5, 0.0, 0.25, 0.3])
    return [*found, Case((long,)), Case((never,)), Case((np.full(5, 1.0),))]


def of_the_mean(p):
    return 1 / p.mean()


def mean_of_inverses(p):
    return (1 / p).mean()


def sign(p):
    return np.exp(np.log(p).mean())


def summed(p):
    return np.exp(-np.log(p).sum())


def loss_only(p):
    return -np.log(p).mean()


def mixed_bases(p):
    return np.exp(-np.log2(p).mean())


def other_mixed_bases(p):
    return 2.0 ** -np.log(p).mean()


def by_product(p):
    return np.prod(p) ** (-1 / len(p))


def a_little_added(p):
    return np.exp(-np.log(p + 1e-10).mean())


def clipped(p):
    return np.exp(-np.log(np.maximum(p, 1e-12)).mean())


def entropy(p):
    return np.exp(-(p * np.log(np.where(p > 0, p, 1.0))).sum())


EXERCISE = Exercise(
    id="5.1",
    name="perplexity",
    points=1,
    minutes=10,
    reference=perplexity,
    cases=cases,
    returns=("the perplexity",),
    mistakes=[
        Mistake("1 over the mean", of_the_mean,
                "that is 1 over the ordinary mean of the probabilities. Take the mean of their "
                "logarithms: one bad guess must weigh."),
        Mistake("mean of 1/p", mean_of_inverses,
                "that is the mean of 1 / p. The mean is taken of the logarithms, then exp."),
        Mistake("sign", sign,
                "that is at most 1: the minus before the mean is missing."),
        Mistake("sum", summed,
                "you sum the logarithms. Then a longer text is always worse: take their mean."),
        Mistake("the loss", loss_only,
                "that is the cross-entropy, the mean surprise. The perplexity is exp of it."),
        Mistake("log2 and exp", mixed_bases,
                "log2 does not go with exp. Use log with exp, or log2 with 2**."),
        Mistake("log and 2**", other_mixed_bases,
                "log does not go with 2**. Use log with exp, or log2 with 2**."),
        Mistake("by the product", by_product,
                "the formula is right, but the product of 3,000 probabilities is 0 in floating "
                "point. Add logarithms instead."),
        Mistake("a little added", a_little_added,
                "you add a little to the probabilities. A model that held for impossible what then "
                "came has an infinite perplexity, and the number should say so."),
        Mistake("clipped", clipped,
                "you raise small probabilities. A model that held for impossible what then came "
                "has an infinite perplexity, and the number should say so."),
        Mistake("entropy", entropy,
                "you weight each logarithm with p. These are not the probabilities of one "
                "distribution: each belongs to another token. Take the plain mean."),
    ],
    hints=[
        "“What is p?” For each token of the text, the probability that the model gave it before it "
        "came. One number a token.",
        "“Is there a formula?” (2): exp of minus the mean of the logarithms.",
        "“What if a p is 0?” Then the perplexity is infinite. np.log(0) is -inf, and np.exp makes "
        "inf of it; math.log(0) would raise an error.",
    ],
)
