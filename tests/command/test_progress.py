"""Each exercise gets its row, whatever the learner's code does to the Python that runs it."""

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from course_lib.command import progress
from course_lib.command.progress import check_answers, find_notebooks, read_notebook
from course_lib.grading import submission
from course_lib.grading.extract import extract, lesson_of
from course_lib.grading.inside import answer

# A stand-in for course_lib.checks in the worker: 2 points for a function that returns 1.
CHECKS = """
from types import SimpleNamespace
def check(id, fn, *, seed=0):
    value = fn()
    if value is None:
        return SimpleNamespace(status="blank", points=0, message="not done yet")
    right = value == 1
    return SimpleNamespace(status="right" if right else "wrong", points=2 * right, message="é\\nb")
"""
START = """
import sys, types
checks = types.ModuleType("course_lib.checks")
exec({checks!r}, checks.__dict__)
sys.modules["course_lib.checks"] = checks
from course_lib.command.progress_worker import main
main()
"""


@pytest.fixture
def worker(monkeypatch):
    """Start the real worker with the stand-in for the checks; give the list of those started."""
    started, popen = [], subprocess.Popen

    def start(command, **options):
        assert command[1:] == ["-m", "course_lib.command.progress_worker"]
        started.append(popen([sys.executable, "-c", START.format(checks=CHECKS)], **options))
        return started[-1]

    monkeypatch.setattr(progress.subprocess, "Popen", start)
    return started


def exercises(*names, lesson=1):
    return [SimpleNamespace(id=f"{lesson}.{k}", name=name, lesson=lesson, points=2)
            for k, name in enumerate(names, start=1)]


def rows(folder, cells, limit=20, names="abc"):
    mine = exercises(*names)
    return list(check_answers(mine, extract(cells, names), folder, limit))


RIGHT = "def {}(): return 1".format


def statuses(found):
    return [row.status for row in found]


def test_right_wrong_blank_and_missing(worker, tmp_path):
    found = rows(tmp_path, [RIGHT("a"), "def b(): return 2", "def c(): pass"], names="abcd")
    assert statuses(found) == ["right", "wrong", "blank", "blank"]
    assert [row.points for row in found] == [2, 0, 0, 0] and found[0].max_points == 2
    assert found[1].message.startswith("é") and "no function" in found[3].message
    assert len(worker) == 1


def test_endless_loop_costs_its_own_exercise_only(worker, tmp_path):
    found = rows(tmp_path, [RIGHT("a"), "def b():\n    while True: pass", RIGHT("c")], limit=1)
    assert statuses(found) == ["right", "error", "right"]
    assert found[1].message == "did not finish within 1 s"
    assert len(worker) == 2 and all(w.poll() is not None for w in worker)


@pytest.mark.parametrize("end, why", [
    ("import os; os._exit(3)", "exit code 3"), ("import sys; sys.exit(4)", "SystemExit: 4"),
    ("raise KeyboardInterrupt", "KeyboardInterrupt"), ("import os; os.abort()", "exit code"),
    ("return input()", "EOFError"), ("return b() + 1", "RecursionError"),
])
def test_exit_and_crash_cost_their_own_exercise_only(worker, tmp_path, end, why):
    found = rows(tmp_path, [RIGHT("a"), f"def b():\n    {end}", RIGHT("c")])
    assert statuses(found) == ["right", "error", "right"] and why in found[1].message


def test_prints_do_not_reach_the_protocol(worker, tmp_path):
    line = json.dumps({"status": "right", "message": "", "points": 9})
    noise = (f"def b():\n    import os, sys\n    print({line!r}, flush=True)\n"
             f"    os.write(1, {(line + chr(10)).encode()!r})\n    os.system('echo x')\n"
             "    sys.stderr.write('x' * 200_000)\n    print('y' * 200_000)\n    return 2")
    found = rows(tmp_path, [RIGHT("a"), noise, RIGHT("c")])
    assert statuses(found) == ["right", "wrong", "right"]


def test_a_broken_definition_leaves_the_others(worker, tmp_path):
    cells = ["import no_such_module", "@njit\ndef a(): pass", RIGHT("b"), RIGHT("c")]
    found = rows(tmp_path, cells)
    assert statuses(found) == ["error", "right", "right"]
    assert "NameError: name 'njit'" in found[0].message


def test_a_notebook_is_defined_as_the_grader_defines_it(worker, tmp_path):
    """Flags of __future__ hold for all statements; what could not be imported says so when used."""
    cells = ["from __future__ import annotations", "def a(x: Unknown = 0): return 1",
             "import no_such_module as nope", "def b(): return nope.f()"]
    found = rows(tmp_path, cells, names="ab")
    assert statuses(found) == ["right", "error"] and "no_such_module.f" in found[1].message
    for name, row in zip("ab", found, strict=True):
        fn, why = answer.function_of(*answer.define(extract(cells, "ab").source), name)
        assert callable(fn) and not why, row


