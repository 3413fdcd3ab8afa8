"""Reading a lesson's source: its cells, its solutions, and whether it is as it should be."""

import ast
import re
from typing import NamedTuple

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"


class SourceError(Exception):
    """Something is wrong in a source; says in which file and line."""


class Region(NamedTuple):
    """A solution: its lines, counted from 1, and the function that it is the body of."""

    begin: int
    end: int
    function: str


def fail(path, line, text):
    """Raise a SourceError."""
    raise SourceError(f"{path}:{line}: {text}")


def regions(path, lines):
    """Find the solution regions of a source.

    Raises
    ------
    SourceError
        For a region that is not closed, stands inside another, crosses a cell, or has no function.
    """
    found, begin, function = [], None, ""
    for number, line in enumerate(lines, start=1):
        if line.startswith("# %%"):
            if begin:
                fail(path, begin, f"{BEGIN} is not closed before the next cell: add {END}")
            function = ""
        if match := re.match(r"def (\w+)", line):
            function = match[1]
        if line.strip() == BEGIN:
            if begin:
                fail(path, number, f"{BEGIN} inside the one of line {begin}: close that first")
            if not function:
                fail(path, number, f"{BEGIN} outside a function: a solution is a function's body")
            begin = number
        elif line.strip() == END:
            if not begin:
                fail(path, number, f"{END} without {BEGIN}")
            found.append(Region(begin, number, function))
            begin = None
    if begin:
        fail(path, begin, f"{BEGIN} is not closed: add {END}")
    return found


def cells_of(lines):
    """First line and text of each code cell."""
    starts = [n for n, line in enumerate(lines, start=1) if line.startswith("# %%")]
    for start, stop in zip(starts, [*starts[1:], len(lines) + 1], strict=True):
        if "[markdown]" not in lines[start - 1]:
            yield start, "\n".join(lines[start:stop - 1])


def called(node):
    """Name of what a call calls, without the module."""
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def check_figures(path, start, tree):
    """Require that a cell which makes a figure shows it, with alternative text."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    for call in (c for c in calls if called(c) == "show"):
        alt = next((k.value for k in call.keywords if k.arg == "alt"), None)
        if alt is None or (isinstance(alt, ast.Constant) and not str(alt.value).strip()):
            fail(path, start + call.lineno, 'a figure without alternative text: show(fig, alt="…")')
    shown = any(called(c) == "show" for c in calls)
    for call in (c for c in calls if called(c) in ("subplots", "figure") and not shown):
        fail(path, start + call.lineno, "a figure that plots.show does not show")


def check_tags(path, start, tree, tags):
    """Require that asserts and figures have cells of their own: nobody comes to read them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert) and '"test"' not in tags:
            fail(path, start + node.lineno, "an assert beside what is read: give it a cell of its "
                                            'own, with tags=["test"]')
        if isinstance(node, ast.Call) and called(node) == "show" and '"folded"' not in tags:
            fail(path, start + node.lineno, "a figure beside what is read: give it a cell of its "
                                            'own, with tags=["folded"]')


def check_source(path, lines):
    """Check a source before anything is built from it.

    Raises
    ------
    SourceError
        Also for an exercise that the next code cell does not check.
    """
    found, cells = regions(path, lines), list(cells_of(lines))
    for k, (start, text) in enumerate(cells):
        try:
            check_figures(path, start, ast.parse(text))
            check_tags(path, start, ast.parse(text), lines[start - 1])
        except SyntaxError as error:
            fail(path, start + error.lineno, f"not Python: {error.msg}")
        after = cells[k + 1][1] if k + 1 < len(cells) else ""
        for region in found:
            inside = start < region.begin <= start + text.count("\n") + 1
            if inside and not re.search(rf"\w\(.*\b{region.function}\b", after):
                fail(path, region.begin, f"exercise {region.function} without a check: the next "
                     f'code cell must call check("…", {region.function})')
    return found


def blanked(lines, found):
    """The lines with each solution replaced by the stub."""
    lines = list(lines)
    for region in reversed(found):
        indent = lines[region.begin - 1][: -len(lines[region.begin - 1].lstrip())]
        lines[region.begin - 1:region.end] = [f"{indent}# YOUR CODE HERE", f"{indent}return None"]
    return lines


def solutions(path, lines, found):
    """The functions with a solution, by the id of their exercise: what one may paste."""
    ids = dict(re.findall(r'^check\("([\d.]+)", (\w+)\)', "\n".join(lines), re.MULTILINE))
    ids = {name: id for id, name in ids.items()}
    answers = {}
    for _, text in cells_of(lines):
        for node in ast.parse(text).body:
            if isinstance(node, ast.FunctionDef) and node.name in {r.function for r in found}:
                function = ast.get_source_segment(text, node).splitlines()
                answers[ids.get(node.name)] = "\n".join(
                    line for line in function if line.strip() not in (BEGIN, END))
    answers.pop(None, None)                               # no exercise: an opinion, a repair
    return answers
