"""Of a notebook, what one answer needs; of the course, what it may build on."""

import ast
import inspect
import json
import textwrap
from pathlib import Path

import pytest

from course_lib import exercises
from course_lib.grading.extract import extract, from_cells, with_dependencies
from course_lib.grading.run.allowed import allowed_sources
from course_lib.grading.selftest import examine

ROOT = Path(__file__).parents[2]


def source(*cells, name="f"):
    return with_dependencies(from_cells(list(enumerate(cells, 1)), [name]).pieces, name)


def value(*cells):
    namespace = {}
    exec(source(*cells), namespace)
    return namespace["f"](2)


def test_only_what_is_needed_is_taken():
    text = source("import torch\nimport math as m", "DATA = open('large')\nK = m.pi",
                  "def other(): return DATA", "def helper(x): return x * K",
                  "def f(x):\n    DATA = 1\n    return helper(x)")
    assert "torch" not in text and "large" not in text and "other" not in text
    assert "import math as m" in text and "K = m.pi" in text


def test_a_helper_is_the_last_one_before_the_function():
    assert value("def h(x): return 1", "def h(x): return 2", "def f(x): return h(x)",
                 "def h(x): return 3") == 2
    assert value("def f(x): return h(x)", "def h(x): return 3", "def h(x): return 4") == 3


def test_the_last_definition_that_is_not_blank_counts():
    assert value("def f(x): return 1", "def f(x): return 2", "def f(x):\n    'doc'\n    ...") == 2


@pytest.mark.parametrize("cells", [
    ("from dataclasses import dataclass", "@dataclass\nclass P:\n    x: int = 2",
     "def f(x): return P(x).x"),
    ("class A:\n    k = 2", "class B(A): pass", "def f(x): return B.k"),
    ("A, B = 1, 2", "def f(x, b=B): return b"),
    ("import functools", "@functools.cache\ndef f(x): return x"),
    ("def g(x): return x", "f = g"),
    ("from math import *", "def f(x): return int(sqrt(4))"),
    ("K: float = 2.0", "def f(x):\n    def inner():\n        return K\n    return inner()"),
    ("import numpy as np", "T = np.array([2, 3])", "def f(x): return int(T[0])"),
    ("try:\n    import missing as m\nexcept ImportError:\n    m = None", "def f(x): return x"),
    ("from __future__ import annotations", "def f(x: Unknown) -> Unknown: return x"),
    ("import numpy as np", "S = np.ones(2)", "S = S * S.sum()", "def f(x): return int(S[0])"),
    ("def h(x): return 1", "old = h", "def h(x): return old(x) + 1", "def f(x): return h(x)"),
    ("class A: k = 1", "class A(A): j = 1", "def f(x): return A.k + A.j"),
    ("K = 1", "K *= 2", "def f(x): return K"),
    ("F = {}", "F['t'] = 2", "def f(x): return F['t']"),
    ("class P: pass", "P.t = 2", "def f(x): return P.t"),
    ("A, *R = 1, 2, 3", "def f(x): return R[0]"),
    ("try:\n    import numpy as np\nexcept Exception:\n    pass",
     "def f(x): return int(np.add(1, 1))"),
    ("try:\n    import missing\nexcept ImportError:\n    def g(x): return x",
     "def f(x): return g(x)"),
    ("def f(x): return sum([x])", "sum = 0"),
    ("from math import floor as F", "def f(x): return F(2.5)", "F = 8"),
    ("H = 2", "def helper(a, h=H): return h", "H = 3", "def f(x): return helper(1)"),
    ("K = 1", "g = lambda: K", "K = 2", "def f(x): return g()"),
    ("N = 1", "try:\n    K = N * 2\nfinally:\n    B = 2", "def f(x): return K if B == 2 else 0"),
    ("CNT = 1", "def f(x):\n    global CNT\n    CNT += 1\n    return CNT"),
    ("K = 2", "K: int", "def f(x): return K"),
    ("def t(x): pass", "def f(x): return t(x)", "def t(x): return x"),
    ("def f(x): return x", "def f(x):\n    raise NotImplementedError('write this')"),
    ("def f(x): return x", "def f(x): return None, None"),
])
def test_ways_to_write_a_helper(cells):
    assert value(*cells) == 2


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks/solutions").glob("*.ipynb")),
                         ids=lambda p: p.stem)
def test_solved_lessons_need_only_what_their_exercises_give(path):
    lesson = int(path.stem[:2])
    mine = [e for e in exercises.all() if e.lesson == lesson]
    answers = extract(path, [e.name for e in mine])
    for exercise in mine:
        tree = ast.parse(with_dependencies(answers.pieces, exercise.name))
        course = {a.asname or a.name for n in tree.body if isinstance(n, ast.ImportFrom)
                  and n.module.startswith("course_lib") for a in n.names}
        used = {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)
                and isinstance(n.value, ast.Name) and n.value.id in course}
        assert used <= {fn.__name__ for fn in exercise.given}, exercise.id


@pytest.mark.parametrize("exercise", exercises.all(), ids=lambda e: e.id)
def test_an_exercise_gives_nothing_of_its_own_answer(exercise):
    parts = allowed_sources(exercise)
    body = ast.unparse(ast.parse(textwrap.dedent(inspect.getsource(exercise.reference))).body[0]
                       .body[1:])
    assert len(body) > 10 and not any(body in text for text in parts.values())
    assert bool(parts) == bool(exercise.given)


def test_every_exercise_has_hidden_inputs_that_no_one_can_guess():
    from course_lib.checks import draw_cases
    from course_lib.grading.inside import codec

    for exercise in exercises.all():
        drawn = [[codec.encode((c.args, c.options)) for c in draw_cases(exercise, seed)]
                 for seed in (11, 12)]
        fresh = sum(a != b for a, b in zip(*drawn, strict=True))
        assert fresh >= 2, exercise.id


@pytest.mark.parametrize("lesson", range(1, 8))
def test_the_self_test_finds_nothing_amiss(lesson):
    from course_lib.grading.run import Limits, Sandbox, installed_backends

    if not installed_backends():
        pytest.skip("no sandbox on this machine")
    sandbox = Sandbox(Limits())
    amiss = [(what, wrong) for what, wrong in examine(sandbox, lesson) if wrong]
    sandbox.close()
    assert amiss == []


def test_the_self_test_would_find_a_mistake_that_passes(monkeypatch):
    from course_lib.grading.run import Limits, Sandbox

    exercise = exercises.get("1.4")
    wrong = exercise.mistakes[0].fn
    monkeypatch.setattr(type(exercise), "__setattr__", object.__setattr__)
    monkeypatch.setattr(exercise, "mistakes", [exercises.Mistake("none", exercise.reference, "x")])
    sandbox = Sandbox(Limits(), "none")
    amiss = [what for what, text in examine(sandbox, 1) if text]
    sandbox.close()
    assert amiss == ["1.4 none"] and wrong is not None


def test_notebooks_as_they_come_are_read():
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        cells = json.loads(path.read_text("utf-8"))["cells"]
        assert len(cells) > 20 and extract(path, ["x"]).problems == []
