"""4.3 conv2d_backward."""

import numpy as np

from course_lib.conv import (
    conv2d_backward,
    conv2d_forward,
    pad2d,
    seen_by,
    window_columns,
    windows,
)
from course_lib.exercises import Case, Exercise, Mistake

# image, kernels, options: each option alone, then all; nothing square but one, all axes different
SETTINGS = [
    ((2, 3, 5, 7), (4, 3, 2, 3), {}),
    ((3, 1, 6, 9), (2, 1, 3, 2), {"stride": 2}),   # a row and a column that no window reaches
    ((2, 3, 4, 5), (1, 3, 3, 2), {"padding": 1}),
    ((3, 2, 8, 7), (2, 2, 3, 2), {"dilation": 2}),
    ((2, 3, 8, 9), (2, 3, 2, 3), {"stride": 2, "padding": 2, "dilation": 2}),
    ((2, 1, 5, 5), (1, 1, 3, 3), {}),
    ((4, 2, 3, 4), (3, 2, 3, 4), {}),
    ((2, 3, 4, 5), (2, 3, 1, 1), {"stride": 3}),
]


def cases(rng):
    draw, found = rng.standard_normal, []
    for image, kernels, options in SETTINGS:
        out, cache = conv2d_forward(draw(image), draw(kernels), draw(kernels[0]), **options)
        found.append(Case((draw(out.shape), cache)))
    return found


def pieces(dout, cache):
    """For each entry of the kernel: its index, the pixels it meets, what it passes back."""
    _, kernels, shape, options = cache
    steps = {name: options[name] for name in ("stride", "dilation")}
    for i, j in np.ndindex(kernels.shape[2:]):
        share = np.einsum("boyx,oc->bcyx", dout, kernels[:, :, i, j])
        yield (..., *seen_by(i, j, dout.shape[2:], **steps)), share


def padded_zeros(cache):
    (B, C, H, W), p = cache[2], cache[3]["padding"]
    return np.zeros((B, C, H + 2 * p, W + 2 * p))


def with_dx(dout, cache, dpadded):
    """The right gradients, but with this padded dx."""
    (_, _, H, W), p = cache[2], cache[3]["padding"]
    return dpadded[:, :, p:p + H, p:p + W], *conv2d_backward(dout, cache)[1:]


def overwritten(dout, cache):
    dpadded = padded_zeros(cache)
    for at, share in pieces(dout, cache):
        dpadded[at] = share
    return with_dx(dout, cache, dpadded)


def overwritten_by_window(dout, cache):
    _, kernels, _, options = cache
    dpadded, (s, d) = padded_zeros(cache), (options["stride"], options["dilation"])
    KH, KW = (d * (k - 1) + 1 for k in kernels.shape[2:])
    for y, x in np.ndindex(dout.shape[2:]):
        share = np.einsum("bo,ocij->bcij", dout[:, :, y, x], kernels)
        dpadded[:, :, y * s:y * s + KH:d, x * s:x * s + KW:d] = share
    return with_dx(dout, cache, dpadded)


def no_options(dout, cache):
    options = {**cache[3], "stride": 1, "dilation": 1}
    dpadded = padded_zeros(cache)
    for at, share in pieces(dout, (*cache[:3], options)):
        dpadded[at] += share
    return with_dx(dout, cache, dpadded)


def leftovers_missing(dout, cache):
    """The right gradients, but of dx only what the windows reach."""
    _, kernels, (_, _, H, W), options = cache
    p, s, d = options["padding"], options["stride"], options["dilation"]
    height, width = (s * (n - 1) + d * (k - 1) + 1
                     for n, k in zip(dout.shape[2:], kernels.shape[2:], strict=True))
    dx, dkernels, db = conv2d_backward(dout, cache)
    return dx[:, :, :min(H, height - p), :min(W, width - p)], dkernels, db


def cut_by_minus_p(dout, cache):
    dx, dkernels, db = conv2d_backward(dout, cache)
    return (dx if cache[3]["padding"] else dx[:, :, :0, :0]), dkernels, db


def padding_left_on(dout, cache):
    dpadded = padded_zeros(cache)
    for at, share in pieces(dout, cache):
        dpadded[at] += share
    return dpadded, *conv2d_backward(dout, cache)[1:]


def stride_forgotten(dout, cache):
    options = {**cache[3], "stride": 1}
    dpadded = padded_zeros(cache)
    for at, share in pieces(dout, (*cache[:3], options)):
        dpadded[at] += share
    return with_dx(dout, cache, dpadded)


def dilation_forgotten(dout, cache):
    options = {**cache[3], "dilation": 1}
    dpadded = padded_zeros(cache)
    for at, share in pieces(dout, (*cache[:3], options)):
        dpadded[at] += share
    return with_dx(dout, cache, dpadded)


def kernel_flipped(dout, cache):
    columns, kernels, shape, options = cache
    flipped = columns, kernels[:, :, ::-1, ::-1], shape, options
    dx = conv2d_backward(dout, flipped)[0]
    return dx, *conv2d_backward(dout, cache)[1:]


