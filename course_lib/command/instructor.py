"""The commands of an instructor: `course grade`, `course grade-selftest`, `course release`."""

import functools
import sys
from pathlib import Path
from typing import Annotated

import typer


def _option(type, help, **more):
    return Annotated[type, typer.Option(help=help, **more)]


Where = Annotated[Path, typer.Argument(
    metavar="SUBMISSIONS", help="A folder or zip with a folder, a file or a zip for each student.")]
Out = _option(Path, "The folder for grades, feedback and the report.")
Lesson = _option(int | None, "Grade this lesson. Default: every lesson that is found.")
Seed = _option(Path | None, "A file with a secret; hidden inputs are drawn from it. Default: one "
               "drawn at random, kept in the folder of grades.")
Jobs = _option(int | None, "Processes. Default: one for each processor.", min=1)
Scheduler = _option(str | None, "Address of a Dask cluster to use instead, like tcp://host:8786.")
Only = _option(str | None, "Only this student, and again.")
Preset = _option(str | None, "Also what a platform imports: canvas, moodle or gradescope.")
Pattern = _option(str | None, "A regular expression with (?P<student>...), where files are laid "
                  "out in another way.")
Assignment = _option(str | None, "Name of the column for Canvas, with its number.")
Kind = _option(str | None, "bubblewrap, podman or docker. Default: the first that works.")
Seconds = _option(float, "Limit of time for one exercise.")
Memory = _option(int, "Limit of memory for one exercise, in MB.")
Disk = _option(int, "Limit of what it may write to /tmp, in MB.")
Output = _option(int, "Limit of what it may return, in MB.")
Trust = Annotated[bool, typer.Option(
    "--trust-submissions", help="Without a sandbox: run everything as if it were yours.")]
KINDS = ("bubblewrap", "podman", "docker")
PRESETS = ("canvas", "moodle", "gradescope")


def plainly(command):
    """Show what went wrong as one plain message, and leave with an error."""
    @functools.wraps(command)
    def wrapped(*args, **kwargs):
        from course_lib.grading.run import Unavailable

        try:
            return command(*args, **kwargs)
        except ModuleNotFoundError as error:
            typer.echo(f"{error.name} is not installed. Install what grading needs with: "
                       "python -m pip install distributed jinja2", err=True)
            raise typer.Exit(2) from error
        except OSError as error:
            typer.echo(f"{error.filename}: {error.strerror}" if error.filename else str(error),
                       err=True)
            raise typer.Exit(2) from error
        except (ValueError, Unavailable) as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(2) from error
        except KeyboardInterrupt:
            typer.echo("\nStopped. What is graded is kept: the same command goes on from here.",
                       err=True)
            raise typer.Exit(130) from None
    return wrapped


@plainly
def grade(
    submissions: Where, out: Out, lesson: Lesson = None, seed_file: Seed = None, jobs: Jobs = None,
    scheduler: Scheduler = None, only: Only = None, preset: Preset = None, pattern: Pattern = None,
    assignment: Assignment = None, sandbox: Kind = None, seconds: Seconds = 10.0,
    memory: Memory = 500, disk: Disk = 16, output: Output = 32, trust_submissions: Trust = False,
):
    """Grade a class: a table of grades, feedback for each student, a report on the class.

    Answers are run in a sandbox; the verdict is reached outside. What is graded already, and
    unchanged, is left as it is: the same command goes on where it was stopped.
    """
    from course_lib import exercises
    from course_lib.grading.collect import collect
    from course_lib.grading.grade import grade_class
    from course_lib.grading.results import Results, seed_from
    from course_lib.grading.run import Limits

    _known(preset, PRESETS, "--preset")
    _known(sandbox, KINDS, "--sandbox")
    _known(lesson, sorted({e.lesson for e in exercises.all()}), "--lesson")
    if preset == "canvas" and not assignment:
        raise ValueError("--preset canvas needs --assignment: the name of the column as Canvas "
                         "writes it, like 'Lesson 1 (4711)'")
    _own_folder(out, submissions, lesson)
    kind = "none" if trust_submissions else sandbox
    limits = Limits(seconds, memory, disk, output)
    found, left = collect(submissions, pattern)
    wanted = _wanted(found, only)
    _try_sandbox(limits, kind, scheduler)
    results = Results(out)
    secret = seed_file.read_text(encoding="utf-8").strip() if seed_file else results.secret()
    seed_from(secret)
    graded = grade_class(wanted, results, secret=secret, lesson=lesson, limits=limits, kind=kind,
                         jobs=jobs, scheduler=scheduler, again=only is not None)
    files = _write(results, preset, assignment, {one.student for one in found})
    _summary(found, left, graded, len(wanted), results, files, lesson)


def _own_folder(out, submissions, lesson):
    """Refuse a folder that holds other things, where something would be lost or mixed up."""
    from course_lib.grading.results import Results

    if out.resolve().is_relative_to(submissions.resolve()):
        raise ValueError(f"{out} lies among the submissions: choose a folder outside of them")
    if out.resolve() == Path.cwd().resolve():
        raise ValueError("--out is the folder that you are in: choose one for the grades alone")
    if (out / "results").is_dir():
        others = {result["lesson"] for result in Results(out).all()} - {lesson}
        if others:
            what = " and ".join(f"lesson {n}" if n else "every lesson" for n in others)
            raise ValueError(f"{out} holds grades of {what}: choose another folder for this "
                             "assignment")


