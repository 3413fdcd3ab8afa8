"""Predict, then run: a learner's guess, and what is said to it."""

import numpy as np

from .asked import prediction_of
from .card import COLOURS, SIGNS, Text


def predict(id, guess):
    """Commit to a number before running the cell that computes it.

    Parameters
    ----------
    id : str
        "1.A".
    guess : float or None
        None while you have not guessed.

    Raises
    ------
    ValueError
        If there is no such question.
    """
    question = prediction_of(id)
    if guess is None:
        return Text(f"{SIGNS['blank']} prediction {question.id}: put your guess in place of None, "
                    "before you run on")
    number = _as_number(guess)
    if number is None:
        return Text(f"{SIGNS['error']} prediction {question.id}: {_short(guess)} is not a number; "
                    "give one, like 0.5", colour=COLOURS["error"])
    if abs(number - question.truth()) <= question.within:
        return Text(f"{SIGNS['right']} prediction {question.id}: {number:g} it is. Run on and see.",
                    colour=COLOURS["right"])
    return Text(f"{SIGNS['wrong']} prediction {question.id}: not {number:g}. {question.nudge} Run "
                "on and see.", colour=COLOURS["wrong"])


def _as_number(guess):
    """A guess as a float: a fraction, a decimal, an array with one number in it will do."""
    if isinstance(guess, (bool, str, bytes)):
        return None
    try:
        return float(guess.item() if isinstance(guess, np.ndarray) else guess)
    except OverflowError:
        return float("inf") if guess > 0 else float("-inf")
    except (TypeError, ValueError):
        return None


def _short(value):
    """A value as text of bounded length."""
    text = repr(value)
    return text if len(text) <= 60 else text[:60] + " …"
