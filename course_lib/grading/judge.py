"""Reach the verdict, outside of the sandbox: the only part that holds references and hidden inputs.

What comes out of the sandbox is a claim of a process that nobody trusts. It is plain data by the
time it gets here; here its form is checked, and then it is compared as in a notebook's check.
"""

import inspect
import math
import re
from dataclasses import dataclass
from functools import cache

import numpy as np

from course_lib import exercises
from course_lib.checks import draw_cases
from course_lib.checks.judge import RIGHT, AnswerKey, judge
from course_lib.checks.plain_data import Refused, plain
from course_lib.checks.run import Outcome

from .extract import is_blank, with_dependencies
from .run import Unavailable
from .run.allowed import allowed_sources
from .run.sandbox import TOO_SLOW

PUBLIC_SEED = 0                                           # the seed of the notebooks' own checks
GENERAL_MISTAKES = ("changes its input", "remembers", "returns nothing")
MAX_SIZE_RATIO = 10                                       # times as much as the reference returns
RIGHT_ON_PUBLIC_ONLY = (
    "right on the inputs of your notebook's check, and wrong on others: does it depend on "
    "particular numbers, shapes or the order of calls?")


@dataclass(frozen=True)
class Verdict:
    """The graded result of one exercise of one submission.

    Attributes
    ----------
    id, name, status : str
        ``status`` as in `course_lib.checks`: "blank", "wrong", "right" or "error".
    points, max_points : int
    mistake : str or None
        The name of the recognised mistake.
    message : str
        For the student: from the inputs of the notebook's own check, never from hidden ones.
    detail : str
        For the instructor, where it says more than the message. It may show hidden inputs.
    """

    id: str
    name: str
    status: str
    points: int
    max_points: int
    mistake: str | None = None
    message: str = ""
    detail: str = ""


def grade_exercise(sandbox, exercise, answers, seed, course=None):
    """Grade one exercise of a submission.

    Parameters
    ----------
    sandbox : Sandbox
    exercise : Exercise
    answers : Extracted
    seed : int
        Draws the hidden inputs.
    course : dict of str to str, optional
        Sources of the course that the answer may use; by default what its exercise gives.

    Returns
    -------
    Verdict
    """
    own = [p.node for p in answers.pieces if exercise.name in p.binds]
    if exercise.name not in answers.found:
        return _verdict(exercise, "blank", None, _absence_reason(answers, own))
    if all(map(is_blank, own)):
        return _verdict(exercise, "blank", None, "not done yet")
    source = with_dependencies(answers.pieces, exercise.name)
    status, mistake, detail, safe_to_show = _run_and_judge(sandbox, exercise, source, seed, course)
    if safe_to_show:
        return _verdict(exercise, status, mistake, detail)
    public_status, _, message, _ = _run_and_judge(sandbox, exercise, source, PUBLIC_SEED, course)
    if public_status == RIGHT:
        message = RIGHT_ON_PUBLIC_ONLY
    return _verdict(exercise, status, None, message, detail)


def _absence_reason(answers, own):
    """Why there is no answer."""
    if own:                                               # only imports bind the name
        return "the file imports it, and has no function of its own of this name"
    return "; ".join(["there is no function of this name in the file", *answers.problems[:1]])


def _verdict(exercise, status, mistake, message, detail=""):
    points = exercise.points if status == RIGHT else 0
    return Verdict(exercise.id, exercise.name, status, points, exercise.points, mistake, message,
                   detail if detail != message else "")


def _run_and_judge(sandbox, exercise, source, seed, course):
    """Run an answer and judge it.

    Returns
    -------
    status, mistake, message : str, str or None, str
    ours : bool
        Whether the message holds no word of the answer's own, and so no hidden input.
    """
    key, job = _key_and_job(exercise.id, seed)
    ran = sandbox.run({**job, "source": source, "course": course or job["course"]})
    if ran.failure:
        return "error", None, ran.failure, ran.failure.startswith(TOO_SLOW)
    try:
        failure, outcomes = _validated(ran.reply, key)
        if failure:
            return "error", None, failure, False
        status, mistake, message = judge(key, outcomes[:-1], outcomes[-1])
    except Exception as error:                            # it is hostile, or we forgot something
        words = f"what came back cannot be judged ({type(error).__name__}: {error})"
        return "error", None, words, False
    return status, mistake, message, status == RIGHT or mistake is not None


@cache
def _key_and_job(id, seed):
    """The answer key, and the job without the answer; computed once for a class."""
    exercise = exercises.get(id)
    key = AnswerKey(exercise, draw_cases(exercise, seed))
    try:
        harness = exercise.harness and inspect.getsource(exercise.harness)
    except OSError as error:
        raise Unavailable("this copy of the course was handed out without its solutions: it "
                          "cannot grade") from error
    return key, {"name": exercise.name, "harness": harness or "",
                 "course": allowed_sources(exercise),
                 "cases": [(case.args, case.options) for case in key.cases]}


def _validated(reply, key):
    """The reply as outcomes, if it has the form of one.

    Raises
    ------
    ValueError, TypeError, KeyError
        If it has not.
    """
    if type(reply) is not dict or {type(v) for v in reply.values()} - {str, list}:
        raise ValueError("it has another form")
    failure, outcomes = reply["failure"], reply["outcomes"]
    if type(failure) is not str or {type(claim) for claim in outcomes} - {dict}:
        raise ValueError("it has another form")
    if failure:
        return failure[:700], []
    if len(outcomes) != len(key.cases) + 1:
        raise ValueError("it has another number of results")
    returned = [*key.returned, key.returned[0]]
    cases = [*key.cases, key.cases[0]]
    return "", [_outcome(*one) for one in zip(outcomes, returned, cases, strict=True)]


def _outcome(claim, expected, case):
    """One outcome; values of other kinds, or far more of them than asked for, are refused."""
    words = {name: claim[name] for name in ("raised", "message", "where")}
    if any(type(text) is not str for text in words.values()):
        raise ValueError("a text is none")
    raised = words["raised"] if re.fullmatch(r"\w{0,60}", words["raised"]) else "an exception"
    places = {*range(len(case.args)), *case.options}
    mutated = tuple(k for k in claim["mutated"] if type(k) in (int, str) and k in places)
    try:
        value = plain(claim["value"])
    except Refused as error:
        return Outcome(raised="Refused", message=str(error))
    if _size(value) > MAX_SIZE_RATIO * _size(expected.value) + 10_000:
        return Outcome(raised="Refused", message="it returns far more than is asked for")
    return Outcome(value, raised, words["message"][:700], words["where"][:300], mutated)


def _size(value):
    """How many numbers and characters there are in plain data."""
    if isinstance(value, np.ndarray):                     # an empty one may have a huge shape
        return math.prod(max(1, n) for n in value.shape) * max(1, value.itemsize // 8)
    if isinstance(value, dict):
        return sum(len(k) + _size(v) for k, v in value.items())
    if isinstance(value, tuple):
        return 1 + sum(map(_size, value))
    return len(value) if isinstance(value, str) else 1
