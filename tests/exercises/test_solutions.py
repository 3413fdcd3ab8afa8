"""`solution` shows what one can paste into the lesson, with every other exercise blank."""

import ast
from functools import cache

import pytest
from lesson_sources import SOURCES, build, number_of

from course_lib import exercises
from course_lib.checks import check, solution

EACH = pytest.mark.parametrize("id", [e.id for e in exercises.all()])


@cache
def blank_lesson(number):
    """The imports and functions of a learner's notebook as it comes, each with its cell."""
    path = next(p for p in SOURCES if number_of(p) == number)
    _, notebook = build.notebooks_of(path)[0]
    cells = [ast.parse(c.source) for c in notebook.cells[2:] if c.cell_type == "code"]
    return [node for tree in cells for node in tree.body
            if isinstance(node, (ast.Import, ast.ImportFrom, ast.FunctionDef))]


def names_above(id):
    """What an exercise's cell finds when the cells above have been run."""
    exercise, names = exercises.get(id), {}
    for node in blank_lesson(exercise.lesson):
        if isinstance(node, ast.FunctionDef) and node.name == exercise.name:
            return names
        exec(compile(ast.Module([node], []), "<lesson>", "exec"), names)
    raise LookupError(id)


@EACH
def test_a_pasted_solution_is_right_in_a_blank_lesson(id):
    names = names_above(id)
    exec(repr(solution(id)), names)
    assert check(id, names[exercises.get(id).name]).status == "right"


@EACH
def test_a_solution_is_written_for_reading(id):
    text = repr(solution(id))
    assert ":func:" not in text and "``" not in text      # Sphinx's marks
    assert text.startswith(f"def {exercises.get(id).name}(") and "### BEGIN" not in text
    assert max(map(len, text.splitlines())) <= 100
    html = solution(id)._repr_html_()
    assert "<style" not in html and html.count("<span style=") > 5    # colours, also untrusted
