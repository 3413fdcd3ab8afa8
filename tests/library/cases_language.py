"""Cases for the pair of course_lib.language. See test_pairs.py for what is done with them."""

import torch
from pair_case import PairCase
from torch.nn import functional as F


def draw(rng, B, K, E):
    return (rng.standard_normal((B, E)), rng.standard_normal((B, E)),
            rng.standard_normal((B, K, E))), {}


def in_torch(center, context, negatives):
    near = F.logsigmoid((center * context).sum(1))
    far = F.logsigmoid(-torch.bmm(negatives, center[:, :, None])[..., 0])
    return -(near + far.sum(1)).mean()


CASES = {"negative_sampling": PairCase(
    lambda rng: [draw(rng, *size) for size in [(2, 3, 4), (3, 1, 2), (1, 5, 3)]], in_torch)}
LARGE = {"negative_sampling": lambda rng: draw(rng, 9, 6, 8)}
