"""The command `course` as a newcomer meets it, on good machines and on odd ones."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from typer.testing import CliRunner

from course_lib import __version__, data, exercises
from course_lib.checks import record
from course_lib.command import doctor, main
from course_lib.command import lab as lab_module
from course_lib.command import progress as progress_module
from course_lib.grading.results import Results

ROOT = Path(__file__).parents[2]

@pytest.fixture
def course(monkeypatch, tmp_path):
    """Run the command in a folder without the course."""
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(main.app, [str(a) for a in arguments])


@pytest.fixture
def folder(tmp_path):
    """Make the folder a checkout of the course."""
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "course_lib").mkdir()
    return tmp_path


def save(path, *cells):
    cells = [{"cell_type": "code", "source": source} for source in cells]
    path.write_text(json.dumps({"cells": cells}), encoding="utf-8")


# --- lab


@pytest.fixture
def jupyter(monkeypatch):
    """Stand in for JupyterLab; remember how it was started and what defaults it would read."""
    seen = {}

    def main(arguments):
        settings = Path(os.environ["JUPYTER_CONFIG_PATH"].split(os.pathsep)[0])
        defaults, server = (json.loads((settings / name).read_text("utf-8")) for name in (
            "labconfig/default_setting_overrides.json", "jupyter_server_config.json"))
        seen.update(arguments=arguments, defaults=defaults, settings=settings, server=server,
                    path=os.environ["PATH"], record=os.environ.get("COURSE_PROGRESS"))

    labapp = ModuleType("jupyterlab.labapp")
    labapp.main = main
    monkeypatch.setitem(sys.modules, "jupyterlab.labapp", labapp)
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "theirs")
    monkeypatch.setenv("PATH", os.environ["PATH"])        # both are changed, and come back
    monkeypatch.setenv("COURSE_PROGRESS", "")
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(lab_module.os, "geteuid", lambda: 1000, raising=False)
    return seen


def test_lab_opens_the_start_page_from_anywhere_in_the_checkout(
    course, folder, jupyter, monkeypatch
):
    monkeypatch.chdir(folder / "notebooks")
    result = course("lab", "--port", 9999, "--no-browser", "--ip=0.0.0.0", "-y")
    assert result.exit_code == 0 and len(result.output.splitlines()) == 1
    assert jupyter["arguments"] == [
        "--no-browser", "--port=9999", "--ip=0.0.0.0", "-y", f"--ServerApp.root_dir={folder}",
        "--LabApp.default_url=/course/", "--FileContentsManager.preferred_dir=notebooks",
        "--log-level=WARN"]
    assert jupyter["server"]["ServerApp"]["jpserver_extensions"] == {
        "course_lib.command.start": True}
    assert jupyter["record"] == str(folder / ".progress.jsonl")
    viewers = jupyter["defaults"]["@jupyterlab/docmanager-extension:plugin"]["defaultViewers"]
    assert viewers == {"markdown": "Markdown Preview"}
    assert os.environ["JUPYTER_CONFIG_PATH"].endswith(os.pathsep + "theirs")
    assert not jupyter["settings"].exists()


def test_as_root_jupyter_is_told_that_it_is_meant_in_one_sentence(
    course, folder, jupyter, monkeypatch
):
    monkeypatch.setattr(lab_module.os, "geteuid", lambda: 0, raising=False)
    result = course("lab", "--no-browser")
    assert "--allow-root" in jupyter["arguments"] and "root" in result.output
    course("lab", "--no-browser", "--allow-root")
    assert jupyter["arguments"].count("--allow-root") == 1


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a display")
def test_without_a_display_no_browser_is_tried(course, folder, jupyter, monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    result = course("lab")
    assert "--no-browser" in jupyter["arguments"] and "no display" in result.output
    monkeypatch.setattr(lab_module.platform, "release", lambda: "6.6-microsoft-standard-WSL2")
    course("lab")
    assert "--no-browser" not in jupyter["arguments"]


def test_terminals_and_cells_find_the_command(course, folder, jupyter, monkeypatch):
    monkeypatch.setenv("PATH", "/usr/bin")
    course("lab")
    assert jupyter["path"].split(os.pathsep) == [str(Path(sys.executable).parent), "/usr/bin"]


def test_lab_defaults_are_known_to_this_jupyterlab():
    pytest.importorskip("jupyterlab")
    schemas = Path(sys.prefix) / "share" / "jupyter" / "lab" / "schemas"
    for plugin, settings in lab_module.LAB_DEFAULTS.items():
        extension, name = plugin.split(":")
        schema = json.loads((schemas / extension / f"{name}.json").read_text("utf-8"))
        known = {*schema["properties"], *schema.get("jupyter.lab.toolbars", {}), "toolbar", "menus"}
        assert set(settings) <= known


def test_lab_outside_the_course_opens_the_current_folder(course, tmp_path, jupyter):
    result = course("lab")
    assert f"opens {tmp_path}" in " ".join(result.output.split())
    assert jupyter["arguments"] == [
        f"--ServerApp.root_dir={tmp_path}", "--ServerApp.ip=127.0.0.1", "--log-level=WARN"]
    assert not jupyter["record"]


@pytest.mark.slow
@pytest.mark.parametrize("given, quiet", [
    ("--ip=0.0.0.0", True), ("--ServerApp.ip=0.0.0.0", True), ("--log-level=INFO", False),
    ("--debug", False), ("--notebook-dir=.", True), ("--IdentityProvider.token=abc", False)])
def test_what_is_given_is_given_once_and_jupyter_takes_it(tmp_path, jupyter, given, quiet):
    """With the real JupyterLab, which refuses an option that it gets twice."""
    lab_module.open_lab(tmp_path, [given], tell=lambda text: None)
    assert ("--log-level=WARN" in jupyter["arguments"]) == quiet
    ran = subprocess.run([sys.executable, "-m", "jupyterlab", *jupyter["arguments"],
                          "--show-config"], capture_output=True, text=True, cwd=tmp_path)
    assert ran.returncode == 0 and "Bad config" not in ran.stdout + ran.stderr, ran.stderr


def test_the_start_page_is_found_below_another_base(course, folder, jupyter):
    course("lab", "--ServerApp.base_url=/user/ada/")
    button = jupyter["defaults"]["@jupyterlab/notebook-extension:panel"]["toolbar"][0]
    assert button["args"]["url"] == "/user/ada/course/"


def test_lab_without_jupyterlab_says_what_to_install(course, monkeypatch):
    monkeypatch.setattr(main.importlib.util, "find_spec", lambda name: None)
    result = course("lab")
    assert result.exit_code == 1
    assert len(result.output.splitlines()) <= 2 and "pip install" in result.output


# --- doctor


@pytest.fixture
def healthy(monkeypatch):
    """Replace what is slow or not ours to decide: torch's OpenMP, disk and memory."""
    for name in ("openmp", "disk", "memory", "kernel", "torch", "device"):
        def probe(folder, name=name):
            return doctor.Finding(name, "ok", "fine")

        probe.__name__ = name
        monkeypatch.setattr(doctor, "PROBES", tuple(
            probe if p.__name__ == name else p for p in doctor.PROBES))


