"""Convolution, pooling, batch norm and dropout: what the pairs' own proofs do not cover."""

import itertools

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from course_lib import conv, data, gradcheck

GRID = [dict(zip(("stride", "padding", "dilation"), values, strict=True))
        for values in itertools.product((1, 2, 3), (0, 1, 2), (1, 2))]
# sizes odd and even, image and kernel not square, one channel and several
SHAPES = [((2, 3, 9, 12), (4, 3, 3, 2)), ((3, 1, 8, 7), (2, 1, 1, 4)),
          ((1, 2, 11, 6), (1, 2, 2, 3))]


def named(options):
    return "-".join(f"{name}{value}" for name, value in options.items())


@pytest.mark.parametrize("options", GRID, ids=named)
@pytest.mark.parametrize("shapes", SHAPES, ids=str)
def test_conv2d_equals_torch_over_a_grid(shapes, options):
    rng = np.random.default_rng(0)
    x, kernels = (rng.standard_normal(shape) for shape in shapes)
    b = rng.standard_normal(len(kernels))
    out, cache = conv.conv2d_forward(x, kernels, b, **options)
    leaves = [torch.tensor(a, requires_grad=True) for a in (x, kernels, b)]
    theirs = F.conv2d(*leaves, **options)
    assert gradcheck.relative_error(out, theirs.detach()) < 1e-12
    dout = rng.standard_normal(out.shape)
    mine = conv.conv2d_backward(dout, cache)
    for a, t in zip(mine, torch.autograd.grad(theirs, leaves, torch.tensor(dout)), strict=True):
        assert gradcheck.relative_error(a, t) < 1e-12


@pytest.mark.parametrize("options", GRID, ids=named)
def test_output_size_counts_the_places(options):
    for size, k in itertools.product(range(1, 12), range(1, 5)):
        places = [t for t in range(-options["padding"], size + options["padding"])
                  if t + options["dilation"] * (k - 1) < size + options["padding"]]
        if places:
            places = places[::options["stride"]]
            assert conv.output_size(size, k, **options) == len(places)
        else:
            with pytest.raises(ValueError, match="does not fit"):
                conv.output_size(size, k, **options)


@pytest.mark.parametrize("kernel_size, stride", [(2, 2), (3, 2), (2, 1), (3, 1), (2, 3), (4, 3)])
@pytest.mark.parametrize("shape", [(2, 3, 7, 9), (1, 2, 8, 5)])
def test_max_pool_with_ties_equals_torch(shape, kernel_size, stride):
    rng = np.random.default_rng(0)
    x = rng.integers(0, 3, shape).astype(float)           # three values only: ties everywhere
    out, cache = conv.max_pool2d_forward(x, kernel_size=kernel_size, stride=stride)
    leaf = torch.tensor(x, requires_grad=True)
    theirs = F.max_pool2d(leaf, kernel_size, stride)
    assert np.array_equal(out, theirs.detach())
    dout = rng.standard_normal(out.shape)
    dx = conv.max_pool2d_backward(dout, cache)
    assert np.allclose(dx, torch.autograd.grad(theirs, leaf, torch.tensor(dout))[0], atol=1e-14)
    assert np.isclose(dx.sum(), dout.sum())               # no gradient is lost or doubled


def test_max_pool_of_infinities():
    x = np.full((1, 1, 2, 2), -np.inf)
    out, cache = conv.max_pool2d_forward(x, kernel_size=2)
    assert out == -np.inf
    assert conv.max_pool2d_backward(np.ones((1, 1, 1, 1)), cache).tolist() == [[[[1, 0], [0, 0]]]]


def test_max_pool_sends_the_gradient_to_a_nan_as_torch_does():
    x = np.arange(16.0).reshape(1, 1, 4, 4)
    x[0, 0, 1, 0] = np.nan
    out, cache = conv.max_pool2d_forward(x, kernel_size=2)
    leaf = torch.tensor(x, requires_grad=True)
    dout = np.random.default_rng(0).standard_normal(out.shape)
    theirs = torch.autograd.grad(F.max_pool2d(leaf, 2), leaf, torch.tensor(dout))[0].numpy()
    assert np.isnan(out[0, 0, 0, 0]) and theirs[0, 0, 1, 0] == dout[0, 0, 0, 0]
    assert np.array_equal(conv.max_pool2d_backward(dout, cache), theirs)


def test_no_image_gives_no_logits():
    weights = conv.initialise_lenet(rng=np.random.default_rng(0))
    x = np.zeros((0, 1, 28, 28), np.float32)
    logits, cache = conv.lenet_forward(x, *weights)
    assert logits.shape == (0, 10) and conv.lenet_backward(logits, cache)[0].shape == x.shape


