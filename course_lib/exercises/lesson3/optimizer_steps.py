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
    """Draw a parameter and four gradients for each shape and set of options.

    Where eps is left out, one entry of the gradients is 0, and one so small that eps counts.
    """
    found = []
    for shape, options in settings:
        grads = [rng.standard_normal(shape) for _ in range(4)]
        for grad in grads if "eps" not in options else ():
            grad.flat[1:3] *= 0.0, 1e-8
        found.append(Case((rng.standard_normal(shape), tuple(grads)), options))
    return found
