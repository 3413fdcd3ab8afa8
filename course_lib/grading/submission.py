"""Grade one submission: its cells by lesson, the answers in them, a verdict for each exercise."""

import time
from dataclasses import asdict
from functools import cache

from course_lib import exercises

from .extract import cells_of, duplicates_remark, from_cells, lesson_of
from .judge import grade_exercise
from .run import Sandbox

MAX_TOTAL = 30_000_000                                    # bytes of one submission


def read(submission):
    """Read the files of a submission, so that they can be sent to a worker.

    Returns
    -------
    files : list of (str, str, bytes)
        Name, suffix and content.
    problems : list of str
    """
    files, problems, total = [], list(submission.problems), 0
    for file in submission.files:
        try:
            content = file.read()
        except ValueError as error:
            problems.append(f"{file.name}: {error}")
            continue
        total += len(content)
        if total > MAX_TOTAL:
            problems.append(f"{file.name}: left out, all files together are larger than "
                            f"{MAX_TOTAL // 1_000_000} MB")
            break
        files.append((file.name, file.suffix, content))
    return files, problems


def grade(files, problems, *, lesson, seed, limits, kind):
    """Grade what one student handed in.

    Parameters
    ----------
    files, problems
        From `read`.
    lesson : int or None
        None: every lesson that one of the files belongs to.
    seed : int
    limits : Limits
    kind : str or None
        Of the sandbox.

    Returns
    -------
    dict
        ``exercises``, ``problems``, ``points``, ``max_points``, ``seconds``.
    """
    start = time.monotonic()
    cells, more = _cells_by_lesson(files, lesson)
    problems = problems + more
    sandbox, verdicts = _sandbox(limits, kind), []
    for number in sorted(cells):
        mine = [e for e in exercises.all() if e.lesson == number]
        answers = from_cells(cells[number], [e.name for e in mine], compiled=False)
        problems += answers.problems + duplicates_remark(
            answers.duplicates, "the last one counts that is not blank")
        if files and not answers.found:
            others = _other_lessons(files, number)
            problems.append(f"no exercise of lesson {number} is in it{others}")
        verdicts += [grade_exercise(sandbox, e, answers, seed) for e in mine]
    return {"exercises": [asdict(v) for v in verdicts], "problems": problems[:50],
            "points": sum(v.points for v in verdicts),
            "max_points": sum(v.max_points for v in verdicts),
            "seconds": round(time.monotonic() - start, 3)}


@cache
def _sandbox(limits, kind):
    """One warm sandbox for each process of the grader."""
    return Sandbox(limits, kind)


def _cells_by_lesson(files, lesson):
    """The code cells of each lesson: by the number in the file's name, or by the names in it."""
    cells, problems = {n: [] for n in ([lesson] if lesson else [])}, []
    for name, suffix, content in files:
        try:
            found = [(f"{n} of {name}" if len(files) > 1 else n, source)
                     for n, source in cells_of(content, suffix)]
        except ValueError as error:
            problems.append(f"{name}: {error}")
            found = []
        for number in _lessons_of(name, found, lesson):
            cells.setdefault(number, []).extend(found)
    return cells, problems


def _other_lessons(files, lesson):
    """Name the other lessons that the names of files indicate, if any."""
    others = sorted({lesson_of(name) for name, _, _ in files} - {None, lesson})
    return f": by its name it is lesson {', '.join(map(str, others))}" if others else ""


def _lessons_of(name, cells, lesson):
    """The lessons that a file belongs to: by its number, and by the functions in it."""
    known = {e.lesson for e in exercises.all()}
    lessons = {lesson_of(name)} & known
    if lesson is None or lesson not in lessons:
        defined = from_cells(cells, [e.name for e in exercises.all()], compiled=False).found
        lessons |= {e.lesson for e in exercises.all() if e.name in defined}
    return lessons if lesson is None else lessons & {lesson}
