"""The commands `course data list`, `fetch` and `verify`."""

from typing import Annotated

import typer

from course_lib import data

from .terminal import row, say

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
Names = Annotated[list[str] | None, typer.Argument(metavar="NAME", help="Default: all.")]
ROOM = 18                                                 # of the longest name


@app.command("list")
def show():
    """Show what each data set would be read from, and how many examples that is."""
    more = broken = False
    for state in map(data.state, data.names()):
        row("ok" if state.ok else "problem", state.name, state.detail, state.remedy, room=ROOM)
        more |= state.fetchable and state.source == "embedded"
        broken |= not state.ok
    typer.echo()
    if broken:
        say("Something is missing: do what stands behind the arrow.")
    else:
        say("Every lesson runs with what is here."
            + " The whole of every data set: course data fetch" * more)
    raise typer.Exit(int(broken))


@app.command()
def fetch(names: Names = None):
    """Download data sets: all of which there is more than is here, or the named ones.

    BERT, 440 MB, comes only when it is named: pretrained_encoder. A download that was interrupted
    goes on where it stopped.
    """
    wanted = _known(names) if names else [n for n in data.names() if data.state(n).fetchable]
    failed = False
    for name in wanted:
        state = data.fetch(name, progress=True)
        failed |= not state.ok
        row("ok" if state.ok else "problem", name, state.detail, state.remedy, room=ROOM)
    raise typer.Exit(int(failed))


@app.command()
def verify(names: Names = None):
    """Check every downloaded file, BERT's too, byte for byte."""
    failed = False
    for name in _known(names) if names else data.names():
        problems = data.verify(name)
        failed |= bool(problems)
        row("ok" if not problems else "corrupt", name, "; ".join(problems), room=ROOM)
    raise typer.Exit(int(failed))


def _known(names):
    for name in names:
        if name not in data.names():
            raise typer.BadParameter(f"no data set is called {name}; there are "
                                     f"{', '.join(data.names())}")
    return names
