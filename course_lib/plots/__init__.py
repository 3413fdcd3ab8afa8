"""Plots: each takes an Axes and returns it. Importing this package sets the course's style."""

from .curves import band, decision_boundary, push_and_pull
from .descent import loss_surface, path
from .graph import draw_graph
from .style import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, SKY, png, show

__all__ = [
    "BLUE", "GREEN", "GREY", "ORANGE", "PURPLE", "RED", "SKY",
    "band", "decision_boundary", "draw_graph", "loss_surface", "path", "png", "push_and_pull",
    "show",
]
