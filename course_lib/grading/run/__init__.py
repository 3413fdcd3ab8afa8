"""Run an answer where it can do no harm, and bring back what it returned."""

from .limits import Limits
from .sandbox import Ran, Sandbox, Unavailable
from .walls import ways

__all__ = ["Limits", "Ran", "Sandbox", "Unavailable", "ways"]
