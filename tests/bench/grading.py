"""Measure grading: against nbgrader on the same exercises, and a class of a thousand.

nbgrader is installed into a virtual environment of its own, under build/, the first time.
"""

import itertools
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

import hostile
import psutil

from course_lib import exercises
from course_lib.grading.extract import extract, with_dependencies
from course_lib.grading.results import Results

ROOT = Path(__file__).parents[2]
GRADE = [sys.executable, "-m", "course_lib", "grade"]
NBGRADER = "nbgrader==0.9.6"
LESSON, ASSIGNMENT = 1, "lesson1"
SWAPS = [("x.T @ dout", "dout.T @ x"), (".sum(axis=0)", ".mean(axis=0)"), ("+=", "="),
         (" / B", ""), ("2 * h", "h"), ("1 - ", "1 + ")]


def answers(lesson=LESSON):
    """Each exercise of a lesson and the source of its solution."""
    mine = [e for e in exercises.all() if e.lesson == lesson]
    path = next((ROOT / "notebooks/solutions").glob(f"{lesson:02d}_*.ipynb"))
    pieces = extract(path, [e.name for e in mine]).pieces
    found = [(e, with_dependencies(pieces, e.name)) for e in mine]
    course = re.compile(r"^from course_lib import .*$", re.MULTILINE)   # its plots are not needed
    return [(e, course.sub("from course_lib import layers, value", source).replace(
        "    ### BEGIN SOLUTION\n", "")) for e, source in found]


def submission(rng, kind):
    """The cells of one student's notebook: right, wrong in places, blank, or hostile."""
    if kind == "hostile":
        cells = rng.choice(sorted(hostile.CODE.items()))[1][0]
        return [re.sub(r"\{(out|subs|course|token|port)(!r)?\}", "'/nowhere'", c) for c in cells]
    cells = []
    for exercise, source in answers():
        if kind == "blank" or kind == "wrong" and rng.random() < 0.2:
            source = f"def {exercise.name}(*args, **options):\n    return None\n"
        elif kind == "wrong" and rng.random() < 0.6:
            for old, new in SWAPS:
                source = source.replace(old, new)
        cells.append(source)
    return cells


def write_class(folder, n, kinds, seed=0):
    """Write a folder for each of n students."""
    rng = random.Random(seed)
    for k, kind in zip(range(n), itertools.cycle(kinds), strict=False):
        student = folder / f"s{k:04d} {kind}"
        student.mkdir(parents=True)
        text = hostile.notebook(*submission(rng, kind))
        (student / "01_backprop_by_hand.ipynb").write_text(text, encoding="utf-8")


def grade(folder, out, *more):
    """Seconds that `course grade` needs, and the peak of its own memory in MB."""
    began, peak = time.perf_counter(), 0
    process = subprocess.Popen([*GRADE, str(folder), "--out", str(out), "--lesson", str(LESSON),
                                *more], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None:
        try:
            peak = max(peak, psutil.Process(process.pid).memory_info().rss / 2**20)
        except psutil.NoSuchProcess:
            break
        time.sleep(0.1)
    if process.wait():
        raise RuntimeError(f"course grade ended with {process.returncode}")
    return time.perf_counter() - began, peak


def nbgrader():
    """The Python of an environment with nbgrader; None where it cannot be installed."""
    folder = ROOT / "build" / "nbgrader"
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    if not (folder / "ready").exists():
        venv.create(folder, with_pip=True, clear=True)
        done = subprocess.run([python, "-m", "pip", "install", "--quiet", NBGRADER, "numpy"],
                              capture_output=True, text=True)
        if done.returncode:
            return None
        (folder / "ready").touch()
    return python


def with_nbgrader(python, folder, students):
    """Seconds that nbgrader's autograde needs for the same answers, tested by the same checks."""
    setup = f"import sys; sys.path.insert(0, {str(ROOT)!r})\nfrom course_lib.checks import check"
    cells = [_cell(setup)]
    for exercise, source in answers():
        lines = source.rstrip().splitlines()
        cells.append(_cell("\n".join(lines), grade_id=f"s-{exercise.name}", solution=True))
        test = f'assert check("{exercise.id}", {exercise.name}).status == "right"'
        cells.append(_cell(test, grade_id=f"t-{exercise.name}", grade=True, locked=True,
                           points=exercise.points))
    source = folder / "source" / ASSIGNMENT / "answers.ipynb"
    source.parent.mkdir(parents=True)
    notebook = {"cells": cells, "metadata": {"kernelspec": {
        "name": "python3", "display_name": "Python 3", "language": "python"}},
        "nbformat": 4, "nbformat_minor": 5}
    source.write_text(json.dumps(notebook), encoding="utf-8")
    for k in range(students):
        target = folder / "submitted" / f"s{k:03d}" / ASSIGNMENT / "answers.ipynb"
        target.parent.mkdir(parents=True)
        shutil.copy(source, target)
    home = Path(python).parent                            # where it looks for alembic, too
    environment = {**os.environ, "PATH": f"{home}{os.pathsep}{os.environ['PATH']}"}
    for command in ("generate_assignment", "autograde"):
        began = time.perf_counter()
        subprocess.run([home / "nbgrader", command, ASSIGNMENT], cwd=folder, check=True,
                       env=environment, capture_output=True)
    return time.perf_counter() - began


def _cell(source, **nbgrader):
    metadata = {"nbgrader": {"schema_version": 3, "grade": False, "solution": False,
                             "locked": False, "task": False, **nbgrader}} if nbgrader else {}
    return {"cell_type": "code", "metadata": metadata, "source": source, "outputs": [],
            "execution_count": None, "id": re.sub(r"\W", "", nbgrader.get("grade_id", "setup"))}


def grading(few=12, many=120):
    """Yield submissions a minute of the same right answers, ours and nbgrader's, in one run."""
    with tempfile.TemporaryDirectory() as place:
        top = Path(place)
        write_class(top / "class", many, ["right"])
        ours, memory = grade(top / "class", top / "grades")
        points = {r["points"] for r in Results(top / "grades").all()}
        full = sum(e.points for e, _ in answers())
        assert points == {full}, "right answers were not all graded right"
        yield "grading lesson 1, sandboxed", 60 * many / ours, "submissions a minute"
        python = nbgrader()
        if python is None:
            print(f"{NBGRADER} cannot be installed here: no comparison")
            return
        theirs = with_nbgrader(python, top / "nbgrader", few)
        yield f"the same exercises, {NBGRADER}", 60 * few / theirs, "submissions a minute"
        yield "grading faster than nbgrader", (theirs / few) / (ours / many), "times"


def thousand(n=1000):
    """Yield time, memory and marks of a class: right, wrong, blank and hostile."""
    kinds = ["right"] * 9 + ["wrong"] * 6 + ["blank"] * 3 + ["hostile"] * 2
    with tempfile.TemporaryDirectory() as place:
        top = Path(place)
        write_class(top / "class", n, kinds)
        taken, memory = grade(top / "class", top / "grades", "--seconds", "3", "--memory", "400")
        marks = {}
        for result in Results(top / "grades").all():
            marks.setdefault(result["student"].split()[1], []).append(result["points"])
        yield f"a class of {n:,}: time", taken, "s"
        yield f"a class of {n:,}: memory of the grader itself", memory, "MB"
        yield f"a class of {n:,}: results", sum(map(len, marks.values())), "submissions"
        for kind, found in sorted(marks.items()):
            yield f"a class of {n:,}: most points of the {kind} ones", max(found), "points"
        yield f"a class of {n:,}: fewest points of the right ones", min(marks["right"]), "points"
