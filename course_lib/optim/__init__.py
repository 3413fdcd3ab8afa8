"""Optimizers, schedules and clipping, in NumPy.

An optimizer is a pure function: ``param, state = adam(param, grad, state, lr=0.001)``. The state
starts as ``{}`` and nothing is changed in place. A schedule is a function from the step to the
learning rate.
"""

from .clip import clip_by_global_norm
from .optimizers import adagrad, adam, adamw, momentum, nesterov, rmsprop, sgd
from .parameter_groups import parameter_groups
from .schedules import (
    cosine_lr,
    exponential_lr,
    one_cycle_lr,
    step_lr,
    warmup_cosine,
    warmup_linear,
)
from .surfaces import SURFACES, fewest_steps

__all__ = [
    "SURFACES", "adagrad", "adam", "adamw", "clip_by_global_norm", "cosine_lr", "exponential_lr",
    "fewest_steps", "momentum", "nesterov", "one_cycle_lr", "parameter_groups", "rmsprop", "sgd",
    "step_lr", "warmup_cosine", "warmup_linear",
]
