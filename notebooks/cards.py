"""Renew what the checks say in a notebook, without running the rest of it."""

import ast
import warnings

import nbformat

from course_lib.checks import record


def renew(notebook):
    """Run imports, functions and checks of a notebook in order, and store the checks' cards anew.

    For a change of an exercise's cases, hints or words. What an answer needs beside functions and
    imports is not there; then its card is an error, and nbval says so.
    """
    record._session.clear()                               # each lesson begins with no points
    names = {"__name__": "__main__"}
    with warnings.catch_warnings(action="ignore"):
        for cell in notebook.cells:
            if cell.cell_type == "code" and "get_ipython" not in cell.source:
                _renew_cell(cell, ast.parse(cell.source), names)


def _renew_cell(cell, tree, names):
    """Store a check's card anew; of another cell run what defines something."""
    if cell.source.startswith("check("):
        result = eval(compile(ast.Expression(tree.body[0].value), "<lesson>", "eval"), names)
        data = {"text/html": result._repr_html_(), "text/plain": repr(result)}
        card = next(o for o in cell.outputs if o.output_type == "execute_result")
        card.data = nbformat.from_dict(data)
        return
    for node in tree.body:
        if isinstance(node, (ast.Import, ast.ImportFrom, ast.FunctionDef)):
            exec(compile(ast.Module([node], []), "<lesson>", "exec"), names)
