"""Build the notebooks from their sources.

    python notebooks/build.py            all lessons: learner's and solved, executed
    python notebooks/build.py 1          lesson 1
    python notebooks/build.py --text     only words changed: nothing is run, the outputs stay
    python notebooks/build.py --cards    an exercise changed: as --text, and the checks' cards anew
    python notebooks/build.py --check    compare with the sources; no kernel is started

A source is a .py file in percent format. What stands between ``### BEGIN SOLUTION`` and
``### END SOLUTION`` is left out of the learner's notebook, and is what `solution` shows. A cell
with the tag "answer" has no stored output there: it would stand under the question. One with the
tag "folded" is closed in both: it draws. One with the tag "test" asserts, and is in the solved
notebook only. Two builds give the same bytes, but for images where the fonts or the matplotlib
differ.
"""

import argparse
import difflib
import hashlib
import json
import os
import re
import sys
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
import address  # noqa: E402 (these four lie beside this file, whoever loads it)
import cards  # noqa: E402
import figures  # noqa: E402
from percent import SourceError, blanked, check_source, fail, solutions  # noqa: E402

SOLUTIONS = HERE.parent / "course_lib" / "exercises" / "solutions.json"
TIMEOUT = 300   # seconds a cell
ANSWER, FOLDED, TEST, IGNORED = "answer", "folded", "test", "nbval-ignore-output"       # tags
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
}


def metadata(accelerator):
    """The metadata of a notebook, with the device that it asks for, if any."""
    return nbformat.from_dict(METADATA | ({"accelerator": accelerator} if accelerator else {}))


def assemble(lines):
    """Make a notebook, without outputs, from the lines of a source. New ids come from the text.

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
        cell.metadata = nbformat.from_dict(cell_metadata(cell.metadata.get("tags", [])))
    return notebook


def keep_ids(notebook, target):
    """Give each cell the id that it has on disk, also when it was corrected.

    So git can merge the correction with a learner's answer or a new number beside the id.
    """
    was = nbformat.read(target, as_version=4).cells if target.exists() else []
    same = difflib.SequenceMatcher(None, [c.source for c in was],
                                   [c.source for c in notebook.cells], autojunk=False)
    for _, a, b, c, d in same.get_opcodes():
        if b - a == d - c:                                # as they were, or corrected one by one
            for old, new in zip(was[a:b], notebook.cells[c:d], strict=True):
                new.id = old.id
    seen = set()
    for cell in notebook.cells:
        while cell.id in seen:                            # its text was that of a corrected one
            cell.id = hashlib.sha256(cell.id.encode()).hexdigest()[:8]
        seen.add(cell.id)
    return notebook


def cell_metadata(tags):
    """What a cell with these tags tells JupyterLab, and myst-nb on the site."""
    if {FOLDED, TEST} & {*tags}:
        return {"jupyter": {"source_hidden": True}, "tags": [*tags, "hide-input"]}
    return {"tags": tags} if tags else {}


def is_solved(target):
    """Whether a file is a solved lesson's."""
    return target.parent.name == "solutions"


def without_answers(notebook):
    """Take away what stands under a question. nbval runs these cells, and compares nothing."""
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        if ANSWER in tags:
            cell.outputs = []
            cell.metadata["tags"] = tags + [IGNORED] * (IGNORED not in tags)
    return notebook


def notebooks_of(path):
    """Both notebooks of a source, without outputs, each with the file it belongs in."""
    name = f"{path.stem}.ipynb"
    text = path.read_text(encoding="utf-8")
    lines = address.filled(text, name, address.repository()).splitlines()
    found = check_source(path, lines)
    home = path.parent.parent
    target = home / "solutions" / name
    solved = keep_ids(assemble(lines), target)
    blank = without_answers(assemble(blanked(lines, found)))
    for cell, other in zip(blank.cells, solved.cells, strict=True):
        cell.id = other.id
    blank.cells = [c for c in blank.cells if TEST not in c.metadata.get("tags", [])]
    return [(home / name, blank), (target, solved)]


def as_for_everybody():
    """Forget data and points that only the builder has."""
    os.environ["COURSE_OFFLINE"] = "1"
    for name in ("COURSE_DATA", "COURSE_PROGRESS"):
        os.environ.pop(name, None)


def execute(notebook, target):
    """Run a notebook in place, on the embedded data, and drop what differs from run to run."""
    target.parent.mkdir(exist_ok=True)
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
            for output in cell.outputs:                   # a widget's first frame stays
                output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)


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
    """Validate and write a notebook as Jupyter does, by way of a temporary name.

    So saving it unchanged changes nothing, and git can merge a correction with an answer.
    """
    nbformat.validate(notebook)
    temporary = target.with_suffix(".tmp")
    temporary.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8", newline="\n")
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
    if not is_solved(target) and any(ANSWER in cell.metadata.get("tags", []) and cell.outputs
                                     for cell in code):
        fail(target, 0, "an answer stands under its question: run make lessons")
    for output in (o for cell in code for o in cell.outputs):
        if output.output_type == "error":
            fail(target, 0, f"an error is stored: {output.ename}")
        if not figures.are_described(output):
            fail(target, 0, "a figure that plots.show did not show, or without alternative text")


def renew_solutions(sources, only_check):
    """See to it that `solution` shows what the solved lessons have."""
    answers = {}
    for path in sources:
        lines = path.read_text(encoding="utf-8").splitlines()
        answers |= solutions(path, lines, check_source(path, lines))
    text = json.dumps(answers, indent=1, ensure_ascii=False) + "\n"
    if not SOLUTIONS.exists() or SOLUTIONS.read_text(encoding="utf-8") != text:
        if only_check:
            fail(SOLUTIONS, 0, "not what the sources make: run python notebooks/build.py --text")
        SOLUTIONS.parent.mkdir(parents=True, exist_ok=True)
        SOLUTIONS.write_text(text, encoding="utf-8", newline="\n")


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
    parser.add_argument("--cards", action="store_true", help="as --text, with the checks run anew")
    options = parser.parse_args(arguments)
    as_for_everybody()
    sources = sorted((HERE / "source").glob("[0-9][0-9]_*.py"))
    chosen = [s for s in sources if not options.lessons or int(s.stem[:2]) in options.lessons]
    if not chosen:
        return f"no source for lesson {options.lessons} in {HERE / 'source'}"
    try:
        for target, notebook in (pair for source in chosen for pair in notebooks_of(source)):
            if options.check:
                compare(notebook, target)
            else:
                (keep_outputs if options.text or options.cards else execute)(notebook, target)
                if options.cards:
                    cards.renew(notebook)
                write(notebook if is_solved(target) else without_answers(notebook), target)
            print(f"{'matches' if options.check else 'built'}: {target.relative_to(HERE)}")
        renew_pages(options.check)
        renew_solutions(sources, options.check)
    except (SourceError, ValueError) as error:
        return str(error)
    return 0


if __name__ == "__main__":
    sys.exit(main())
