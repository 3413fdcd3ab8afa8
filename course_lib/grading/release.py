"""What an instructor hands out: the lessons and what they need, with or without the answers."""

import base64
import importlib.util
import inspect
import json
import re
import shutil
import zlib

from course_lib import exercises

COPIED = ("README.md", "Makefile", "requirements.txt", "pyproject.toml", "LICENSE", "LICENSE-text",
          "binder", "data", "course_lib", "notebooks")
LEFT_OUT = {"__pycache__", "cache", "source", "build.py", ".ipynb_checkpoints"}
SECTIONS = ("Where it opens", "For instructors", "How it is tested", "What is in here", "Measured")
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
    lessons = _as_they_came(course)
    for name in COPIED:
        source, target = course / name, out / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=_leaving_out(solutions, lessons))
        elif source.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
    _cut(out / "README.md", solutions)
    _cut_makefile(out / "Makefile")
    if not solutions:
        for path in sorted((out / "course_lib").rglob("*.py")):
            if _holds_an_answer(path.relative_to(out).as_posix()):
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
    _as_they_came(course)
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


def _as_they_came(course):
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


def _leaving_out(solutions, lessons):
    """What of a folder is not copied, for `shutil.copytree`: copies of lessons, too."""
    def ignore(folder, names):
        gone = LEFT_OUT | (set() if solutions else {"solutions"})
        foreign = {name for name in names if name.endswith(".ipynb") and name not in lessons}
        return foreign | {name for name in names
                          if name in gone or name.endswith((".egg-info", ".pyc"))}
    return ignore


def _cut(readme, solutions):
    """Take out of the README what is about things that are not in a release."""
    text = readme.read_text(encoding="utf-8")
    cuts = [*((rf"^## {title}\n.*?(?=^## |\Z)", "") for title in SECTIONS),
            (r"^git clone [^\n]*\n", ""),
            (r" To get corrections,.*?`git pull`\.", ""),
            (r"^make test [^\n]*\n", ""),
            (r"memory were measured by `make bench` on", "memory were measured on"),
            (r"\nOn SST-2 \(.*?has not been measured yet\.\n", ""),
            (r"\nand for the tests\n.*?```\n(?=\n</details>)", ""),
            (r"\s\(`make test` is for[^)]*\)", "")]
    if not solutions:
        cuts += [(r";\n`solution\(\"1\.4\"\)` shows the answer\.", "."),
                 (r"\sThe\s+solved lessons are in \[notebooks/solutions\]\([^)]*\)\.", "")]
    for pattern, instead in cuts:
        text = _replace_once(readme.name, text, pattern, instead)
    readme.write_text(text, encoding="utf-8")


def _replace_once(name, text, pattern, instead):
    """Replace what a pattern finds in a file; what was renamed must not stay in a release."""
    text, count = re.subn(pattern, instead, text, flags=re.MULTILINE | re.DOTALL)
    if count != 1:
        raise ValueError(f"{pattern!r} is {count} times in {name}, and should be there once: "
                         "change it in course_lib/grading/release.py")
    return text


def _cut_makefile(makefile):
    """Leave `make lab`."""
    text = makefile.read_text(encoding="utf-8")
    cuts = [*((rf"^{target}: [^\n]*\n(?:\t[^\n]*\n)+\n?", "")
              for target in ("test", "lessons", "bench")),
            (r"lab test lessons bench", "lab"),
            (r"^# make lab · [^\n]*\n", "# make lab   (sets up .venv when needed)\n")]
    for pattern, instead in cuts:
        text = _replace_once(makefile.name, text, pattern, instead)
    makefile.write_text(text, encoding="utf-8")


def _holds_an_answer(name):
    """Whether a module is one of the exercises' own, or defines a reference, or what shows it."""
    if re.match(r"course_lib/exercises/lesson\d+/", name):
        return True
    module = name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return any(fn.__module__ == module for e in exercises.all()
               for fn in (e.reference, *e.shows, *_called(e.reference)))


def _called(reference):
    """The functions that a reference hands its work to."""
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