def test_float32_stays_float32():
    rng = np.random.default_rng(0)
    weights = conv.initialise_lenet(rng=rng)
    x = rng.standard_normal((2, 1, 28, 28)).astype(np.float32)
    logits, cache = conv.lenet_forward(x, *weights)
    assert logits.dtype == np.float32
    assert all(g.dtype == np.float32 for g in conv.lenet_backward(logits, cache))
    ones = np.ones(1, np.float32)
    for out, cache, backward in [
            (*conv.batch_norm_forward(x, ones, ones), conv.batch_norm_backward),
            (*conv.dropout_forward(x, p=0.5, rng=rng), conv.dropout_backward),
            (*conv.avg_pool2d_forward(x, kernel_size=2), conv.avg_pool2d_backward)]:
        grads = backward(out, cache)
        assert out.dtype == np.float32
        assert all(g.dtype == np.float32 for g in (grads if isinstance(grads, tuple) else [grads]))


def test_whole_numbers_are_not_rounded():
    rng = np.random.default_rng(0)
    whole = np.arange(16).reshape(1, 1, 4, 4)
    out, _ = conv.dropout_forward(whole, p=0.3, rng=rng)
    assert np.allclose(out[out != 0], (whole / 0.7)[out != 0])
    for forward, backward in [(conv.max_pool2d_forward, conv.max_pool2d_backward),
                              (conv.avg_pool2d_forward, conv.avg_pool2d_backward)]:
        out, cache = forward(whole, kernel_size=2)
        assert np.isclose(backward(np.full(out.shape, 0.5), cache).sum(), 2.0)
    ones = np.ones((1, 1, 2, 2), int)
    out, cache = conv.conv2d_forward(whole, ones, np.zeros(1, int))
    assert conv.conv2d_backward(np.full(out.shape, 0.5), cache)[0].sum() == 18.0


def test_batch_norm_in_evaluation_does_not_look_at_the_neighbours():
    rng = np.random.default_rng(0)
    x, gamma, beta = rng.standard_normal((4, 3, 2, 2)), rng.standard_normal(3), np.zeros(3)
    running = conv.batch_statistics(rng.standard_normal((50, 3, 2, 2)))
    whole, _ = conv.batch_norm_forward(x, gamma, beta, running=running)
    alone, _ = conv.batch_norm_forward(x[:1], gamma, beta, running=running)
    assert np.array_equal(whole[:1], alone)
    in_training, _ = conv.batch_norm_forward(x, gamma, beta)
    assert np.allclose(in_training.mean(axis=(0, 2, 3)), 0)
    assert np.allclose(in_training.std(axis=(0, 2, 3)), np.abs(gamma), rtol=1e-4)


def test_dropout_keeps_the_mean_and_drops_the_share():
    rng = np.random.default_rng(0)
    x = np.ones((400, 500))
    for p in (0.1, 0.5, 0.9):
        out, _ = conv.dropout_forward(x, p=p, rng=rng)
        # 200,000 coins: the share is within 5 standard deviations, at most 0.006, of p
        assert abs((out == 0).mean() - p) < 0.006 and abs(out.mean() - 1) < 0.006 / (1 - p)
        assert set(np.unique(out)) == {0, 1 / (1 - p)}


def test_random_shift_moves_each_image_on_its_own():
    rng = np.random.default_rng(0)
    x = rng.integers(1, 256, (400, 5, 6))
    out = conv.random_shift(x, max_shift=2, rng=rng)
    assert out.shape == x.shape and out.dtype == x.dtype
    padded, found = np.pad(x, [(0, 0), (2, 2), (2, 2)]), []
    for image, shifted in zip(padded, out, strict=True):
        fits = [(i, j) for i, j in np.ndindex(5, 5)
                if np.array_equal(image[i:i + 5, j:j + 6], shifted)]
        assert len(fits) == 1
        found += fits
    assert set(found) == set(np.ndindex(5, 5))            # all 25 shifts occur in 400
    channels = conv.random_shift(np.stack([x, 2 * x], axis=1), max_shift=2, rng=rng)
    assert np.array_equal(channels[:, 1], 2 * channels[:, 0])   # of one image, alike


def test_random_shift_by_zero_changes_nothing_and_shares_nothing():
    x = np.ones((2, 3, 3))
    out = conv.random_shift(x, max_shift=0, rng=np.random.default_rng(0))
    out[0] = 5
    assert x.max() == 1


def test_area_resize_keeps_mean_and_constant():
    rng = np.random.default_rng(0)
    x = rng.random((13, 7))
    for shape in [(5, 3), (26, 14), (13, 7), (1, 1), (20, 11)]:
        assert np.isclose(conv.area_resize(x, shape).mean(), x.mean())
    assert np.allclose(conv.area_resize(np.ones((9, 4)), (4, 9)), 1)
    assert np.allclose(conv.area_resize(x, (13, 7)), x)
    assert np.allclose(conv.area_resize(np.kron(x, np.ones((3, 4))), x.shape), x)


