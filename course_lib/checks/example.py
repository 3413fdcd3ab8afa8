"""The inputs that an answer got wrong, to try them by hand."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from course_lib.exercises import Exercise

LONG = 2000                                               # characters of one value


@dataclass(frozen=True)
class Example:
    """Inputs of an exercise, and what should come out.

    Attributes
    ----------
    exercise : Exercise
    args : tuple
    options : dict
        So ``answer(*args, **options)`` is the call.
    expected : plain data
        What the reference returns.
    """

    exercise: Exercise
    args: tuple
    options: dict
    expected: Any

    def __repr__(self):
        names = self.exercise.argument_names()
        names += [names[-1] if names else "argument"] * len(self.args)      # of *others
        given = [*zip(names, self.args, strict=False), *self.options.items()]
        several = isinstance(self.expected, tuple) and len(self.expected) == len(
            self.exercise.returns)
        words = self.exercise.told and self.exercise.told(*self.args, **self.options)
        wanted = zip(self.exercise.returns, self.expected if several else (self.expected,),
                     strict=False)
        id = self.exercise.id
        head = (f'{id} {self.exercise.name}. In code: c = case("{id}"), then c.args, c.options and '
                "c.expected.")
        if words:
            return f"{head}\nWith {words}"
        return "\n".join([
            head, "With", *(f"  {name} = {_written(value, name)}" for name, value in given),
            "should come out", *(f"  {name} = {_written(value, name)}" for name, value in wanted)])


def _written(value, name):
    """A value as one would type it; arrays rounded, the rest of what is long left out."""
    with np.printoptions(precision=5, suppress=True, threshold=60, linewidth=90):
        text = repr(value).replace("\n", "\n" + " " * (len(name) + 5))
    return text if len(text) <= LONG else text[:LONG] + " … (and so on)"
