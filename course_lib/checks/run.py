"""Run an answer on one case and bring back plain data: what it returned, or how it failed."""

import contextlib
import copy
import dis
import functools
import io
import linecache
import re
import traceback
from dataclasses import dataclass
from typing import Any

import numpy as np

from .plain_data import Refused, plain


@dataclass(frozen=True)
class Outcome:
    """Outcome of one call: the value returned, or the exception raised.

    Attributes
    ----------
    value : plain data (see `plain`)
    raised : str
        Name of the exception, "Refused" for a value that is not plain data, "" for neither.
    message : str
        What the exception says, or why the value was refused.
    where : str
        The line of the answer that raised it, if it is known.
    mutated : tuple of int or str
        Positions of the arguments, and names of the options, that were changed in place.
    """

    value: Any = None
    raised: str = ""
    message: str = ""
    where: str = ""
    mutated: tuple[int | str, ...] = ()


# What `return None` compiles to, docstring or not.
STUB_OPCODES = {"RESUME", "NOP", "LOAD_CONST", "RETURN_VALUE", "RETURN_CONST", "COPY_FREE_VARS"}


def is_stub(fn):
    """Whether a function is still the stub: it does nothing but return None."""
    code = getattr(fn, "__code__", None)
    if code is None:
        return False
    steps = list(dis.get_instructions(code))
    returned = {i.argval for i in steps if i.opname in ("LOAD_CONST", "RETURN_CONST")}
    return {i.opname for i in steps} <= STUB_OPCODES and returned == {None}


class Watched:
    """An answer in the hands of a harness, that remembers what it returned and what it changed.

    Arrays that it changes in place are noted, and put back: no later call is spoilt by them.

    Attributes
    ----------
    inside : bool
        Whether the answer is running, or has raised.
    returned : object
        What it returned last.
    changed : set of int
        Positions of the arguments that it changed in place.
    """

    def __init__(self, fn):
        self.fn, self.inside, self.returned, self.changed = fn, False, None, set()
        functools.update_wrapper(self, fn, updated=())

    def __call__(self, *args, **options):
        """What the answer returns."""
        arrays = {k: (a, a.copy()) for k, a in enumerate(args) if type(a) is np.ndarray}
        self.inside = True
        returned = self.fn(*args, **options)
        self.inside = False                               # not in a finally: it did return
        changed = {k for k, (a, was) in arrays.items() if not _same(a, was)}
        if changed:
            returned = copy.deepcopy(returned)            # it may be that very array
            for array, was in (arrays[k] for k in changed):
                array[...] = was
        self.changed |= changed
        self.returned = returned
        return returned

    def told(self):
        """What to say where the harness could not use what was returned."""
        if self.returned is None:
            return "your function returns None in this case: does every branch end in a return?"
        kind = type(self.returned).__name__
        size = f" of {len(self.returned)}" if isinstance(self.returned, (tuple, list)) else ""
        return f"your function returns a {kind}{size} that cannot be used"


def run_case(fn, exercise, case, *, quiet=True):
    """Call an answer on copies of a case's inputs.

    A harness may raise an exception of its own, named Told, with words for the answer's author.

    Parameters
    ----------
    fn : callable
    exercise : Exercise
    case : Case
    quiet : bool
        Swallow what it prints: a learner's print need not be seen once for each case.

    Returns
    -------
    Outcome
    """
    args, options = copy.deepcopy((case.args, case.options))
    silence = contextlib.ExitStack()
    if quiet:
        silence.enter_context(contextlib.redirect_stdout(io.StringIO()))
        silence.enter_context(contextlib.redirect_stderr(io.StringIO()))
    watched = Watched(fn) if exercise.harness else None
    try:
        with silence, np.errstate(all="ignore"):
            if exercise.harness:
                out = exercise.harness(watched, *args, **options)
            else:
                out = fn(*args, **options)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        if watched and type(error).__name__ == "Told":
            return Outcome(raised="Refused", message=str(error))
        where = _exception_line(error, fn)
        if watched and not watched.inside and not where:  # what it returned is of no use
            return Outcome(raised="Refused", message=watched.told())
        return Outcome(raised=type(error).__name__, message=_exception_text(error), where=where)
    try:
        value = plain(out)
    except Refused as refusal:
        return Outcome(raised="Refused", message=str(refusal))
    except Exception as error:   # an object whose own methods raise
        return Outcome(raised="Refused", message="what it returns cannot be read: "
                       f"{type(error).__name__}: {_exception_text(error)}")
    mutated = tuple(
        k for k, (used, given) in enumerate(zip(args, case.args, strict=True))
        if not _same(used, given)
    )
    mutated += tuple(sorted(watched.changed - {*mutated})) if watched else ()
    mutated += tuple(name for name in case.options if not _same(options[name], case.options[name]))
    return Outcome(value=value, mutated=mutated)


def _same(a, b):
    """Whether an input is still what it was, arrays inside tuples included."""
    if isinstance(b, np.ndarray):
        return type(a) is type(b) and np.array_equal(a, b)
    if type(a) is not type(b):
        return False
    if isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(_same(x, y) for x, y in zip(a, b, strict=True))
    return a == b


def _exception_text(error):
    """The message of an exception, without memory addresses and of bounded length."""
    try:
        text = re.sub(r"<([\w.<>]+) object at 0x[0-9a-f]+>", r"<\1>", str(error))
    except Exception:                                     # its own __str__ raises
        return ""
    lines = text.splitlines()
    text = "\n".join(lines if len(lines) <= 6 else [*lines[:5], "…"])
    return text if len(text) <= 600 else text[:600] + " …"


def _exception_line(error, fn):
    """The last line of the answer's own file in an exception's traceback."""
    file = getattr(getattr(fn, "__code__", None), "co_filename", None)
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == file]
    line = linecache.getline(file, frames[-1].lineno).strip() if frames else ""
    return f"line {frames[-1].lineno}: {line}" if line else ""
