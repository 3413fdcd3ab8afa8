"""A sample of all small changes of right answers: none may be taken for right."""

import random

import mutants
import pytest
from equivalent import EQUIVALENT

from course_lib import exercises

SAMPLE = 8                                                # of each exercise; all of them by command


@pytest.mark.slow
@pytest.mark.parametrize("id", [e.id for e in exercises.all()])
def test_a_changed_answer_is_not_taken_for_right(id):
    exercise = exercises.get(id)
    some = list(mutants.mutants(exercise.source))
    some = random.Random(0).sample(some, min(SAMPLE, len(some)))
    assert not list(mutants.survivors(exercise, [0], some))


@pytest.mark.slow
@pytest.mark.parametrize("id", sorted({id for id, _ in EQUIVALENT}))
def test_what_makes_no_difference_is_there_and_taken_for_right(id, monkeypatch):
    """Else an entry of equivalent.py would hide a hole."""
    exercise = exercises.get(id)
    known = [text for other, text in EQUIVALENT if other == id]
    changes = {mutants.difference(exercise.source, text): text
               for text in mutants.mutants(exercise.source)}
    for entry in known:
        assert any(mutants.matches(entry, what) for what in changes), entry
    changes = {what: text for what, text in changes.items()
               if any(mutants.matches(entry, what) for entry in known)}
    monkeypatch.setattr(mutants, "EQUIVALENT", {})
    took = {what for what, _ in mutants.survivors(exercise, [0], changes.values())}
    assert took == set(changes)


def test_a_hole_in_the_cases_is_seen():
    """The generator on trial: an exercise whose cases ask too little."""
    from dataclasses import replace
    whole = exercises.get("3.5")
    narrow = replace(whole, cases=lambda rng: whole.cases(rng)[:1])      # warm-up 5, never 0
    assert any("step <= warmup_steps" in what for what, _ in mutants.survivors(narrow, [0]))
