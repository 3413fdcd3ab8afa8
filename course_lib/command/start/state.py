"""How far a learner is, from the notebooks and the record of checks; nothing is run."""

import json
import re
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from course_lib import exercises
from course_lib.checks import record

from ..progress import read_notebook, written

WORDS_A_MINUTE = 75                                       # with formulas, code and figures between


def state_of(folder, root=None):
    """What the start page shows.

    Parameters
    ----------
    folder : Path
        The course.
    root : Path, optional
        The folder that links start from; that of the course by default.

    Returns
    -------
    dict
        ``lessons``: for each its ``number``, ``title``, ``path``, ``points``, ``most``,
        ``minutes`` that are left and ``exercises`` (``id``, ``name``, ``status``, ``link``).
        ``points``, ``most`` and ``minutes`` of the whole; ``resume``, the exercise to go on with,
        or None; ``last``, what the latest check said if it was not right, or None.
    """
    kept = record.recall(record.file_in(folder))
    lessons = []
    for path in lesson_notebooks(folder):
        with suppress(OSError):                           # renamed at this moment, or a dead link
            lessons.append(_lesson(path, root or folder, kept))
    lessons = [lesson for lesson in lessons if lesson["exercises"]]
    rows = [row for lesson in lessons for row in lesson["exercises"]]
    latest = max((row for row in rows if row["id"] in kept and row["status"] != "blank"),
                 key=lambda row: kept[row["id"]]["when"], default=None)
    return {"lessons": lessons, "resume": _resume(rows, latest),
            "last": latest if latest and latest["status"] in ("wrong", "error") else None,
            **{what: sum(lesson[what] for lesson in lessons)
               for what in ("points", "most", "minutes")}}


def lesson_notebooks(folder):
    """A notebook for each lesson, not its copies: the one with the lesson's own name, if any."""
    own = {path.name for place in ("notebooks/solutions", "notebooks/source")
           for path in (folder / place).glob("[0-9][0-9]_*")}
    own = {Path(name).stem for name in own}
    found = {}
    for path in sorted((folder / "notebooks").glob("[0-9][0-9]_*.ipynb"),
                       key=lambda path: (path.stem not in own, len(path.stem), path.stem)):
        found.setdefault(path.name[:2], path)
    return [found[number] for number in sorted(found)]


def _lesson(path, folder, kept):
    """A lesson's row."""
    changed = path.stat()
    number, title, reading, found, cells = _read(path, changed.st_mtime_ns, changed.st_size)
    where = quote(path.relative_to(folder).as_posix())
    rows = []
    for exercise, is_written in found:
        status, message = _status(is_written, kept.get(exercise.id), changed.st_mtime)
        rows.append({"id": exercise.id, "name": exercise.name, "status": status,
                     "message": message, "points": exercise.points,
                     "minutes": exercise.minutes, "link": where + cells.get(exercise.name, "")})
    undone = [row for row in rows if row["status"] != "right"]
    share = len(undone) / len(rows) if rows else 0
    return {"number": number, "title": title, "path": where, "exercises": rows,
            "points": sum(row["points"] for row in rows if row["status"] == "right"),
            "most": sum(row["points"] for row in rows),
            "minutes": round(share * reading) + sum(row["minutes"] for row in undone)}


@lru_cache(maxsize=64)
def _read(path, changed, size):
    """What the page needs of a notebook, kept until the file changes.

    Returns
    -------
    tuple
        Number, title, minutes of reading, pairs of an exercise and whether it is written, and for
        the name of each function the link to its cell.
    """
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        texts = ["".join(c["source"]) for c in cells if c["cell_type"] == "markdown"]
        code = [(c.get("id"), "".join(c["source"])) for c in cells if c["cell_type"] == "code"]
        links = {found[1]: f"#cell-id={quote(id)}" for id, text in reversed(code)
                 if id and (found := re.search(r"^def (\w+)", text, re.MULTILINE))}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        texts, links = [], {}                             # half a file, while it is being written
    mine, answers = read_notebook(path, exercises.all())
    title = next((t.splitlines()[0] for t in texts if t.startswith("# ")), path.stem)
    title = re.sub(r"^# (\d+ · )?", "", title)
    return (int(path.name[:2]), title, minutes_to_read(texts),
            [(exercise, written(answers, exercise.name)) for exercise in mine], links)


def minutes_to_read(texts):
    """An estimate for a lesson without its exercises, from the words of its Markdown cells."""
    return 5 * round(sum(len(text.split()) for text in texts) / WORDS_A_MINUTE / 5)


def _status(is_written, entry, changed):
    """The status of an exercise, and what its last check said.

    A check that is newer than the file counts even if the file is still blank: the notebook has
    not been saved yet. One that is older does not, if the answer was taken away since.
    """
    said = entry and entry["status"] != "blank"           # what is blank, the file knows best
    if said and (is_written or entry["when"] >= changed):
        return entry["status"], entry["message"]
    return ("written", "") if is_written else ("blank", "")


def _resume(rows, latest):
    """The exercise to go on with: after the latest one, the next that is not right."""
    start = rows.index(latest) if latest else 0
    return next((row for row in rows[start:] + rows[:start] if row["status"] != "right"), None)