def test_doctor_finds_no_problem_and_notes_do_not_count(course, healthy, monkeypatch):
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    monkeypatch.setattr(data, "state", lambda name: SimpleNamespace(
        ok=True, detail="5,000 of 70,000", remedy="", fetchable=True, source="embedded"))
    result = course("doctor")
    assert result.exit_code == 0 and "No problem was found." in result.output
    assert "-> all of it: course data fetch mnist" in result.output


def test_doctor_fails_with_the_remedy_of_a_problem(course, healthy, monkeypatch):
    monkeypatch.setattr(data, "state", lambda name: SimpleNamespace(
        ok=False, detail="hash is wrong", remedy="fetch it", fetchable=True, source="cache"))
    monkeypatch.setattr(data, "names", lambda: ["mnist"])
    result = course("doctor")
    assert result.exit_code == 1 and "1 problem" in result.output
    assert "hash is wrong" in result.output and "-> fetch it" in result.output


# --- data


def test_data_list_names_every_set(course):
    result = course("data", "list")
    assert result.exit_code == 0 and all(name in result.output for name in data.names())


def test_data_fetch_takes_what_can_be_fetched_and_fails_when_something_is_not_had(
    course, monkeypatch
):
    asked = []

    def fetch(name, *, progress):
        asked.append((name, progress))
        return SimpleNamespace(ok=name != "mnist", detail="no network", remedy="go online")

    monkeypatch.setattr(data, "fetch", fetch)
    result = course("data", "fetch")
    assert result.exit_code == 1
    assert asked == [("mnist", True), ("text_corpus", True), ("sentiment", True)]
    assert "no network" in result.output and "-> go online" in result.output
    assert course("data", "fetch", "digits").exit_code == 0 and asked[-1][0] == "digits"


def test_data_verify(course, monkeypatch):
    monkeypatch.setattr(data, "verify", lambda name: ["bad hash"] * (name == "mnist"))
    assert course("data", "verify", "digits").exit_code == 0
    result = course("data", "verify")
    assert result.exit_code == 1 and "bad hash" in result.output


@pytest.mark.parametrize("act", ["fetch", "verify"])
def test_unknown_data_set_is_answered_with_the_known_ones(course, act):
    result = course("data", act, "mnits")
    assert result.exit_code == 2 and "mnits" in result.output and "breast_cancer" in result.output


# --- progress


@pytest.fixture
def two(monkeypatch):
    """The first two exercises of lesson 1, and their right answers."""
    mine = exercises.all()[:2]
    monkeypatch.setattr(exercises, "all", lambda: mine)
    return mine


