"""The start page says what the notebooks and the checks say, and at once."""

import json
import os
import sys
import time
from pathlib import Path

import pytest

from course_lib import exercises
from course_lib.checks import check, record
from course_lib.command.start import state

ROOT = Path(__file__).parents[2]
FIRST, SECOND = exercises.all()[:2]
BLANK = "def {}(*arguments):\n    # YOUR CODE HERE\n    return None"


@pytest.fixture
def course(tmp_path):
    """A course with lesson 1, its first two exercises blank; a function that saves the notebook."""
    folder = tmp_path / "my course"
    (folder / "notebooks" / "solutions").mkdir(parents=True)

    def save(*answers, name="01_backprop_by_hand.ipynb", age=0):
        texts = [a if a else BLANK.format(e.name) for a, e in zip(
            answers or (None, None), (FIRST, SECOND), strict=False)]
        cells = [{"cell_type": "markdown", "source": ["# 1 · A title\n", "word " * 750]},
                 *({"cell_type": "code", "id": f"cell{k}", "source": text, "outputs": []}
                   for k, text in enumerate(texts))]
        path = folder / "notebooks" / name
        path.write_text(json.dumps({"cells": cells}), encoding="utf-8")
        os.utime(path, (time.time() - age, time.time() - age))
        return path

    save(age=1000)
    return folder, save


def rows(folder):
    return {row["id"]: row for row in state.state_of(folder)["lessons"][0]["exercises"]}


def tell(folder, exercise, status, message="", points=0):
    record.remember(record.file_in(folder), exercise.id, status, points, message)


def test_a_fresh_course_is_blank_and_starts_at_the_beginning(course):
    found = state.state_of(course[0])
    lesson = found["lessons"][0]
    assert (lesson["number"], lesson["title"]) == (1, "A title")
    assert {row["status"] for row in lesson["exercises"]} == {"blank"}
    assert found["points"] == 0 and found["most"] == sum(row["points"] for row in
                                                         lesson["exercises"])
    assert found["resume"]["id"] == FIRST.id and found["last"] is None
    assert found["minutes"] == 10 + sum(row["minutes"] for row in lesson["exercises"])
    assert found["resume"]["link"] == "notebooks/01_backprop_by_hand.ipynb#cell-id=cell0"


def test_a_check_counts_before_the_notebook_is_saved(course):
    folder, _ = course
    tell(folder, FIRST, "right", points=FIRST.points)
    found = state.state_of(folder)
    assert rows(folder)[FIRST.id]["status"] == "right" and found["points"] == FIRST.points
    assert found["resume"]["id"] == SECOND.id


def test_a_wrong_answer_is_what_one_goes_on_with(course):
    folder, _ = course
    tell(folder, FIRST, "right", points=FIRST.points)
    tell(folder, SECOND, "wrong", "the sign is wrong")
    found = state.state_of(folder)
    assert found["resume"]["id"] == found["last"]["id"] == SECOND.id
    assert found["last"]["message"] == "the sign is wrong"
    tell(folder, SECOND, "right", points=SECOND.points)
    assert state.state_of(folder)["last"] is None
    assert state.state_of(folder)["resume"]["id"] == exercises.all()[2].id


def test_an_answer_that_was_taken_away_counts_no_longer(course):
    folder, save = course
    tell(folder, FIRST, "right", points=FIRST.points)
    save(age=-5)                                          # git restore, later
    assert rows(folder)[FIRST.id]["status"] == "blank"


def test_an_answer_from_elsewhere_is_written_and_not_checked(course):
    folder, save = course
    save("def central_difference(f, x, h=1e-5):\n    return 1")
    assert rows(folder)[FIRST.id]["status"] == "written"


def test_what_was_blank_when_it_was_checked_and_is_written_now_is_not_blank(course):
    folder, save = course
    tell(folder, FIRST, "blank")
    assert rows(folder)[FIRST.id]["status"] == "blank"
    save("def central_difference(f, x, h=1e-5):\n    return 1")
    assert rows(folder)[FIRST.id]["status"] == "written"


