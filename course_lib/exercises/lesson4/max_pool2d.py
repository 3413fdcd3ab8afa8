"""4.4 max_pool2d_and_grad."""

import numpy as np

from course_lib.conv import (
    avg_pool2d_backward,
    avg_pool2d_forward,
    max_pool2d_and_grad,
    max_pool2d_backward,
    max_pool2d_forward,
    pad2d,
    seen_by,
    windows,
)
from course_lib.exercises import Case, Exercise, Mistake


def cases(rng):
    """With ties, with windows that overlap, that leave pixels over, that leave gaps."""
    found = []
    for shape, options in [((2, 3, 4, 6), {"kernel_size": 2}),
                           ((1, 2, 7, 5), {"kernel_size": 3, "stride": 2}),
                           ((2, 3, 5, 9), {"kernel_size": 2, "stride": 2}),
                           ((2, 1, 8, 5), {"kernel_size": 2, "stride": 3}),
                           ((1, 2, 6, 5), {"kernel_size": 3, "stride": 1})]:
        x = rng.integers(-4, 2, shape).astype(float)      # few values: many ties, also below 0
        x -= 50 * (options.get("stride") == 1)            # and far below, in one case
        out, _ = max_pool2d_forward(x, **options)
        found.append(Case((x, rng.standard_normal(out.shape)), options))
    return found


def spread(x, dout, *, kernel_size, stride=None, share, last=False, add=True):
    """Pass gradients back to what equals the maximum; `share` says how ties are dealt with."""
    out, _ = max_pool2d_forward(x, kernel_size=kernel_size, stride=stride)
    places = [(..., *seen_by(i, j, out.shape[2:], stride=stride or kernel_size))
              for i, j in np.ndindex(kernel_size, kernel_size)]
    hits = np.array([x[at] == out for at in places])      # (K², B, C, OH, OW)
    if share == "one":
        order = hits[::-1] if last else hits
        hits = order & (np.cumsum(order, axis=0) == 1)
        hits = hits[::-1] if last else hits
    parts = hits / (hits.sum(axis=0) if share == "split" else 1)
    dx = np.zeros_like(x)
    for at, part in zip(places, parts, strict=True):
        dx[at] = dx[at] + dout * part if add else np.where(part, dout, dx[at])
    return out, dx


def ties_all(x, dout, **options):
    return spread(x, dout, **options, share="all")


def ties_split(x, dout, **options):
    return spread(x, dout, **options, share="split")


def ties_last(x, dout, **options):
    return spread(x, dout, **options, share="one", last=True)


def overwritten(x, dout, **options):
    return spread(x, dout, **options, share="one", add=False)


def zeros_written(x, dout, *, kernel_size, stride=None):
    out, _ = max_pool2d_forward(x, kernel_size=kernel_size, stride=stride)
    dx, waiting = np.zeros_like(x), np.ones(out.shape, bool)
    for i, j in np.ndindex(kernel_size, kernel_size):
        at = (..., *seen_by(i, j, out.shape[2:], stride=stride or kernel_size))
        chosen = waiting & (x[at] == out)
        dx[at] = dout * chosen
        waiting &= ~chosen
    return out, dx


def stride_not_handed_on(x, dout, *, kernel_size, stride=None):
    out, _ = max_pool2d_forward(x, kernel_size=kernel_size, stride=stride)
    dx, waiting = np.zeros_like(x), np.ones(out.shape, bool)
    for i, j in np.ndindex(kernel_size, kernel_size):
        at = (..., *seen_by(i, j, out.shape[2:]))
        chosen = waiting & (x[at] == out)
        dx[at] += dout * chosen
        waiting &= ~chosen
    return out, dx


def overwritten_by_window(x, dout, *, kernel_size, stride=None):
    out, _ = max_pool2d_forward(x, kernel_size=kernel_size, stride=stride)
    dx, s = np.zeros_like(x), stride or kernel_size
    for b, c, v, u in np.ndindex(out.shape):
        window = x[b, c, v * s:v * s + kernel_size, u * s:u * s + kernel_size]
        i, j = np.unravel_index(window.argmax(), window.shape)
        dx[b, c, v * s + i, u * s + j] = dout[b, c, v, u]
    return out, dx


