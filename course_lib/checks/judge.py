"""Reach a verdict from the outcomes of an answer, without running the answer.

The order matters: right, then a known mistake by its own name, then what can be said in general.
"""

import re
from functools import cached_property

import numpy as np

from . import slips
from .compare import describe, same
from .run import Outcome, run_case

RIGHT = "right"
KEEPS_STATE = ("wrong", "remembers",
               "called again with the same input, it gives something else: does it keep something "
               "from one call to the next (a global, a default list), or draw random numbers?")


class AnswerKey:
    """Outcomes of the reference and of the known mistakes on some cases; computed on demand, once.

    Parameters
    ----------
    exercise : Exercise
    cases : list of Case
    """

    def __init__(self, exercise, cases):
        self.exercise, self.cases = exercise, cases

    @cached_property
    def returned(self):
        """Outcomes of the reference as they are."""
        return [run_case(self.exercise.reference, self.exercise, c) for c in self.cases]

    @cached_property
    def expected(self):
        """Outcomes of the reference, as they are compared."""
        return [normalised(self.exercise, c, o)
                for c, o in zip(self.cases, self.returned, strict=True)]

    @cached_property
    def mistaken(self):
        """Each known mistake, its outcomes as they are, and as they are compared."""
        found = []
        for mistake in self.exercise.mistakes:
            ran = [run_case(mistake.fn, self.exercise, case) for case in self.cases]
            compared = [normalised(self.exercise, case, outcome)
                        for case, outcome in zip(self.cases, ran, strict=True)]
            found.append((mistake, ran, compared))
        return found


def judge(key, outcomes, again=None):
    """Compare an answer's outcomes with the reference's and with every known mistake's.

    Parameters
    ----------
    key : AnswerKey
    outcomes : list of Outcome
        What the answer did, for each case.
    again : Outcome, optional
        What it did when it was called with the first case once more.

    Returns
    -------
    status, mistake, message : str, str or None, str
    """
    exercise, cases, expected = key.exercise, key.cases, key.expected
    if again is not None and not is_repeatable(exercise, cases[0], outcomes[0], again):
        return KEEPS_STATE
    got = [normalised(exercise, c, o) for c, o in zip(cases, outcomes, strict=True)]
    if all(_agree(g, e) for g, e in zip(got, expected, strict=True)):
        changed = _mutated_names(exercise, outcomes)
        if changed:
            return ("wrong", "changes its input", f"the values are right, but your function changes"
                    f" {changed} in place. The caller still needs it: work on a copy.")
        points = f"{exercise.points} point{'s' * (exercise.points != 1)}"
        return RIGHT, None, f"right, {points}"
    return (_known_mistake(key, got, outcomes)
            or _general_verdict(exercise, cases, got, expected, outcomes))


def first_difference(key, outcomes):
    """Number of the first case in which an answer differs from the reference; 0 if none does."""
    got = (normalised(key.exercise, c, o) for c, o in zip(key.cases, outcomes, strict=True))
    return next((k for k, (g, e) in enumerate(zip(got, key.expected, strict=True))
                 if not _agree(g, e)), 0)


def normalised(exercise, case, outcome):
    """The outcome after the exercise's `normalise`, where several outputs are right."""
    if exercise.normalise is None or outcome.raised or outcome.value is None:
        return outcome
    try:
        with np.errstate(all="ignore"):
            value = exercise.normalise(outcome.value, *case.args, **case.options)
    except Exception as error:                            # something that nobody thought of
        value = f"it returns something that cannot be judged ({type(error).__name__}: {error})"
    if value == "" and isinstance(outcome.value, str):    # "" says that all is well, and is ours
        value = "it returns an empty text"
    return Outcome(value=value, mutated=outcome.mutated)


def is_repeatable(exercise, case, first, again):
    """Whether two calls with the same input gave the same result."""
    return _agree(*(normalised(exercise, case, o) for o in (first, again)))


def _agree(a, b):
    """Whether two outcomes are the same: the same values, or the same exception and message."""
    if a.raised or b.raised:
        # where the recursion limit is hit differs from run to run, and its words with it
        return a.raised == b.raised and (a.message == b.message or a.raised == "RecursionError")
    return same(a.value, b.value)


