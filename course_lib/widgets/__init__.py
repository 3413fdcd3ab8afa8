"""Widgets: small things to turn and press. Every lesson also shows static figures of them."""

from .backward import backward_to, draw_step, step_through_backward
from .descent import descent, draw_descent, explore_descent

__all__ = ["backward_to", "descent", "draw_descent", "draw_step", "explore_descent",
           "step_through_backward"]
