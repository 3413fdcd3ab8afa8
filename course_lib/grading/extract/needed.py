"""Of all statements of a notebook, those that one function needs. Nothing is executed."""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterable
from dataclasses import dataclass, field

IMPORT = (ast.Import, ast.ImportFrom)


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
        self.binds = _bound(self.node)
        self.uses = _global_names(symtable.symtable(self.text, "<piece>", "exec"))


def needed(pieces: Iterable[Piece], name: str) -> str:
    """Write down what a function needs, and the function.

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
        such a function. Of a helper that is defined more than once it is the last one before the
        function, as it was when the notebook was run from top to bottom; if all come later, the
        first.

    Examples
    --------
    >>> texts = ["import math", "import torch", "K = 2", "def area(r): return math.pi * r"]
    >>> print(needed([Piece(ast.parse(t).body[0], t, 1) for t in texts], "area"))
    import math
    <BLANKLINE>
    def area(r): return math.pi * r
    <BLANKLINE>
    """
    pieces = list(pieces)
    by_name: dict[str, list[int]] = {}
    for place, piece in enumerate(pieces):
        for bound in piece.binds:
            by_name.setdefault(bound, []).append(place)
    own = [p for p in by_name.get(name, []) if not _is_import(pieces[p].node)]
    if not own:
        return ""
    function = ([p for p in own if not is_blank(pieces[p].node)] or own)[-1]
    taken, todo = {function}, [function]
    while todo:
        here = todo.pop()
        for other in pieces[here].uses - {name}:
            for place in _sources(by_name.get(other, []), pieces, function):
                if place not in taken:
                    taken.add(place)
                    todo.append(place)
    always = {p for p, piece in enumerate(pieces)
              if "*" in piece.binds or _rank(piece.node) == 0}
    chosen = sorted(taken | always, key=lambda p: (_rank(pieces[p].node), p))
    return "\n\n".join(pieces[p].text for p in chosen) + "\n"


def _global_names(table: symtable.SymbolTable) -> set[str]:
    """Names that a piece of source takes from outside of its own functions."""
    found = {s.get_name() for s in table.get_symbols()
             if s.is_referenced() and (s.is_global() or table.get_type() == "module")}
    return found.union(*map(_global_names, table.get_children()))


def is_blank(node: ast.stmt) -> bool:
    """Whether a function does nothing yet: a docstring, `pass`, `...`, `return None`."""
    if not isinstance(node, ast.FunctionDef):
        return False
    for step in node.body:
        value = getattr(step, "value", None)
        constant = isinstance(value, ast.Constant)
        if isinstance(step, ast.Pass) or isinstance(step, ast.Expr) and constant:
            continue
        if not isinstance(step, ast.Return) or value and not (constant and value.value is None):
            return False
    return True


def _sources(places: list[int], pieces: list[Piece], function: int) -> list[int]:
    """Which of the statements that bind a name count: imports, and one that is no import."""
    imports = [p for p in places if _is_import(pieces[p].node)]
    own = [p for p in places if not _is_import(pieces[p].node)]
    before = [p for p in own if p < function]
    return imports + (before[-1:] or own[:1])


def _is_import(node: ast.stmt) -> bool:
    return isinstance(node, (*IMPORT, ast.Try))


def _rank(node: ast.stmt) -> int:
    """Imports come first, those from the future before the others."""
    if getattr(node, "module", "") == "__future__":
        return 0
    return 1 if _is_import(node) else 2


def _bound(node: ast.stmt) -> set[str]:
    """Names that a statement defines."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    if _is_import(node):
        aliases = [a for n in ast.walk(node) if isinstance(n, IMPORT) for a in n.names]
        return {(a.asname or a.name).partition(".")[0] for a in aliases}
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return {n.id for t in targets if t is not None for n in ast.walk(t) if isinstance(n, ast.Name)}
