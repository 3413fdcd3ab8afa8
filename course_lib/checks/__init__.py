"""Exercises check themselves: ``check``, ``hint``, ``solution``, ``predict``.

An answer is run on random inputs beside the reference and beside every mistake that the exercise
knows. If it makes one of those mistakes, the check says which.
"""

import numbers
import zlib
from collections import Counter

import numpy as np

from course_lib import exercises

from . import record
from .card import Result, Text
from .judge import AnswerKey, judge
from .run import is_stub, run_case

__all__ = ["Result", "check", "hint", "predict", "solution"]

_hints_shown = Counter()
_latest_keys = []                                         # of the exercises checked last
KEYS = 8


def draw_cases(exercise, seed):
    """Draw the inputs of an exercise from a seed, differently for each exercise."""
    rng = np.random.default_rng([seed, zlib.crc32(exercise.id.encode())])
    return exercise.cases(rng)


def check(id, fn, *, seed=0):
    """Check the answer to an exercise.

    Parameters
    ----------
    id : str
        "1.4".
    fn : callable
        Your function.
    seed : int
        Draws the inputs.

    Returns
    -------
    Result
        Shown as a card in a notebook. It never raises for what you wrote: an exception in your
        function becomes the status "error", with the line that raised.

    Raises
    ------
    ValueError
        If there is no such exercise.
    """
    result = _checked(exercises.get(id), fn, seed)
    record.keep(result)
    return result


def _checked(exercise, fn, seed):
    """What a check finds."""
    if not callable(fn):
        return Result(exercise, "error", None, f"check was given {_described(fn)}, not a function: "
                      f'write check("{exercise.id}", {exercise.name}), without parentheses after '
                      "the name.")
    if is_stub(fn):
        return Result(exercise, "blank", None, "not done yet")
    key = _answer_key(exercise, seed)
    cases = key.cases
    outcomes = [run_case(fn, exercise, case, quiet=k > 0) for k, case in enumerate(cases)]
    again = run_case(fn, exercise, cases[0])
    return Result(exercise, *judge(key, outcomes, again))


def _answer_key(exercise, seed):
    """Cases of an exercise and what the reference and the mistakes do on them.

    The last few are kept: who tries again need not wait for the mistakes again.
    """
    for key, drawn_from in _latest_keys:
        if key.exercise is exercise and drawn_from == seed:
            return key
    key = AnswerKey(exercise, draw_cases(exercise, seed))
    _latest_keys.append((key, seed))
    del _latest_keys[:-KEYS]
    return key


def _described(value):
    """Describe a value in words."""
    return "nothing (None)" if value is None else f"a value of type {type(value).__name__}"


def hint(id):
    """Show the next hint of an exercise, one at a time.

    Raises
    ------
    ValueError
        If there is no such exercise.
    """
    exercise = exercises.get(id)
    n, total = _hints_shown[id], len(exercise.hints)
    if n == total:
        return Text(f'That was the last hint for {id}. solution("{id}") shows the answer.')
    _hints_shown[id] += 1
    return Text(f"Hint {n + 1} of {total} for {id}. {exercise.hints[n]}")


def solution(id):
    """Show the reference's source for an exercise.

    Raises
    ------
    ValueError
        If there is no such exercise.
    """
    exercise = exercises.get(id)
    try:
        return Text(exercise.source, code=True)
    except OSError:                                       # packed by `course release`
        return Text("The solutions are not in this copy of the course: ask your instructor.")


def predict(id, guess):
    """Commit to a number before running the cell that computes it.

    Parameters
    ----------
    id : str
        "1.A".
    guess : float or None
        None while you have not guessed.

    Raises
    ------
    ValueError
        If there is no such question.
    """
    known = exercises.predictions()
    if id not in known:
        raise ValueError(f"there is no prediction {id!r}; there are {', '.join(known)}")
    question = known[id]
    if guess is None:
        return Text(f"○ prediction {id}: put your guess in place of None, before you run on")
    if isinstance(guess, bool) or not isinstance(guess, numbers.Real):
        return Text(f"! prediction {id}: {guess!r} is not a number; give one, like 0.5")
    if abs(guess - question.truth()) <= question.within:
        return Text(f"● prediction {id}: {guess:g} it is. Run on and see.")
    return Text(f"✗ prediction {id}: not {guess:g}. {question.nudge} Run on and see.")
