"""Interactive widgets. Every lesson also shows static figures of them."""

from .attention import draw_attention, explore_attention
from .backward import backward_to, draw_step, step_through_backward
from .descent import descent, draw_descent, explore_descent
from .draw_digit import SAMPLES, draw_digit, draw_predictions, rasterise
from .gradient_flow import draw_flow, explore_flow
from .kernels import KERNELS, draw_kernel, explore_kernel
from .nudge import draw_nudge, explore_nudge
from .race import draw_race, race, race_path
from .review import draw_review, explore_review, try_review

__all__ = ["KERNELS", "SAMPLES", "backward_to", "descent", "draw_attention",
           "draw_descent", "draw_digit", "draw_flow", "draw_kernel", "draw_nudge", "draw_race",
           "draw_review", "draw_predictions", "draw_step", "explore_attention", "explore_descent",
           "explore_flow", "explore_kernel", "explore_nudge", "explore_review", "race",
           "race_path", "rasterise", "step_through_backward", "try_review"]
