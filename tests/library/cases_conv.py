"""Cases for the pairs of course_lib.conv. See test_pairs.py for what is done with them."""

import numpy as np
import torch
from pair_case import PairCase, away_from_zero
from torch.nn import functional as F

# (B, C, H, W), O, (KH, KW), and the options: every option alone and all together; sizes odd and
# even, images and kernels not square; windows that leave pixels over; a 1 by 1 kernel; one window.
CONVOLUTIONS = [
    ((2, 3, 5, 7), 5, (4, 2), {}),
    ((3, 4, 6, 5), 1, (2, 3), {"stride": 2}),
    ((2, 1, 4, 5), 4, (3, 2), {"padding": 1}),
    ((1, 2, 7, 6), 4, (3, 1), {"dilation": 2}),
    ((2, 4, 6, 7), 5, (2, 3), {"stride": 3, "padding": 2, "dilation": 2}),
    ((2, 5, 4, 3), 3, (1, 1), {"stride": 2, "padding": 1}),
    ((5, 2, 3, 4), 6, (3, 4), {}),
]
POOLS = [((2, 3, 6, 5), {"kernel_size": 2}), ((1, 2, 7, 5), {"kernel_size": 3, "stride": 2}),
         ((2, 1, 5, 8), {"kernel_size": 2, "stride": 3}), ((5, 2, 4, 3), {"kernel_size": 1})]


class ConstantGenerator:
    """A generator that draws the same numbers at each call: a perturbed dropout keeps its mask."""

    def __init__(self, seed):
        self.seed = seed

    def random(self, shape):
        """As numpy.random.Generator.random."""
        return np.random.default_rng(self.seed).random(shape)


def conv2d(rng):
    draw = rng.standard_normal
    return [((draw(image), draw((n, image[1], *size)), draw(n)), options)
            for image, n, size, options in CONVOLUTIONS]


def distinct(rng, shape):
    """Values no two of which are within 0.1: the largest of a window is clear."""
    return 0.1 * rng.permutation(np.prod(shape)).reshape(shape)


def max_pool2d(rng):
    return [((distinct(rng, shape),), options) for shape, options in POOLS]


def avg_pool2d(rng):
    return [((rng.standard_normal(shape),), options) for shape, options in POOLS]


def batch_norm(rng):
    draw = rng.standard_normal
    found = [((draw(shape), draw(shape[1]), draw(shape[1])), {"eps": eps})
             for shape, eps in [((4, 3), 1e-5), ((2, 3, 4, 5), 1e-5), ((5, 2, 3), 0.1)]]
    running = draw(3), rng.uniform(0.5, 2.0, 3)
    return [*found, ((draw((1, 3, 2, 4)), draw(3), draw(3)), {"running": running})]


def dropout(rng):
    return [((rng.standard_normal(shape),), {"p": p, "rng": ConstantGenerator(3)})
            for shape, p in [((4, 5), 0.5), ((2, 3, 4), 0.2), ((3, 2), 0.0)]]


def draw_lenet(rng, B, one, two, hidden):
    shapes = [(one, 1, 3, 2), (two, one, 2, 3), (4 * two, hidden), (hidden, 6)]
    weights = [w for shape, n in zip(shapes, (one, two, hidden, 6), strict=True)
               for w in (rng.standard_normal(shape), rng.standard_normal(n))]
    return (rng.standard_normal((B, 1, 12, 13)), *weights), {}


def lenet(rng):
    return [draw_lenet(rng, *sizes) for sizes in [(2, 4, 5, 3), (3, 5, 4, 7)]]


def torch_batch_norm(x, gamma, beta, *, eps=1e-5, running=None):
    mean, var = (torch.tensor(a) for a in running) if running else (None, None)
    return F.batch_norm(x, mean, var, gamma, beta, training=running is None, eps=eps)


def torch_dropout(x, *, p, rng):
    return x * torch.tensor((rng.random(tuple(x.shape)) >= p) / (1 - p))


def torch_lenet(x, *weights):
    for kernels, b in (weights[:2], weights[2:4]):
        x = F.max_pool2d(F.relu(F.conv2d(x, kernels, b)), 2)
    W3, b3, W4, b4 = weights[4:]
    return F.linear(F.relu(F.linear(x.flatten(1), W3.T, b3)), W4.T, b4)


CASES = {
    "conv2d": PairCase(conv2d, F.conv2d),
    "max_pool2d": PairCase(max_pool2d, F.max_pool2d),
    "avg_pool2d": PairCase(avg_pool2d, F.avg_pool2d),
    "batch_norm": PairCase(batch_norm, torch_batch_norm),
    "dropout": PairCase(dropout, torch_dropout),
    "lenet": PairCase(lenet, torch_lenet),
}

LARGE = {
    "conv2d": lambda rng: ((rng.standard_normal((4, 5, 17, 20)), rng.standard_normal((6, 5, 4, 3)),
                            rng.standard_normal(6)), {"stride": 2, "padding": 1, "dilation": 2}),
    "max_pool2d": lambda rng: ((distinct(rng, (4, 3, 19, 22)),), {"kernel_size": 3, "stride": 2}),
    "avg_pool2d": lambda rng: ((rng.standard_normal((4, 3, 19, 22)),), {"kernel_size": 2}),
    "batch_norm": lambda rng: ((rng.standard_normal((8, 5, 9, 7)), rng.standard_normal(5),
                                rng.standard_normal(5)), {}),
    "dropout": lambda rng: ((away_from_zero(rng, (40, 30)),),
                            {"p": 0.3, "rng": ConstantGenerator(1)}),
    "lenet": lambda rng: draw_lenet(rng, 9, 8, 16, 10),
}
