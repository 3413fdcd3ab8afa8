"""4.5 batch_norm_backward."""

import numpy as np

from course_lib.conv import batch_norm_backward, batch_norm_forward
from course_lib.exercises import Case, Exercise, Mistake


def cases(rng):
    found = []
    for shape, fixed in [((5, 3), False), ((2, 3, 4, 5), False), ((3, 4, 2), False),
                         ((4, 2, 3, 1), True), ((2, 1, 3, 4), False)]:
        C = shape[1]
        running = (rng.standard_normal(C), rng.uniform(0.5, 2.0, C)) if fixed else None
        x = rng.normal(1.0, 2.0, shape)
        gamma = rng.uniform(0.5, 2.0, C) * np.where(np.arange(C) % 2, 1, -1)   # of both signs
        out, cache = batch_norm_forward(x, gamma, rng.standard_normal(C), running=running)
        found.append(Case((rng.standard_normal(out.shape), cache)))
    return found


def sums(dout, cache):
    """Axes, wide shape, scale, dgamma, dbeta, number of values a channel."""
    x_hat, gamma, std, fixed = cache
    axes, wide = (0, *range(2, dout.ndim)), (1, -1) + (1,) * (dout.ndim - 2)
    _, dgamma, dbeta = batch_norm_backward(dout, cache)
    return axes, wide, (gamma / std).reshape(wide), dgamma, dbeta, dout.size // len(gamma)


def in_training(dout, cache, *, mean=1.0, var=1.0, count=None, scale=None):
    """The right gradients, but dx with its two corrections weighted, or over another count."""
    _, wide, right_scale, dgamma, dbeta, N = sums(dout, cache)
    N, scale = count or N, right_scale if scale is None else scale
    if cache[3]:
        return scale * dout, dgamma, dbeta
    correction = mean * dbeta.reshape(wide) + var * cache[0] * dgamma.reshape(wide)
    return scale * (dout - correction / N), dgamma, dbeta


def constants(dout, cache):
    return in_training(dout, cache, mean=0.0, var=0.0)


def variance_missing(dout, cache):
    return in_training(dout, cache, var=0.0)


def mean_missing(dout, cache):
    return in_training(dout, cache, mean=0.0)


def over_batch_only(dout, cache):
    return in_training(dout, cache, count=len(dout))


def gamma_forgotten(dout, cache):
    wide = sums(dout, cache)[1]
    return in_training(dout, cache, scale=1 / cache[2].reshape(wide))


def by_variance(dout, cache):
    wide = sums(dout, cache)[1]
    return in_training(dout, cache, scale=(cache[1] / cache[2]**2).reshape(wide))


def dgamma_without_x_hat(dout, cache):
    dx, _, dbeta = batch_norm_backward(dout, cache)
    return dx, dbeta, dbeta


def means(dout, cache):
    dx, dgamma, dbeta = batch_norm_backward(dout, cache)
    N = dout.size // len(dgamma)
    return dx, dgamma / N, dbeta / N


def not_divided_by_n(dout, cache):
    return in_training(dout, cache, count=1)


def x_hat_forgotten(dout, cache):
    _, wide, scale, dgamma, dbeta, N = sums(dout, cache)
    if cache[3]:
        return batch_norm_backward(dout, cache)
    return scale * (dout - (dbeta + dgamma).reshape(wide) / N), dgamma, dbeta


def sign_of_second(dout, cache):
    return in_training(dout, cache, var=-1.0)


def over_all_channels(dout, cache):
    _, _, scale, dgamma, dbeta, _ = sums(dout, cache)
    if cache[3]:
        return batch_norm_backward(dout, cache)
    x_hat = cache[0]
    return scale * (dout - dout.mean() - x_hat * (dout * x_hat).mean()), dgamma, dbeta


def std_forgotten(dout, cache):
    wide = sums(dout, cache)[1]
    return in_training(dout, cache, scale=cache[1].reshape(wide))


