"""The command `course`: open the lessons, see how far you are, look at the set-up and the data."""

import importlib.util
import sys
from pathlib import Path
from typing import Annotated

import typer

from course_lib import __version__

from . import data, instructor
from .terminal import Commands, row, run, say

app = typer.Typer(cls=Commands, add_completion=False, no_args_is_help=True,
                  pretty_exceptions_enable=False, rich_markup_mode=None,
                  context_settings={"help_option_names": ["-h", "--help"]})
app.add_typer(data.app, name="data", help="See, download and check the data sets.")
app.command()(instructor.grade)
app.command()(instructor.release)
app.command("grade-selftest")(instructor.selftest)


def main():
    """Run the command; the entry point of the console script."""
    run(app)


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
    """Open the lessons in JupyterLab.

    The browser shows the start page: the lessons, your points, where to go on. Ctrl-C ends it.
    Anything else you write is passed on to JupyterLab, such as --ip=0.0.0.0.
    """
    from .lab import open_lab

    if importlib.util.find_spec("jupyterlab") is None:
        say("JupyterLab is not installed. Install it with: "
            'python -m pip install "jupyterlab>=4" "ipykernel>=6.25"', err=True)
        raise typer.Exit(1)
    folder = checkout()
    if folder is None:
        folder = Path.cwd()
        say(f"The course is not here, so this opens {folder}. For the lessons, start it in the "
            "course's folder.")
    own = ["--no-browser"] * no_browser + ([f"--port={port}"] if port else [])
    open_lab(folder, own + context.args, tell=say)


@app.command()
def doctor():
    """Find what could keep a lesson from running.

    Each problem comes with what to do about it.
    """
    from .doctor import examine

    problems = 0
    for found in examine(checkout() or Path.cwd()):
        problems += found.status == "problem"
        row(found.status, found.name, found.detail, found.remedy * (found.status != "ok"), room=19)
    typer.echo()
    if problems:
        say(f"{problems} problem{'s' * (problems > 1)}: do what stands behind the arrow.")
        raise typer.Exit(1)
    say("No problem was found.")


@app.command()
def progress(
    where: Annotated[Path | None, typer.Argument(
        metavar="FOLDER_OR_NOTEBOOK", help="Default: the notebooks of this course.")] = None,
    lesson: Annotated[int | None, typer.Option(help="Only this lesson.")] = None,
):
    """Show your points, and what is blank, wrong or right.

    Save your notebook first: what counts is the file. Your functions are run, here and without a
    sandbox; the rest of the notebook is not, and nothing in it is changed. The exit code is 1 when
    a notebook cannot be read.
    """
    from .progress import find_notebooks
    from .progress_table import show

    home = checkout()
    where = where or home
    if where is None or not where.exists():
        say(f"There is no {where}." if where else "The course is not here: say which folder "
            "or notebook, as in  course progress my_notebooks", err=True)
        raise typer.Exit(2)
    code = show(find_notebooks(where, lesson), where, lesson, home)
    sys.exit(code)


if __name__ == "__main__":
    main()
