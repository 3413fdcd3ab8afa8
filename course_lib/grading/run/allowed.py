"""Extract the parts of the course that an answer may import; the rest stays outside.

A network's backward calls a layer's, which is another exercise; AdamW calls Adam. What an answer
may call is in its exercise's ``given``. That, and what it needs in turn, is there; never the
exercise's own reference.
"""

import ast
import importlib
import importlib.util
from functools import cache
from pathlib import Path

COURSE = "course_lib"
ABSENT = """
def {name}(*args, **options):
    raise NameError("a graded answer cannot use the course's own {name}: write it yourself")
"""


def allowed_sources(exercise):
    """Sources of the course's modules, reduced to what the answers of an exercise may import.

    Parameters
    ----------
    exercise : Exercise

    Returns
    -------
    dict of str to str
        By the module's name. Without the reference.
    """
    own = (exercise.reference.__module__, exercise.reference.__name__)
    wanted = []                                           # pairs of a module and a name in it
    todo = [(fn.__module__, fn.__name__) for fn in exercise.given]
    while todo:
        found = todo.pop()
        if found not in wanted and found != own:
            wanted.append(found)
            todo += _references(*found)
    sources = {}
    for module in sorted({module for module, _ in wanted}):
        sources[module] = _module_excerpt(module, wanted)
    _add_reexports(wanted, sources)
    return sources


@cache
def _parsed(module):
    """The parsed source of a module of the course."""
    path = Path(importlib.import_module(module).__file__)
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def _origins(module):
    """Where each name of a module comes from: (module, name); None for what is not the course's."""
    origins = {}
    for node in _parsed(module).body:
        if isinstance(node, ast.ImportFrom):
            package = importlib.util.resolve_name("." * node.level + (node.module or ""),
                                                  importlib.import_module(module).__package__)
            for alias in node.names:
                ours = package.split(".")[0] == COURSE
                origins[alias.asname or alias.name] = (package, alias.name) if ours else None
        elif isinstance(node, ast.Import):
            origins |= {(a.asname or a.name).split(".")[0]: None for a in node.names}
        else:
            origins |= dict.fromkeys(_bound_names(node), (module, None))
    return origins


def _bound_names(node):
    """Names that a statement at the top of a module defines."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else []
    return [n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)]


def _references(module, name):
    """Names of the course that a definition refers to: pairs of a module and a name."""
    node = next(n for n in _parsed(module).body if name in _bound_names(n))
    origins = _origins(module)
    names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    found = []
    for origin in (origins.get(n) and (*origins[n], n) for n in sorted(names)):
        if origin and origin[1] is None:
            found.append((module, origin[2]))
        elif origin:
            found.append(_resolve(*origin[:2]))
    return found


def _resolve(module, name):
    """Follow re-exports to the module that defines a name."""
    while (origin := _origins(module)[name])[1] is not None:
        module, name = origin
    return module, name


def _module_excerpt(module, wanted):
    """Source of a module, reduced to the wanted names and the imports for them."""
    lines = []
    for node in _parsed(module).body:
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                origin = _origins(module)[alias.asname or alias.name]
                if origin is None:
                    lines.append(f"from {node.module} import {ast.unparse(alias)}")
                elif (place := _resolve(*origin)) in wanted:
                    lines.append(f"from {place[0]} import {place[1]} as {alias.asname or place[1]}")
        elif isinstance(node, ast.Import) or any((module, n) in wanted for n in _bound_names(node)):
            lines.append(ast.unparse(node))
    here = [name for place, name in wanted if place == module]
    referenced = {n for name in here for m, n in _references(module, name) if m == module}
    lines += [ABSENT.format(name=name) for name in sorted(referenced - set(here))]
    return "\n".join(lines) + "\n"


def _add_reexports(wanted, sources):
    """Re-export names from packages, as the real ones do."""
    for module, name in wanted:
        value = getattr(importlib.import_module(module), name)
        package = module
        while "." in package:
            package = package.rpartition(".")[0]
            if getattr(importlib.import_module(package), name, None) is value:
                sources[package] = sources.get(package, "") + f"from {module} import {name}\n"