def fixed_inverted(dout, cache):
    x_hat, gamma, std, fixed = cache
    return batch_norm_backward(dout, (x_hat, gamma, std, not fixed))


def exchanged(dout, cache):
    dx, dgamma, dbeta = batch_norm_backward(dout, cache)
    return dx, dbeta, dgamma


def fixed_ignored(dout, cache):
    return batch_norm_backward(dout, (*cache[:3], False))


def zero(dout, cache):
    dx, dgamma, dbeta = batch_norm_backward(dout, cache)
    return np.zeros_like(dx), dgamma, dbeta


EXERCISE = Exercise(
    id="4.5",
    name="batch_norm_backward",
    points=3,
    minutes=30,
    reference=batch_norm_backward,
    cases=cases,
    returns=("dx", "dgamma", "dbeta"),
    mistakes=[
        Mistake("fixed inverted", fixed_inverted,
                "the test of fixed is the wrong way round: where it is true, mean and variance are "
                "constants and dx has no corrections."),
        Mistake("exchanged", exchanged,
                "dgamma and dbeta are exchanged: return dx, dgamma, dbeta."),
        Mistake("not divided by N", not_divided_by_n,
                "the two corrections in dx are sums. (7) has means: divide by N."),
        Mistake("x_hat forgotten", x_hat_forgotten,
                "in dx the second correction lacks x_hat: it is x_hat times the mean of "
                "dout x_hat."),
        Mistake("sign of the second", sign_of_second,
                "in dx the second correction is added. Both are taken out: subtract."),
        Mistake("over all channels", over_all_channels,
                "the means in dx are over all channels. Each channel has its own: sum over all "
                "axes but axis 1."),
        Mistake("std forgotten", std_forgotten,
                "dx is not divided by std: x was."),
        Mistake("constants", constants,
                "in dx mean and variance are treated as constants. Every x moves them, and they "
                "move every output: the two corrections of (7) are missing."),
        Mistake("variance missing", variance_missing,
                "dx lacks the share that goes through the variance: x_hat times the mean of "
                "dout x_hat."),
        Mistake("mean missing", mean_missing,
                "dx lacks the share that goes through the mean: the mean of dout."),
        Mistake("over the batch only", over_batch_only,
                "the corrections in dx are divided by the batch size. For images a channel's mean "
                "is over the places too: divide by B H W, the number of values in a channel."),
        Mistake("gamma forgotten", gamma_forgotten,
                "dx lacks gamma: dout passes gamma before it reaches x_hat."),
        Mistake("divided by the variance", by_variance,
                "dx is divided by the variance. x was divided by the standard deviation, std."),
        Mistake("dgamma without x_hat", dgamma_without_x_hat,
                "dgamma is the sum of dout. gamma multiplied x_hat: sum dout * x_hat."),
        Mistake("means", means,
                "dgamma and dbeta are means. gamma and beta were used for every value of their "
                "channel, and gradients of copies add: sum."),
        Mistake("fixed ignored", fixed_ignored,
                "where fixed is true, mean and variance were handed in, so they do not depend on "
                "x: then dx is only scaled, without corrections."),
        Mistake("zero", zero,
                "dx is zero. Did you check it with an upstream gradient of ones? For that, zero is "
                "right; for others it is not."),
    ],
    hints=[
        "“Which axes?” All but the channels': (0, *range(2, dout.ndim)). And to broadcast a vector "
        "of channels: reshape it to (1, -1, 1, 1) for images, (1, -1) for plain features.",
        "“Begin with the easy two.” out = gamma x_hat + beta, with gamma and beta copied to every "
        "value of their channel. So dbeta sums dout, and dgamma sums dout * x_hat.",
        "“And dx?” (7). Its two means are dbeta / N and dgamma / N, with N = x_hat.size // "
        "len(gamma) values in a channel.",
        "“What is fixed?” True in evaluation: mean and variance were constants. Then dx is "
        "gamma / std * dout.",
    ],
)