def _write(results, preset, assignment, students):
    """The pages and tables, from the results of those who are there."""
    from course_lib.grading.reports import (
        without_number,
        write_feedback,
        write_grades,
        write_report,
    )

    write_feedback(results, students)
    nameless = without_number(results, students) if preset in ("canvas", "moodle") else []
    if nameless:
        typer.echo(f"{len(nameless)} of {len(students)} are not in {preset}.csv, because their "
                   f"files carry no number of {preset}'s: {', '.join(nameless[:5])}", err=True)
    return [*write_grades(results, preset, assignment, students), write_report(results, students)]


def _known(value, allowed, option):
    if value not in (None, *allowed):
        raise ValueError(f"{option} is {value!r}: it can be {', '.join(map(str, allowed))}")


def _try_sandbox(limits, kind, scheduler):
    """Find out before anything is read whether there is a sandbox that works."""
    from course_lib.grading.run import Sandbox

    if scheduler is None:                                 # else it is the workers' that counts
        tried = Sandbox(limits, kind)
        tried.close()
        typer.echo("Without a sandbox: what is run here can do whatever you can do."
                   if tried.kind == "none" else f"Sandbox: {tried.kind}.", err=True)


def _wanted(found, only):
    """All submissions, or that of one student."""
    if only is None:
        return found
    wanted = [one for one in found if one.student == only]
    if not wanted:
        close = [one.student for one in found if only.casefold() in one.student.casefold()][:5]
        raise ValueError(f"there is no student {only!r}" + (
            f"; did you mean {' or '.join(close)}?" if close else f" among the {len(found)}"))
    return wanted


def _summary(found, left, graded, wanted, results, files, lesson):
    """Say in a few lines what was done and where it is."""
    students = {one.student for one in found}
    every = results.all(students)
    gone = {r["student"] for r in results.all()} - students
    typer.echo(f"{graded} graded, {wanted - graded} unchanged.")
    if lesson and not any(v["status"] != "blank" for r in every for v in r["exercises"]):
        typer.echo(f"Nobody has handed in anything of lesson {lesson}: is it the right one?")
    remarks = sum(bool(result["problems"]) for result in every)
    if remarks:
        typer.echo(f"{remarks} with something to look at: see the column 'remarks'.")
    if gone:
        typer.echo(f"{len(gone)} graded earlier are not among the submissions now. They are kept "
                   "in results, and left out of the tables: " + ", ".join(sorted(gone)[:5]))
    for line in left[:20]:
        typer.echo(f"left out: {line}", err=True)
    for path in [*files[:3], results.folder / "feedback"]:
        typer.echo(f"  {path}")


@plainly
def selftest(trust_submissions: Trust = False, seconds: Seconds = 10.0, memory: Memory = 500):
    """Prove this machine's sandbox: reference, blank and every known mistake, graded as answers.

    The reference must get full marks, a blank none, each mistake its own message.
    """
    from course_lib.grading.run import Limits, Sandbox
    from course_lib.grading.selftest import examine

    sandbox = Sandbox(Limits(seconds, memory), "none" if trust_submissions else None)
    typer.echo(f"Sandbox: {sandbox.kind}, {sandbox.mode}.")
    failed = total = 0
    for what, wrong in examine(sandbox):
        total += 1
        if wrong:
            failed += 1
            typer.echo(f"problem  {what}: {wrong}")
    sandbox.close()
    typer.echo(f"{total - failed} of {total} as they should be.")
    if failed:
        raise typer.Exit(1)


@plainly
def release(
    out: Annotated[Path, typer.Option(help="A new folder, or an empty one.")],
    without_solutions: Annotated[bool, typer.Option(
        "--without-solutions", help="Leave out the solved lessons, and the answers in the library.")
    ] = False,
    nbgrader: Annotated[bool, typer.Option(
        "--nbgrader", help="A source assignment for nbgrader instead.")] = False,
):
    """Write what you hand out: the lessons, the library, the data, the README."""
    from course_lib.grading.release import write_nbgrader, write_release

    if nbgrader and without_solutions:
        raise ValueError("--nbgrader writes source assignments, which hold the solutions: nbgrader "
                         "takes them out")
    course = _checkout()
    if nbgrader:
        typer.echo("With nbgrader, tests run in the student's own process and can be fooled there. "
                   "What it collects can be graded with  course grade.", err=True)
    written = write_nbgrader(course, out) if nbgrader else write_release(
        course, out, solutions=not without_solutions)
    typer.echo(f"{written} files in {out}")


def _checkout():
    here = Path.cwd().resolve()
    for folder in (here, *here.parents, Path(__file__).resolve().parents[2]):
        if (folder / "notebooks" / "build.py").is_file() and (folder / "course_lib").is_dir():
            return folder
    typer.echo("The course is not here: run this in its folder.", err=True)
    sys.exit(2)
