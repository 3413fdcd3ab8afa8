"""Build a release of the course for learners, with or without solutions."""

import base64
import importlib.util
import inspect
import json
import re
import shutil
import zlib

from course_lib import exercises

COPIED = ("README.md", "AGENTS.md", "CITATION.cff", "Makefile", "requirements.txt",
          "pyproject.toml", "LICENSE", "LICENSE-text", "binder", "data", "course_lib", "notebooks",
          "site/using.md", "site/coming_from.md", "site/errata.md")
EXCLUDED = {"__pycache__", "cache", "source", "build.py", "address.py", "cards.py", "figures.py",
            "percent.py", ".ipynb_checkpoints"}
# What is left out of pages and the Makefile, as (pattern, replacement). Each must be found once.
CUTS = {
    "README.md": [(r"^git clone [^\n]*\n", ""), (r"^make test [^\n]*\n", ""),
                  (r"^- \*\*Teach\*\*[^\n]*\n", ""), (r"^- \*\*Change\*\*[^\n]*\n", "")],
    "AGENTS.md": [(r"\n## A maintainer\n.*", ""), (r" Find out which of two people\nit is\.", ""),
                  (r"^## A learner\n\n", "")],
    "site/using.md": [(r"^## Corrections\n.*?(?=^## )", "")],
    "Makefile": [*((rf"^{target}: [^\n]*\n(?:\t[^\n]*\n)+\n?", "")
                   for target in ("test", "quick", "lint", "lessons", "bench", "requirements")),
                 (r"lab test quick lint lessons bench requirements", "lab"),
                 (r"^PYTEST := [^\n]*\n", ""), (r"^# In a few minutes: [^\n]*\n", ""),
                 (r"^# requirements\.txt anew[^\n]*\n", ""),
                 (r"^# make lab · [^\n]*\n", "# make lab   (sets up .venv when needed)\n")],
}
WITHOUT_SOLUTIONS = {
    "README.md": [(r", and `solution\(\"1\.4\"\)` shows the answer\.", "."),
                  (r"\sThe\s+solved lessons are in \[notebooks/solutions\]\([^)]*\)\.", "")],
    "AGENTS.md": [(r"\n\s+When they ask for the whole answer, .*?their decision\.", ""),
                  (r",\n\s+`notebooks/solutions` or `solution\(\"1\.4\"\)`", "")],
    "site/using.md": [(r"; `solution\(\"1\.4\"\)` shows the answer\.", ".")],
}
PACKED = '''"""Packed: the answers of the course are not handed out with it."""

import base64
import zlib

exec(compile(zlib.decompress(base64.b85decode("""
{blob}
""".replace("\\n", ""))), "<packed>", "exec"))
'''
ASSERT = "\nassert _.status == 'right', _.message"


def write_release(course, out, *, solutions):
    """Write the course as learners get it.

    Parameters
    ----------
    course : Path
        The checkout.
    out : Path
        A folder that does not exist yet, or is empty.
    solutions : bool
        With the solved lessons, and with a library that can be read. Without, the modules that hold
        an answer are packed: they run, and do not show it. That is no secret from someone who
        wants to know: what runs on a learner's machine cannot be.

    Returns
    -------
    int
        Number of files.

    Raises
    ------
    ValueError
        If `out` has something in it, or a lesson is not as it came: there may be answers in it.
    """
    _must_be_empty(out)
    lessons = _unmodified_lessons(course)
    for name in COPIED:
        source, target = course / name, out / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=_copytree_ignore(solutions, lessons))
        elif source.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
    for name in CUTS:
        _trim(out / name, CUTS[name] + WITHOUT_SOLUTIONS.get(name, []) * (not solutions))
    if not solutions:
        for path in sorted((out / "course_lib").rglob("*.py")):
            if _contains_solution(path.relative_to(out).as_posix()):
                _pack(path)
    return sum(path.is_file() for path in out.rglob("*"))