def flipped_dkernels(dout, cache):
    dx, dkernels, db = conv2d_backward(dout, cache)
    return dx, dkernels[:, :, ::-1, ::-1], db


def mean_over_batch(dout, cache):
    dx, dkernels, db = conv2d_backward(dout, cache)
    return dx, dkernels / len(dout), db / len(dout)


def last_image(dout, cache):
    columns, kernels, (_, *size), options = cache
    only = columns[-1:], kernels, (1, *size), options
    return conv2d_backward(dout, cache)[0], *conv2d_backward(dout[-1:], only)[1:]


def bias_not_over_batch(dout, cache):
    dx, dkernels, _ = conv2d_backward(dout, cache)
    return dx, dkernels, dout.sum(axis=(2, 3))


def bias_mean(dout, cache):
    dx, dkernels, _ = conv2d_backward(dout, cache)
    return dx, dkernels, dout.mean(axis=(0, 2, 3))


def bias_not_over_places(dout, cache):
    dx, dkernels, _ = conv2d_backward(dout, cache)
    return dx, dkernels, dout.sum(axis=0)


EXERCISE = Exercise(
    id="4.3",
    name="conv2d_backward",
    points=4,
    minutes=40,
    reference=conv2d_backward,
    cases=cases,
    given=(pad2d, seen_by, window_columns, windows),
    returns=("dx", "dkernels", "db"),
    picture="dx",
    mistakes=[
        Mistake("overwritten", overwritten,
                "dx is overwritten where windows overlap. A pixel that several outputs have seen "
                "gets a share from each: add, with +=."),
        Mistake("overwritten by windows", overwritten_by_window,
                "dx is overwritten where windows overlap: each window replaces what an earlier one "
                "has left. Add, with +=."),
        Mistake("leftovers missing", leftovers_missing,
                "dx is too small: rows and columns that no window has reached are missing. They "
                "moved nothing, so their gradient is 0, but dx has the image's own shape."),
        Mistake("cut by minus p", cut_by_minus_p,
                "dx is empty where there is no padding: -0 is 0, so p:-p takes nothing. Write "
                "p:p + H and p:p + W."),
        Mistake("no options", no_options,
                "in dx neither the stride nor the dilation is used: hand them to conv.seen_by."),
        Mistake("padding left on", padding_left_on,
                "dx still has the padding around it. Cut it off: dx has the image's own shape."),
        Mistake("stride forgotten", stride_forgotten,
                "in dx the stride is not used. Output y stands at pixel stride * y: its share goes "
                "there."),
        Mistake("dilation forgotten", dilation_forgotten,
                "in dx the dilation is not used. Entry i of the kernel met the pixel dilation * i "
                "further on: its share goes there."),
        Mistake("kernel flipped", kernel_flipped,
                "in dx each share is multiplied by the wrong entry: the kernel is turned by half a "
                "turn. Entry (i, j) passes back through (i, j). (If you write dx as a convolution "
                "of dout, *then* the kernel must be flipped.)"),
        Mistake("dkernels flipped", flipped_dkernels,
                "dkernels is turned by half a turn. Entry (i, j) gets the sum of dout times the "
                "pixels that (i, j) met."),
        Mistake("mean over the batch", mean_over_batch,
                "dkernels and db are divided by the batch size. Every image was seen by the same "
                "kernels, and gradients of copies add. The mean is the loss's business."),
        Mistake("last image only", last_image,
                "dkernels and db come from the last image alone: in the loop over images, add."),
        Mistake("db not over the batch", bias_not_over_batch,
                "db still has a row for each image. b was added to all of them: sum over axis 0 "
                "as well."),
        Mistake("db mean", bias_mean,
                "db is a mean. b was added at every place of every image, and gradients of copies "
                "add: sum."),
        Mistake("db not over places", bias_not_over_places,
                "db still has an entry for each place. b was added at all of them: sum over axes "
                "2 and 3 as well."),
    ],
    hints=[
        "“Three gradients at once?” One by one. db first: b[o] was added at every place of every "
        "image. Then dkernels: rows @ columns is a matrix product, and you know its backward from "
        "lesson 1.",
        "“dkernels has the wrong shape.” flat = dout.reshape(B, O, OH * OW). For each image "
        "flat @ columns.T; columns.transpose(0, 2, 1) does all at once. Sum over the batch, then "
        "reshape to kernels.shape.",
        "“I cannot see dx.” Turn figure 1 round. Take one entry (i, j) of the kernel. Each output "
        "(y, x) has seen the pixel conv.seen_by(i, j, ...) through it, and passes back dout times "
        "that entry. Add that up for all entries, in a padded array of zeros.",
        "“The product for one entry?” kernels[:, :, i, j] is (O, C), flat is (B, O, P): "
        "kernels[:, :, i, j].T @ flat is (B, C, P).",
    ],
)
