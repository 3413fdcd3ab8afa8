"""Cases for the pairs of lesson 7. See test_pairs.py for what is done with them."""

import torch
from pair_case import PairCase
from torch.nn import functional as F


def draw_mean(rng, B, T, D, *, empty=False):
    mask = rng.random((B, T)) < 0.6
    mask[:, 0] = True
    if empty:
        mask[-1] = False                                  # a sequence without a real token
    return (rng.standard_normal((B, T, D)),), {"mask": mask}


def mean_cases(rng):
    return [draw_mean(rng, 3, 4, 2), draw_mean(rng, 2, 5, 3, empty=True), draw_mean(rng, 1, 2, 3)]


def torch_mean(x, *, mask):
    real = torch.as_tensor(mask)[..., None]
    return (x * real).sum(dim=1) / real.sum(dim=1).clamp(min=1)


def draw_distillation(rng, B, C, temperature, alpha):
    options = {"teacher": rng.normal(0, 2, (B, C)), "labels": rng.integers(0, C, B),
               "temperature": temperature, "alpha": alpha}
    return (rng.normal(0, 2, (B, C)),), options


def distillation_cases(rng):
    return [draw_distillation(rng, *c) for c in [(4, 3, 2.0, 0.5), (2, 5, 4.0, 1.0),
                                                 (5, 2, 1.0, 0.0), (3, 4, 0.5, 0.9)]]


def torch_distillation(logits, *, teacher, labels, temperature, alpha):
    soft = F.kl_div((logits / temperature).log_softmax(1),
                    (torch.as_tensor(teacher) / temperature).softmax(1), reduction="batchmean")
    return alpha * temperature**2 * soft + (1 - alpha) * F.cross_entropy(logits,
                                                                         torch.as_tensor(labels))


CASES = {"masked_mean": PairCase(mean_cases, torch_mean),
         "distillation": PairCase(distillation_cases, torch_distillation)}
LARGE = {"masked_mean": lambda rng: draw_mean(rng, 32, 40, 24),
         "distillation": lambda rng: draw_distillation(rng, 64, 10, 2.0, 0.7)}
