"""Who handed in what: folders, zips, and what Canvas, Moodle and Colab make of file names."""

import zipfile
from pathlib import Path

import pytest

from course_lib.grading import collect as module
from course_lib.grading.collect import collect, entries
from course_lib.grading.submission import read


def names(submissions):
    return {s.student: [f.name for f in s.files] for s in submissions}


def fill(folder, *paths):
    for path in paths:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("{}")
    return folder


def test_a_folder_for_each_student(tmp_path):
    fill(tmp_path, "ada/01_backprop.ipynb", "ada/work/helpers.py", "bob/x.ipynb", "bob/notes.pdf",
         "bob/.ipynb_checkpoints/x.ipynb", ".DS_Store", "__MACOSX/ada/x.ipynb")
    found, left = collect(tmp_path)
    assert names(found) == {"ada": ["01_backprop.ipynb", "work/helpers.py"], "bob": ["x.ipynb"]}
    assert left == []


def test_moodle_and_canvas(tmp_path):
    fill(tmp_path / "m", "Ada L_42_assignsubmission_file_/01_backprop.ipynb",
         "Bob_43_assignsubmission_file/a.ipynb")
    assert names(collect(tmp_path / "m")[0]) == {"Ada L_42": ["01_backprop.ipynb"],
                                                 "Bob_43": ["a.ipynb"]}
    fill(tmp_path / "c", "lovelaceada_7_991_01_backprop_by_hand.ipynb",
         "lovelaceada_8_992_01_backprop_by_hand-1.ipynb",
         "bobby_LATE_9_993_01_backprop_by_hand.ipynb")
    assert names(collect(tmp_path / "c")[0]) == {
        "bobby_9": ["01_backprop_by_hand.ipynb"], "lovelaceada_7": ["01_backprop_by_hand.ipynb"],
        "lovelaceada_8": ["01_backprop_by_hand-1.ipynb"]}


def test_flat_files_are_named_after_who_wrote_them(tmp_path):
    fill(tmp_path, "ada.ipynb", "01_backprop_by_hand_bob.ipynb", "cy_01_backprop_by_hand.ipynb",
         "Copy of 01_backprop_by_hand.ipynb")
    assert set(names(collect(tmp_path)[0])) == {"ada", "bob", "cy",
                                                "Copy of 01_backprop_by_hand"}


def test_the_lessons_names_are_those_of_the_notebooks():
    folder = Path(__file__).parents[2] / "notebooks"
    assert list(module.LESSONS) == sorted(p.stem for p in folder.glob("*.ipynb"))


def test_a_pattern_says_who_it_is(tmp_path):
    fill(tmp_path, "week1/s-ada/x.ipynb", "week1/s-bob/x.ipynb", "week1/readme.py")
    found, left = collect(tmp_path, r"s-(?P<student>\w+)/")
    assert names(found) == {"ada": ["x.ipynb"], "bob": ["x.ipynb"]}
    assert left == ["week1/readme.py: the pattern does not fit"]
    with pytest.raises(ValueError, match="needs a group"):
        collect(tmp_path, r"(\w+)")
    with pytest.raises(ValueError, match="no regular expression"):
        collect(tmp_path, r"(?P<student>")


def pack(path, *members):
    with zipfile.ZipFile(path, "w") as archive:
        for member in members:
            archive.writestr(member, "{}")
    return path


def test_zips_at_the_top_and_of_each_student(tmp_path):
    found, _ = collect(pack(tmp_path / "all.zip", "ada/x.ipynb", "bob/y.ipynb", "z_1_2_q.ipynb"))
    assert names(found) == {"ada": ["x.ipynb"], "bob": ["y.ipynb"], "z_1": ["q.ipynb"]}
    assert read(found[0]) == ([("x.ipynb", ".ipynb", b"{}")], [])
    wrapped = pack(tmp_path / "wrapped.zip", "week 1/ada/x.ipynb", "week 1/bob/y.ipynb")
    assert set(names(collect(wrapped)[0])) == {"ada", "bob"}
    (tmp_path / "class/ada").mkdir(parents=True)
    pack(tmp_path / "class/ada/mine.zip", "x.ipynb", "deep/y.py")
    pack(tmp_path / "class/bob.zip", "y.ipynb")
    assert names(collect(tmp_path / "class")[0]) == {
        "ada": ["mine.zip/deep/y.py", "mine.zip/x.ipynb"], "bob": ["bob.zip/y.ipynb"]}


