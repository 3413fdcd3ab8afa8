"""The command `course`: open the lessons, look at the set-up, the data, and how far you are."""

import importlib.util
import sys
from pathlib import Path
from typing import Annotated

import typer

from course_lib import __version__

from . import instructor

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False,
                  rich_markup_mode=None,
                  context_settings={"help_option_names": ["-h", "--help"]})
data_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
app.add_typer(data_app, name="data", help="See, download and check the data sets.")
app.command()(instructor.grade)
app.command("grade-selftest")(instructor.selftest)
app.command()(instructor.release)

COLOURS = {"ok": "green", "right": "green", "note": "yellow", "wrong": "yellow",
           "amiss": "red", "error": "red", "corrupt": "red"}
Names = Annotated[list[str] | None, typer.Argument(metavar="NAME", help="Default: all.")]


def main():
    """Run the command; the entry point of the console script."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a Windows console may know no ● or ∂
            stream.reconfigure(errors="replace")
    app()


def checkout(start=None):
    """Find the course's folder: the one we are in, or one above it.

    Parameters
    ----------
    start : Path, optional
        The current folder by default.

    Returns
    -------
    Path or None
    """
    here = Path(start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / "notebooks").is_dir() and (folder / "course_lib").is_dir():
            return folder
    return None


def _version(wanted: bool):
    if wanted:
        typer.echo(f"course {__version__}")
        raise typer.Exit


@app.callback()
def course(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True,
                                          help="Show the version and leave.")] = False,
):
    """Deep learning by hand: seven lessons, with exercises that check themselves."""


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def lab(
    context: typer.Context,
    no_browser: Annotated[bool, typer.Option(
        "--no-browser", help="Only print the address.")] = False,
    port: Annotated[int | None, typer.Option(
        help="Where to listen. Default: 8888, or the next that is free.")] = None,
):
    """Open JupyterLab at the table of lessons. Ctrl-C ends it.

    Anything else you write is passed on to JupyterLab, such as --ip=0.0.0.0.
    """
    from .lab import open_lab

    if importlib.util.find_spec("jupyterlab") is None:
        typer.echo("JupyterLab is not installed. Install it with: "
                   'python -m pip install "jupyterlab>=4" "ipykernel>=6.25"', err=True)
        raise typer.Exit(1)
    folder = checkout()
    if folder is None:
        folder = Path.cwd()
        typer.echo(f"The course is not here, so this opens {folder}. "
                   "For the table of lessons, start it in the course's folder.")
    own = ["--no-browser"] * no_browser + ([f"--port={port}"] if port else [])
    open_lab(folder, own + context.args)


@app.command()
def doctor():
    """Find what could keep a lesson from running.

    Each thing amiss comes with what to do about it.
    """
    from .doctor import examine

    amiss = 0
    for found in examine(checkout() or Path.cwd()):
        amiss += found.status == "amiss"
        _row(found.status, f"{found.name:<19}", found.detail)
        if found.remedy and found.status != "ok":
            typer.echo(" " * 28 + "-> " + found.remedy)
    if amiss:
        typer.echo(f"\n{amiss} thing{'s' * (amiss > 1)} amiss: do what stands behind the arrow.")
        raise typer.Exit(1)
    typer.echo("\nNothing is amiss.")


def _row(status, *cells):
    mark = typer.style(f"{status:<6}", fg=COLOURS.get(status))
    typer.echo("  ".join([mark, *cells]).rstrip())


@data_app.command("list")
def data_list():
    """Show each data set: what would be used now, and how many examples that is."""
    from course_lib import data

    more = False
    for state in map(data.state, data.names()):
        _row("ok" if state.ok else "amiss", f"{state.name:<15}", f"{state.source:<9}", state.detail)
        if state.remedy:
            typer.echo(" " * 36 + "-> " + state.remedy)
        more |= state.fetchable and state.source == "embedded"
    typer.echo("\nEvery lesson runs with what is here."
               + " The whole of every data set: course data fetch" * more)


@data_app.command()
def fetch(names: Names = None):
    """Download data sets: all of which there is more than is embedded, or the named ones.

    BERT, 440 MB, comes only when it is named: pretrained_encoder. A download that was interrupted
    goes on where it stopped.
    """
    from course_lib import data

    wanted = _known(names) if names else [n for n in data.names() if data.state(n).fetchable]
    failed = False
    for name in wanted:
        state = data.fetch(name, progress=True)
        failed |= not state.ok
        _row("ok" if state.ok else "amiss", f"{name:<15}", state.detail)
        if state.remedy:
            typer.echo(" " * 25 + "-> " + state.remedy)
    raise typer.Exit(int(failed))


@data_app.command()
def verify(names: Names = None):
    """Check that every downloaded file, BERT's too, is what it should be, byte for byte."""
    from course_lib import data

    failed = False
    for name in _known(names) if names else data.names():
        problems = data.verify(name)
        failed |= bool(problems)
        _row("ok" if not problems else "corrupt", f"{name:<15}", "; ".join(problems))
    raise typer.Exit(int(failed))