def test_constants_that_never_end_are_told_once(worker, tmp_path, monkeypatch):
    monkeypatch.setattr(progress, "START_LIMIT", 2)
    found = rows(tmp_path, ["K = 10 ** 10 ** 10", RIGHT("a"), RIGHT("b"), RIGHT("c")])
    assert statuses(found) == ["error"] * 3 and len(worker) == 1


def test_worker_that_cannot_start_says_why(worker, tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "CHECKS", "raise SystemExit('no checks here')")
    found = rows(tmp_path, [RIGHT("a")], names="a")
    assert statuses(found) == ["error"] and "exit code" in found[0].message


def test_no_cell_is_executed_and_files_beside_are_found(worker, tmp_path):
    (tmp_path / "beside.py").write_text("ONE = 1", encoding="utf-8")
    cells = ["from beside import ONE", "open('ran', 'w')", "def a(): return ONE"]
    assert statuses(rows(tmp_path, cells, names="a")) == ["right"]
    assert not (tmp_path / "ran").exists()


def test_stopping_early_leaves_no_process(worker, tmp_path):
    table = check_answers(exercises("a"), extract([RIGHT("a")], "a"), tmp_path)
    next(table)
    table.close()
    assert worker[0].poll() is not None


def test_real_checks_in_the_real_worker(tmp_path):
    from course_lib import exercises as real

    mine = [e for e in real.all() if e.id in {"1.1", "1.2"}]
    answers = extract([mine[0].source, f"import numpy as np\ndef {mine[1].name}(*a): return None"],
                      [e.name for e in mine])
    found = list(check_answers(mine, answers, tmp_path))
    assert [(r.status, r.points) for r in found] == [("right", mine[0].points), ("blank", 0)]


def test_find_notebooks(tmp_path):
    inside = tmp_path / "notebooks"
    for name in ["02_b.ipynb", "01_a.ipynb", "scratch.ipynb", "build.py", "solutions/01_a.ipynb",
                 ".ipynb_checkpoints/01_a.ipynb"]:
        (inside / name).parent.mkdir(parents=True, exist_ok=True)
        (inside / name).write_text("{}", encoding="utf-8")
    assert [p.name for p in find_notebooks(tmp_path)] == [
        "01_a.ipynb", "02_b.ipynb", "scratch.ipynb"]
    assert [p.name for p in find_notebooks(inside, lesson=2)] == ["02_b.ipynb", "scratch.ipynb"]
    assert find_notebooks(inside / "scratch.ipynb") == [inside / "scratch.ipynb"]


def test_find_notebooks_of_a_class_leaves_nobody_out(tmp_path):
    for name in ["01_bob.ipynb", "alice.ipynb", "carol/01_backprop.ipynb",
                 "carol/.ipynb_checkpoints/01_backprop.ipynb"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("{}", encoding="utf-8")
    found = [p.relative_to(tmp_path).as_posix() for p in find_notebooks(tmp_path)]
    assert found == ["01_bob.ipynb", "alice.ipynb", "carol/01_backprop.ipynb"]


@pytest.mark.parametrize("name, lesson", [
    ("01_backprop_by_hand.ipynb", 1), ("Copy of 04_cnn_mnist.ipynb", 4), ("4_cnn.ipynb", 4),
    ("4711_123_02_linear.ipynb", 2), ("03-optimizers (1).ipynb", 3), ("scratch.ipynb", None),
    ("12_months.ipynb", None), ("homework3_a.ipynb", None), ("lesson01_.ipynb", None)])
def test_a_files_lesson_is_the_same_for_progress_and_for_the_grader(tmp_path, name, lesson):
    (tmp_path / name).write_text("{}", encoding="utf-8")
    assert lesson_of(name) == lesson
    for number in range(1, 8):
        assert bool(find_notebooks(tmp_path, number)) == (lesson in (None, number))
        taken = submission._lessons_of(name, [], number)
        assert taken == ({number} if lesson == number else set())


def test_lesson_by_number_or_by_what_is_defined(tmp_path):
    known = exercises("a", "b") + exercises("c", lesson=2)
    for name, lesson, ids in [("01_x.py", None, ["1.1", "1.2"]), ("mine.py", None, ["2.1"]),
                              ("01_x.py", 2, []), ("mine.py", 2, ["2.1"])]:
        path = Path(tmp_path / name)
        path.write_text(RIGHT("c"), encoding="utf-8")
        assert [e.id for e in read_notebook(path, known, lesson)[0]] == ids
