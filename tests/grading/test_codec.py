"""What passes between judge and sandbox: plain data only, and no trust in what comes back."""

import json
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib import checks, exercises
from course_lib.grading.inside.codec import Malformed, decode, encode

EACH = pytest.mark.parametrize("exercise", exercises.all(), ids=[e.id for e in exercises.all()])


def same(a, b):
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    return a == b or (a != a and b != b)


ARRAYS = [np.arange(6).reshape(2, 3).T, np.zeros((0, 3)), np.array(2.5), np.array(["ab", "ç"]),
          np.array([np.nan, -np.inf, -0.0]), np.ones(2, dtype=">f4"), np.array([True])]


@pytest.mark.parametrize("value", [
    None, True, 0, -3, 10**400, 1.5, float("inf"), -0.0, "", "ü\n{}", [], (), {}, [1, (2, [None])],
    {"a b": {"": [1.0]}}, *ARRAYS, (ARRAYS, {"x": ARRAYS})], ids=repr)
def test_what_goes_in_comes_out(value):
    back = decode(encode(value))
    assert same(back, value if not isinstance(value, np.ndarray) else np.ascontiguousarray(value)
                .reshape(value.shape))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner),
    max_leaves=20)


@settings(max_examples=200, deadline=None)
@given(VALUES)
def test_any_plain_value_comes_back(value):
    assert same(decode(encode(value)), value)


@EACH
def test_the_cases_of_every_exercise_can_be_sent(exercise):
    for case in checks.draw_cases(exercise, 0):
        assert repr(decode(encode((case.args, case.options)))) == repr((case.args, case.options))


class Sub(np.ndarray):
    """An array of another class."""


@pytest.mark.parametrize("value", [
    object(), {1: 2}, {1, 2}, b"bytes", np.float64(1.0), np.array([object()]), np.array([1j]),
    np.zeros(2).view(Sub), np.array(["2020"], dtype="M8[D]"), (v for v in ()), type, len,
    np.array([(1, 2)], dtype=[("a", int), ("b", int)])], ids=lambda v: type(v).__name__)
def test_what_is_not_plain_is_not_sent(value):
    with pytest.raises(Malformed, match="not plain data"):
        encode([value])


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


def test_too_deep():
    with pytest.raises(Malformed, match="deep"):
        encode(nested(100))
    deep = b'{"l":[' * 100_000
    with pytest.raises(Malformed):
        decode(deep + b"\n")
    with pytest.raises(Malformed, match="deep"):
        decode(b'{"l":[' * 50 + b"]}" * 50 + b"\n")


def array(dtype, shape, size, raw=b""):
    return json.dumps({"a": [dtype, shape, size]}).encode() + b"\n" + raw


@pytest.mark.parametrize("message", [
    b"", b"{", b"null", b"\n", b"null\nmore", b"1\n", b"1.5\n", b"NaN\n", b"[]\n", b'{"x":[]}\n',
    b'{"l":[],"t":[]}\n', b'{"i":"zz"}\n', b'{"i":5}\n', b'{"f":"nothing"}\n',
    b'{"d":[[1,null]]}\n',
    b'{"d":[["a"]]}\n', b'{"l":null}\n', b"\xff\xfe\n", b'{"i":"' + b"f" * 20_000 + b'"}\n',
    array("<f8", [2], 16), array("<f8", [2], 8, b"8" * 8), array("<f8", [-1], -8),
    array("<f8", [10**12], 8 * 10**12), array("O", [1], 8, b"8" * 8),
    array("|V8", [1], 8, b"8" * 8),
    array("<f8", [1] * 40, 8, b"8" * 8), array("<f8", [1.0], 8, b"8" * 8),
    array(["f8"], [1], 8, b"8" * 8), array("<M8[D]", [1], 8, b"8" * 8),
    array("<U9999999999", [0], 0),
    array("<f8", [1], 8, b"8" * 9), array("(3,)<f8", [1], 8, b"8" * 8), b'{"a":[]}\n',
    pickle.dumps({"a": 1}) + b"\n", b"null" * 10 + b"\n"], ids=lambda m: repr(m[:25]))
def test_what_is_broken_is_refused_and_nothing_else_happens(message):
    with pytest.raises(Malformed):
        decode(message)


def test_limits():
    with pytest.raises(Malformed, match="at most"):
        decode(encode(np.zeros(1000)), limit=1000)
    with pytest.raises(Malformed, match="too many"):
        decode(b'{"l":[' + b"null," * 300_000 + b"null]}\n")


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60), st.integers(0, 200))
def test_no_message_makes_it_do_anything_but_refuse(noise, place):
    message = encode({"a": (1, [2.5, "x"]), "b": np.arange(4)})
    message = message[:place] + noise + message[place + len(noise):]
    try:
        decode(message)
    except Malformed:
        pass
