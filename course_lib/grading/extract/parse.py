"""Parse a notebook cell into its top-level statements, without its magics. Nothing is executed."""

from __future__ import annotations

import ast
import re
import warnings

IMPORT = (ast.Import, ast.ImportFrom)
DEFINITION = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
TAKEN = (*IMPORT, *DEFINITION, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Try)
# "% x" with a space continues an expression; "%name" and "!" never start a line of Python.
# Possessive (`++`), so that a line of a million blanks costs no more than a million steps.
MAGIC = re.compile(r"(\s*+)(?:%{1,2}[A-Za-z]|!(?!=)|\?|[\w.\[\], ]++=\s*+(?:!|%[A-Za-z]))")
HELP = re.compile(r"(\s*+)%{0,2}[\w.*]++\?{1,2}\s*+$")
CELL_MAGIC = re.compile(r"\s*%%(\w+)")
TRANSPARENT = {"time", "capture"}
# A parser limit is no fault of the parser: it is how a nest of 10,000 brackets shows.
REFUSED = (SyntaxError, ValueError, RecursionError, MemoryError)


def parse_cell(source: str, compiled: bool = True) -> tuple[list[tuple[ast.stmt, str]], list[str]]:
    """Split a cell into the statements that may be wanted, each with its own text.

    Parameters
    ----------
    source : str
        The cell as the learner sees it, magics and shell lines included.
    compiled : bool
        Leave out what Python parses and does not compile. A few lines can be made to compile for
        hours, so this is for people's own files.

    Returns
    -------
    statements : list of (ast.stmt, str)
        Imports, definitions, assignments and ``try`` blocks.
    problems : list of str
        Why the cell, or a statement of it, is skipped.
    """
    magic = CELL_MAGIC.match(source)
    if magic and magic[1] not in TRANSPARENT:
        return [], []
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    try:
        tree, source = _parse(source)
    except REFUSED as error:
        return [], [f"skipped, {_reason(error)}"]
    lines = source.encode("utf-8").split(b"\n")
    statements, problems = [], []
    for node in tree.body:
        if isinstance(node, TAKEN):
            try:
                if compiled:
                    _require_compilable(node)
                statements.append((node, _segment(lines, node)))
            except REFUSED as error:
                problems.append(f"skipped in part, {_reason(error)}")
    return statements, problems


def _parse(source: str) -> tuple[ast.Module, str]:
    # Python as it stands is left alone: a line starting with % may be half of an expression.
    try:
        return _without_warnings(ast.parse, source), source
    except SyntaxError:
        source = _without_magics(source)
        return _without_warnings(ast.parse, source), source


def _require_compilable(node: ast.stmt) -> None:
    """Raise for what parses but does not compile: ``return`` in a class, two equal argument names.

    Found here, because in the joined source one such statement would take all others with it.
    """
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT  # as a notebook does
    _without_warnings(compile, ast.Module([node], []), "<cell>", "exec", flags, dont_inherit=True)


def _without_magics(source: str) -> str:
    lines, continued = [], False
    for line in source.split("\n"):
        magic = MAGIC.match(line) or HELP.match(line)
        # `pass` keeps an indented block valid and every line number where it was.
        lines.append((magic[1] if magic else "") + "pass" if magic else "" if continued else line)
        continued = bool(magic or continued) and line.endswith("\\")
    return "\n".join(lines)


def _segment(lines: list[bytes], node: ast.stmt) -> str:
    """Return the node's own text; the parser counts columns in UTF-8 bytes."""
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
    start = 0 if first < node.lineno else node.col_offset
    text = lines[first - 1 : node.end_lineno]
    text[-1] = text[-1][: node.end_col_offset]
    text[0] = text[0][start:]
    return b"\n".join(text).decode("utf-8")


def _reason(error: Exception) -> str:
    if isinstance(error, SyntaxError) and error.lineno:
        text = (error.text or "").strip()[:60]
        return f"line {error.lineno}: {error.msg}" + (f": {text}" if text else "")
    if isinstance(error, RecursionError | MemoryError):
        return "its code is nested too deeply"
    return str(error)


def _without_warnings(function, *args, **kwargs):
    """Call a function without Python's warnings about a learner's backslashes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(*args, **kwargs)
