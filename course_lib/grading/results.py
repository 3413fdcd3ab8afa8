"""Storage of results: one JSON file for each submission, written atomically."""

import hashlib
import json
import os
import re
import secrets
from functools import cache
from pathlib import Path

import course_lib

FORMAT = 1


@cache
def course_version():
    """The version of the course: its number, and a hash of all of its code."""
    root = Path(course_lib.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return f"{course_lib.__version__}+{digest.hexdigest()[:12]}"


def fingerprint(*parts):
    """A hash of strings, bytes and plain data."""
    digest = hashlib.sha256()
    for part in parts:
        part = part if isinstance(part, bytes) else json.dumps(part, sort_keys=True).encode()
        digest.update(len(part).to_bytes(8, "little") + part)
    return digest.hexdigest()


def file_name(student):
    """A name for a student's files that every file system takes, different for each student."""
    plain = re.sub(r"[^a-z0-9]+", "-", student.lower()).strip("-")[:60] or "student"
    return f"{plain}-{fingerprint(student)[:12]}"         # always: nobody can take another's name


class Results:
    """The folder of results that grading writes.

    Parameters
    ----------
    folder : Path

    Raises
    ------
    OSError
        If it cannot be written to.
    """

    def __init__(self, folder):
        self.folder = Path(folder)
        self.json = self.folder / "results"
        self.json.mkdir(parents=True, exist_ok=True)
        for unfinished in self.folder.rglob(".*.part"):
            unfinished.unlink()

    def write(self, name, text):
        """Write a file under the folder, or leave the one that is there as it was.

        A text may hold half a letter (a lone surrogate), which UTF-8 has not: it becomes a "?".
        """
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.part")
        with part.open("wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode("utf-8", "replace"))
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
        return path

    def save(self, result):
        """Keep the result of one submission."""
        text = json.dumps(result, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
        self.write(f"results/{file_name(result['student'])}.json", text)

    def load(self, student):
        """Find a student's result; None if there is none, or it cannot be read."""
        found = _read(self.json / f"{file_name(student)}.json")
        return found if found and found["student"] == student else None

    def all(self, students=None):
        """List all results, or those of some students, in the order of their names."""
        found = [(path, _read(path)) for path in self.json.glob("*.json")]
        mine = [r for path, r in found if r and path.stem == file_name(r["student"])
                and (students is None or r["student"] in students)]
        return sorted(mine, key=lambda result: (result["student"].casefold(), result["student"]))

    def secret(self):
        """Read the secret seed of this folder; drawn at random the first time."""
        path = self.folder / "secret-seed.txt"
        if not path.exists():
            path.touch(mode=0o600)
        text = path.read_text(encoding="utf-8").strip()
        if not text:
            text = secrets.token_hex(16)
            path.write_text(text + "\n", encoding="utf-8")
        return text


def _read(path):
    try:
        result = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    needed = {"student", "key", "lesson", "exercises", "problems", "points", "max_points"}
    good = isinstance(result, dict) and result.get("format") == FORMAT and needed <= set(result)
    return result if good else None


def seed_from(text):
    """A seed from a secret text.

    Raises
    ------
    ValueError
        If the text is too short to be a secret.
    """
    text = text.strip()
    if len(text) < 8:
        raise ValueError("the seed should be a secret that nobody guesses: at least 8 characters")
    return int.from_bytes(hashlib.sha256(text.encode("utf-8")).digest()[:8], "little")
