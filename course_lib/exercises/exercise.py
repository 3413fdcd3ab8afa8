"""Data classes of the exercises: Case, Mistake, Exercise, Prediction."""

import inspect
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple


class Case(NamedTuple):
    """One call of the answer: its inputs, as plain data (arrays, numbers, strings, tuples)."""

    args: tuple
    options: dict[str, Any] = {}


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that people give: a function that makes the mistake, and what to tell them."""

    name: str
    fn: Callable
    message: str


@dataclass(frozen=True)
class Exercise:
    """An exercise: one function to write, with its reference, cases, known mistakes and hints.

    Attributes
    ----------
    id : str
        "1.4": lesson, number.
    reference : callable
        The function in course_lib that the answer is compared with.
    cases : callable
        ``cases(rng)`` draws the inputs: several shapes, all axes of different sizes.
    returns : tuple of str
        Names of what the answer returns, for messages.
    harness : callable, optional
        ``harness(answer, *args, **options)`` for answers that are not called with plain data: it
        builds what they need and returns plain data. Uses nothing from its module, so that it can
        run elsewhere on its own.
    normalise : callable, optional
        ``normalise(output, *args, **options)`` where several outputs are right: what is compared.
        Runs on the judge's side.
    told : callable, optional
        ``told(*args, **options)`` is a case's inputs in words, where plain data say little; ""
        where that would be long.
    picture : str, optional
        Which of `returns` is an image, or a stack of them: a wrong one is drawn.
    given : tuple of callable
        Functions of the course that an answer may build on when it is graded; no others are there.
    parts : tuple of callable
        What the reference is made of, where it does not say so itself: a release without solutions
        packs these too.
    """

    id: str
    name: str
    points: int
    minutes: int
    reference: Callable
    cases: Callable
    mistakes: list[Mistake]
    hints: list[str]
    returns: tuple[str, ...] = ()
    harness: Callable | None = None
    normalise: Callable | None = None
    told: Callable | None = None
    picture: str = ""
    given: tuple[Callable, ...] = ()
    parts: tuple[Callable, ...] = ()

    @property
    def lesson(self):
        """Number of the lesson."""
        return int(self.id.split(".")[0])

    @property
    def source(self):
        """The answer as the solved lesson has it. OSError where it was not handed out."""
        file = Path(__file__).with_name("solutions.json")     # written by notebooks/build.py
        return json.loads(file.read_text(encoding="utf-8"))[self.id]

    def argument_names(self):
        """Names of the answer's positional arguments, for messages."""
        parameters = inspect.signature(self.reference).parameters.values()
        return [p.name for p in parameters if p.kind != p.KEYWORD_ONLY]


@dataclass(frozen=True)
class Prediction:
    """A number to guess before running the cell that computes it.

    Attributes
    ----------
    truth : callable
        Computes the answer, by running the thing: no number is typed in.
    within : float
        How far off a guess may be and still count.
    nudge : str
        What to think about when the guess is wrong.
    """

    id: str
    truth: Callable
    within: float
    nudge: str