def test_as_mnist_leaves_digits_of_mnist_where_they_are():
    """A digit of MNIST, drawn ten times as large somewhere on a canvas, comes back as it was."""
    x, *_ = data.mnist()
    rng = np.random.default_rng(0)
    for image in x[:300]:
        canvas = np.zeros((400, 400))
        top, left = rng.integers(0, 120, 2)
        canvas[top:top + 280, left:left + 280] = np.kron(image, np.ones((10, 10)))
        back = conv.as_mnist(canvas)
        assert np.abs(back * (image.max() / 255) - image).max() < 1e-9


@pytest.mark.parametrize("drawing", [np.zeros((9, 9)), np.eye(1), np.eye(300)[:, :2],
                                     np.pad(np.ones((1, 1)), 5), np.full((3, 200), 1e-9)])
def test_as_mnist_of_odd_drawings(drawing):
    out = conv.as_mnist(drawing)
    assert out.shape == (28, 28) and np.isfinite(out).all() and out.max() <= 255
    assert (out.max() > 0) == (drawing.max() > 0)


@pytest.mark.parametrize("call, words", [
    (lambda: conv.conv2d_forward(np.ones((1, 2, 5, 5)), np.ones((3, 1, 3, 3)), np.ones(3)),
     r"x \(1, 2, 5, 5\), kernels \(3, 1, 3, 3\)"),
    (lambda: conv.conv2d_forward(np.ones((5, 5)), np.ones((3, 1, 3, 3)), np.ones(3)), "give x"),
    (lambda: conv.conv2d_forward(np.ones((1, 1, 2, 5)), np.ones((3, 1, 3, 3)), np.ones(3)),
     "reaches over 3 pixels does not fit into 2"),
    (lambda: conv.max_pool2d_forward(np.ones((1, 1, 5, 5)), kernel_size=2, stride=-1),
     "stride -1"),
    (lambda: conv.max_pool2d_forward(np.ones((5, 5)), kernel_size=2), r"give it as \(B, C, H, W\)"),
    (lambda: conv.batch_norm_forward(np.ones((2, 3)), np.ones(2), np.ones(3)), "do not fit"),
    (lambda: conv.batch_norm_forward(np.ones((1, 3)), np.ones(3), np.ones(3)), "fewer than two"),
    (lambda: conv.batch_norm_forward(np.ones((0, 3)), np.ones(3), np.ones(3)), "fewer than two"),
    (lambda: conv.batch_norm_forward(np.ones((2, 3)), np.ones(3), np.ones(3),
                                     running=(np.zeros(1), np.ones(1))), r"give both as \(3,\)"),
    (lambda: conv.batch_norm_backward(np.ones((1, 3)), conv.batch_norm_forward(
        np.ones((2, 3)), np.ones(3), np.ones(3))[1]), r"the output had \(2, 3\)"),
    (lambda: conv.max_pool2d_backward(np.ones((1, 1, 1, 1)), conv.max_pool2d_forward(
        np.ones((1, 1, 4, 4)), kernel_size=2)[1]), r"the output had \(1, 1, 2, 2\)"),
    (lambda: conv.conv2d_backward(np.ones((1, 2, 3, 2)), conv.conv2d_forward(
        np.ones((1, 1, 4, 4)), np.ones((2, 1, 2, 2)), np.ones(2))[1]),
     r"the output had \(1, 2, 3, 3\)"),
    (lambda: conv.avg_pool2d_backward(1.0, conv.avg_pool2d_forward(
        np.ones((1, 1, 4, 4)), kernel_size=2)[1]), r"the output had \(1, 1, 2, 2\)"),
    (lambda: conv.max_pool2d_forward(np.ones((1, 1, 4, 4)), kernel_size=2, stride=0), "stride 0"),
    (lambda: conv.windows(np.ones((4, 4)), (2, 2)), r"give it as \(B, C, H, W\)"),
    (lambda: conv.random_shift(np.ones((3, 3)), max_shift=1, rng=None), "give a batch"),
    (lambda: conv.as_mnist(np.array([[1.0, -1.0]])), "ink below 0"),
    (lambda: conv.as_mnist(np.array([[1.0, np.nan]])), "not finite"),
    (lambda: conv.saliency(np.ones((2, 1, 3, 3)), np.ones((2, 1), int),
                           forward=lambda x: (np.ones((2, 4)), None), backward=None),
     "one for each of 2 images"),
    (lambda: conv.dropout_forward(np.ones(3), p=1.0, rng=None), "p is 1.0"),
    (lambda: conv.random_shift(np.ones((1, 3, 3)), max_shift=-1, rng=None), "max_shift is -1"),
])
def test_bad_input_is_told(call, words):
    with pytest.raises(ValueError, match=words):
        call()
