"""Rows and help that fit the terminal, however wide it is."""

import errno
import os
import shutil
import sys
import textwrap

import typer
from typer.core import TyperGroup

COLOURS = {"ok": "green", "right": "green", "note": "yellow", "wrong": "yellow",
           "problem": "red", "error": "red", "corrupt": "red"}
STATUS, NARROW = 8, 60                                    # columns; below NARROW names stand alone


def width():
    """Columns of the terminal; COLUMNS says it where there is none."""
    return max(24, shutil.get_terminal_size((80, 24)).columns)


def wrapped(text, first="", indent=0):
    """A text wrapped to the terminal, between words only; further lines are indented."""
    return textwrap.fill(text, width(), initial_indent=first, subsequent_indent=" " * indent,
                         break_long_words=False, break_on_hyphens=False) or first


def say(text, *, err=False):
    """Print a paragraph."""
    typer.echo(wrapped(text), err=err)


def row(status, name, detail="", remedy="", *, room=0):
    """Print a row: a status, a name in a column, what is to be said, and what to do about it.

    Parameters
    ----------
    status, name, detail, remedy : str
    room : int
        Width of the column of names.
    """
    mark = typer.style(f"{status:<{STATUS}}", fg=COLOURS.get(status))
    alone = bool(name) and (width() < NARROW or len(name) > room > 0)
    indent = STATUS if alone or not room else STATUS + room + 2
    if alone:
        typer.echo(mark + name)
        body = [detail] if detail else []
    else:
        head = f"{name:<{room}}  " if room else name and f"{name}  "
        lines = wrapped(detail, " " * STATUS + head, indent)
        typer.echo((mark + lines[STATUS:]).rstrip())
        body = []
    body += [f"-> {remedy}"] if remedy else []
    for text in body:
        typer.echo(wrapped(text, " " * indent, indent + 3 * text.startswith("->")))


class Commands(TyperGroup):
    """The list of commands under two headings: the learner's, then the instructor's."""

    learners = ("lab", "progress", "doctor", "data")

    def make_context(self, info_name, args, parent=None, **extra):
        """As always, with help as wide as the terminal, however narrow that is."""
        extra.setdefault("terminal_width", min(width(), 100))
        return super().make_context(info_name, args, parent, **extra)

    def list_commands(self, context):
        """Names of the commands, the learner's first."""
        names = super().list_commands(context)
        return [n for n in self.learners if n in names] + [
            n for n in names if n not in self.learners]

    def format_commands(self, context, formatter):
        """Write the two lists; no line is cut short."""
        rows = [(name, self.get_command(context, name).get_short_help_str(200))
                for name in self.list_commands(context)]
        for heading, found in (("Commands", [r for r in rows if r[0] in self.learners]),
                               ("For instructors", [r for r in rows if r[0] not in self.learners])):
            with formatter.section(heading):
                formatter.write_dl(found)


def run(app):
    """Run a command; a full disk or a closed pipe ends it with one line, or with none.

    Parameters
    ----------
    app : callable
        Raises SystemExit when it ends, as those of typer do.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):                # a Windows console may know no ✓ or ∂
            stream.reconfigure(errors="replace")
    try:
        try:
            app()
        finally:
            sys.stdout.flush()
    except OSError as error:
        closed = (errno.EPIPE, errno.EINVAL) if os.name == "nt" else (errno.EPIPE,)
        if error.errno not in (*closed, errno.ENOSPC):
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())   # what is left goes there
        if error.errno == errno.ENOSPC:
            typer.echo(f"course: {error.strerror}", err=True)
        raise SystemExit(1) from None
