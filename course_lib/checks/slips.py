"""Exceptions in a learner's words: what Python's or NumPy's sentence means, and what to do."""

import difflib
import importlib
import re

import numpy as np

# Each: what raised, a pattern of its message, and what to say, with the pattern's groups.
KNOWN = [
    ("TypeError", r"bitwise_xor|unsupported operand .* for \^",
     "In Python ^ is no power: write **."),
    ("ValueError", r"truth value of an array", "A comparison of arrays gives an array of True and "
     "False, one for each entry, and `if` wants a single one. Multiply by that array, or use "
     "np.where."),
    ("ValueError", r"mismatch in its core dimension 0.*size (\d+) is different from (\d+)",
     "A matrix product wants (n, k) @ (k, m). Here k is {1} on the left and {0} on the right: is a "
     "transpose missing, .T, or are the two exchanged?"),
    ("ValueError", r"does not have enough dimensions", "@ wants arrays with axes, and one of these "
     "is a single number: that is multiplied with *."),
    ("ValueError", r"could not broadcast input array from shape (\(.*?\)) into shape (\(.*?\))",
     "Something of shape {0} is put into a place of shape {1}."),
    ("ValueError", r"setting an array element with a sequence", "Several numbers are put into a "
     "place that has room for one."),
    ("ValueError", r"not enough values to unpack \(expected (\d+), got (\d+)\)",
     "There are {1} things on the right of = and {0} names on the left."),
    ("ValueError", r"too many values to unpack \(expected (\d+)",
     "There are more than {0} things on the right of =, and {0} names on the left."),
    ("ValueError", r"read-only", "This array must not be written to: work on a copy, x.copy()."),
    ("TypeError", r"cannot unpack non-iterable NoneType", "There is None where several things are "
     "to be unpacked. Is it None in some case, or does a function return nothing?"),
    ("TypeError", r"NoneType", "There is None where a value is needed. Is it None in some case, or "
     "does a function return nothing?"),
    ("TypeError", r"(\w+)\(\) takes (\d+) positional arguments? but (\d+) (?:was|were) given",
     "{0} is called with {2} values, and its def has names for {1}."),
    ("TypeError", r"(\w+)\(\) missing \d+ required (?:positional|keyword-only) argument\w*: (.*)",
     "{0} is called without {1}. If it is to be handed over, and not called: no parentheses."),
    ("TypeError", r"unexpected keyword argument '(\w+)'",
     "It is called with {0}=…, and its def has no such name: keep the line with def as it was."),
    ("TypeError", r"'(\w+)' object is not callable", "A {0} is followed by parentheses, as if it "
     "were a function. Is an operator missing, or square brackets?"),
    ("TypeError", r"Cannot cast ufunc .* from dtype\('float64'\) to dtype\('(u?int\d+)'\)",
     "The array holds whole numbers, and floats do not fit into it: use .astype(float) first."),
    ("IndexError", r"index (-?\d+) is out of bounds for axis (\d+) with size (\d+)",
     "Axis {1} has length {2}: its places begin at 0, and there is none with the number {0}."),
    ("IndexError", r"must be of integer \(or boolean\) type|only integers, slices",
     "A place must be a whole number: divide with //, or use .astype(int)."),
    ("IndexError", r"too many indices for array: array is (\d+)-dimensional",
     "The array has no more than {0} axes: there are too many numbers in the brackets."),
    ("IndexError", r"(?:list|tuple) index out of range", "There are not so many things in it: the "
     "first has the number 0."),
    ("AttributeError", r"'(?:tuple|list)' object has no attribute '(\w+)'", "This is a tuple or a "
     "list, and no array: take out of it what you need first, or np.array(...)."),
    ("AttributeError", r"'numpy\.ndarray' object has no attribute 'append'", "Arrays do not grow. "
     "Append to a list, and make it an array at the end."),
    ("UnboundLocalError", r"'(\w+)'", "{0} has no value yet when this line is run."),
    ("ZeroDivisionError", r"", "That is a division by zero."),
    ("KeyError", r"(.*)", "There is no {0} in the dictionary."),
    ("RecursionError", r"",
     "Your function calls itself too often: Python stops after some thousand calls."),
]


def in_words(exercise, raised, message, where):
    """What an exception means, or an empty string where nothing is known.

    Parameters
    ----------
    exercise : Exercise
    raised, message, where : str
        Name of the exception, what it says, and the line that raised it.
    """
    if raised == "NameError" and (name := re.search(r"name '(\w+)' is not defined", message)):
        return _missing_name(exercise, name[1])
    if raised == "AttributeError" and (found := re.search(
            r"module '([\w.]+)' has no attribute '(\w+)'", message)):
        return _missing_attribute(*found.groups())
    if raised == "ValueError" and (found := re.search(
            r"could not be broadcast together with shapes (\([\d,]*\)) (\([\d,]*\))", message)):
        return _unpaired(*found.groups(), where)
    for kind, pattern, words in KNOWN:
        if kind == raised and (found := re.search(pattern, message)):
            return words.format(*found.groups())
    return ""


def _missing_name(exercise, name):
    """What to do about a name that Python does not know."""
    module = importlib.import_module(exercise.reference.__module__)
    short = module.__name__.split(".")[-1]
    if name in ("np", short):
        return f"{name} is not there: run the cell with the imports, near the top of the lesson."
    if hasattr(module, name):
        return f"{name} is in the module {short}: write {short}.{name}."
    if hasattr(np, name):
        return f"{name} is NumPy's: write np.{name}."
    return f"{name} is not defined: is it misspelt, or is the cell that makes it not run yet?"


def _missing_attribute(module, name):
    """The nearest name that a module has."""
    known = dir(importlib.import_module(module)) if module.startswith(("numpy", "course_lib")) \
        else []
    near = difflib.get_close_matches(name, known, n=1)
    return f"{module} has no {name}." + (f" Did you mean {near[0]}?" if near else "")


def _unpaired(left, right, where):
    """Two shapes that cannot be combined entry by entry."""
    a, b = ([int(n) for n in shape.strip("()").split(",") if n] for shape in (left, right))
    text = f"The shapes {left} and {right} cannot be paired entry by entry."
    if len(a) == len(b) == 2 and a[1] == b[0] and "*" in where.replace("**", ""):
        return text + " * multiplies entry by entry; a matrix product is @."
    return text + " NumPy lines them up from the right; each pair of lengths must be equal, or " \
                  "one of them 1."
