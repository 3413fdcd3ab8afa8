"""Optimizers, schedules and clipping, in NumPy.

An optimizer is a pure function: ``param, state = adam(param, grad, state, lr=0.001)``. The state
starts as ``{}`` and nothing is changed in place. A schedule is a function from the step to the
learning rate.
"""

from .clip import clip_by_global_norm
from .groups import parameter_groups
from .schedule import (
    cosine_lr,
    exponential_lr,
    one_cycle_lr,
    step_lr,
    warmup_cosine,
    warmup_linear,
)
from .surface import SURFACES
from .update import adagrad, adam, adamw, momentum, nesterov, rmsprop, sgd

__all__ = [
    "SURFACES", "adagrad", "adam", "adamw", "clip_by_global_norm", "cosine_lr", "exponential_lr",
    "momentum", "nesterov", "one_cycle_lr", "parameter_groups", "rmsprop", "sgd", "step_lr",
    "warmup_cosine", "warmup_linear",
]
