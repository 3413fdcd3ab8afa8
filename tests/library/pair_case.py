"""Test case of a forward/backward pair."""

from collections.abc import Callable
from typing import NamedTuple


class PairCase(NamedTuple):
    """How to draw inputs of a pair, and what PyTorch calls it.

    Attributes
    ----------
    draw : callable
        ``draw(rng)`` gives a list of ``(args, options)``; all axes of an array differ in size, but
        for square weights and axes of 1.
    in_torch : callable
        The same function of tensors; options arrive as they are.
    """

    draw: Callable
    in_torch: Callable


def away_from_zero(rng, shape):
    """Normal numbers, none closer to 0 than 0.1: a kink there must not lie under the nudge."""
    x = rng.standard_normal(shape)
    return x + 0.1 * ((x >= 0) * 2.0 - 1.0)