def _known_mistake(key, got, outcomes):
    """The verdict for an answer that reproduces a known mistake, in full or in part."""
    if isinstance(key.expected[0].value, str) and key.exercise.normalise:
        # What is compared is a sentence, and two ways lead to one sentence: compare what came out.
        mistaken = [(m, ran) for m, ran, _ in key.mistaken]
        got = outcomes
    else:
        mistaken = [(m, compared) for m, _, compared in key.mistaken]
    for mistake, theirs in mistaken:
        if all(_agree(g, m) for g, m in zip(got, theirs, strict=True)):
            return "wrong", mistake.name, mistake.message
    if all(_is_permutation(g, e) for g, e in zip(got, key.expected, strict=True)):
        return None                                       # described in general, by the order
    if got is outcomes:
        return None
    rests = [(m, _rest(got, theirs, key.expected)) for m, theirs in mistaken]
    for mistake, rest in rests:
        if rest == RIGHT:
            return "wrong", mistake.name, mistake.message
    for mistake, rest in rests:
        if rest == "wrong" and not re.search(r"\bright\b", mistake.message):
            return "wrong", mistake.name, "more than one thing is wrong. One of them: " \
                                          f"{mistake.message}"
    return None


def _is_permutation(got, expected):
    """Whether the outputs are the expected ones, in whatever order."""
    mine, right = got.value, expected.value
    if not (isinstance(mine, tuple) and isinstance(right, tuple) and len(mine) == len(right)):
        return False
    left = list(right)
    for value in mine:
        match = next((k for k, other in enumerate(left) if same(value, other)), None)
        if match is None:
            return False
        left.pop(match)
    return True


def _rest(got, mistaken, expected):
    """What an answer that makes a mistake is like apart from it: "right", "wrong", or "" for none.

    It makes the mistake if it agrees with it in every output that the mistake spoils. With a wrong
    rest that may be chance, unless the mistake shows in most of the cases.
    """
    rest, shown = RIGHT, 0
    for g, m, e in zip(got, mistaken, expected, strict=True):
        if g.raised or m.raised:
            return ""
        mine, wrong, right = (o.value if isinstance(o.value, tuple) else (o.value,)
                              for o in (g, m, e))
        if not len(mine) == len(wrong) == len(right):
            return ""
        spoils = [not same(w, r) for w, r in zip(wrong, right, strict=True)]
        if not all(same(a, w) for a, w, spoilt in zip(mine, wrong, spoils, strict=True) if spoilt):
            return ""
        shown += any(spoils)
        if not all(same(a, r) for a, r, spoilt in zip(mine, right, spoils, strict=True)
                   if not spoilt):
            rest = "wrong"
    return rest if shown > (len(got) / 2 if rest == "wrong" else 0) else ""


def inputs(exercise, case):
    """Describe the inputs of a case in one line; an empty string if that would be too long."""
    def words(value):
        if isinstance(value, np.ndarray):
            return f"array {value.shape}"
        if isinstance(value, (tuple, list)):
            return "(" + ", ".join(map(words, value)) + ("," if len(value) == 1 else "") + ")"
        return f"{value:.3g}" if isinstance(value, float) else repr(value)
    given = dict(zip(exercise.argument_names(), case.args, strict=False)) | case.options
    text = ", ".join(f"{name} = {words(value)}" for name, value in given.items())
    if exercise.told:
        text = exercise.told(*case.args, **case.options)
    return f"\nThat was with {text}." if 0 < len(text) <= 100 else ""


def _general_verdict(exercise, cases, got, expected, outcomes):
    """The verdict for an answer that is wrong and matches no known mistake."""
    bad = (not _agree(g, e) for g, e in zip(got, expected, strict=True))
    failed, case = next((o, c) for o, c, b in zip(outcomes, cases, bad, strict=True) if b)
    if failed.raised and failed.raised != "Refused":
        text = f"it raised {failed.raised}" + (f": {failed.message}" if failed.message else "")
        text += f"\nin {failed.where}" if failed.where else ""
        words = slips.in_words(exercise, failed.raised, failed.message, failed.where)
        text = f"{words}\n{text[0].upper()}{text[1:]}" if words else text
        return "error", None, text + inputs(exercise, case)
    if failed.raised:
        return "wrong", None, failed.message
    if all(o.value is None for o in outcomes):
        return "wrong", "returns nothing", "your function returns None: is the return missing?"
    changed = _mutated_names(exercise, outcomes)
    trio = zip(got, expected, cases, strict=True)
    mine, right, case = next((g, e, c) for g, e, c in trio if not _agree(g, e))
    text = describe(mine.value, right.value, exercise.returns)
    text += f" It also changes {changed} in place." if changed else ""
    return "wrong", None, text + inputs(exercise, case)


def _mutated_names(exercise, outcomes):
    """Names of the arguments that the answer changed in place."""
    names = exercise.argument_names()
    changed = {k for o in outcomes for k in o.mutated}
    places = sorted({min(k, len(names) - 1) for k in changed if isinstance(k, int)})  # *others
    return " and ".join([names[k] for k in places] + sorted(k for k in changed
                                                            if isinstance(k, str)))
