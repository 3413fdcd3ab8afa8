"""Exercises check themselves: ``check``, ``hint``, ``case``, ``solution``, ``predict``.

An answer is run on random inputs beside the reference and beside every mistake that the exercise
knows. If it makes one of those mistakes, the check says which.
"""

import copy
import numbers
import zlib
from collections import Counter
from dataclasses import replace

import numpy as np

from course_lib import exercises

from . import agreement, record
from .card import COLOURS, SIGNS, Result, Text
from .example import Example
from .judge import AnswerKey, first_difference, judge
from .run import is_stub, run_case

__all__ = ["Example", "Result", "case", "check", "hint", "predict", "solution"]

_hints_shown = Counter()
_examples = {}                                            # what was got wrong last, by the id
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
    if result.status == "right":
        result = replace(result, details=(*result.details, _standing(result.exercise)))
    return result


def _standing(exercise):
    """How far the lesson is, and what comes next."""
    known = record.known()
    lesson = [e for e in exercises.all() if e.lesson == exercise.lesson]
    done = [known.get(e.id) == "right" for e in lesson]
    points = sum(e.points for e, right in zip(lesson, done, strict=True) if right)
    bar = "".join("▮" if right else "▯" for right in done)
    text = f"Lesson {exercise.lesson}: {bar} {points} of {sum(e.points for e in lesson)} points."
    after = lesson.index(exercise) + 1
    order = [*range(after, len(lesson)), *range(after)]   # those further down first
    undone = next((lesson[k] for k in order if not done[k]), None)
    return text + (f" Next: {undone.id} {undone.name}." if undone else " All of it is right.")


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
    status, mistake, message = judge(key, outcomes, again)
    if status == "right":
        _examples.pop(exercise.id, None)
        return Result(exercise, status, mistake, message, (agreement.in_words(key, outcomes),))
    k = first_difference(key, outcomes)
    _examples[exercise.id] = _example(key, k)
    picture = agreement.drawn(exercise, outcomes[k], key.returned[k])
    more = f'case("{exercise.id}") gives you these inputs, and what should come out.'
    return Result(exercise, status, mistake, message, (more,), picture)


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
    """Show the hints of an exercise: those so far, and the next one.

    Raises
    ------
    ValueError
        If there is no such exercise.
    """
    exercise = exercises.get(id)
    _hints_shown[id] += 1
    total = len(exercise.hints)
    lines = [f"Hint {k} of {total} for {id}. {text}"
             for k, text in enumerate(exercise.hints[:_hints_shown[id]], start=1)]
    if _hints_shown[id] > total:
        lines.append(f'These are all. solution("{id}") shows the answer.')
    return Text("\n\n".join(lines))


def case(id):
    """Inputs that your answer got wrong in the last check, and what should come out.

    Before a check, and after a right answer, they are the first that the check tries.

    Returns
    -------
    Example
        With ``args``, ``options`` and ``expected``.

    Raises
    ------
    ValueError
        If there is no such exercise.
    """
    exercise = exercises.get(id)
    return _examples.get(exercise.id) or _example(_answer_key(exercise, 0), 0)


def _example(key, k):
    """Copies of the inputs of a case, and what the reference makes of them."""
    return Example(key.exercise, *copy.deepcopy(tuple(key.cases[k])), key.returned[k].value)


def solution(id):
    """Show the answer to an exercise: paste it into its cell, and it is right.

    Raises
    ------
    ValueError
        If there is no such exercise.
    """
    exercise = exercises.get(id)
    try:
        return Text(exercise.source, code=True)
    except OSError:                                       # left out by `course release`
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
        return Text(f"{SIGNS['blank']} prediction {id}: put your guess in place of None, before "
                    "you run on")
    if isinstance(guess, bool) or not isinstance(guess, numbers.Real):
        return Text(f"{SIGNS['error']} prediction {id}: {guess!r} is not a number; give one, like "
                    "0.5", colour=COLOURS["error"])
    if abs(guess - question.truth()) <= question.within:
        return Text(f"{SIGNS['right']} prediction {id}: {guess:g} it is. Run on and see.",
                    colour=COLOURS["right"])
    return Text(f"{SIGNS['wrong']} prediction {id}: not {guess:g}. {question.nudge} Run on and "
                "see.", colour=COLOURS["wrong"])