def test_a_learner_with_everything_right_has_nothing_to_resume(course):
    folder, _ = course
    for exercise in exercises.all():
        tell(folder, exercise, "right", points=exercise.points)
    found = state.state_of(folder)
    assert found["resume"] is None and found["minutes"] == 0 and found["points"] == found["most"]


def test_a_copy_of_a_lesson_is_not_counted_twice(course):
    folder, save = course
    most = state.state_of(folder)["most"]
    save(name="01_backprop_by_hand-Copy1.ipynb")
    save("def central_difference(f, x):\n    return 1", name="01_mine.ipynb")
    (folder / "notebooks" / "solutions" / "01_backprop_by_hand.ipynb").touch()
    found = state.state_of(folder)
    assert found["most"] == most and len(found["lessons"]) == 1
    assert found["resume"]["link"].startswith("notebooks/01_backprop_by_hand.ipynb#")


def test_a_dead_link_and_odd_ids_are_survived(course):
    folder, save = course
    (folder / "notebooks" / "02_x.ipynb").symlink_to(folder / "nowhere")
    path = save()
    text = path.read_text(encoding="utf-8").replace('"cell0"', "7")
    path.write_text(text, encoding="utf-8")
    assert len(state.state_of(folder)["lessons"]) == 1


def test_half_a_notebook_and_broken_lines_are_survived(course):
    folder, save = course
    path = save()
    path.write_text(path.read_text(encoding="utf-8")[:200], encoding="utf-8")
    record.file_in(folder).write_bytes(b'{"id": "1.1", "sta\n[]\n\xff\n{"id": "1.1"}\n'
                                          + b"[" * 100_000 + b"\n")
    found = state.state_of(folder)
    assert found["lessons"][0]["title"] == path.stem and found["points"] == 0


# --- the record


right = FIRST.reference


@pytest.mark.parametrize("notebook, kept", [
    ("notebooks/01_backprop_by_hand.ipynb", True), ("", True),
    ("/home/a/solutions/course/notebooks/01_backprop_by_hand.ipynb", True),
    ("/home/a/course/notebooks/solutions/01_backprop_by_hand.ipynb", False)])
def test_check_writes_into_the_record_of_the_learners_own(tmp_path, monkeypatch, notebook, kept):
    file = tmp_path / "record"
    monkeypatch.setenv(record.VARIABLE, str(file))
    monkeypatch.setenv("JPY_SESSION_NAME", notebook)
    assert check("1.1", right).status == "right"
    assert (record.recall(file).get("1.1", {}).get("status") == "right") == kept


def test_without_course_lab_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.delenv(record.VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)
    check("1.1", right)
    assert list(tmp_path.iterdir()) == []


def test_a_record_that_cannot_be_written_fails_no_check(tmp_path, monkeypatch):
    monkeypatch.setenv(record.VARIABLE, str(tmp_path / "no folder" / "record"))
    assert check("1.1", right).status == "right"


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux's")
def test_a_full_disk_fails_no_check(monkeypatch):
    monkeypatch.setenv(record.VARIABLE, "/dev/full")
    assert check("1.1", right).status == "right"


def test_the_last_line_counts(tmp_path):
    file = tmp_path / "record"
    for status in ("wrong", "right", "blank"):
        record.remember(file, "1.1", status, 0, "a\nb")
    assert record.recall(file)["1.1"]["status"] == "blank"
    assert [json.loads(line)["message"] for line in file.open()] == ["a", "", ""]


def test_the_real_course_is_read_without_torch():
    import subprocess

    code = ("import sys; from pathlib import Path\n"
            "from course_lib.command.start.state import state_of\n"
            f"found = state_of(Path({str(ROOT)!r}))\n"
            "assert len(found['lessons']) == 7, found\n"
            "assert not {'torch', 'IPython', 'matplotlib', 'sklearn'} & set(sys.modules)\n"
            "assert all('#' in row['link'] for l in found['lessons'] for row in l['exercises'])\n")
    subprocess.run([sys.executable, "-c", code], check=True)