def test_a_folder_around_the_class_is_nobody(tmp_path):
    fill(tmp_path / "a", "subs/lovelaceada_7_991_x.ipynb", "subs/bobby_8_992_x.ipynb")
    assert set(names(collect(tmp_path / "a")[0])) == {"lovelaceada_7", "bobby_8"}
    fill(tmp_path / "b", "week/ada/x.ipynb", "week/bo/x.ipynb")
    assert set(names(collect(tmp_path / "b")[0])) == {"ada", "bo"}
    (tmp_path / "c").mkdir()
    pack(tmp_path / "c/submissions.zip", "submissions/a_1_2_x.ipynb", "submissions/b_3_4_x.ipynb")
    assert set(names(collect(tmp_path / "c")[0])) == {"a_1", "b_3"}
    fill(tmp_path / "d", "ada/x.ipynb", "ada/more/y.ipynb")
    assert set(names(collect(tmp_path / "d")[0])) == {"ada"}


def test_nobody_vanishes(tmp_path):
    fill(tmp_path, "ada/x.ipynb", "bo/.DS_Store", "cy/.ipynb_checkpoints/x.ipynb")
    (tmp_path / "dee" / "inner").mkdir(parents=True)
    (tmp_path / "eve").mkdir()
    found = {s.student: s.problems for s in collect(tmp_path)[0]}
    assert set(found) == {"ada", "bo", "cy", "dee", "eve"}
    assert found["dee"] == found["eve"] == found["bo"] == ["there is no file in the folder"]


def test_texts_are_not_students_of_their_own(tmp_path):
    fill(tmp_path, "Ada_7_assignsubmission_file_/x.ipynb", "README.txt", "roster.csv",
         "Ada_7_assignsubmission_onlinetext_/onlinetext.html", "Bo_8_assignsubmission_file_x.ipynb",
         "cy_9_text.html", "cy_9_10_x.ipynb")
    found, left = collect(tmp_path)
    assert names(found) == {"Ada_7": ["x.ipynb"], "Bo_8": ["x.ipynb"], "cy_9": ["x.ipynb"]}
    assert [line.split(":")[0] for line in left] == ["README.txt", "roster.csv"]


def test_later_versions_come_after_earlier_ones(tmp_path):
    fill(tmp_path, "ada/a.ipynb", "ada/a-1.ipynb", "ada/a (2).ipynb", "ada/a-10.ipynb",
         "ada/a-9.ipynb")
    files = names(collect(tmp_path)[0])["ada"]
    assert files[0] == "a.ipynb" and files.index("a-9.ipynb") < files.index("a-10.ipynb")


def test_nothing_to_collect_is_said(tmp_path):
    with pytest.raises(ValueError, match="no submissions"):
        collect(tmp_path)
    with pytest.raises(ValueError, match="there is no"):
        collect(tmp_path / "nowhere")
    (tmp_path / "all.zip").write_bytes(b"PK")
    with pytest.raises(ValueError, match="all.zip cannot be read"):
        collect(tmp_path / "all.zip")


def test_one_submission_is_limited_in_all(tmp_path, monkeypatch):
    fill(tmp_path, *(f"ada/{k:02d}.ipynb" for k in range(60)))
    found, = collect(tmp_path)[0]
    assert len(found.files) == 50 and len(found.problems) == 1
    monkeypatch.setattr("course_lib.grading.submission.MAX_TOTAL", 11)
    files, problems = read(found)
    assert len(files) == 5 and "all files together" in problems[-1]


def test_a_zip_with_a_long_table_of_contents_is_not_opened(tmp_path, monkeypatch):
    (tmp_path / "ada").mkdir()
    pack(tmp_path / "ada/x.zip", *(f"{k}.ipynb" for k in range(100)))
    monkeypatch.setattr(entries, "MAX_CONTENTS", 1000)
    assert "too many entries" in collect(tmp_path)[0][0].problems[0]