def mean_pool(x, dout, **options):
    out, cache = avg_pool2d_forward(x, **options)
    return out, avg_pool2d_backward(dout, cache)


def gradient_of_mean(x, dout, **options):
    _, cache = avg_pool2d_forward(x, **options)
    return max_pool2d_forward(x, **options)[0], avg_pool2d_backward(dout, cache)


def starts_at_zero(x, dout, **options):
    out, dx = max_pool2d_and_grad(x, dout, **options)
    return np.maximum(out, 0), dx


def side_by_side(x, dout, *, kernel_size, stride=None):
    out, cache = max_pool2d_forward(x, kernel_size=kernel_size)
    fits = out.shape == dout.shape
    return out, max_pool2d_backward(dout, cache) if fits else np.zeros_like(x)


def over_channels(x, dout, **options):
    out, dx = max_pool2d_and_grad(x, dout, **options)
    return out.max(axis=1, keepdims=True), dx


EXERCISE = Exercise(
    id="4.4",
    name="max_pool2d_and_grad",
    points=3,
    minutes=25,
    reference=max_pool2d_and_grad,
    cases=cases,
    given=(pad2d, seen_by, windows),
    returns=("out", "dx"),
    picture="out",
    mistakes=[
        Mistake("every tie gets all", ties_all,
                "where several pixels share the maximum, each of them gets the whole gradient: it "
                "is counted several times. Give it to the first, row by row."),
        Mistake("ties split", ties_split,
                "where several pixels share the maximum, you split the gradient. That would be a "
                "choice too, but here, as in PyTorch, the first one, row by row, gets it all."),
        Mistake("last tie", ties_last,
                "where several pixels share the maximum, the last one gets the gradient. Here, as "
                "in PyTorch, it is the first, row by row."),
        Mistake("overwritten", overwritten,
                "dx is overwritten where windows overlap. A pixel that is the largest in two "
                "windows gets both gradients: add, with +=."),
        Mistake("zeros written", zeros_written,
                "dx[...] = dout * chosen writes zeros over gradients that are already there: add, "
                "with +=."),
        Mistake("overwritten by windows", overwritten_by_window,
                "dx is overwritten where a pixel is the largest in several windows: each replaces "
                "the gradient of the one before. Add, with +=."),
        Mistake("stride not handed on", stride_not_handed_on,
                "in dx the stride is missing: hand it to conv.seen_by as well."),
        Mistake("mean", mean_pool,
                "that is the mean of each window. Max-pool takes the largest value."),
        Mistake("gradient of the mean", gradient_of_mean,
                "out is right, but the gradient is spread over the whole window. Only the largest "
                "pixel moved the output: it gets everything."),
        Mistake("starts at zero", starts_at_zero,
                "windows with only negative values give 0. Where does that 0 come from? Start from "
                "the window's own values, or from -np.inf."),
        Mistake("stride forgotten", side_by_side,
                "the stride is not used: windows start every `stride` pixels, and may overlap or "
                "leave gaps. It is kernel_size only where stride is None."),
        Mistake("over channels", over_channels,
                "you take the maximum over channels too. Each channel is pooled on its own."),
    ],
    hints=[
        "“How do I get the windows?” First stride = stride or kernel_size. Then conv.windows(x, "
        "(kernel_size, kernel_size), stride=stride) is (B, C, OH, OW, K, K): the maximum over the "
        "last two axes is out.",
        "“Which pixel was it?” For each entry (i, j) of a window, x[at] == out tells, where at is "
        "(..., *conv.seen_by(i, j, out.shape[2:], stride=stride)).",
        "“What about ties?” Keep an array of windows that still wait for their maximum. Go through "
        "the entries row by row; a window that has met its maximum no longer waits.",
    ],
)
