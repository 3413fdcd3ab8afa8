"""Run an answer where it can do no harm, and bring back what it returned."""

from .backends import ways
from .limits import Limits
from .sandbox import Ran, Sandbox, Unavailable

__all__ = ["Limits", "Ran", "Sandbox", "Unavailable", "ways"]
