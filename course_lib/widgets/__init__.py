"""Widgets: small things to turn and press. Every lesson also shows static figures of them."""

from .backward import backward_to, draw_step, step_through_backward
from .descent import descent, draw_descent, explore_descent
from .race import best_paths, draw_race, race, race_path

__all__ = ["backward_to", "best_paths", "descent", "draw_descent", "draw_race", "draw_step",
           "explore_descent", "race", "race_path", "step_through_backward"]
