"""Dependency analysis: the statements of a notebook that one function needs."""

from __future__ import annotations

import ast
import bisect
import builtins
import symtable
from collections.abc import Iterable
from dataclasses import dataclass, field

IMPORT = (ast.Import, ast.ImportFrom)
FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass
class Piece:
    """A statement of a notebook.

    Attributes
    ----------
    node : ast.stmt
    text : str
    cell : int
        The number of the cell that it stands in.
    binds, uses : set of str
        The names that it defines, and those that it takes from outside.
    """

    node: ast.stmt
    text: str
    cell: int
    binds: set[str] = field(default_factory=set)
    uses: set[str] = field(default_factory=set)

    def __post_init__(self):
        self.binds = bound_names(self.node)
        self.uses = _global_names(symtable.symtable(self.text, "<piece>", "exec"))
        if isinstance(self.node, ast.AugAssign):          # K *= 2 needs the K before
            self.uses |= self.binds


def with_dependencies(pieces: Iterable[Piece], name: str) -> str:
    """Source of a function, with the statements that it depends on.

    Parameters
    ----------
    pieces : list of Piece
        In the order of the notebook.
    name : str
        The last definition of this name counts, but for blank ones.

    Returns
    -------
    str
        ``__future__`` imports, imports, then the rest in the order of the notebook; "" without
        such a function. Of a name that is bound more than once, the last time before it is used,
        as when the notebook is run from top to bottom; if all come later, the first.

    Examples
    --------
    >>> texts = ["import math", "import torch", "K = 2", "def area(r): return math.pi * r"]
    >>> print(with_dependencies([Piece(ast.parse(t).body[0], t, 1) for t in texts], "area"))
    import math
    <BLANKLINE>
    def area(r): return math.pi * r
    <BLANKLINE>
    """
    pieces = list(pieces)
    imports, own = _binding_sites(pieces)
    mine = own.get(name)
    if not mine:
        return ""
    answer = ([p for p in mine if not is_blank(pieces[p].node)] or mine)[-1]
    taken, todo = {answer}, [answer]
    while todo:
        here = todo.pop()
        for other in pieces[here].uses - ({name} if here == answer else set()):
            known = other in imports or hasattr(builtins, other)
            # as it is when this is defined, and as it is when the function is called
            found = [*imports.get(other, ()), *_latest_before(own.get(other), here, known),
                     *_latest_before(own.get(other), answer, known)]
            todo += (p for p in found if p not in taken)
            taken.update(found)
    always = {p for p, piece in enumerate(pieces)
              if "*" in piece.binds or _rank(piece.node) == 0}
    chosen = sorted(taken | always, key=lambda p: (_rank(pieces[p].node), p))
    return "\n\n".join(pieces[p].text for p in chosen) + "\n"


def _binding_sites(pieces: list[Piece]) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
    """Where each name is bound by imports (the last three), and where by other statements."""
    imports: dict[str, list[int]] = {}
    own: dict[str, list[int]] = {}
    for place, piece in enumerate(pieces):
        found = imports if _is_import(piece.node) else own
        for name in piece.binds:
            found.setdefault(name, []).append(place)
    for name, places in own.items():                      # a stub counts only where nothing else is
        own[name] = [p for p in places if not is_blank(pieces[p].node)] or places
    return {name: places[-3:] for name, places in imports.items()}, own


def _latest_before(places: list[int] | None, before: int, known: bool) -> list[int]:
    """The latest binding before a position; if all come after it, the first, unless it is known."""
    index = bisect.bisect_left(places, before) if places else 0
    if not places or (known and not index):
        return []
    return [places[max(0, index - 1)]]


def _global_names(table: symtable.SymbolTable) -> set[str]:
    """Global names that a piece of source refers to."""
    found = {s.get_name() for s in table.get_symbols()
             if s.is_declared_global()
             or s.is_referenced() and (s.is_global() or table.get_type() == "module")}
    return found.union(*map(_global_names, table.get_children()))


def is_blank(node: ast.stmt) -> bool:
    """Whether a function does nothing yet.

    ``pass``, ``...``, a docstring, ``return None``, ``return None, None``, or a ``raise`` of
    NotImplementedError.
    """
    return isinstance(node, ast.FunctionDef) and all(map(_does_nothing, node.body))


def _does_nothing(step: ast.stmt) -> bool:
    value = getattr(step, "value", None)
    if isinstance(step, ast.Raise):
        return any(getattr(n, "id", "") == "NotImplementedError" for n in ast.walk(step))
    if isinstance(step, ast.Return):
        parts = value.elts if isinstance(value, ast.Tuple) else [value]
        return all(p is None or isinstance(p, ast.Constant) and p.value is None for p in parts)
    return isinstance(step, ast.Pass) or isinstance(step, ast.Expr) and isinstance(
        value, ast.Constant)


def _is_import(node: ast.stmt) -> bool:
    """An import, or a ``try`` with nothing else in it."""
    return isinstance(node, IMPORT) or isinstance(node, ast.Try) and all(
        isinstance(step, (*IMPORT, ast.Pass)) for step in _try_statements(node))


def _rank(node: ast.stmt) -> int:
    """Sort key: ``__future__`` imports, then other imports, then the rest."""
    if getattr(node, "module", "") == "__future__":
        return 0
    return 1 if _is_import(node) else 2


def _try_statements(node: ast.Try) -> list[ast.stmt]:
    """All statements of a ``try``."""
    handled = [step for handler in node.handlers for step in handler.body]
    return [*node.body, *handled, *node.orelse, *node.finalbody]


def bound_names(node: ast.AST) -> set[str]:
    """Names that a statement defines or changes."""
    if isinstance(node, (*FUNCTION, ast.ClassDef)):
        return {node.name}
    if isinstance(node, IMPORT):
        return {(a.asname or a.name).partition(".")[0] for a in node.names}
    if isinstance(node, ast.Try):
        return set().union(*map(bound_names, _try_statements(node)))
    if isinstance(node, ast.AnnAssign) and node.value is None:
        return set()                                      # K: int
    todo = list(getattr(node, "targets", ())) or [getattr(node, "target", None)]
    names = set()
    while todo:
        target = todo.pop()
        if isinstance(target, ast.Name):
            names.add(target.id)
        elif isinstance(target, ast.Tuple | ast.List):
            todo += target.elts
        elif isinstance(target, ast.Starred | ast.Subscript | ast.Attribute):
            todo.append(target.value)                     # a[0] = 1 changes a
    return names
