"""Imports of course_lib point down only, and the lower levels need no heavy packages."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

LIB = Path(__file__).parent.parent / "course_lib"
LEVELS = {
    "gradcheck": 0, "layers": 0, "optim": 0, "metrics": 0, "value": 0, "data": 0,
    "regression": 0, "preprocess": 0,
    "conv": 1, "language": 1, "recurrent": 1, "attention": 1,
    "models": 2, "train": 2, "plots": 2,
    "exercises": 3, "finetune": 3, "checks": 4, "widgets": 4, "grading": 5,
    "doctor": 6, "lab": 6, "progress": 6, "progress_worker": 6, "instructor": 6, "cli": 7,
}
HEAVY = {"torch": {"models", "train", "finetune", "doctor"}, "matplotlib": {"plots", "widgets"},
         "ipywidgets": {"widgets"}, "anywidget": {"widgets"}}
FILES = sorted(LIB.rglob("*.py"))


def part(path):
    """The module of course_lib that a file belongs to: its folder or itself."""
    inside = path.relative_to(LIB).parts
    return inside[0].removesuffix(".py")


def imported(tree, *, at_top):
    """Modules that a file imports, in full; only where importing it runs them if `at_top`."""
    for node in (tree.body if at_top else ast.walk(tree)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", FILES, ids=[str(f.relative_to(LIB)) for f in FILES])
def test_imports_point_down(path):
    here = part(path)
    if here == "__init__":
        return
    assert here in LEVELS, f"give {here} a level in this test"
    for name in imported(ast.parse(path.read_text(encoding="utf-8")), at_top=False):
        if name.startswith("course_lib.") and name != "course_lib.__version__":
            other = name.split(".")[1]
            assert other == here or LEVELS[other] < LEVELS[here], f"{here} imports {other}"


@pytest.mark.parametrize("path", FILES, ids=[str(f.relative_to(LIB)) for f in FILES])
def test_heavy_packages_only_where_they_belong(path):
    for name in imported(ast.parse(path.read_text(encoding="utf-8")), at_top=True):
        allowed = HEAVY.get(name.split(".")[0])
        assert allowed is None or part(path) in allowed, f"{path} imports {name}"


@pytest.mark.parametrize("module", ["", *(f".{m}" for m, level in LEVELS.items() if level < 2
                                          and ((LIB / m).exists() or (LIB / f"{m}.py").exists()))])
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
