"""Find each student's files in a folder or a zip. Nothing is unpacked, and no link is followed."""

import os
import re
import stat
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from .extract import MAX_BYTES

NOTEBOOK = re.compile(r"\.(ipynb|py)([._-]?(txt|json))?$", re.IGNORECASE)   # a mailer may add .txt
MOODLE = re.compile(r"(?P<student>.+_\d+)_assignsubmission_file_?$")
CANVAS = re.compile(r"(?P<student>[^_]+)_(?:LATE_)?(?P<id>\d+)_\d+_(?P<file>.+)$")
LESSONS = ("01_backprop_by_hand", "02_linear_regression", "03_optimizers", "04_cnn_mnist",
           "05_rnn_lstm", "06_attention", "07_bert_fine_tuning")
LESSON = re.compile(f"(?:copy of )?(?:{'|'.join(LESSONS)})", re.IGNORECASE)
SKIPPED = {"__MACOSX", "__pycache__"}                     # and all whose name begins with a dot
MAX_ENTRIES, MAX_FILES = 100_000, 50
TOO_MANY = f"there are more than {MAX_FILES} notebooks and .py files: the others are left out"
MAX_ZIP, MAX_CONTENTS = 50_000_000, 5_000_000             # of a student's zip, and of its table
UNREADABLE = (zipfile.BadZipFile, zlib.error, ValueError, OSError, RuntimeError, EOFError)


@dataclass
class File:
    """A file of a submission.

    Attributes
    ----------
    name : str
        As the student's folder has it.
    read : callable
        Returns its bytes; raises ``ValueError`` with a plain reason.
    """

    name: str
    read: Callable[[], bytes]

    @property
    def suffix(self):
        """".ipynb", ".py", or "" for what is neither."""
        found = NOTEBOOK.search(self.name)
        return "." + found[1].lower() if found else ""


@dataclass
class Submission:
    """What one student handed in: all notebooks and .py files, in the order of their names."""

    student: str
    files: list[File] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def collect(where, pattern=None):
    """List the submissions in a folder, a zip or a single file.

    Parameters
    ----------
    where : Path
        A folder or a zip with a folder, a file or a zip for each student. What Canvas and Moodle
        hand out is recognised.
    pattern : str, optional
        A regular expression with a group ``student``, searched in each path (with ``/``), for
        collections that are laid out in another way.

    Returns
    -------
    submissions : list of Submission
        In the order of the students' names.
    left : list of str
        Which files belong to nobody, and why.

    Raises
    ------
    ValueError
        If there is nothing to collect, or the pattern is none.
    """
    finder = _pattern(pattern)
    found, left = {}, []
    for parts, read in _entries(Path(where)):
        student, name = _whose(parts, finder)
        if student is None:
            left.append(f"{'/'.join(parts)}: the pattern does not fit")
            continue
        submission = found.setdefault(student, Submission(student))
        _add(submission, name, read)
    if not found:
        raise ValueError(f"there are no submissions in {where}: it should hold a folder, a zip "
                         "or a notebook for each student")
    for submission in found.values():
        submission.files.sort(key=lambda file: _natural(file.name))
        if not submission.files and not submission.problems:
            submission.problems.append("there is no notebook among the files")
    return sorted(found.values(), key=lambda s: _natural(s.student)), left


def _pattern(text):
    try:
        finder = re.compile(text) if text else None
    except re.error as error:
        raise ValueError(f"the pattern is no regular expression: {error}") from error
    if finder and "student" not in finder.groupindex:
        raise ValueError("the pattern needs a group that says who it is: (?P<student>...)")
    return finder


def _whose(parts, finder):
    """The student whom a path belongs to, and the file's name for that student."""
    if finder:
        found = finder.search("/".join(parts))
        return (found["student"] or "?", parts[-1]) if found else (None, "")
    if len(parts) > 1:
        moodle = MOODLE.match(parts[0])
        return moodle["student"] if moodle else parts[0], "/".join(parts[1:])
    canvas = CANVAS.match(parts[0])
    if canvas:
        return f"{canvas['student']}_{canvas['id']}", canvas["file"]
    stem = re.sub(r"\.[A-Za-z.]{1,12}$", "", parts[0])
    return LESSON.sub("", stem).strip(" _-") or stem, parts[0]


