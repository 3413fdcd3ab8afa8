"""Tables, feedback and the report on the class, from results as grading leaves them."""

import csv
import io
import json

import pytest

from course_lib import exercises
from course_lib.grading.reports import without_number, write_feedback, write_grades, write_report
from course_lib.grading.results import FORMAT, Results, file_name, seed_from

CHECKED = exercises.get("1.4")


def result(student, status="right", mistake=None, message="right, 3 points", problems=(), id="1.4"):
    exercise = exercises.get(id)
    points = exercise.points if status == "right" else 0
    return {"format": FORMAT, "student": student, "key": "k", "lesson": None,
            "problems": list(problems), "points": points, "max_points": exercise.points,
            "exercises": [
                {"id": id, "name": exercise.name, "status": status, "points": points,
                 "max_points": exercise.points, "mistake": mistake, "message": message,
                 "detail": "a hidden input: 0.123456789"}]}


@pytest.fixture
def results(tmp_path):
    found = Results(tmp_path / "grades")
    mistake = CHECKED.mistakes[0]
    formula = "=cmd|'/C calc'!A0"
    for one in [result("Ada_7"), result(formula, "wrong", mistake.name, mistake.message),
                result("../../etc/passwd", "error", None, "it raised <script>alert(1)</script>"),
                result("Ünal, \"B\"_9", "blank", None, "not done yet", ["cell 3: skipped"]),
                result("other lesson_11", id="2.1")]:
        found.save(one)
    return found


def rows(path):
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


def test_the_table_has_everybody_and_every_exercise(results):
    table = rows(write_grades(results)[0])
    assert table[0] == ["student", "points", "of", "1.4 linear_backward", "2.1 mse_and_grad",
                        "remarks"]
    by_name = {row[0]: row[1:] for row in table[1:]}
    most = str(CHECKED.points + exercises.get("2.1").points)
    assert by_name["Ada_7"] == ["3", most, "3", "0", ""]
    assert by_name["'=cmd|'/C calc'!A0"][0] == "0"         # no formula for a spreadsheet to run
    assert by_name['Ünal, "B"_9'][-1] == "cell 3: skipped"


def test_canvas_and_moodle_find_students_by_their_number(results):
    canvas = rows(write_grades(results, "canvas", "Lesson 1")[1])
    assert canvas[0] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Lesson 1"]
    assert ["Ada", "7", "", "", "", "3"] in canvas
    moodle = rows(write_grades(results, "moodle")[1])
    ada = next(row for row in moodle if row[0] == "Participant 7")
    assert ada[1:3] == ["Ada", "3"] and "right, 3 points" in ada[5]
    assert moodle[0][4] == "Last modified (grade)"         # without it Moodle refuses the file
    assert len(moodle) == 4 and not any("<script>" in row[5] for row in moodle)
    assert len(without_number(results, None)) == 2


def test_gradescope_gets_a_file_for_each(results):
    path = next(p for p in write_grades(results, "gradescope") if "ada-7" in str(p))
    found = json.loads(path.read_text(encoding="utf-8"))
    assert found["score"] == 3 and found["tests"][0]["status"] == "passed"


def test_feedback_shows_the_message_and_a_hint_and_nothing_hidden(results):
    assert write_feedback(results) == 5
    pages = {p.stem: p.read_text(encoding="utf-8")
             for p in (results.folder / "feedback").iterdir()}
    assert len(pages) == 5
    wrong = pages[file_name("=cmd|'/C calc'!A0")]
    assert "0 of 3 points" in wrong and "A hint" in wrong
    assert not any("0.123456789" in page or "<script>" in page for page in pages.values())
    assert "A hint" not in pages[file_name("Ada_7")]


def test_the_report_counts_mistakes_and_embeds_its_figures(results):
    page = write_report(results).read_text(encoding="utf-8")
    assert CHECKED.mistakes[0].name in page and "1 of 5 right" in page
    assert page.count("data:image/png;base64,") == 2 and "alt=\"How each exercise went" in page
    assert "<script>" not in page and "0.123456789" not in page


def test_a_report_on_nobody_is_written_too(tmp_path):
    empty = Results(tmp_path / "none")
    assert "0 submissions" in write_report(empty).read_text(encoding="utf-8")
    assert rows(write_grades(empty)[0])[0][0] == "student"


def test_names_of_files_are_safe_and_differ():
    students = ["ada", "Ada", "../ada", "a" * 300, "a" * 301, "", "con", "ada ", "ádá", "\ud800"]
    names = [file_name(s) for s in students]
    assert len({n.casefold() for n in names}) == len(names) and "con" not in names
    assert all(n and len(n) < 100 and n.replace("-", "").isalnum() for n in names)


def test_nobody_can_take_the_name_of_anothers_file(tmp_path):
    found = Results(tmp_path)
    found.save(result("b good"))
    found.save(result(file_name("b good"), "wrong", None, "x"))
    assert found.load("b good")["points"] == 3 and len(found.all()) == 2
    (found.json / "copy.json").write_text((found.json / f"{file_name('b good')}.json").read_text())
    (found.json / "other.json").write_text('{"format": 1}')
    assert len(found.all()) == 2


def test_an_unfinished_file_is_not_a_result(results):
    (results.json / ".x.json.part").write_text("{")
    assert len(Results(results.folder).all()) == 5
    assert not list(results.folder.rglob("*.part"))
    (results.json / "broken.json").write_text("{")
    (results.json / "list.json").write_text("[]")
    assert len(results.all()) == 5


def test_the_secret_is_drawn_once_and_short_ones_are_refused(results):
    assert results.secret() == results.secret() and len(results.secret()) == 32
    assert (results.folder / "secret-seed.txt").stat().st_mode & 0o077 == 0
    assert seed_from("long enough") == seed_from(" long enough\n") != seed_from("long enough!")
    with pytest.raises(ValueError, match="at least 8"):
        seed_from("short")