def test_progress_of_the_checkout(course, folder, two):
    save(folder / "notebooks" / "01_a.ipynb", "import numpy as np\n1 / 0", two[0].source, "def g(:",
         f"def {two[1].name}(*a): return undefined")
    (folder / "notebooks" / "02_b.ipynb").write_text("{", encoding="utf-8")
    save(folder / "notebooks" / "03_c.ipynb", f"def {two[0].name}(*a): return None")
    result = course("progress")
    lines = result.output.splitlines()
    assert result.exit_code == 1                          # there is one that cannot be read
    assert Path(lines[0]) == Path("notebooks/01_a.ipynb")
    assert lines[1].split() == ["right", "1.1", two[0].name, f"{two[0].points}/{two[0].points}"]
    assert lines[2].startswith("error   1.2") and "undefined is not defined" in lines[2]
    assert any("cell 3" in line for line in lines)
    assert (f"this lesson: 1 of 2 exercises right, {two[0].points} of "
            f"{two[0].points + two[1].points} points") in lines
    at = next(k for k, line in enumerate(lines) if line.endswith("02_b.ipynb"))
    assert "is not a notebook" in lines[at + 1]
    assert lines[-1].startswith("all notebooks: 1 of 2")


def test_progress_keeps_what_it_finds_for_the_start_page_of_the_learners_own_only(
    course, folder, tmp_path, two
):
    save(folder / "notebooks" / "01_a.ipynb", "import numpy as np\n" + two[0].source)
    course("progress")
    kept = record.recall(folder / ".progress.jsonl")
    assert kept["1.1"]["status"] == "right" and kept["1.2"]["status"] == "blank"
    save(folder / "notebooks" / "01_a-Copy1.ipynb", f"def {two[0].name}(*a): return 7")
    said = course("progress").output                      # a copy says nothing of the lesson
    assert said.splitlines()[-1].startswith("all notebooks: 1 of 2")      # and is no other one
    assert record.recall(folder / ".progress.jsonl")["1.1"]["status"] == "right"
    (folder / ".progress.jsonl").unlink()
    save(tmp_path / "elsewhere.ipynb", two[0].source)
    course("progress", tmp_path / "elsewhere.ipynb")
    assert not (folder / ".progress.jsonl").exists()


def test_a_lesson_that_is_not_begun_is_a_line_and_starts_no_python(
    course, folder, two, monkeypatch
):
    monkeypatch.setattr(progress_module, "_Worker", pytest.fail)
    save(folder / "notebooks" / "01_a.ipynb", *(f"def {e.name}(*a): return None" for e in two))
    result = course("progress")
    assert result.exit_code == 0
    most = two[0].points + two[1].points
    assert result.output.splitlines()[1] == f"not begun: 0 of {most} points"


def test_progress_tells_of_an_answer_that_is_there_twice(course, tmp_path, two):
    save(tmp_path / "mine.ipynb", f"def {two[0].name}(*a): return None",
         "import numpy as np\n" + two[0].source)
    result = course("progress", tmp_path / "mine.ipynb")
    said = " ".join(result.output.split())
    assert "right" in said and "the last one counts: " in said
    assert f"{two[0].name} (cells 1, 2)" in said


def test_progress_of_one_lesson(course, tmp_path, two):
    for name in ("01_a.ipynb", "02_b.ipynb"):
        save(tmp_path / name, two[0].source)
    assert "02_b" not in course("progress", tmp_path, "--lesson", 1).output


def test_progress_without_notebooks_is_a_plain_line(course, tmp_path):
    for arguments, words in [([], "The course is not here"), ([tmp_path / "no"], "There is no"),
                             ([tmp_path], "There are no exercises")]:
        result = course("progress", *arguments)
        assert result.exit_code == 2 and words in " ".join(result.output.split())
        assert "Traceback" not in result.output


# --- grade


def test_a_class_is_graded_without_limits_of_ones_own(tmp_path):
    grading = pytest.importorskip("course_lib.grading.grade")
    results = Results(tmp_path)
    assert grading.grade_class([], results, secret="a long secret", quiet=True) == 0


def test_half_a_letter_is_written_as_a_question_mark(tmp_path):
    path = Results(tmp_path).write("feedback/x.html", "a\ud800")
    assert path.read_text(encoding="utf-8") == "a?"


# --- the command itself


def test_version(course):
    assert course("--version").output == f"course {__version__}\n"


@pytest.mark.parametrize("arguments", [[], ["lab"], ["doctor"], ["data"], ["data", "list"],
                                       ["data", "fetch"], ["data", "verify"], ["progress"]])
def test_every_command_has_help(course, arguments):
    result = course(*arguments, "--help")
    assert result.exit_code == 0 and "Usage:" in result.output


def test_a_console_without_the_letter_does_not_crash(monkeypatch):
    console = io.TextIOWrapper(io.BytesIO(), encoding="cp1252")
    monkeypatch.setattr(sys, "stdout", console)
    monkeypatch.setattr(main, "app", lambda: print("○ ∂L"))
    main.main()
    console.flush()
    assert console.buffer.getvalue().strip() == b"? ?L"


def test_the_command_does_not_import_torch():
    program = "import sys; from course_lib.command import main; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0


def test_checkout_is_found_from_below():
    assert main.checkout(ROOT / "notebooks") == ROOT
