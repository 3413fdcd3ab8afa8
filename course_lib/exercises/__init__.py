"""The exercises: for each lesson a folder, for each exercise a file.

A file holds what the check needs to know: the reference, how to draw inputs, the mistakes people
make (as functions that make them) and the hints.
"""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from .exercise import Case, Exercise, Mistake, Prediction

__all__ = ["Case", "Exercise", "Mistake", "Prediction", "all", "get", "predictions"]


@cache
def _modules():
    """Every module of every lesson's folder, found rather than listed."""
    lessons = [m.name for m in iter_modules(__path__) if m.name.startswith("lesson")]
    packages = [import_module(f"{__name__}.{name}") for name in lessons]
    return [
        import_module(f"{package.__name__}.{m.name}")
        for package in packages
        for m in iter_modules(package.__path__)
    ]


def all():
    """List every exercise, in the order of the lessons.

    Returns
    -------
    list of Exercise

    Examples
    --------
    >>> all()[0].id
    '1.1'
    """
    found = [m.EXERCISE for m in _modules() if hasattr(m, "EXERCISE")]
    return sorted(found, key=lambda e: [int(n) for n in e.id.split(".")])


def predictions():
    """List every predict-then-run question, as a dictionary from its id.

    Returns
    -------
    dict of str to Prediction
    """
    return {p.id: p for m in _modules() for p in getattr(m, "PREDICTIONS", [])}


def get(id):
    """Look an exercise up by its id.

    Raises
    ------
    ValueError
        If there is none; the message lists those there are.
    """
    found = {e.id: e for e in all()}
    if id not in found:
        raise ValueError(f"there is no exercise {id!r}; there are {', '.join(found)}")
    return found[id]
