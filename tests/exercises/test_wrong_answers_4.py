"""Wrong answers to lesson 4 that once slipped through its checks, and right ones once refused."""

import warnings

import numpy as np
import pytest

from course_lib import conv
from course_lib.checks import check

WRONG, TOLD, RIGHT = [], [], []


def kept(where, id, *more):
    def keep(fn):
        where.append(pytest.param(id, fn, *more, id=f"{id} {fn.__name__}"))
        return fn
    return keep


def wrong(id):
    return kept(WRONG, id)


def told(id, words):
    return kept(TOLD, id, words)


def right(id):
    return kept(RIGHT, id)


@wrong("4.2")
def stride_at_most_two(x, kernels, b, *, stride=1, padding=0, dilation=1):
    return conv.conv2d_forward(x, kernels, b, stride=min(stride, 2), padding=padding,
                               dilation=dilation)


@wrong("4.2")
def dilation_at_most_two(x, kernels, b, *, stride=1, padding=0, dilation=1):
    return conv.conv2d_forward(x, kernels, b, stride=stride, padding=padding,
                               dilation=min(dilation, 2))


@wrong("4.2")
def nothing_for_one_by_one(x, kernels, b, **options):
    out, cache = conv.conv2d_forward(x, kernels, b, **options)
    return out * (kernels.shape[2:] != (1, 1)), cache


@told("4.3", "no window has reached")
def dx_as_large_as_the_windows_reach(dout, cache):
    columns, kernels, (B, C, H, W), o = cache
    p, s, d = o["padding"], o["stride"], o["dilation"]
    (OH, OW), (KH, KW) = dout.shape[2:], kernels.shape[2:]
    padded = np.zeros((B, C, s * (OH - 1) + d * (KH - 1) + 1, s * (OW - 1) + d * (KW - 1) + 1))
    for i, j in np.ndindex(KH, KW):
        rows, cols = conv.seen_by(i, j, (OH, OW), stride=s, dilation=d)
        padded[:, :, rows, cols] += np.einsum("boyx,oc->bcyx", dout, kernels[:, :, i, j])
    return padded[:, :, p:p + H, p:p + W], *conv.conv2d_backward(dout, cache)[1:]


@wrong("4.4")
def starts_at_minus_three(x, dout, *, kernel_size, stride=None):
    out, dx = conv.max_pool2d_and_grad(x, dout, kernel_size=kernel_size, stride=stride)
    return np.maximum(out, -3), dx


@wrong("4.5")
def size_of_gamma(dout, cache):
    x_hat, gamma, std, fixed = cache
    return conv.batch_norm_backward(dout, (x_hat, np.abs(gamma), std, fixed))


@told("4.5", "exchanged")
def order_of_the_sums(dout, cache):
    dx, dgamma, dbeta = conv.batch_norm_backward(dout, cache)
    return dx, dbeta, dgamma


def move(images, downs, rights):
    reach = int(max(np.abs(downs).max(), np.abs(rights).max()))
    padded = np.pad(images, [(0, 0), (reach, reach), (reach, reach)])
    H, W = images.shape[1:]
    return np.array([p[reach - d:reach - d + H, reach - r:reach - r + W]
                     for p, d, r in zip(padded, downs, rights, strict=True)])


@wrong("4.6")
def every_second_stays(images, *, max_shift, rng):
    draws = rng.integers(-max_shift, max_shift + 1, (2, len(images)))
    draws[:, ::2] = 0
    return move(images, *draws)


@wrong("4.6")
def thirty_draws_again_and_again(images, *, max_shift, rng):
    draws = rng.integers(-max_shift, max_shift + 1, (2, 30))
    return move(images, *np.resize(draws.T, (len(images), 2)).T)


@told("4.6", "every call shifts alike left and right")
def half_of_it_own_generator(images, *, max_shift, rng):
    own = np.random.default_rng(0)
    return move(images, rng.integers(-max_shift, max_shift + 1, len(images)),
                own.integers(-max_shift, max_shift + 1, len(images)))


@told("4.6", "the same numbers")
def rights_are_downs_backwards(images, *, max_shift, rng):
    downs = rng.integers(-max_shift, max_shift + 1, len(images))
    return move(images, downs, downs[::-1])


