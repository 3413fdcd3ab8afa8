"""While an answer runs: a sign of life, and everything as it was when it ends."""

import contextlib
import random
import sys
import threading
import warnings

import numpy as np

PATIENCE = 10.0                                           # seconds without a word


@contextlib.contextmanager
def sign_of_life(exercise, after=None):
    """Say, when it takes long, what is running and how to stop it."""
    out = sys.stdout                                      # the answer's own prints go elsewhere
    seconds = PATIENCE if after is None else after

    def speak():
        out.write(f"{exercise.id} {exercise.name} has been running for {seconds:.0f} seconds. Is "
                  "there a loop that never ends? To stop it: ■ in the bar above, or Ctrl-C in a "
                  "terminal.\n")
        out.flush()
    timer = threading.Timer(seconds, speak)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


@contextlib.contextmanager
def as_it_was():
    """Take back what an answer changes for everybody: the next cell must not notice."""
    limit, options, handling = sys.getrecursionlimit(), np.get_printoptions(), np.geterr()
    drawn, drawn_by_numpy = random.getstate(), np.random.get_state()     # noqa: NPY002
    with warnings.catch_warnings():
        try:
            yield
        finally:
            sys.setrecursionlimit(limit)
            np.set_printoptions(**options)
            np.seterr(**handling)
            random.setstate(drawn)
            np.random.set_state(drawn_by_numpy)          # noqa: NPY002
