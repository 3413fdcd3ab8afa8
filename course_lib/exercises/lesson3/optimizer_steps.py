"""Harness and cases that the exercises on optimizers share."""

from course_lib.exercises import Case

STEPS = tuple(f"the parameters after step {k}" for k in range(1, 5))

def harness(answer, param, grads, **options):
    """Several steps, each with the state of the one before; the parameters after each."""
    import numpy as np

    class Told(Exception):
        """What is wrong with what was returned, in words for its author."""

    state, path = {}, []
    for grad in grads:
        before = repr(state)
        out = answer(param, grad, state, **options)
        if out is None:
            return None
        if not (isinstance(out, (tuple, list)) and len(out) == 2 and isinstance(out[1], dict)):
            raise Told("return two things: the new param, and the new state, a dictionary")
        if repr(state) != before:
            raise Told("the state was changed in place: return a new dictionary")
        param, state = out
        path.append(np.array(param))
    return path


def draw_cases(rng, settings):
    """Draw a parameter and four gradients for each shape and set of options."""
    found = []
    for shape, options in settings:
        grads = tuple(rng.standard_normal(shape) for _ in range(4))
        found.append(Case((rng.standard_normal(shape), grads), options))
    return found
