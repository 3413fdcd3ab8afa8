"""Schedules: the learning rate as a function of the step, counted from 0."""

import math


def step_lr(step, *, lr, step_size, gamma=0.1):
    """Multiply the rate by `gamma` after every `step_size` steps.

    Examples
    --------
    >>> [round(step_lr(t, lr=1.0, step_size=2), 3) for t in range(5)]
    [1.0, 1.0, 0.1, 0.1, 0.01]
    """
    return lr * gamma ** (step // step_size)


def exponential_lr(step, *, lr, gamma):
    """Multiply the rate by `gamma` after every step."""
    return lr * gamma**step


def cosine_lr(step, *, lr, total_steps, minimum=0.0):
    """Go from `lr` to `minimum` along half a cosine, and stay there.

    Loshchilov & Hutter (2017), SGDR, equation 5, without restarts.
    """
    progress = min(step, total_steps) / total_steps
    return minimum + (lr - minimum) * (1 + math.cos(math.pi * progress)) / 2


def linear_warmup_lr(step, *, lr, warmup_steps, start=1 / 3):
    """Go from `start` times `lr` to `lr` on a straight line, and stay there."""
    return lr * (start + (1 - start) * min(step, warmup_steps) / warmup_steps)


def warmup_cosine(step, *, lr, warmup_steps, total_steps):
    """Rise from 0 to `lr` on a straight line, then fall to 0 along half a cosine.

    Parameters
    ----------
    step : int
        From 0.
    lr : float
        The peak, reached at `warmup_steps`.
    warmup_steps, total_steps : int

    Returns
    -------
    float

    Examples
    --------
    >>> [round(warmup_cosine(t, lr=1.0, warmup_steps=2, total_steps=6), 3) for t in range(7)]
    [0.0, 0.5, 1.0, 0.854, 0.5, 0.146, 0.0]
    """
    if step < warmup_steps:
        return lr * step / warmup_steps
    return cosine_lr(step - warmup_steps, lr=lr, total_steps=max(1, total_steps - warmup_steps))


def warmup_linear(step, *, lr, warmup_steps, total_steps):
    """Rise from 0 to `lr` on a straight line, then fall to 0 on another, and stay there.

    Devlin et al. (2019), BERT, appendix A.2; numbers as transformers' linear schedule has them.

    Parameters
    ----------
    step : int
        From 0.
    lr : float
        The peak, reached at `warmup_steps`.
    warmup_steps, total_steps : int

    Returns
    -------
    float

    Examples
    --------
    >>> [warmup_linear(t, lr=1.0, warmup_steps=2, total_steps=6) for t in range(8)]
    [0.0, 0.5, 1.0, 0.75, 0.5, 0.25, 0.0, 0.0]
    """
    if step < warmup_steps:
        return lr * step / warmup_steps
    return lr * max(0.0, (total_steps - step) / max(1, total_steps - warmup_steps))


def one_cycle_lr(step, *, max_lr, total_steps, pct_start=0.3, div_factor=25.0,
                 final_div_factor=1e4):
    """Rise along half a cosine from max_lr / div_factor to max_lr, then fall much lower.

    Smith & Topin (2019), Super-convergence; names and formula as in PyTorch's OneCycleLR.
    """
    first = max_lr / div_factor
    last = first / final_div_factor
    peak = pct_start * total_steps - 1
    if step <= peak:
        return cosine_lr(step, lr=first, total_steps=peak, minimum=max_lr)
    return cosine_lr(step - peak, lr=max_lr, total_steps=total_steps - 1 - peak, minimum=last)