def write_nbgrader(course, out):
    """Write the solved lessons as source assignments of nbgrader, one folder for each.

    Returns
    -------
    int
        Number of notebooks.
    """
    _must_be_empty(out)
    _unmodified_lessons(course)
    written = 0
    for path in sorted((course / "notebooks" / "solutions").glob("*.ipynb")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            _mark_for_nbgrader(cell)
        target = out / "source" / path.stem / path.name
        target.parent.mkdir(parents=True)
        target.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", "utf-8")
        written += 1
    return written


def _must_be_empty(out):
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ValueError(f"{out} is not empty: choose a new folder")


def _unmodified_lessons(course):
    """The names of the lessons' notebooks, if each is what its source makes."""
    spec = importlib.util.spec_from_file_location("course_build", course / "notebooks" / "build.py")
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    names = set()
    for source in sorted((course / "notebooks" / "source").glob("[0-9][0-9]_*.py")):
        for target, notebook in build.notebooks_of(source):
            names.add(target.name)
            try:
                build.compare(notebook, target)
            except build.SourceError as error:
                raise ValueError(
                    f"{target} is not as it came, and may hold answers ({error}). Copy it to "
                    "another folder, say  git restore notebooks  and try again, or release from "
                    "another checkout.") from None
    return names


def _copytree_ignore(solutions, lessons):
    """An `ignore` for `shutil.copytree`: leaves out what is not released, and copies of lessons."""
    def ignore(folder, names):
        excluded = EXCLUDED | (set() if solutions else {"solutions", "solutions.json"})
        foreign = {name for name in names if name.endswith(".ipynb") and name not in lessons}
        return foreign | {name for name in names
                          if name in excluded or name.endswith((".egg-info", ".pyc"))}
    return ignore


def _trim(path, cuts):
    """Remove the parts of a page on what is not in a release."""
    text = path.read_text(encoding="utf-8")
    for pattern, replacement in cuts:
        text = _replace_once(path.name, text, pattern, replacement)
    path.write_text(text, encoding="utf-8")


def _replace_once(name, text, pattern, replacement):
    """Replace a pattern that must match exactly once; raise where the file has changed."""
    text, count = re.subn(pattern, replacement, text, flags=re.MULTILINE | re.DOTALL)
    if count != 1:
        raise ValueError(f"{pattern!r} is {count} times in {name}, and should be there once: "
                         "change it in course_lib/grading/release.py")
    return text


def _contains_solution(name):
    """Whether a module belongs to the exercises, or defines a reference or what shows it."""
    if re.match(r"course_lib/exercises/lesson\d+/", name):
        return True
    module = name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return any(fn.__module__ == module for e in exercises.all()
               for fn in (e.reference, *e.parts, *_callees(e.reference)))


def _callees(reference):
    """The functions of its own module that a reference calls."""
    scope = reference.__globals__
    return [scope[name] for name in reference.__code__.co_names
            if inspect.isfunction(scope.get(name))]


def _pack(path):
    source = zlib.compress(path.read_bytes(), 9)
    blob = base64.b85encode(source).decode("ascii")       # has no quotes and no backslash
    blob = "\n".join(blob[k:k + 96] for k in range(0, len(blob), 96))
    path.write_text(PACKED.format(blob=blob), encoding="utf-8")


def _mark_for_nbgrader(cell):
    """Give an exercise's cell and its check the metadata of a solution and of a graded test."""
    source = "".join(cell["source"])
    check = re.match(r'check\("([\d.]+)", (\w+)\)$', source.strip())
    if "### BEGIN SOLUTION" in source:
        name = re.search(r"def (\w+)", source)[1]
        cell["metadata"]["nbgrader"] = _metadata(f"solution-{name}", solution=True)
    elif check:
        cell["metadata"]["nbgrader"] = _metadata(f"test-{check[2]}", grade=True,
                                                 points=exercises.get(check[1]).points)
        cell["source"] = f'_ = check("{check[1]}", {check[2]})' + ASSERT
        cell["outputs"] = []


def _metadata(id, *, solution=False, grade=False, points=None):
    found = {"schema_version": 3, "grade_id": id, "solution": solution, "grade": grade,
             "locked": grade, "task": False}
    return found | ({"points": points} if grade else {})


