"""Exercises check themselves: ``check``, ``hint``, ``case``, ``solution``, ``predict``.

An answer is run on random inputs beside the reference and beside every mistake that the exercise
knows. If it makes one of those mistakes, the check says which.
"""

import copy
import sys
import time
import zlib
from collections import Counter
from dataclasses import replace

import numpy as np

from course_lib import exercises

from . import agreement, record
from .asked import another_exercise, exercise_of, function_of
from .card import Result, Text
from .example import Example
from .guess import predict
from .judge import AnswerKey, first_difference, judge
from .patience import as_it_was, sign_of_life
from .run import is_stub, run_case

__all__ = ["Example", "Result", "case", "check", "hint", "predict", "solution"]

_hints_shown = Counter()
_examples = {}                                            # what was got wrong last, by the id
_latest_keys = []                                         # of the exercises checked last
KEYS = 8
BY_NAME = object()                                        # no function was given: find it


def draw_cases(exercise, seed):
    """Draw the inputs of an exercise from a seed, differently for each exercise."""
    rng = np.random.default_rng([seed, zlib.crc32(exercise.id.encode())])
    return exercise.cases(rng)


def check(id, fn=BY_NAME, *, seed=0):
    """Check the answer to an exercise.

    Parameters
    ----------
    id : str
        "1.4". Taken as it is meant: 1.4 and the function's name will do.
    fn : callable, optional
        Your function. Left out, it is found by its name in your notebook.
    seed : int
        Draws the inputs.

    Returns
    -------
    Result
        Shown as a card in a notebook. It never raises for what you wrote: an exception in your
        function becomes the status "error", with the line that raised, and so does an interrupt.

    Raises
    ------
    ValueError
        If there is no such exercise.
    """
    exercise = exercise_of(id)
    if fn is BY_NAME:
        fn = id if callable(id) else function_of(exercise, sys._getframe(1).f_globals)
        if fn is None:
            return Result(exercise, "error", None, f"there is no {exercise.name} yet: run the cell "
                          "that defines it, then this one.")
    result = _checked(exercise, fn, seed)
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
    began = time.monotonic()
    try:
        with as_it_was(), sign_of_life(exercise):
            outcomes = [run_case(fn, exercise, c, quiet=k > 0) for k, c in enumerate(key.cases)]
            again = run_case(fn, exercise, key.cases[0])
    except KeyboardInterrupt:
        return Result(exercise, "error", None, "stopped, after "
                      f"{time.monotonic() - began:.0f} seconds. Is there a loop that never ends?")
    status, mistake, message = judge(key, outcomes, again)
    other = another_exercise(exercise, fn)
    if status != "right" and other:
        return Result(exercise, "error", None, f"this is {other.name}, the answer to {other.id}: "
                      f'write check("{exercise.id}", {exercise.name}).')
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
    exercise = exercise_of(id)
    _hints_shown[exercise.id] += 1
    total, shown = len(exercise.hints), _hints_shown[exercise.id]
    lines = [f"Hint {k} of {total} for {exercise.id}. {text}"
             for k, text in enumerate(exercise.hints[:shown], start=1)]
    if shown > total:
        lines.append(f'These are all. solution("{exercise.id}") shows the answer.')
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
    exercise = exercise_of(id)
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
    exercise = exercise_of(id)
    try:
        return Text(exercise.source, code=True)
    except OSError:                                       # left out by `course release`
        return Text("The solutions are not in this copy of the course: ask your instructor.")
