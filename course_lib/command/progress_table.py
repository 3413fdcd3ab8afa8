"""The table that `course progress` prints."""

import os

import typer

from course_lib import exercises
from course_lib.checks import record
from course_lib.grading.extract import duplicates_remark

from .progress import check_answers, read_notebook, written
from .start.state import lesson_notebooks
from .terminal import row, say


def show(notebooks, where, lesson, home):
    """Print the table of every notebook, row by row.

    Parameters
    ----------
    notebooks : list of Path
    where : Path
        What was asked for: the paths that are shown are relative to it.
    lesson : int or None
        Only this lesson's exercises.
    home : Path or None
        The course's folder; what is found out about its own notebooks is kept for the start page.

    Returns
    -------
    int
        The exit code: 0, 1 if a notebook cannot be read, 2 if there is no exercise.
    """
    rows, code, shown = [], 0, 0
    for path in notebooks:
        mine, answers = read_notebook(path, exercises.all(), lesson)
        title = os.path.relpath(path, where) if where.is_dir() else path.name
        if not answers.source:
            shown, code = shown + 1, 1
            typer.echo(title)
            row("error", "", answers.problems[0])
            typer.echo()
        elif mine:
            shown += 1
            own = home is not None and path.resolve() in lesson_notebooks(home)   # and no copy
            rows += _lesson(title, path, mine, answers, record.file_in(home) if own else None)
    if not shown:
        say(f"There are no exercises in {where}.", err=True)
        return 2
    if shown > 1:
        say(_total("all notebooks", _best(rows)))
    return code


def _lesson(title, path, mine, answers, file):
    """Print the table of one notebook, and a line only where nothing is written yet."""
    typer.echo(title)
    rows, room = [], max(len(exercise.name) for exercise in mine) + 6
    begun = any(written(answers, exercise.name) for exercise in mine)
    for one in check_answers(mine, answers, path.parent):
        rows.append(one)
        why = one.message.partition("\n")[0] if one.status != "right" else ""
        if begun:
            row(one.status, f"{one.id}  {one.name}", f"{one.points:g}/{one.max_points:g}  {why}",
                room=room)
        if file and begun:
            record.remember(file, one.id, one.status, one.points, one.message)
    for note in [*answers.problems, *duplicates_remark(answers.duplicates, "the last one counts")]:
        row("note", "", note)
    say(_total("this lesson", rows) if begun else f"not begun: 0 of {_most(rows):g} points")
    typer.echo()
    return rows


def _best(rows):
    """Each exercise once, as it went best: a copy of a lesson is no second lesson."""
    return list({one.id: one for one in sorted(rows, key=lambda one: one.points)}.values())


def _most(rows):
    return sum(row.max_points for row in rows)


def _total(what, rows):
    points, right = sum(row.points for row in rows), sum(row.status == "right" for row in rows)
    return f"{what}: {right} of {len(rows)} exercises right, {points:g} of {_most(rows):g} points"