def _known(names):
    from course_lib import data

    for name in names:
        if name not in data.names():
            raise typer.BadParameter(f"no data set is called {name}; there are "
                                     f"{', '.join(data.names())}")
    return names


@app.command()
def progress(
    where: Annotated[Path | None, typer.Argument(
        metavar="FOLDER_OR_NOTEBOOK", help="Default: the notebooks of this course.")] = None,
    lesson: Annotated[int | None, typer.Option(help="Only this lesson.")] = None,
):
    """Show which exercises are blank, wrong or right, and the points.

    Save your notebook first: what counts is the file. Your functions are run, here and without a
    sandbox; the rest of the notebook is not, and nothing in it is changed.
    """
    from .progress import find_notebooks

    where = where or checkout()
    if where is None or not where.exists():
        typer.echo(f"There is no {where}." if where else "The course is not here: say which folder "
                   "or notebook, as in  course progress my_notebooks", err=True)
        raise typer.Exit(2)
    notebooks = find_notebooks(where, lesson)
    shown = [_show_notebook(path, lesson, path.relative_to(where) if where.is_dir() else path.name)
             for path in notebooks]
    if all(rows is None for rows in shown):
        typer.echo(f"There are no exercises in {where}.", err=True)
        raise typer.Exit(2)
    if len(notebooks) > 1:
        typer.echo(_total("all notebooks", [row for rows in shown for row in rows or []]))


def _show_notebook(path, lesson, title):
    """Print the table of one notebook row by row; give the rows, or None if it has no exercise."""
    from course_lib import exercises
    from course_lib.grading.extract import told_twice

    from .progress import check_answers, read_notebook

    mine, answers = read_notebook(path, exercises.all(), lesson)
    if not answers.source:
        typer.echo(title)
        _row("error", answers.problems[0])
        typer.echo()
        return []
    if not mine:
        return None
    typer.echo(title)
    rows, width = [], max(len(exercise.name) for exercise in mine)
    for row in check_answers(mine, answers, path.parent):
        why = row.message.partition("\n")[0] if row.status != "right" else ""
        points = f"{row.points:g}/{row.max_points:g}"
        _row(row.status, f"{row.id:<4}", f"{row.name:<{width}}", f"{points:<5}", why)
        rows.append(row)
    for note in [*answers.problems, *told_twice(answers.duplicates, "the last one counts")]:
        _row("note", note)
    typer.echo(_total("this lesson", rows) + "\n")
    return rows


def _total(what, rows):
    points, most = sum(row.points for row in rows), sum(row.max_points for row in rows)
    right = sum(row.status == "right" for row in rows)
    return f"{what}: {right} of {len(rows)} exercises right, {points:g} of {most:g} points"
