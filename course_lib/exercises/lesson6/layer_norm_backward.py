"""6.6 layer_norm_backward."""

import numpy as np

from course_lib.attention import layer_norm_backward, layer_norm_forward
from course_lib.exercises import Case, Exercise, Mistake


def cases(rng):
    found = []
    for shape in [(5, 3), (2, 3, 4), (7,), (2, 1, 3, 5), (4, 6)]:
        D = shape[-1]
        gamma = rng.uniform(0.5, 2.0, D) * np.where(np.arange(D) % 2, 1, -1)
        out, cache = layer_norm_forward(rng.normal(1.0, 2.0, shape), gamma, rng.standard_normal(D))
        found.append(Case((rng.standard_normal(out.shape), cache)))
    return found


def variant(*, mean=1.0, along=1.0, scaled=True, std=True, axis=-1, gamma_late=False):
    """An answer whose dx has parts left out, or means over another axis."""
    def answer(dout, cache):
        x_hat, gamma, deviation = cache
        _, dgamma, dbeta = layer_norm_backward(dout, cache)
        d = dout if gamma_late or not scaled else dout * gamma
        dx = d - mean * d.mean(axis=axis, keepdims=True)
        dx = dx - along * x_hat * (d * x_hat).mean(axis=axis, keepdims=True)
        dx = dx / deviation if std else dx
        return dx * gamma if gamma_late else dx, dgamma, dbeta
    return answer


def by_sum(dout, cache):
    x_hat, gamma, std = cache
    _, dgamma, dbeta = layer_norm_backward(dout, cache)
    d = dout * gamma
    dx = d - d.sum(axis=-1, keepdims=True) - x_hat * (d * x_hat).sum(axis=-1, keepdims=True)
    return dx / std, dgamma, dbeta


def not_summed(dout, cache):
    dx, _, _ = layer_norm_backward(dout, cache)
    return dx, dout * cache[0], dout


def over_features(dout, cache):
    dx, _, _ = layer_norm_backward(dout, cache)
    return dx, (dout * cache[0]).sum(axis=-1), dout.sum(axis=-1)


def means(dout, cache):
    dx, dgamma, dbeta = layer_norm_backward(dout, cache)
    n = dout[..., 0].size
    return dx, dgamma / n, dbeta / n


def without_x_hat(dout, cache):
    dx, _, dbeta = layer_norm_backward(dout, cache)
    return dx, dbeta, dbeta


def exchanged(dout, cache):
    dx, dgamma, dbeta = layer_norm_backward(dout, cache)
    return dx, dbeta, dgamma


def zero(dout, cache):
    dx, *others = layer_norm_backward(dout, cache)
    return 0 * dx, *others


EXERCISE = Exercise(
    id="6.6",
    name="layer_norm_backward",
    points=3,
    minutes=25,
    reference=layer_norm_backward,
    cases=cases,
    returns=("dx", "dgamma", "dbeta"),
    mistakes=[
        Mistake("constants", variant(mean=0.0, along=0.0),
                "in dx mean and deviation are treated as constants. Every x of a row moves them: "
                "the two corrections are missing."),
        Mistake("mean missing", variant(mean=0.0),
                "dx lacks the share that goes through the mean."),
        Mistake("deviation missing", variant(along=0.0),
                "dx lacks the share that goes through the deviation: x_hat times the mean of its "
                "product with the gradient."),
        Mistake("gamma forgotten", variant(scaled=False),
                "dx lacks gamma: dout passes it before it reaches x_hat."),
        Mistake("gamma at the end", variant(gamma_late=True),
                "gamma is multiplied at the end. In batch norm that is the same, because a channel "
                "has one gamma. Here the mean runs over features, each with its own: multiply dout "
                "by gamma first."),
        Mistake("std forgotten", variant(std=False),
                "dx is not divided by std: x was."),
        Mistake("over the rows", variant(axis=0),
                "the means run over the rows, as in batch norm. Layer norm takes each row by "
                "itself: axis=-1."),
        Mistake("sums for means", by_sum,
                "the corrections are sums. They are means over the D features."),
        Mistake("not summed", not_summed,
                "dgamma and dbeta are not summed. They were used in every row: sum over all axes "
                "but the last."),
        Mistake("summed over the features", over_features,
                "dgamma and dbeta are sums over the features. Each feature has its own: sum over "
                "all axes but the last."),
        Mistake("means", means,
                "dgamma and dbeta are means. Gradients of uses add: sum."),
        Mistake("dgamma without x_hat", without_x_hat,
                "dgamma is the sum of dout. gamma multiplied x_hat: sum dout * x_hat."),
        Mistake("exchanged", exchanged,
                "dgamma and dbeta are exchanged."),
        Mistake("zero", zero,
                "dx is zero. Did you check it with an upstream gradient of ones, and gamma 1? For "
                "that, zero is right; for others it is not."),
    ],
    hints=[
        "“Is it not batch norm?” Nearly: the same formula, but each *row* has its own mean and "
        "deviation, so the means run over the last axis.",
        "“Where do I begin?” dx_hat = dout * gamma. Then take out its mean, and its part along "
        "x_hat; divide by std.",
        "“And dgamma, dbeta?” Sums over all axes but the last: axis=tuple(range(dout.ndim - 1)).",
    ],
)
