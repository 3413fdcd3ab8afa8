"""Find each student's files in a folder or a zip. Nothing is unpacked, and no link is followed."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from .entries import entries_of, from_zip, inner_zip

NOTEBOOK = re.compile(r"\.(ipynb|py)([._-]?(txt|json))?$", re.IGNORECASE)   # a mailer may add .txt
MOODLE = re.compile(r"(?P<student>.+_\d+)_assignsubmission_(?:file|onlinetext)_?(?P<file>.*)$")
CANVAS = re.compile(r"(?P<student>[^_]+)_(?:LATE_)?(?P<id>\d+)_(?:\d+_(?P<file>.+)|text\.html)$")
LESSONS = ("01_backprop_by_hand", "02_linear_regression", "03_optimizers", "04_cnn_mnist",
           "05_rnn_lstm", "06_attention", "07_bert_fine_tuning")
LESSON = re.compile(f"(?:copy of )?(?:{'|'.join(LESSONS)})", re.IGNORECASE)
MAX_FILES = 50
TOO_MANY = f"there are more than {MAX_FILES} notebooks and .py files: the others are left out"


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
    finder = _compile_pattern(pattern)
    found, left = {}, []
    for parts, read in _without_top_folder(entries_of(Path(where))):
        student, name = _student_and_file(parts, finder)
        if student is None:
            left.append(f"{'/'.join(parts)}: {name}")
        else:
            _add(found.setdefault(student, Submission(student)), name, read)
    if not found:
        raise ValueError(f"there are no submissions in {where}: it should hold a folder, a zip "
                         "or a notebook for each student")
    for submission in found.values():
        submission.files.sort(key=lambda file: _natural_key(file.name))
        if not submission.files and not submission.problems:
            submission.problems.append("there is no notebook among the files")
    return sorted(found.values(), key=lambda s: _natural_key(s.student)), left


def _compile_pattern(text):
    try:
        finder = re.compile(text) if text else None
    except re.error as error:
        raise ValueError(f"the pattern is no regular expression: {error}") from error
    if finder and "student" not in finder.groupindex:
        raise ValueError("the pattern needs a group that says who it is: (?P<student>...)")
    return finder


def _student_and_file(parts, finder):
    """The student whom a path belongs to and the file's name there; or None, and why."""
    if finder:
        found = finder.search("/".join(parts))
        return (found["student"] or "?", parts[-1]) if found else (None, "the pattern does not fit")
    moodle = MOODLE.match(parts[0])
    if moodle:
        return moodle["student"], "/".join(parts[1:]) or moodle["file"]
    if len(parts) > 1:
        return parts[0], "/".join(parts[1:])
    canvas = CANVAS.match(parts[0])
    if canvas:
        return f"{canvas['student']}_{canvas['id']}", canvas["file"] or ""
    if not NOTEBOOK.search(parts[0]) and not parts[0].lower().endswith(".zip"):
        return None, "is no notebook, and lies in nobody's folder"
    stem = re.sub(r"\.[A-Za-z.]{1,12}$", "", parts[0])
    name = LESSON.sub("", stem).strip(" _-")
    return name if re.search(r"[^\W\d]", name) else stem, parts[0]


def _add(submission, name, read):
    """Add a file to a submission: a notebook, or a zip with notebooks; other files are ignored."""
    if isinstance(read, str):
        submission.problems.append(f"{name}: {read}" if name else read)
    elif name.lower().endswith(".zip"):
        for inner, reader in from_zip(lambda: inner_zip(read)):
            if not "/".join(inner).lower().endswith(".zip"):
                _add(submission, "/".join([name, *inner]), reader)
    elif NOTEBOOK.search(name):
        if len(submission.files) < MAX_FILES:
            submission.files.append(File(name, read))
        elif TOO_MANY not in submission.problems:
            submission.problems.append(TOO_MANY)


def _without_top_folder(entries):
    """Strip a top folder that wraps the whole class and is no student's own."""
    tops = {parts[0] for parts, _ in entries}
    if len(tops) != 1 or any(len(parts) < 2 for parts, _ in entries) or MOODLE.match(*tops):
        return entries
    below = {parts[1] for parts, _ in entries if len(parts) > 2}
    named = any(CANVAS.match(parts[1]) or MOODLE.match(parts[1]) for parts, _ in entries)
    direct = any(len(parts) == 2 and NOTEBOOK.search(parts[1]) for parts, _ in entries)
    if named or (len(below) > 1 and not direct):
        return [(parts[1:], read) for parts, read in entries]
    return entries


def _natural_key(name):
    """Sort key: numbers by value, and "a" before "a-1" and "a (1)"."""
    stem, _, suffix = name.casefold().rpartition(".")
    return re.sub(r"\d+", lambda found: found[0].zfill(12), stem or suffix), name