def _add(submission, name, read):
    """Put a file to a submission: a notebook, or a zip with notebooks; other files are nobody's."""
    if isinstance(read, str):
        submission.problems.append(f"{name}: {read}")
    elif name.lower().endswith(".zip"):
        for inner, reader in _from_zip(lambda: _inner_zip(read)):
            if not "/".join(inner).lower().endswith(".zip"):
                _add(submission, "/".join([name, *inner]) if inner else name, reader)
    elif NOTEBOOK.search(name):
        if len(submission.files) < MAX_FILES:
            submission.files.append(File(name, read))
        elif TOO_MANY not in submission.problems:
            submission.problems.append(TOO_MANY)


def _entries(where):
    """Every file: the parts of its path, and a function that reads it or the reason why not."""
    if where.is_dir():
        yield from _from_folder(where)
    elif where.suffix.lower() == ".zip" and where.is_file():
        archive = None

        def opened():
            nonlocal archive                              # opened once: it may have 10,000 members
            archive = archive or zipfile.ZipFile(where)
            return archive
        entries = list(_from_zip(opened))
        if entries and not entries[0][0]:                 # the zip itself cannot be read
            raise ValueError(f"{where} {entries[0][1]}")
        tops = {parts[0] for parts, _ in entries}
        wrapped = len(tops) == 1 and all(len(parts) > 2 for parts, _ in entries)
        yield from ((parts[1:] if wrapped else parts, read) for parts, read in entries)
    elif where.is_file():
        yield (where.name,), _file_reader(where)
    else:
        raise ValueError(f"there is no {where}")


def _from_folder(top):
    count = 0
    for folder, folders, names in os.walk(top):
        folders[:] = sorted(f for f in folders if not _skipped(f))
        linked = [f for f in folders if Path(folder, f).is_symlink()]
        for name in sorted([*names, *linked]):
            path = Path(folder, name)
            count += 1
            if count > MAX_ENTRIES:
                raise ValueError(f"{top} holds more than {MAX_ENTRIES:,} files")
            if not _skipped(name):
                yield path.relative_to(top).parts, _file_reader(path)
        for name in folders:                              # a folder that is called like a notebook
            if NOTEBOOK.search(name):
                yield Path(folder, name).relative_to(top).parts, "is a folder"
            elif folder == str(top) and not any(Path(folder, name).iterdir()):
                yield (name, ""), "the folder is empty"


def _file_reader(path):
    """A function that reads a file, or why it is not read."""
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        return "is a link, and links are not followed"
    if not stat.S_ISREG(mode):
        return "is not a file"

    def read(limit=MAX_BYTES):
        try:
            with path.open("rb") as file:
                return _limited(file, limit)
        except OSError as error:
            raise ValueError(f"cannot be read: {error.strerror}") from error
    return read


def _inner_zip(read):
    """Open a zip that a student handed in; its table of contents is looked at before it is read."""
    content = read(MAX_ZIP)
    end = content[-70_000:].rpartition(b"PK\5\6")[2]
    if len(end) >= 18 and int.from_bytes(end[8:12], "little") > MAX_CONTENTS:
        raise ValueError("it has too many entries")
    return zipfile.ZipFile(BytesIO(content))


def _from_zip(opened):
    """The entries of a zip; one entry without a name if it cannot be read."""
    try:
        members = opened().infolist()
    except UNREADABLE as error:
        yield (), f"cannot be read: {error}"
        return
    for member in members[:MAX_ENTRIES]:
        path = re.split(r"[/\\]", member.filename.replace("\0", ""))
        parts = tuple(part for part in path if part not in ("", ".", "..")) or ("?",)
        if not member.is_dir() and not any(map(_skipped, parts)):
            yield parts, _member_reader(opened, member, outside=".." in path or not path[0])


def _member_reader(opened, member, outside):
    """A function that reads a member of a zip, or why it is not read."""
    if outside:
        return "its path in the zip leads outside"
    if stat.S_ISLNK(member.external_attr >> 16):
        return "is a link, and links are not followed"
    if member.flag_bits & 1:
        return "is encrypted"

    def read(limit=MAX_BYTES):
        try:
            with opened().open(member) as file:
                return _limited(file, limit)
        except UNREADABLE as error:
            raise ValueError(f"cannot be unpacked: {error}") from error
    return read


def _limited(file, limit):
    content = file.read(limit + 1)
    if len(content) > limit:
        raise ValueError(f"is larger than {limit // 1_000_000} MB")
    return content


def _skipped(name):
    return name.startswith((".", "~")) or name in SKIPPED


def _natural(name):
    """Sort key: numbers by value, and "a" before "a-1" and "a (1)"."""
    stem, _, suffix = name.casefold().rpartition(".")
    return re.sub(r"\d+", lambda found: found[0].zfill(12), stem or suffix), name
