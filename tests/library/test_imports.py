"""Imports of course_lib point down only, and the lower levels need no heavy packages."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

LIB = Path(__file__).parents[2] / "course_lib"
LEVELS = {
    "gradcheck": 0, "layers": 0, "optim": 0, "metrics": 0, "value": 0, "data": 0,
    "regression": 0, "preprocess": 0,
    "conv": 1, "language": 1, "recurrent": 1, "attention": 1,
    "models": 2, "train": 2, "plots": 2,
    "exercises": 3, "finetune": 3, "checks": 3.5, "widgets": 3.5,   # checks judge exercises
    "grading": 4, "command": 4.5, "__main__": 5,   # and commands grade
}
HEAVY = {"torch": {"models", "train", "finetune", "command"}, "matplotlib": {"plots", "widgets"},
         "ipywidgets": {"widgets"}, "anywidget": {"widgets"}}
FILES = sorted(LIB.rglob("*.py"))


def part(path):
    """The module of course_lib that a file belongs to: its folder or itself."""
    inside = path.relative_to(LIB).parts
    return inside[0].removesuffix(".py")


def run_at_import(tree):
    """The nodes that importing a file runs: all but the insides of functions."""
    for node in ast.iter_child_nodes(tree):
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            yield node
            yield from run_at_import(node)


def imported(path, tree, *, at_top):
    """Modules that a file imports, in full; only where importing it runs them if `at_top`."""
    package = path.parent.relative_to(LIB.parent).parts
    for node in (run_at_import(tree) if at_top else ast.walk(tree)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            up = package[:len(package) - node.level + 1] if node.level else ()
            source = ".".join([*up, *filter(None, [node.module])])
            yield from (f"{source}.{alias.name}" for alias in node.names)


def upward(path, tree):
    """What a file imports from a part of the course that is not below its own."""
    here = part(path)
    names = [n for n in imported(path, tree, at_top=False)
             if n.startswith("course_lib.") and n != "course_lib.__version__"]
    return [n for n in names if (other := n.split(".")[1]) != here
            and LEVELS[other] >= LEVELS[here]]


def misplaced(path, tree):
    """Heavy packages that importing a file imports, and that do not belong there."""
    return [n for n in imported(path, tree, at_top=True)
            if part(path) not in HEAVY.get(n.split(".")[0], {part(path)})]


@pytest.mark.parametrize("path", FILES, ids=[str(f.relative_to(LIB)) for f in FILES])
def test_imports_point_down(path):
    here = part(path)
    if here == "__init__":
        return
    assert here in LEVELS, f"give {here} a level in this test"
    assert upward(path, ast.parse(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("where, statement", [
    ("layers/mlp.py", "from ..checks import check"), ("layers/mlp.py", "from .. import checks"),
    ("layers/mlp.py", "from course_lib import checks"),
    ("layers/mlp.py", "import course_lib.command.main"),
    ("value.py", "from . import plots"), ("value.py", "def f():\n    from .plots import show"),
    ("grading/inside/answer.py", "from ...command import main")])
def test_an_import_that_points_up_is_found(where, statement):
    assert len(upward(LIB / where, ast.parse(statement))) == 1


def test_an_import_of_a_neighbour_or_from_below_is_none_that_points_up():
    text = "from .linear import x\nfrom . import y\nfrom ..value import Value\nimport numpy"
    assert upward(LIB / "conv" / "lenet.py", ast.parse(text)) == []
    assert "course_lib.conv.y" in imported(LIB / "conv/lenet.py", ast.parse(text), at_top=False)


@pytest.mark.parametrize("path", FILES, ids=[str(f.relative_to(LIB)) for f in FILES])
def test_heavy_packages_only_where_they_belong(path):
    assert misplaced(path, ast.parse(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("statement, count", [
    ("try:\n    import torch\nexcept ImportError:\n    torch = None", 1),
    ("if True:\n    from torch import nn", 1), ("class A:\n    import matplotlib.pyplot", 1),
    ("def f():\n    import torch", 0), ("import numpy", 0)])
def test_a_heavy_package_is_found_wherever_importing_runs_it(statement, count):
    assert len(misplaced(LIB / "value.py", ast.parse(statement))) == count


@pytest.mark.parametrize("module", ["", *(f".{m}" for m, level in LEVELS.items() if level < 2)])
def test_the_numpy_parts_work_without_the_heavy_packages(module):
    code = ("import sys\n"
            "for name in ('torch', 'matplotlib', 'ipywidgets', 'IPython', 'sklearn', 'mlxtend'):\n"
            "    sys.modules[name] = None\n"
            f"import course_lib{module}\n")
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_modules_and_functions_are_small():
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 260, f"{path} is too long: split it"
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                lines = node.end_lineno - node.lineno + 1
                doc = ast.get_docstring(node, clean=False)
                lines -= len(doc.splitlines()) if doc else 0
                assert lines <= 36, f"{path}: {node.name} has {lines} lines without its docstring"
