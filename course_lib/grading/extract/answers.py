"""Extract the learner's functions from a notebook by name, without running anything.

The metadata and ids of a notebook get lost on the way through Colab, mail and learning platforms;
the names of its functions do not. So the answer is read from the source: every code cell gives its
top-level imports, functions, classes and simple constants, and everything else (training loops,
plots, prints) stays out. Nothing is executed here, so a hostile file can at worst be refused.

What is decided here:

- Imports come first in the result, whatever cell they stand in. A lesson goes on after an exercise
  with ``from course_lib... import`` of the same name; taken in order, that import would replace
  the learner's answer by the reference.
- For the same reason a name of an exercise counts as defined only by ``def``, ``class``,
  ``lambda``, or another name that the learner defined: ``f = layers.f`` is not an answer.
- A simple constant is made of literals, arithmetic, names already taken and their attributes
  (``EPS = 1e-5``, ``DTYPE = np.float32``). Whatever calls something is left out.
- ``try``/``except ImportError`` is taken when it holds only imports; ``if`` never is.
- ``%%time`` and ``%%capture`` cells hold the notebook's own Python and are read; all other ``%%``
  cells, line magics and shell lines are dropped.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from .cells import read_cells
from .dependencies import Piece, bound_names
from .parse import DEFINITION, IMPORT, REFUSED, parse_cell

Cell = tuple[int | str, str]
MAX_CODE = 400_000  # characters; nobody writes that much, and parsing it takes a second or two
MAX_PIECES = 4_000  # statements
SIMPLE = (
    ast.Constant, ast.Tuple, ast.List, ast.Dict, ast.Set, ast.UnaryOp, ast.BinOp,
    ast.Name, ast.Attribute, ast.unaryop, ast.operator, ast.expr_context,
)
TYPES = {"bool", "int", "float", "complex", "str"}


@dataclass
class Extracted:
    """The learner's code, ready to be executed somewhere safe.

    Attributes
    ----------
    source : str
        Imports, then definitions and constants in the order of the notebook.
    found : list of str
        The asked-for names that are defined, in the order they were asked for.
    duplicates : dict of str to list of int
        Asked-for names defined more than once, and in which cells. The last one counts.
    problems : list of str
        What could not be read, each in one line.
    pieces : list of Piece
        The statements of `source` and, besides, constants that are computed by a call. For
        `with_dependencies`, which takes those that one function needs.
    """

    source: str = ""
    found: list[str] = field(default_factory=list)
    duplicates: dict[str, list[int]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)


def extract(cells_or_path: str | Path | Iterable[str], names: Iterable[str]) -> Extracted:
    r"""Take from a notebook what its functions need, and nothing else.

    Parameters
    ----------
    cells_or_path : path or list of str
        An ``.ipynb`` or ``.py`` file, or the sources of the code cells.
    names : iterable of str
        The functions that are looked for.

    Returns
    -------
    Extracted
        An unreadable file gives an empty source and its reason in ``problems``.

    Examples
    --------
    >>> cells = ["import math", "print(1)", "def area(r):\n    return math.pi * r * r"]
    >>> answer = extract(cells, ["area", "volume"])
    >>> answer.found
    ['area']
    >>> print(answer.source)
    import math
    <BLANKLINE>
    def area(r):
        return math.pi * r * r
    <BLANKLINE>
    """
    if not isinstance(cells_or_path, str | Path):
        return from_cells(list(enumerate(cells_or_path, start=1)), names)
    try:
        return from_cells(read_cells(cells_or_path), names)
    except (OSError, ValueError) as error:
        return Extracted(problems=[str(error)])


def from_cells(cells: list[Cell], names: Iterable[str], compiled: bool = True) -> Extracted:
    """As `extract`, from pairs of a cell's number, or another label, and its source.

    ``compiled``: see `parse_cell`.
    """
    if sum(len(source) for _, source in cells) > MAX_CODE:
        return Extracted(problems=[f"holds more than {MAX_CODE // 1000} KB of code"])
    return _Collector(names).collect(cells, compiled)


def duplicates_remark(duplicates: dict[str, list[int]], which: str) -> list[str]:
    """A remark on functions that are defined more than once; `which` says what counts then."""
    if not duplicates:
        return []
    several = [f"{name} (cells {', '.join(map(str, cells[:6]))})"
               for name, cells in list(duplicates.items())[:8]]
    return [f"defined more than once, and {which}: {'; '.join(several)}"]


class _Collector:
    """Collects the statements of cells in order, and the names defined so far."""

    def __init__(self, names: Iterable[str]):
        self.names = list(names)
        self.future: list[str] = []
        self.imports: list[str] = []
        self.body: list[str] = []
        self.known: set[str] = set()
        self.defined: dict[str, list[int]] = {}
        self.problems: list[str] = []
        self.pieces: list[Piece] = []

    def collect(self, cells: list[Cell], compiled: bool) -> Extracted:
        for number, source in cells:
            statements, problems = parse_cell(source, compiled)
            self.problems += [f"cell {number}: {problem}" for problem in problems]
            for node, text in statements:
                section = self._section(node, number)
                if section is not None:
                    section.append(text)
                if (section is not None or _is_computed(node, self.names)) and (
                        len(self.pieces) < MAX_PIECES):
                    self._add_piece(node, text, number)
        if len(self.pieces) == MAX_PIECES:
            self.problems.append(f"has more than {MAX_PIECES:,} statements: the rest is not read")
        pieces = [*self.future, *self.imports, *self.body]
        asked = {name: self.defined[name] for name in self.names if name in self.defined}
        twice = {name: where for name, where in asked.items() if len(where) > 1}
        return Extracted("\n\n".join(pieces) + "\n", list(asked), twice, self.problems,
                         self.pieces)

    def _add_piece(self, node: ast.stmt, text: str, number: int | str) -> None:
        try:
            self.pieces.append(Piece(node, text, number))
        except REFUSED as error:
            self.problems.append(f"cell {number}: skipped in part, {error}")

    def _section(self, node: ast.stmt, number: int) -> list[str] | None:
        """The section of the result that a statement belongs to, or None if it is left out."""
        if isinstance(node, IMPORT) or _is_import_fallback(node):
            imports = [n for n in ast.walk(node) if isinstance(n, IMPORT)]
            if any(getattr(n, "level", 0) for n in imports):  # relative: a notebook has no package
                return None
            aliases = [alias for n in imports for alias in n.names]
            self.known.update((a.asname or a.name).partition(".")[0] for a in aliases)
            return self.future if getattr(node, "module", "") == "__future__" else self.imports
        if isinstance(node, DEFINITION):
            self._define([node.name], number)
            return self.body
        if isinstance(node, ast.Assign | ast.AnnAssign):
            return self._assignment(node, number)
        return None

    def _assignment(self, node: ast.Assign | ast.AnnAssign, number: int) -> list[str] | None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        bound = _target_names(targets)
        value = node.value
        is_own = isinstance(value, ast.Lambda) or (
            isinstance(value, ast.Name) and value.id in self.defined
        )
        if bound is None or not (is_own or self._is_simple(value)):
            return None
        if is_own:
            self._define(bound, number)
        elif any(name in self.names for name in bound):
            return None
        self.known.update(bound)
        return self.body

    def _is_simple(self, value: ast.expr | None) -> bool:
        return value is not None and all(
            isinstance(n, SIMPLE) and (not isinstance(n, ast.Name) or n.id in self.known
                                       or n.id in TYPES)
            for n in ast.walk(value)
        )

    def _define(self, names: list[str], number: int) -> None:
        for name in names:
            self.known.add(name)
            self.defined.setdefault(name, []).append(number)


def _is_import_fallback(node: ast.stmt) -> bool:
    if not isinstance(node, ast.Try) or node.orelse or node.finalbody:
        return False
    inside = [*node.body, *(statement for handler in node.handlers for statement in handler.body)]
    return all(isinstance(n, (*IMPORT, ast.Pass)) for n in inside) and all(
        isinstance(h.type, ast.Name) and h.type.id in {"ImportError", "ModuleNotFoundError"}
        for h in node.handlers
    )


def _is_computed(node: ast.stmt, names: list[str]) -> bool:
    """Whether a statement makes a constant in another way; not for the exercises' own names.

    ``TABLE = np.array([1, 2])``, ``TABLE[0] = 3``, ``K *= 2``, ``try`` around definitions.
    """
    taken = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Try)
    return isinstance(node, taken) and bool(bound_names(node)) \
        and not bound_names(node) & set(names)


def _target_names(targets: list[ast.expr]) -> list[str] | None:
    names = []
    for target in targets:
        for part in target.elts if isinstance(target, ast.Tuple | ast.List) else [target]:
            if not isinstance(part, ast.Name):
                return None
            names.append(part.id)
    return names
