"""Cases for the pairs of course_lib.layers. See test_pairs.py for what is done with them."""

import numpy as np
import torch
from pair_case import PairCase, away_from_zero
from torch.nn import functional as F

SHAPES = [(4, 3), (2, 5), (3, 2, 4)]


def elementwise(draw=None):
    """Cases for a function of one array of any shape."""
    draw = draw or (lambda rng, shape: rng.normal(0.0, 1.5, shape))
    return lambda rng: [((draw(rng, shape),), {}) for shape in SHAPES]


def linear(rng):
    draw, sizes = rng.standard_normal, [(4, 3, 2), (2, 5, 3), (1, 2, 4)]
    return [((draw((B, D)), draw((D, H)), draw(H)), {}) for B, D, H in sizes]


def add(rng):
    shapes = [((4, 3), (3,)), ((4, 1), (4, 3)), ((2, 3, 4), (3, 1)), ((5, 2), ()), ((1, 4), (3, 1))]
    return [((rng.standard_normal(a), rng.standard_normal(b)), {}) for a, b in shapes]


def activation(rng):
    return [((away_from_zero(rng, shape),), {"activation": name})
            for name, shape in zip(["sigmoid", "tanh", "relu"], SHAPES, strict=True)]


def mse(rng):
    return [((rng.standard_normal(s),), {"target": rng.standard_normal(s)}) for s in SHAPES]


def huber(rng):
    """Errors on both sides of delta, none near it: the second derivative jumps there."""
    found = []
    for shape, delta in zip(SHAPES, [1.0, 0.5, 2.0], strict=True):
        factor = np.where(rng.random(shape) < 0.5, rng.uniform(0.1, 0.9, shape),
                          rng.uniform(1.1, 3.0, shape))
        target = rng.standard_normal(shape)
        error = delta * factor * rng.choice([-1.0, 1.0], shape)
        found.append(((target + error,), {"target": target, "delta": delta}))
    return found


def cross_entropy(rng):
    return [((rng.normal(0.0, 2.0, (B, C)),), {"labels": rng.integers(0, C, B)})
            for B, C in [(4, 3), (2, 5), (1, 4)]]


def binary_cross_entropy(rng):
    return [((rng.normal(0.0, 2.0, s),), {"labels": rng.integers(0, 2, s).astype(float)})
            for s in [(5,), (3, 4)]]


def mlp(rng):
    found = []
    for sizes, name in [((3, 4, 2), "tanh"), ((2, 5, 4, 3), "sigmoid"), ((4, 3), "tanh"),
                        ((3, 6, 5, 4), "relu")]:
        weights = []
        for n_in, n_out in zip(sizes[:-1], sizes[1:], strict=True):
            weights += [rng.standard_normal((n_in, n_out)), rng.standard_normal(n_out)]
        found.append(((rng.standard_normal((7, sizes[0])), *weights), {"activation": name}))
    return found


def torch_activation(x, *, activation):
    return getattr(torch, activation)(x)


def torch_mlp(x, *weights, activation):
    for k in range(0, len(weights), 2):
        x = F.linear(x, weights[k].T, weights[k + 1])
        if k + 2 < len(weights):
            x = torch_activation(x, activation=activation)
    return x


CASES = {
    "linear": PairCase(linear, lambda x, W, b: F.linear(x, W.T, b)),
    "add": PairCase(add, torch.add),
    "sigmoid": PairCase(elementwise(), torch.sigmoid),
    "tanh": PairCase(elementwise(), torch.tanh),
    "relu": PairCase(elementwise(draw=away_from_zero), torch.relu),
    "activation": PairCase(activation, torch_activation),
    "softmax": PairCase(elementwise(), lambda x: torch.softmax(x, dim=-1)),
    "mse": PairCase(mse, lambda x, target: F.mse_loss(x, torch.tensor(target))),
    "huber": PairCase(
        huber, lambda x, target, delta: F.huber_loss(x, torch.tensor(target), delta=delta)),
    "cross_entropy": PairCase(
        cross_entropy, lambda x, labels: F.cross_entropy(x, torch.tensor(labels))),
    "binary_cross_entropy": PairCase(
        binary_cross_entropy,
        lambda x, labels: F.binary_cross_entropy_with_logits(x, torch.tensor(labels))),
    "mlp": PairCase(mlp, torch_mlp),
}

def one(*shape, **options):
    """A large case of a function of one array."""
    return lambda rng: ((away_from_zero(rng, shape),), options)


def one_and_target(rng):
    return (rng.standard_normal((50, 40)),), {"target": rng.standard_normal((50, 40))}


LARGE = {   # one random direction is enough here, whatever the size
    "add": lambda rng: ((rng.standard_normal((30, 1, 20)), rng.standard_normal((40, 1))), {}),
    "sigmoid": one(60, 50), "tanh": one(60, 50), "relu": one(60, 50),
    "activation": one(60, 50, activation="sigmoid"),
    "mse": one_and_target, "huber": one_and_target,
    "binary_cross_entropy": lambda rng: ((rng.standard_normal(900),),
                                         {"labels": rng.integers(0, 2, 900).astype(float)}),
    "linear": lambda rng: ((rng.standard_normal((64, 50)), rng.standard_normal((50, 30)),
                            rng.standard_normal(30)), {}),
    "softmax": lambda rng: ((rng.standard_normal((40, 3, 25)),), {}),
    "cross_entropy": lambda rng: ((rng.standard_normal((90, 40)),),
                                  {"labels": rng.integers(0, 40, 90)}),
    "mlp": lambda rng: ((rng.standard_normal((64, 20)), rng.standard_normal((20, 30)) / 5,
                         rng.standard_normal(30), rng.standard_normal((30, 10)) / 5,
                         rng.standard_normal(10)), {}),
}
