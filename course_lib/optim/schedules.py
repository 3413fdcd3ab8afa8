"""Schedules: the learning rate as a function of the step, counted from 0."""

import math


def step_lr(step, *, lr, step_size, gamma=0.1):
    """Multiply the rate by `gamma` after every `step_size` steps.

    Parameters
    ----------
    step : int
        From 0.
    lr : float
        The first rate.
    step_size : int
    gamma : float

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If `step_size` is below 1.

    Examples
    --------
    >>> [round(step_lr(t, lr=1.0, step_size=2), 3) for t in range(5)]
    [1.0, 1.0, 0.1, 0.1, 0.01]
    """
    if step_size < 1:
        raise ValueError(f"step_size is {step_size}: give at least 1")
    return lr * gamma ** (step // step_size)


def exponential_lr(step, *, lr, gamma):
    """Multiply the rate by `gamma` after every step.

    Parameters
    ----------
    step : int
        From 0.
    lr : float
        The first rate.
    gamma : float

    Returns
    -------
    float
    """
    return lr * gamma**step


def cosine_lr(step, *, lr, total_steps, minimum=0.0):
    """Go from `lr` to `minimum` along half a cosine, and stay there.

    Loshchilov & Hutter (2017), SGDR, equation 5, without restarts.

    Parameters
    ----------
    step : int
        From 0; at `total_steps` the minimum is reached.
    lr : float
        The first rate.
    total_steps : int
    minimum : float
        The last rate.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If `total_steps` is not above 0.
    """
    if not total_steps > 0:
        raise ValueError(f"total_steps is {total_steps}: give a number above 0")
    progress = min(step, total_steps) / total_steps
    return minimum + (lr - minimum) * (1 + math.cos(math.pi * progress)) / 2


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

    Parameters
    ----------
    step : int
        From 0; at `total_steps` - 1 the last rate is reached.
    max_lr : float
        The peak.
    total_steps : int
    pct_start : float
        Share of the steps that rise, at least 0 and below 1.
    div_factor, final_div_factor : float
        `max_lr` over the first rate, and the first rate over the last.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If `total_steps` is below 1, or `pct_start` out of range.
    """
    if total_steps < 1 or not 0 <= pct_start < 1:
        raise ValueError(f"total_steps is {total_steps} and pct_start {pct_start}: give at least 1 "
                         "step, and a share of at least 0 and below 1")
    first = max_lr / div_factor
    last = first / final_div_factor
    peak = pct_start * total_steps - 1
    if step <= peak and peak:                             # with a peak at 0 nothing rises
        return cosine_lr(step, lr=first, total_steps=peak, minimum=max_lr)
    return cosine_lr(step - peak, lr=max_lr, total_steps=total_steps - 1 - peak, minimum=last)
