"""1.4 linear_backward."""

from course_lib.exercises import Case, Exercise, Mistake
from course_lib.layers import linear_backward


def cases(rng):
    draw = rng.standard_normal
    return [
        Case((draw((B, H)), (draw((B, D)), draw((D, H)))))
        for B, D, H in [(4, 3, 2), (2, 5, 3), (7, 2, 4), (3, 2, 1), (1, 4, 3)]
    ]


def weights_transposed(dout, cache):
    dx, dW, db = linear_backward(dout, cache)
    return dx, dW.T, db


def bias_mean(dout, cache):
    dx, dW, db = linear_backward(dout, cache)
    return dx, dW, db / len(dout)


def bias_unsummed(dout, cache):
    dx, dW, _ = linear_backward(dout, cache)
    return dx, dW, dout


def weights_mean(dout, cache):
    dx, dW, db = linear_backward(dout, cache)
    return dx, dW / len(dout), db


def bias_over_features(dout, cache):
    dx, dW, _ = linear_backward(dout, cache)
    return dx, dW, dout.sum(axis=1)


def input_untransposed(dout, cache):
    x, W = cache
    return dout @ W, x.T @ dout, dout.sum(axis=0)


EXERCISE = Exercise(
    id="1.4",
    name="linear_backward",
    points=3,
    minutes=15,
    reference=linear_backward,
    cases=cases,
    returns=("dx", "dW", "db"),
    mistakes=[
        Mistake("dW transposed", weights_transposed,
                "dW is transposed. It must have W's shape, (D, H): x.T @ dout, not dout.T @ x."),
        Mistake("db mean", bias_mean,
                "db is averaged over the batch. Each row got its own copy of b, and gradients of "
                "copies add: sum, do not average. The mean is the loss's business."),
        Mistake("db not summed", bias_unsummed,
                "db still has a row for each example. b was copied to every row; add the rows up."),
        Mistake("dW mean", weights_mean,
                "dW is divided by the batch size. x.T @ dout already adds up the examples; if the "
                "loss is a mean, dout carries the 1/B."),
        Mistake("db over features", bias_over_features,
                "db is summed over the wrong axis. b has one entry a feature: add up over the "
                "batch, axis 0."),
        Mistake("W not transposed", input_untransposed,
                "in dx the transpose of W is missing. dout is (B, H), W is (D, H), dx must be "
                "(B, D): only dout @ W.T fits. (Or is the cache unpacked as W, x? It is x, W.)"),
    ],
    hints=[
        "“I do not know which of them to transpose.” Write the shapes down: x (B, D), W (D, H), "
        "dout (B, H). Each gradient has its own array's shape, and only one product gives it.",
        "“Where does the sum in dW come from?” W[d, h] touches out[n, h] for every example n. All "
        "those shares add up, and a matrix product over n does the adding.",
        "“Why is db not just dout?” The one b was added to all B rows. So its gradient is the sum "
        "of the rows of dout.",
    ],
)
