"""Display of a result: a card in a notebook, a line of text elsewhere."""

from dataclasses import dataclass
from html import escape

from course_lib.exercises import Exercise

SIGNS = {"blank": "○", "right": "●", "wrong": "✗", "error": "!"}
# Borders only, so that the text keeps the theme's own colours, light or dark. Each status has its
# sign too: nothing is said by colour alone.
COLOURS = {"blank": "#888888", "right": "#009e73", "wrong": "#d55e00", "error": "#d55e00"}


def _card(text, colour):
    """HTML of a paragraph with a coloured border; newlines and spaces are kept."""
    style = f"border-left: 4px solid {colour}; padding: 4px 10px; white-space: pre-wrap"
    return f'<div role="status" style="{style}">{escape(text)}</div>'


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
    """

    exercise: Exercise
    status: str
    mistake: str | None
    message: str

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
        return f"{SIGNS[self.status]} {self.id} {self.exercise.name}: {self.message}"

    def _repr_html_(self):
        return _card(repr(self), COLOURS[self.status])


class Text:
    """A hint, a solution or a reply to a prediction, shown in a notebook."""

    def __init__(self, text, *, code=False):
        self.text = text
        self.code = code

    def __repr__(self):
        return self.text

    def _repr_html_(self):
        if self.code:
            return f"<pre><code>{escape(self.text)}</code></pre>"
        return _card(self.text, COLOURS["blank"])
