"""Plots: each takes an Axes and returns it. Importing this package sets the course's style."""

from .curves import band, decision_boundary, logit_gradient
from .descent import loss_surface, path
from .graph import draw_graph, draw_order
from .images import confusion, draw_affected_outputs, image, images
from .sequence import unrolled
from .shapes import array_shapes
from .style import (
    ACTIVATIONS,
    BLUE,
    CHANCE,
    GREEN,
    GREY,
    NETWORKS,
    OPTIMIZERS,
    ORANGE,
    PURPLE,
    RED,
    SIGNED,
    SKY,
    TEST,
    TRAIN,
    VALIDATION,
    WEIGHTS,
    figure_html,
    png,
    show,
)

__all__ = [
    "ACTIVATIONS", "BLUE", "CHANCE", "GREEN", "GREY", "NETWORKS", "OPTIMIZERS", "ORANGE", "PURPLE",
    "RED", "SIGNED", "SKY", "TEST", "TRAIN", "VALIDATION", "WEIGHTS", "array_shapes",
    "band", "confusion", "decision_boundary", "draw_graph", "draw_order", "figure_html", "image",
    "images", "loss_surface", "path", "png", "logit_gradient", "show", "draw_affected_outputs",
    "unrolled",
]
