"""The lessons' sources as the tests see them."""

import ast
import importlib
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "notebooks"))
build = importlib.import_module("build")
figures = importlib.import_module("figures")
percent = importlib.import_module("percent")

SOURCES = sorted((ROOT / "notebooks" / "source").glob("[0-9][0-9]_*.py"))


def lines_of(path):
    return path.read_text(encoding="utf-8").splitlines()


def tree_of(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def number_of(path):
    return int(path.stem[:2])
