"""What a check saw, in numbers and pictures: how well an answer agrees, and where it does not."""

import numpy as np

from .compare import as_numbers, same


def in_words(key, outcomes):
    """How well a right answer agrees with the reference: a sentence.

    Parameters
    ----------
    key : AnswerKey
    outcomes : list of Outcome
        What the answer did, for each case.
    """
    tried = f"Tried on {len(outcomes)} inputs"
    if key.exercise.normalise is not None:                # several answers are right
        return f"{tried}."
    pairs = zip(outcomes, key.expected, strict=True)
    largest = max((_apart(g.value, e.value) for g, e in pairs), default=0.0)
    if not largest:
        return f"{tried}: the same numbers as the library's."
    return f"{tried}: the largest difference from the library's numbers is {largest:.0e}."


def _apart(got, expected):
    """The largest difference of two values that are the same up to rounding."""
    if isinstance(expected, dict):
        return max((_apart(got[k], v) for k, v in expected.items()), default=0.0)
    if isinstance(expected, tuple):
        return max((_apart(g, e) for g, e in zip(got, expected, strict=True)), default=0.0)
    mine, wanted = as_numbers(got), as_numbers(expected)
    if mine is None or wanted is None or wanted.dtype == bool:
        return 0.0
    with np.errstate(all="ignore"):
        gaps = np.abs(mine.astype(float) - wanted)
    return float(np.nanmax(np.where(np.isfinite(gaps), gaps, 0.0), initial=0.0))


def drawn(exercise, got, expected):
    """HTML of expected, yours and the difference, where an answer is a picture; else nothing.

    Parameters
    ----------
    exercise : Exercise
    got, expected : Outcome
        Of a case in which the answer is wrong.
    """
    pair = _images(exercise, got.value, expected.value) if exercise.picture else None
    if pair is None:
        return ""
    import matplotlib.pyplot as plt

    from course_lib import plots
    mine, wanted = pair
    fig, axes = plt.subplots(1, 3, figsize=(7.5, 2.6))
    limit = max(np.abs(wanted).max(), np.abs(mine).max())
    for ax, x, title in zip(axes, (wanted, mine, mine - wanted),
                            ("expected", "yours", "difference"), strict=True):
        plots.image(ax, x, signed=True, limit=limit, title=title)
    return plots.figure_html(fig, alt=f"{exercise.picture}: expected, yours, and the difference. "
                             f"{(~np.isclose(mine, wanted)).sum()} of {mine.size} entries differ.")


def _images(exercise, got, expected):
    """The first image of the output that is drawn, mine and the right one, where they differ."""
    if exercise.picture in exercise.returns[1:] or isinstance(expected, tuple):
        k = exercise.returns.index(exercise.picture)
        if not isinstance(got, tuple) or len(got) != len(expected):
            return None
        got, expected = got[k], expected[k]
    mine, wanted = as_numbers(got), as_numbers(expected)
    if mine is None or wanted is None or mine.shape != wanted.shape or wanted.ndim < 2:
        return None
    mine, wanted = (a.astype(float).reshape(-1, *a.shape[-2:]) for a in (mine, wanted))
    if not (np.isfinite(mine).all() and np.isfinite(wanted).all()):
        return None
    k = next((k for k in range(len(mine)) if not same(mine[k], wanted[k])), None)
    return None if k is None else (mine[k], wanted[k])
