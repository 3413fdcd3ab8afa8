"""A right answer stays right, however it is written: harmless changes of each reference."""

import functools
import inspect

import numpy as np
import pytest

from course_lib import exercises
from course_lib.checks import check


def everywhere(change):
    """A function that changes each array and number in nested tuples, lists and dictionaries."""
    def walk(value):
        if isinstance(value, dict):
            return {key: walk(v) for key, v in value.items()}
        if isinstance(value, (tuple, list)):
            return type(value)(map(walk, value))
        own_kind = isinstance(value, np.ndarray) and type(value) is not np.ndarray
        return value if own_kind else change(value)       # 7.5 wants the parameters themselves
    return walk


@everywhere
def float32(value):
    """In half the digits, as a GPU computes it."""
    is_float = isinstance(value, (float, np.ndarray)) and np.asarray(value).dtype.kind == "f"
    return np.float32(value) if is_float else value


@everywhere
def columns_first(value):
    """Another order in memory."""
    return np.asfortranarray(value) if isinstance(value, np.ndarray) and value.ndim else value


@everywhere
def scalars_as_arrays(value):
    """A number as NumPy gives it, with no axes."""
    return np.asarray(value) if type(value) is float else value


@everywhere
def own_copy(value):
    """A copy, then changed and changed back."""
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        value = value.copy()
        value *= 2
        value /= 2
    return value


def a_list(value):
    """A list for a tuple."""
    return list(value) if type(value) is tuple else value


OUTPUTS = [float32, columns_first, scalars_as_arrays, own_copy, a_list]


@pytest.mark.parametrize("change", OUTPUTS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("id", [e.id for e in exercises.all()])
def test_what_comes_out_may_look_otherwise(id, change, seeds):
    reference = exercises.get(id).reference

    @functools.wraps(reference)
    def answer(*args, **options):
        return change(reference(*args, **options))
    for seed in seeds:
        result = check(id, answer, seed=seed)
        assert result.status == "right", result.message


def named(exercise):
    """Whether each argument has a name, and is not one of *others."""
    parameters = inspect.signature(exercise.reference).parameters.values()
    return all(p.kind != p.VAR_POSITIONAL for p in parameters)


@pytest.mark.parametrize("id", [e.id for e in exercises.all() if named(e)])
def test_the_arguments_may_be_called_by_their_names(id, seeds):
    exercise = exercises.get(id)

    @functools.wraps(exercise.reference)
    def answer(*args, **options):
        given = zip(exercise.argument_names(), args, strict=True)
        return exercise.reference(**dict(given), **options)
    for seed in seeds:
        assert check(id, answer, seed=seed).status == "right"
