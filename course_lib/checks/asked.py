"""Which exercise is meant, and which function: ids are taken as people type them."""

import difflib
import re

from course_lib import exercises


class UnknownExercise(ValueError):
    """There is no such exercise. A notebook shows the sentence, not where it was raised."""

    def _render_traceback_(self):
        return [f"ValueError: {self}"]


def exercise_of(id):
    """The exercise that an id means: "1.4", 1.4, " 1,4 ", the name of its function, or that.

    Raises
    ------
    UnknownExercise
        If there is none: a ValueError that lists those of the lesson, or the nearest.
    """
    text = as_text(id)
    known = {e.id: e for e in exercises.all()} | {e.name: e for e in exercises.all()}
    if text in known:
        return known[text]
    raise UnknownExercise(f"there is no exercise {id!r}{_instead(text, known)}")


def prediction_of(id):
    """The prediction that an id means: "1.A", "1.a", " 1,A ".

    Raises
    ------
    UnknownExercise
        If there is none.
    """
    known, text = exercises.predictions(), as_text(id).upper()
    if text in known:
        return known[text]
    raise UnknownExercise(f"there is no prediction {id!r}{_instead(text, known)}")


def as_text(id):
    """An id as text, without spaces, with a point in place of a comma."""
    name = getattr(id, "__name__", id)                    # a function was handed over
    return re.sub(r"\s", "", str(name)).replace(",", ".").removeprefix("exercise")


def _instead(text, known):
    """What there is: the ids of the lesson, or the nearest name."""
    lesson = [k for k in known if k.split(".")[0] == text.split(".")[0] and "." in k]
    if lesson:
        return f"; lesson {text.split('.')[0]} has {', '.join(lesson)}"
    near = difflib.get_close_matches(text, [k for k in known if "." not in k], n=1)
    if near:
        return f"; did you mean {near[0]!r}?"
    lessons = sorted({k.split(".")[0] for k in known if "." in k})
    return f"; write its number as a text, like {next(iter(known))!r}: there are lessons " \
           f"{lessons[0]} to {lessons[-1]}"


def function_of(exercise, names):
    """The learner's function, found by its name among those of a notebook; None if it is not."""
    found = names.get(exercise.name)
    return found if callable(found) else None


def another_exercise(exercise, fn):
    """The exercise whose function was handed over in place of this one's, or None."""
    name = getattr(fn, "__name__", "")
    return next((e for e in exercises.all() if e.name == name and e is not exercise
                 and e.lesson == exercise.lesson), None)
