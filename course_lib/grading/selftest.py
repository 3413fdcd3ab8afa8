"""Self-test of grading: answers whose verdict is known (reference, blank, every known mistake)."""

from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import course_lib
from course_lib import exercises
from course_lib.checks.judge import RIGHT

from .extract import from_cells
from .judge import GENERAL_MISTAKES, grade_exercise

SEED = 20_000
ANSWER = """
from {module} import EXERCISE
chosen = {chosen}
def {name}(*args, **options):
    return chosen(*args, **options)
"""


def examine(sandbox, lesson=None):
    """Grade the known answers in the sandbox, as if they had been handed in.

    Parameters
    ----------
    sandbox : Sandbox
    lesson : int, optional
        Of this lesson alone.

    Yields
    ------
    what, wrong : str
        What was graded; what is amiss with the verdict, or "".
    """
    for exercise in exercises.all():
        if lesson not in (None, exercise.lesson):
            continue
        yield (f"{exercise.id} reference",
               _verdict_difference(sandbox, exercise, exercise.reference, RIGHT))
        yield f"{exercise.id} blank", _verdict_difference(sandbox, exercise, None, "blank")
        for mistake in exercise.mistakes:
            yield (f"{exercise.id} {mistake.name}",
                   _verdict_difference(sandbox, exercise, mistake.fn, "wrong", mistake))


def _verdict_difference(sandbox, exercise, fn, status, mistake=None):
    """Grade a function of the course as an answer; return how the verdict differs."""
    if fn is None:
        cell = f"def {exercise.name}(*args):\n    return None"
    else:
        chosen = "EXERCISE.reference" if mistake is None else (
            f"[m.fn for m in EXERCISE.mistakes if m.name == {mistake.name!r}][0]")
        cell = ANSWER.format(module=_module(exercise), chosen=chosen, name=exercise.name)
    answers = from_cells([(1, cell)], [exercise.name])
    verdict = grade_exercise(sandbox, exercise, answers, SEED, course=_all_sources())
    points = exercise.points if status == RIGHT else 0
    wanted = (status, points, mistake.message) if mistake else (status, points)
    got = (verdict.status, verdict.points, verdict.message)[:len(wanted)]
    if mistake and verdict.mistake in GENERAL_MISTAKES:   # a mistake that shows in another way, too
        return "" if got[:2] == wanted[:2] else f"{got}"
    return "" if got == wanted else f"it should be {wanted}, and is {got}. {verdict.detail}"


def _module(exercise):
    """The module that an exercise is defined in."""
    package = f"course_lib.exercises.lesson{exercise.lesson}"
    for found in iter_modules(import_module(package).__path__):
        module = import_module(f"{package}.{found.name}")
        if getattr(module, "EXERCISE", None) is exercise:
            return module.__name__
    raise LookupError(exercise.id)


@cache
def _all_sources():
    """Sources of the parts that need NumPy alone: here the answers are our own."""
    root = Path(course_lib.__file__).parent
    sources = {}
    for path in root.rglob("*.py"):
        parts = ("course_lib", *path.relative_to(root).with_suffix("").parts)
        if parts[-1] == "__init__":
            parts = parts[:-1]
        sources[".".join(parts)] = path.read_text(encoding="utf-8")
    return sources
