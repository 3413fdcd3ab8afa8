"""Display of a result: a card in a notebook, lines of text elsewhere."""

import re
from dataclasses import dataclass
from html import escape

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from course_lib.exercises import Exercise

SIGNS = {"blank": "○", "right": "✓", "wrong": "✗", "error": "!"}
# Borders only, so that the text keeps the theme's own colours, light or dark. Each status has its
# sign too: nothing is said by colour alone.
COLOURS = {"blank": "#888888", "right": "#009e73", "wrong": "#d55e00", "error": "#d55e00"}
# Colours of its own for code: dark on white, whatever the theme.
PAPER = "background: #ffffff; color: #1f2328; border-radius: 6px; padding: 8px 12px"


def _card(text, colour, more=""):
    """HTML of a paragraph with a coloured border; newlines and spaces are kept."""
    style = f"border-left: 4px solid {colour}; padding: 4px 10px"
    return (f'<div style="{style}"><div role="status" style="white-space: pre-wrap">{escape(text)}'
            f"</div>{more}</div>")


def folded(hints):
    """HTML of hints: each opens under the complaint that it answers, without a kernel."""
    opened = []
    for hint in hints:
        complaint, answer = re.fullmatch(r"(“[^”]*”) (.*)", hint, re.DOTALL).groups()
        opened.append(f'<details><summary style="cursor: pointer">Hint: {escape(complaint)}'
                      f"</summary><p>{escape(answer)}</p></details>")
    return "".join(opened)


@dataclass(frozen=True)
class Result:
    """The result of a check.

    Attributes
    ----------
    exercise : Exercise
    status : {"blank", "wrong", "right", "error"}
    mistake : str or None
        Name of the recognised mistake.
    message : str
        Plain text, for the learner.
    details : tuple of str
        More lines of text: how well a right answer agrees, how far the lesson is.
    picture : str
        HTML, where a wrong answer can be drawn.
    """

    exercise: Exercise
    status: str
    mistake: str | None
    message: str
    details: tuple[str, ...] = ()
    picture: str = ""

    @property
    def id(self):
        """Id of the exercise."""
        return self.exercise.id

    @property
    def max_points(self):
        """Points of the exercise."""
        return self.exercise.points

    @property
    def points(self):
        """All points for a right answer, none otherwise."""
        return self.exercise.points if self.status == "right" else 0

    def __repr__(self):
        first = f"{SIGNS[self.status]} {self.id} {self.exercise.name}: {self.message}"
        return "\n".join([first, *self.details])

    def _repr_html_(self):
        hints = "" if self.status == "right" else folded(self.exercise.hints)
        return _card(repr(self), COLOURS[self.status], self.picture + hints)


class Text:
    """Hints, a solution, a case or a reply to a prediction, shown in a notebook."""

    def __init__(self, text, *, code=False, colour=COLOURS["blank"]):
        self.text, self.code, self.colour = text, code, colour

    def __repr__(self):
        return self.text

    def _repr_html_(self):
        if self.code:
            return highlight(self.text, PythonLexer(), HtmlFormatter(
                noclasses=True, nobackground=True, cssstyles=PAPER))
        return _card(self.text, self.colour)
