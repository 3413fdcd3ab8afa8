"""What was found out about each exercise, for the start page: a line for each check, in a file.

Lines are only added, so that several notebooks can write at once, and the last one counts. `course
lab` and Binder name the file in COURSE_PROGRESS; without it, as on Colab, a check keeps nothing.
"""

import json
import os
import time
from contextlib import suppress
from pathlib import Path

VARIABLE = "COURSE_PROGRESS"
_session = {}


def file_in(folder):
    """Where the record of a course in a folder is."""
    return Path(folder) / ".progress.jsonl"


def known():
    """Status of each exercise that was checked, by its id: in this session, and those on file."""
    file = os.environ.get(VARIABLE)
    kept = {id: entry["status"] for id, entry in recall(file).items()} if file else {}
    return kept | _session


def keep(result):
    """Remember a check's result; on file, if it is of one of the learner's own notebooks."""
    _session[result.id] = result.status
    file, notebook = os.environ.get(VARIABLE), os.environ.get("JPY_SESSION_NAME", "")
    if file and Path(notebook).parent.name != "solutions":
        remember(file, result.id, result.status, result.points, result.message)


def remember(file, id, status, points, message):
    """Add a line. A disk that is full, or that cannot be written, is no reason to fail a check."""
    line = {"id": id, "status": status, "points": points, "when": time.time(),
            "message": message.partition("\n")[0][:400] if status in ("wrong", "error") else ""}
    with suppress(OSError), open(file, "a", encoding="utf-8") as target:
        target.write(json.dumps(line) + "\n")


def recall(file):
    """The last line of each exercise, by its id: a dict of dict. Lines that are broken are skipped.

    Parameters
    ----------
    file : path
        It need not exist.
    """
    found = {}
    if not os.path.isfile(file):                          # a device may have no end
        return found
    with suppress(OSError), open(file, encoding="utf-8", errors="replace") as source:
        for line in source:
            with suppress(ValueError, TypeError, KeyError, OverflowError, RecursionError):
                entry = json.loads(line)
                found[entry["id"]] = {"status": str(entry["status"]), "when": float(entry["when"]),
                                      "points": float(entry["points"]),
                                      "message": str(entry["message"])}
    return found
