"""Build the notebooks from their sources.

    python notebooks/build.py            all lessons: learner's and solved, executed
    python notebooks/build.py 1          lesson 1
    python notebooks/build.py --text     only words changed: nothing is run, the outputs stay
    python notebooks/build.py --check    compare with the sources; no kernel is started

A source is a .py file in percent format. What stands between ``### BEGIN SOLUTION`` and
``### END SOLUTION`` is left out of the learner's notebook. Two builds give the same bytes, but for
images where the fonts or the matplotlib differ.
"""

import argparse
import ast
import hashlib
import json
import os
import re
import sys
from pathlib import Path
from typing import NamedTuple

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
import address  # noqa: E402 (it lies beside this file, whoever loads it)

TIMEOUT = 300   # seconds a cell
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
}


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


def metadata(accelerator):
    """The metadata of a notebook, with the device that it asks for, if any."""
    return nbformat.from_dict(METADATA | ({"accelerator": accelerator} if accelerator else {}))


def assemble(lines):
    """Make a notebook, without outputs, from the lines of a source. Ids come from the text.

    ``accelerator="GPU"`` beside the first cell's ``# %% [markdown]`` goes to the notebook.
    """
    notebook = jupytext.reads("\n".join(lines) + "\n", fmt="py:percent")
    accelerator = notebook.cells[0].metadata.pop("accelerator", None)           # for Colab
    notebook.metadata = metadata(accelerator)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    seen = {}
    for cell in notebook.cells:
        nth = seen[cell.source] = seen.get(cell.source, -1) + 1   # the same text twice: two ids
        cell.id = hashlib.sha256(f"{nth}{cell.source}".encode()).hexdigest()[:8]
        cell.metadata = nbformat.from_dict({"tags": cell.metadata.get("tags", [])})
    return notebook


def notebooks_of(path):
    """Both notebooks of a source, without outputs, each with the file it belongs in."""
    name = f"{path.stem}.ipynb"
    text = path.read_text(encoding="utf-8")
    lines = address.filled(text, name, address.repository()).splitlines()
    found = check_source(path, lines)
    home = path.parent.parent
    return [(home / name, assemble(blanked(lines, found))),
            (home / "solutions" / name, assemble(lines))]


def execute(notebook, target):
    """Run a notebook in place, on the embedded data, and drop what differs from run to run."""
    target.parent.mkdir(exist_ok=True)
    os.environ["COURSE_OFFLINE"] = "1"
    os.environ.pop("COURSE_DATA", None)
    client = NotebookClient(notebook, timeout=TIMEOUT, kernel_name="python3", record_timing=False,
                            coalesce_streams=True,   # where a kernel breaks its prints is chance
                            resources={"metadata": {"path": str(target.parent)}})
    try:
        client.execute()
    except CellTimeoutError:
        fail(target, 0, f"a cell ran longer than {TIMEOUT} s")
    except DeadKernelError:
        fail(target, 0, "the kernel died: out of memory?")
    except CellExecutionError as error:
        plain = re.sub(r"\x1b\[[0-9;]*m", "", str(error))   # without the terminal's colours
        fail(target, 0, f"a cell failed\n{plain}")
    notebook.metadata = metadata(notebook.metadata.get("accelerator"))  # no versions, no widgets
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [o for o in cell.outputs if "widget-view" not in str(o.get("data", ""))]


def keep_outputs(notebook, target):
    """Give a notebook the outputs that it has on disk, cell by cell, instead of running it."""
    if not target.exists():
        fail(target, 0, "missing: build it without --text")
    stored = [c for c in nbformat.read(target, as_version=4).cells if c.cell_type == "code"]
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if len(stored) != len(code):
        fail(target, 0, "code was added or taken away: build it without --text")
    for cell, was in zip(code, stored, strict=True):
        cell.outputs, cell.execution_count = was.outputs, was.execution_count


def write(notebook, target):
    """Validate and write a notebook, by way of a temporary name."""
    nbformat.validate(notebook)
    temporary = target.with_suffix(".tmp")
    text = json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    temporary.write_text(text, encoding="utf-8", newline="\n")
    temporary.replace(target)


def compare(fresh, target):
    """Raise if a notebook on disk is not what its source makes, or was not run from top to end."""
    if not target.exists():
        fail(target, 0, "missing: run make lessons")
    old = nbformat.read(target, as_version=nbformat.NO_CONVERT)
    for k, (cell, was) in enumerate(zip(fresh.cells, old.cells, strict=False)):
        if any(cell[f] != was.get(f) for f in ("id", "cell_type", "source", "metadata")):
            fail(target, k, "this cell does not match the source: run make lessons")
    if len(fresh.cells) != len(old.cells) or old.metadata != fresh.metadata:
        fail(target, 0, "the number of cells or the metadata does not match: run make lessons")
    code = [cell for cell in old.cells if cell.cell_type == "code"]
    if [cell.execution_count for cell in code] != list(range(1, len(code) + 1)):
        fail(target, 0, "not every cell was run, in order: run make lessons")
    for output in (o for cell in code for o in cell.outputs):
        if output.output_type == "error":
            fail(target, 0, f"an error is stored: {output.ename}")
        alt = output.get("metadata", {}).get("image/png", {}).get("alt")
        if "image/png" in output.get("data", {}) and not alt:
            fail(target, 0, "a figure without alternative text")


def renew_pages(only_check):
    """See to it that README.md and its neighbours have the address of pyproject.toml."""
    for page, text in address.outdated(address.repository()).items():
        if only_check:
            fail(page, 0, "its links lead to another address than pyproject.toml's: run "
                          "python notebooks/build.py --text")
        page.write_text(text, encoding="utf-8", newline="\n")


def main(arguments=None):
    """Build or check the lessons named, or all."""
    parser = argparse.ArgumentParser(description="Build the notebooks from their sources.")
    parser.add_argument("lessons", nargs="*", type=int, help="numbers; none means all")
    parser.add_argument("--check", action="store_true", help="only compare, without a kernel")
    parser.add_argument("--text", action="store_true", help="keep the outputs, without a kernel")
    options = parser.parse_args(arguments)
    sources = sorted((HERE / "source").glob("[0-9][0-9]_*.py"))
    chosen = [s for s in sources if not options.lessons or int(s.stem[:2]) in options.lessons]
    if not chosen:
        return f"no source for lesson {options.lessons} in {HERE / 'source'}"
    try:
        for target, notebook in (pair for source in chosen for pair in notebooks_of(source)):
            if options.check:
                compare(notebook, target)
            else:
                (keep_outputs if options.text else execute)(notebook, target)
                write(notebook, target)
            print(f"{'matches' if options.check else 'built'}: {target.relative_to(HERE)}")
        renew_pages(options.check)
    except (SourceError, ValueError) as error:
        return str(error)
    return 0


if __name__ == "__main__":
    sys.exit(main())
