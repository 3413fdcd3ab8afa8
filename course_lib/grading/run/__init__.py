"""Run an answer in a sandbox, and bring back what it returned."""

from .backends import installed_backends
from .limits import Limits
from .sandbox import RunResult, Sandbox, Unavailable

__all__ = ["Limits", "RunResult", "Sandbox", "Unavailable", "installed_backends"]
