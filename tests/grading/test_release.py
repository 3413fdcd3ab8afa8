"""What is handed out: it runs, and without solutions it shows none."""

import ast
import inspect
import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from lesson_sources import SOURCES, lines_of, percent

from course_lib import exercises
from course_lib.grading import release
from course_lib.grading.release import write_nbgrader, write_release

ROOT = Path(__file__).parents[2]


def squashed(text):
    return re.sub(r"\s+", " ", text).strip()


def body(source):
    """The body of a function without its docstring, on one line."""
    function = ast.parse(textwrap.dedent(source)).body[0]
    steps = function.body[1:] if ast.get_docstring(function) else function.body
    return squashed("\n".join(source.splitlines()[steps[0].lineno - 1:]))


def in_sources():
    """The body of every solution in the sources."""
    for path in SOURCES:
        lines = lines_of(path)
        for region in percent.regions(path, lines):
            yield squashed("\n".join(lines[region.begin:region.end - 1]))


def solutions():
    """The body of every solution in the sources, and of every reference in the library."""
    yield from in_sources()
    for exercise in exercises.all():
        for fn in (exercise.reference, *exercise.parts):
            yield body(inspect.getsource(fn))


def texts(folder):
    """Every file's text; of notebooks the cells' and outputs'."""
    for path in folder.rglob("*"):
        if path.is_file():
            text = path.read_bytes().decode("utf-8", "replace")
            if path.suffix == ".ipynb":
                text = "\n".join("".join(c["source"]) + json.dumps(c.get("outputs", ""))
                                 for c in json.loads(text)["cells"])
            yield path.relative_to(folder).as_posix(), squashed(text)


@pytest.fixture(scope="module")
def without(tmp_path_factory):
    out = tmp_path_factory.mktemp("release") / "course"
    write_release(ROOT, out, solutions=False)
    return out


def test_without_solutions_no_solution_is_in_any_file(without):
    found, bodies = dict(texts(without)), list(solutions())
    assert len(bodies) > 100 and all(len(b) > 10 for b in bodies)
    leaks = [(name, b[:80]) for b in bodies for name, text in found.items() if b in text]
    assert leaks == []
    names = set(found)
    assert not any("solutions" in n or "right_answers" in n or "/source/" in n for n in names)
    assert not any("secret-seed" in n for n in names)


def test_the_search_would_find_a_solution(tmp_path):
    write_release(ROOT, tmp_path / "with", solutions=True)
    found, bodies = dict(texts(tmp_path / "with")), list(solutions())
    assert all(any(b in text for text in found.values()) for b in bodies)
    assert (tmp_path / "with/notebooks/solutions/01_backprop_by_hand.ipynb").exists()


def run(folder, code):
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, cwd=folder,
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_checks_hints_and_counts_but_shows_no_solution(without):
    said = run(without, """
import course_lib, inspect
from pathlib import Path
assert Path(course_lib.__file__).is_relative_to(Path.cwd())
from course_lib import exercises, layers
from course_lib.checks import check, hint, solution
print([check(e.id, e.reference).status for e in exercises.all()].count("right"))
print(repr(check("1.4", exercises.get("1.4").mistakes[0].fn).mistake))
print(repr(hint("1.4")))
for e in exercises.all():
    assert "not in this copy" in repr(solution(e.id)), e.id
    try:
        inspect.getsource(e.reference)
    except OSError:
        continue
    raise AssertionError(e.id)
""")
    assert said.startswith(f"{len(exercises.all())}\n'dW transposed'\nHint 1 of")


def test_what_is_handed_out_has_no_dead_links_and_no_dead_targets(without):
    for page in (without / "README.md", without / "AGENTS.md", without / "site" / "using.md",
                 without / "site" / "coming_from.md"):
        text = page.read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#:]+)\)", text):
            assert (page.parent / target).exists(), (page, target)
        assert not re.search(r"make test|INSTRUCTORS|CONTRIBUTING|\bgit |solution\(", text), page
    makefile = (without / "Makefile").read_text(encoding="utf-8")
    assert "lab:" in makefile and "pytest" not in makefile and "bench" not in makefile


@pytest.mark.parametrize("name, old, new", [
    ("README.md", "- **Teach** with it", "- **Teach**: with it"),
    ("README.md", '`solution("1.4")` shows the answer', '`solution("1.5")` shows the answer'),
    ("site/using.md", "## Corrections", "## Getting corrections"),
    ("Makefile", "bench: setup", "measure: setup")])
def test_what_was_renamed_does_not_stay_in_a_release_silently(tmp_path, name, old, new):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert old in text
    page = tmp_path / Path(name).name
    page.write_text(text.replace(old, new).replace("- **Teach**:", "- Teach"), encoding="utf-8")
    with pytest.raises(ValueError, match=f"is 0 times in {page.name}"):
        release._trim(page, release.CUTS[name] + release.WITHOUT_SOLUTIONS.get(name, []))


def test_progress_runs_in_a_release(without):
    said = run(without, "import sys; sys.argv = ['course', 'progress', '--lesson', '1']\n"
                        "from course_lib.command.main import main\nmain()")
    assert "not begun: 0 of 22 points" in said


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(ValueError, match="not empty"):
        write_release(ROOT, tmp_path, solutions=True)
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_nbgrader_gets_solutions_and_graded_tests_with_points(tmp_path):
    assert write_nbgrader(ROOT, tmp_path / "nb") == 7
    points = {}
    for path in (tmp_path / "nb" / "source").rglob("*.ipynb"):
        ids = [c["metadata"]["nbgrader"] for c in json.loads(path.read_text("utf-8"))["cells"]
               if "nbgrader" in c["metadata"]]
        assert len({i["grade_id"] for i in ids}) == len(ids)
        points |= {i["grade_id"].removeprefix("test-"): i["points"] for i in ids if i["grade"]}
        assert {i["grade_id"][9:] for i in ids if i["solution"]} >= {
            i["grade_id"][5:] for i in ids if i["grade"]}
    assert points == {e.name: e.points for e in exercises.all()}


@pytest.fixture
def checkout(tmp_path):
    """A checkout whose notebooks can be changed."""
    folder = tmp_path / "course"
    folder.mkdir()
    (folder / "site").mkdir()
    for name in release.COPIED:
        if name != "notebooks":
            (folder / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    return folder


def test_own_answers_are_not_handed_out(checkout, tmp_path):
    path = checkout / "notebooks" / "01_backprop_by_hand.ipynb"
    as_it_came = path.read_bytes()
    notebook = json.loads(as_it_came)
    cell = next(c for c in notebook["cells"] if "YOUR CODE HERE" in "".join(c["source"]))
    cell["source"] = "def central_difference(f, x, *, h=1e-5):\n    return my_own_answer"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    for write in (lambda out: write_release(checkout, out, solutions=False),
                  lambda out: write_nbgrader(checkout, out)):
        with pytest.raises(ValueError, match="(?s)not as it came.*git restore notebooks"):
            write(tmp_path / "out")
        assert not (tmp_path / "out").exists()
    path.rename(path.with_name("01_mine.ipynb"))          # a copy, as the README advises
    path.write_bytes(as_it_came)
    write_release(checkout, tmp_path / "out", solutions=False)
    handed_out = dict(texts(tmp_path / "out"))
    assert "notebooks/01_backprop_by_hand.ipynb" in handed_out
    assert not any("my_own_answer" in text for text in handed_out.values())
