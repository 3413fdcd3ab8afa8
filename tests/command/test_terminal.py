"""Rows and help at every width, a full disk and a closed pipe."""

import subprocess
import sys

import pytest

from course_lib.command import terminal

COURSE = [sys.executable, "-m", "course_lib"]
LONG = ("67,863 characters of the course's own, and a well-known-hyphenated-word before "
        "/a/path/that/must/stay/in/one/piece/so/that/it/can/be/copied")


@pytest.fixture(params=[40, 80, 120])
def columns(request, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(request.param))
    return request.param


def test_a_row_is_never_cut_in_a_word(columns, capsys):
    terminal.row("note", "pretrained_encoder", LONG, "course data fetch mnist", room=18)
    lines = capsys.readouterr().out.splitlines()
    words = [word for line in lines for word in line.split()]
    assert words == ["note", "pretrained_encoder", *LONG.split(), "->", "course", "data", "fetch",
                     "mnist"]
    assert all(len(line) <= columns or len(line.split()) == 1 for line in lines)
    indents = {len(line) - len(line.lstrip()) for line in lines[1:]}
    assert indents == ({8} if columns < 60 else {28})     # they hang below what they belong to


def test_a_name_longer_than_its_column_does_not_push_the_others(columns, capsys):
    terminal.row("ok", "x" * 30, "detail", room=18)
    terminal.row("ok", "short", "detail", room=18)
    first, second, *rest = capsys.readouterr().out.splitlines()
    assert first == "ok      " + "x" * 30 and second.strip() == "detail"


def test_a_row_without_more_to_say_keeps_its_name(columns, capsys):
    terminal.row("ok", "digits", room=18)
    assert capsys.readouterr().out == "ok      digits\n"


def test_a_row_without_a_name_is_a_status_and_a_text(columns, capsys):
    terminal.row("error", "", "is not a notebook: it has no list of cells at all, and so is no "
                 "notebook")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("error   is not a notebook")
    assert all(line.startswith(" " * 8) for line in lines[1:])


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [["--help"], ["data", "list"], ["progress"]])
def test_every_line_fits(columns, arguments):
    ran = subprocess.run([*COURSE, *arguments], capture_output=True, text=True, encoding="utf-8")
    assert ran.returncode == 0, ran.stderr
    long = [line for line in ran.stdout.splitlines() if len(line) > columns]
    assert [line for line in long if len(line.split()) > 1] == [] and "…" not in ran.stdout
    assert "..." not in ran.stdout.replace("COMMAND [ARGS]...", "")


def test_the_learners_commands_come_first():
    said = subprocess.run([*COURSE, "--help"], capture_output=True, text=True).stdout
    places = [said.index(f"\n  {name} ") for name in (
        "lab", "progress", "doctor", "data", "grade", "release", "grade-selftest")]
    heading = said.index("For instructors:")
    assert places == sorted(places) and places[3] < heading < places[4]


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux's")
@pytest.mark.parametrize("arguments", [["data", "list"], ["--version"], ["--help"], ["progress"]])
def test_a_full_disk_is_one_line(arguments):
    with open("/dev/full", "w") as full:
        ran = subprocess.run([*COURSE, *arguments], stdout=full, stderr=subprocess.PIPE, text=True)
    assert ran.returncode == 1 and ran.stderr == "course: No space left on device\n"


@pytest.mark.skipif(sys.platform == "win32", reason="a pipe that is closed is an EPIPE elsewhere")
@pytest.mark.parametrize("arguments", [["data", "list"], ["progress"]])
def test_a_closed_pipe_is_no_line(arguments):
    ran = subprocess.Popen([*COURSE, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    ran.stdout.close()
    assert ran.stderr.read() == b"" and ran.wait(60) == 1
