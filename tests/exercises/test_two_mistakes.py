"""Answers with more than one fault: no message may call right what is wrong."""

import re
from dataclasses import replace

import numpy as np
import pytest

from course_lib import checks, exercises
from course_lib.checks.compare import same
from course_lib.checks.judge import AnswerKey, judge, normalised

EACH = pytest.mark.parametrize("id", [e.id for e in exercises.all()])


def parts(outcome):
    """The outputs of an outcome, as a tuple."""
    return outcome.value if isinstance(outcome.value, tuple) else (outcome.value,)


def alternate(one, other, right):
    """One mistake in every second case, the other in the rest."""
    return [(one, other)[k % 2][k] for k in range(len(right))]


def side_by_side(one, other, right):
    """Each mistake in the outputs that it spoils."""
    return [mixed(a, b, e, lambda x, y, z: x if not same(x, z) else y)
            for a, b, e in zip(one, other, right, strict=True)]


def spoilt_rest(one, _, right):
    """A mistake, and what it leaves right is wrong in a way of its own."""
    return [mixed(a, a, e, lambda x, _, z: spoilt(x) if same(x, z) else x)
            for a, e in zip(one, right, strict=True)]


def mixed(a, b, right, choose):
    """An outcome whose outputs are chosen one by one, where the three can be laid side by side."""
    if a.raised or b.raised or not len(parts(a)) == len(parts(b)) == len(parts(right)) > 1:
        return a
    return replace(a, value=tuple(map(choose, parts(a), parts(b), parts(right))))


def spoilt(value):
    """A number or array that is off, in no way that has a name."""
    if isinstance(value, (float, np.ndarray)) and np.asarray(value).dtype.kind == "f":
        return np.asarray(value) * 1.37 + 0.21
    return value


def false_claim(key, outcomes, name, message):
    """What a message calls right although it is not; an empty string if there is nothing."""
    got = [normalised(key.exercise, c, o) for c, o in zip(key.cases, outcomes, strict=True)]
    for listed in re.findall(r"\(([^()]*): right\.\)", message):
        for part in listed.split(", "):
            k = key.exercise.returns.index(part)
            if not any(same(parts(g)[k], parts(e)[k]) and not same(g.value, e.value)
                       for g, e in zip(got, key.expected, strict=True)):
                return part
    known = next(((m, ran, theirs) for m, ran, theirs in key.mistaken if m.name == name), None)
    if known is None or not re.search(r"\bright\b", known[0].message):
        return ""
    for g, theirs, e in zip(got, known[2], key.expected, strict=True):
        rest = zip(parts(g), parts(theirs), parts(e), strict=True)
        if not g.raised and any(same(w, r) and not same(mine, r) for mine, w, r in rest):
            return f"what {name} leaves right"
    return ""


def right_all_the_same(key, outcomes):
    """Whether each mistake shows only in the cases, or outputs, that it has not got."""
    trio = zip(key.cases, outcomes, key.expected, strict=True)
    return all(not o.raised and not o.mutated
               and same(normalised(key.exercise, c, o).value, e.value) for c, o, e in trio)


@pytest.mark.slow
@EACH
def test_two_mistakes_are_not_taken_for_one_that_leaves_the_rest_right(id):
    exercise = exercises.get(id)
    key = AnswerKey(exercise, checks.draw_cases(exercise, 0)[:3])         # some have long ones
    few = 1 if exercise.normalise else None               # its words take time, and name no part
    for k, (_, one, _) in enumerate(key.mistaken):
        for _, other, _ in key.mistaken[:k][:few]:
            for combine in (alternate, side_by_side, spoilt_rest):
                outcomes = combine(one, other, key.returned)
                status, name, message = judge(key, outcomes)
                assert status != "right" or right_all_the_same(key, outcomes), combine.__name__
                assert not false_claim(key, outcomes, name, message), message
