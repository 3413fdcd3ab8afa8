"""The rules of DESIGN.md for every lesson that there is, read from its source."""

import ast
import copy
import importlib
import inspect
import itertools
import pkgutil
import re
import statistics
import textwrap

import nbformat
import pytest
from lesson_sources import ROOT, SOURCES, lines_of, number_of, percent, tree_of

import course_lib
from course_lib import exercises

EACH = pytest.mark.parametrize("path", SOURCES, ids=[s.stem for s in SOURCES])
SECTIONS = ["What you will do", "What you need", "Symbols and shapes", "1. ",
            "Check against PyTorch", "Claim on trial", "What can go wrong", "Summary", "Exercises",
            "References"]
# What runs the course is no mathematics, and a widget's figure is no lesson's.
NOT_TAUGHT = {"exercises", "checks", "widgets", "grading", "command"}
MODULES = sorted({m.name for m in pkgutil.iter_modules(course_lib.__path__)} - NOT_TAUGHT)
# Lesson 2 fits a line in NumPy with a fit of its own; train.fit is PyTorch's, from lesson 4 on.
OWN = {(2, "fit")}
DEFINITION = (ast.FunctionDef, ast.ClassDef)


def code_cells(path):
    return [text.split("\n", 1)[1].strip("\n") for _, text in percent.cells_of(lines_of(path))]


@EACH
def test_sections_are_there_and_in_order(path):
    heads = [line[5:] for line in lines_of(path) if line.startswith("# ## ")]
    places = [next((k for k, h in enumerate(heads) if h.startswith(s)), None) for s in SECTIONS]
    assert None not in places, f"missing: {SECTIONS[places.index(None)]}"
    assert places == sorted(places)
    assert re.match(rf"# # {number_of(path)} · \w+", lines_of(path)[1])