@wrong("4.6")
def whole_numbers(images, *, max_shift, rng):
    return conv.random_shift(images, max_shift=max_shift, rng=rng).astype(np.uint8)


@told("4.6", "alike up and down")
def one_down_for_all(images, *, max_shift, rng):
    return move(images, np.full(len(images), rng.integers(1, max_shift + 1) if max_shift else 0),
                rng.integers(-max_shift, max_shift + 1, len(images)))


@told("4.6", "nothing is shifted")
def unchanged(images, *, max_shift, rng):
    return images.copy()


@told("4.6", "in place")
def shifted_in_place(images, *, max_shift, rng):
    images[...] = conv.random_shift(images, max_shift=max_shift, rng=rng)
    return images


@told("4.6", "a list")
def generator_of_images(images, *, max_shift, rng):
    return (image for image in images)


@told("4.6", "not one array of images")
def rows_of_different_length(images, *, max_shift, rng):
    return [image[:4 + k % 2] for k, image in enumerate(images)]


@wrong("4.7")
def mostly_own_generator(x, dout, *, p, rng):
    mask = np.random.default_rng(0).random(x.shape) >= p
    mask[0] = rng.random(x.shape[1:]) >= p
    return x * mask / (1 - p), dout * mask / (1 - p)


@wrong("4.7")
def tenths_only(x, dout, *, p, rng):
    mask = rng.integers(0, 10, x.shape) >= round(10 * p)
    return x * mask / (1 - p), dout * mask / (1 - p)


@told("4.7", "in place")
def dropped_in_place(x, dout, *, p, rng):
    factor = (rng.random(x.shape) >= p) / (1 - p)
    x *= factor
    return x, dout * factor


@told("4.7", "same mask")
def one_row_for_all(x, dout, *, p, rng):
    factor = (rng.random(x.shape[1:]) >= p) / (1 - p)
    return x * factor, dout * factor


@told("4.7", "the mask itself")
def gradient_is_the_mask(x, dout, *, p, rng):
    factor = (rng.random(x.shape) >= p) / (1 - p)
    return x * factor, factor


@told("4.7", "finite number")
def divided_by_nothing(x, dout, *, p, rng):
    return x * np.inf, dout


@told("4.8", "every label")
def every_label_in_every_row(x, labels, *, forward, backward):
    logits, cache = forward(x)
    dout = np.zeros_like(logits)
    dout[:, labels] = 1
    return np.abs(backward(dout, cache)).max(axis=1)


@told("4.8", "logits, cache = forward(x)")
def cache_forgotten(x, labels, *, forward, backward):
    logits = forward(x)
    return backward(np.ones((len(x), 6)), logits[0])


@right("4.2")
def a_list_of_out_and_cache(x, kernels, b, **options):
    return list(conv.conv2d_forward(x, kernels, b, **options))


@right("4.2")
def a_tuple_of_images(x, kernels, b, **options):
    return tuple(conv.conv2d_forward(x, kernels, b, **options)[0])


@right("4.7")
def both_stacked(x, dout, *, p, rng):
    return np.stack(conv.dropout_and_grad(x, dout, p=p, rng=rng))


@right("4.6")
def with_choice(images, *, max_shift, rng):
    values = np.arange(-max_shift, max_shift + 1)
    return list(move(images, rng.choice(values, len(images)), rng.choice(values, len(images))))


@pytest.mark.parametrize("id, answer", WRONG)
def test_wrong_answers_are_not_right(id, answer):
    for seed in range(3):
        assert check(id, answer, seed=seed).status == "wrong"


@pytest.mark.parametrize("id, answer, words", TOLD)
def test_wrong_answers_are_told_why(id, answer, words):
    with warnings.catch_warnings():
        warnings.simplefilter("error")                    # no warning reaches the learner
        result = check(id, answer)
    assert result.status in ("wrong", "error")
    assert words in result.message, result.message


@pytest.mark.parametrize("id, answer", RIGHT)
def test_right_answers_are_right(id, answer):
    for seed in range(3):
        assert check(id, answer, seed=seed).status == "right", check(id, answer).message