@EACH
def test_headings_do_not_jump(path):
    levels = [len(line.split()[1]) for line in lines_of(path) if re.match(r"# #+ ", line)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


@EACH
def test_cells_are_short(path):
    lengths = [len(c.splitlines()) for c in code_cells(path)]
    assert statistics.median(lengths) <= 8 and max(lengths) <= 30, sorted(lengths)[-3:]


@EACH
def test_the_first_cell_sets_up_and_is_the_same_everywhere(path):
    first = code_cells(path)[0]
    assert first == code_cells(SOURCES[0])[0] and len(first.splitlines()) <= 5
    assert "course_lib" in first


@EACH
def test_every_exercise_of_the_lesson_is_checked_once_in_the_order_of_its_number(path):
    source = "\n".join(lines_of(path))
    checked = re.findall(r'^check\("([\d.]+)", (\w+)\)$', source, re.M)
    here = [(e.id, e.name) for e in exercises.all() if e.lesson == number_of(path)]
    assert checked == here and len(here) == 8
    assert re.findall(r"^# \| ([\d.]+) \| `", source, re.M) == [id for id, _ in here]
    solved = {region.function for region in percent.regions(path, lines_of(path))}
    assert {name for _, name in here} <= solved


@EACH
def test_every_heading_and_index_row_tells_the_points(path):
    source = "\n".join(lines_of(path))
    for e in (e for e in exercises.all() if e.lesson == number_of(path)):
        points = f"{e.points} point{'s' * (e.points != 1)}"
        assert f"Exercise {e.id} · {e.name} · {points} · {e.minutes} minutes" in source
        assert re.search(rf"^# \| {e.id} \| `{e.name}`.*\| {e.points} \|$", source, re.M)


@EACH
def test_every_prediction_is_asked_before_the_run(path):
    asked = re.findall(r'^predict\("([\w.]+)", None\)$', "\n".join(lines_of(path)), re.M)
    assert asked == sorted(
        id for id in exercises.predictions() if id.startswith(f"{number_of(path)}."))


def tags_of(cell):
    return cell.metadata.get("tags", [])


def learners(path):
    """The cells of the notebook that a learner opens."""
    return nbformat.read(path.parents[1] / f"{path.stem}.ipynb", as_version=4).cells


@EACH
def test_no_stored_output_answers_a_prediction(path):
    cells = learners(path)
    for k in (k for k, c in enumerate(cells) if c.source.startswith("predict(")):
        after = list(itertools.takewhile(lambda c: c.cell_type == "code", cells[k + 1:]))
        if not after:                                     # the answer comes further down
            after = [next(c for c in cells[k + 1:] if "answer" in tags_of(c))]
        for cell in after:
            assert {"answer", "folded"} & set(tags_of(cell)) and cell.outputs == [], cell.source


@EACH
def test_no_stored_output_answers_a_claim(path):
    cells = learners(path)
    starts = [k for k, c in enumerate(cells) if c.cell_type == "markdown" and "## " in c.source]
    first = next(k for k in starts if "## Claim" in cells[k].source)
    last = next(k for k in starts if "## What can go wrong" in cells[k].source)
    outputs = [o for c in cells[first:last] if c.cell_type == "code" for o in c.outputs]
    assert all(re.match(r"you said|○ ", o.get("text", "")) for o in outputs), outputs
    assert any("answer" in tags_of(c) for c in cells[first:last])


@EACH
def test_the_lesson_never_takes_the_learners_name_for_the_librarys_function(path):
    """Else a second run of the check would judge the library instead of the learner."""
    names = {e.name for e in exercises.all() if e.lesson == number_of(path)}
    for node in ast.walk(tree_of(path)):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            assert not names & {a.asname or a.name for a in node.names}
        if isinstance(node, ast.Assign):
            assert not names & {t.id for t in node.targets if isinstance(t, ast.Name)}


@EACH
def test_ignored_outputs_have_an_assert_below_them(path):
    cells = list(percent.cells_of(lines_of(path)))
    for (start, _), (after, text) in itertools.pairwise(cells):
        if "nbval-ignore-output" in lines_of(path)[start - 1]:
            assert '"test"' in lines_of(path)[after - 1] and "assert" in text, f"line {start}"


@EACH
def test_a_result_is_a_number_and_no_verdict_of_a_test(path):
    """232 times True or False stood where a learner wants to know how large something is."""
    solved = path.parents[1] / "solutions" / f"{path.stem}.ipynb"
    for cell in nbformat.read(solved, as_version=4).cells:
        for line in "".join(o.get("text", "") for o in cell.get("outputs", ())).splitlines():
            assert "you said" in line or not re.search(r"\b(True|False)\b", line), cell.source


def library():
    """Public functions and classes of the library, by name."""
    found = {}
    for module in (importlib.import_module(f"course_lib.{name}") for name in MODULES):
        found.update((name, member) for name, member in inspect.getmembers(module)
                     if (inspect.isfunction(member) or inspect.isclass(member))
                     and member.__module__.startswith(f"{module.__name__}"))
    return found


def body(definition):
    """A definition as text, without its name, docstrings, and names of modules."""
    definition = copy.deepcopy(definition)
    definition.name = "_"
    for node in ast.walk(definition):
        if isinstance(node, DEFINITION) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    text = ast.unparse(definition)
    return re.sub(rf"\b(np|math|{'|'.join(MODULES)})\.", "", text)


@EACH
def test_what_a_lesson_defines_is_what_the_library_has(path):
    """One definition. An exercise's solution may be written differently: its check judges it."""
    exercised = {region.function for region in percent.regions(path, lines_of(path))}
    ours, shown = library(), 0
    exercised |= {name for lesson, name in OWN if lesson == number_of(path)}
    for node in tree_of(path).body:
        if isinstance(node, DEFINITION) and node.name in ours.keys() - exercised:
            source = textwrap.dedent(inspect.getsource(ours[node.name]))
            assert body(node) == body(ast.parse(source).body[0]), node.name
            shown += 1
    assert shown > 0


@EACH
def test_there_are_widgets_and_their_first_frame_is_stored(path):
    shown = [c for c in learners(path) if c.cell_type == "code" and re.search(
        r"widgets\.(explore_|step_through|race\(\)|draw_digit)", c.source)]
    assert shown, "no widget"
    for cell in shown:
        assert "<p>Run this cell" in "".join(
            o.get("data", {}).get("text/html", "") for o in cell.outputs)


def test_the_readme_knows_every_lesson():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for path in SOURCES:
        assert f"notebooks/{path.stem}.ipynb" in readme
